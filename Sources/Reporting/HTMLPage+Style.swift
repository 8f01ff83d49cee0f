extension HTMLPage {
    private static let lightColours = """
        --paper:#fbfaf7;--card:#ffffff;--ink:#1f2328;--soft:#5d6673;--faint:#9aa3ae;--rule:#e4e2dc;--grid:#ecebe6;\
        --primary:#2f5d8a;--secondary:#b07d2b;--gain:#1f7a4d;--loss:#b3372f;--warn:#9a6700;--wash:#f3f1ec;\
        --traded:#e5f2ea;--degraded:#fdf1d8;--halted:#fbe4e1;--idle:#eef0f3
        """

    /// The same text with the light colours in the place of their names: for files that are shown by programs which know no
    /// variables, as viewers of pictures do.
    static func inked(_ text: String) -> String {
        lightColours.split(separator: ";").reduce(text) { text, entry in
            let parts = entry.split(separator: ":", maxSplits: 1)
            return parts.count == 2 ? text.replacing("var(\(parts[0]))", with: parts[1]) : text
        }
    }

    /// What a chart looks like, in a page and in a file of its own.
    static let chartStyle = """
        .chart text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans KR",sans-serif;\
        font-variant-numeric:tabular-nums;fill:var(--soft)}
        .chart .last{font-weight:620}
        .chart .last.primary{fill:var(--primary)}.chart .last.secondary{fill:var(--secondary)}\
        .chart .last.negative{fill:var(--loss)}
        .grid{stroke:var(--grid)}.zero{stroke:var(--faint)}.tick{stroke:var(--faint)}
        .stroke{fill:none;stroke-width:1.7;stroke-linejoin:round;vector-effect:non-scaling-stroke}
        .stroke.primary{stroke:var(--primary)}.stroke.secondary{stroke:var(--secondary)}.stroke.negative{stroke:var(--loss)}
        .fill{opacity:.13;stroke:none}
        .fill.primary,.dot.primary{fill:var(--primary)}.fill.secondary,.dot.secondary{fill:var(--secondary)}\
        .fill.negative,.dot.negative{fill:var(--loss)}
        .marker{stroke:var(--card);stroke-width:1}
        .marker.buy{fill:var(--gain)}.marker.sell{fill:var(--loss)}.marker.decision{fill:var(--soft)}
        .haltline{stroke:var(--loss);stroke-dasharray:4 3;stroke-width:1.4}
        .bar.gain{fill:var(--gain)}.bar.loss{fill:var(--loss)}.bar{opacity:.8}
        """

    /// Light by default, dark where the reader's system asks for it, black on white in print. Losses and gains differ
    /// in sign as well as in colour.
    static let style = """
        :root{\(lightColours)}
        @media (prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1a1e23;--ink:#e4e7eb;--soft:#9fa8b3;\
        --faint:#6b7480;--rule:#2b3138;--grid:#252b32;--primary:#7fb0de;--secondary:#dcb066;--gain:#63c08e;\
        --loss:#ef8a80;--warn:#e3b341;--wash:#20252b;--traded:#16302a;--degraded:#372c12;--halted:#3d201f;--idle:#22272e}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",\
        Roboto,"Noto Sans","Noto Sans KR","Noto Sans CJK KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif;\
        font-variant-numeric:tabular-nums lining-nums}
        main{max-width:1080px;margin:0 auto;padding:28px 24px 48px}
        h1{font-size:25px;line-height:1.25;margin:2px 0 16px;font-weight:650;letter-spacing:-.01em}
        h2{font-size:18px;margin:40px 0 12px;padding-top:14px;border-top:1px solid var(--rule);font-weight:640}
        h3,caption,figcaption{font-size:13px;font-weight:600;color:var(--soft);text-align:left;margin:0;padding:0 0 6px}
        h3{margin-top:18px}
        .over{margin:0;color:var(--soft);font-size:13px}
        .mode{display:inline-block;padding:1px 9px;border-radius:10px;font-weight:600;text-transform:uppercase;\
        font-size:11px;letter-spacing:.06em;margin-right:6px;background:var(--wash);color:var(--soft)}
        .mode.live{background:var(--loss);color:var(--card)}
        .verdict{border-radius:10px;padding:13px 18px;border-left:5px solid var(--faint);background:var(--idle)}
        .verdict p{margin:0;font-size:16px}
        .verdict strong{margin-right:6px}
        .verdict ul{margin:8px 0 0;padding-left:20px;color:var(--soft);font-size:14px}
        .verdict.traded{border-color:var(--gain);background:var(--traded)}.verdict.traded strong{color:var(--gain)}
        .verdict.degraded{border-color:var(--warn);background:var(--degraded)}\
        .verdict.degraded strong{color:var(--warn)}
        .verdict.halted{border-color:var(--loss);background:var(--halted)}.verdict.halted strong{color:var(--loss)}
        .tiles{display:grid;grid-template-columns:repeat(4,1fr);margin:16px 0 0;background:var(--card);\
        border:1px solid var(--rule);border-radius:10px;overflow:hidden}
        .tiles div{padding:11px 15px;box-shadow:0 0 0 .5px var(--rule)}
        .tiles dt{font-size:12px;color:var(--soft)}
        .tiles dd{margin:0}
        .tiles .value{font-size:19px;font-weight:620;letter-spacing:-.01em;white-space:nowrap}
        .tiles .note{font-size:12px;color:var(--soft)}
        nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin-top:14px;font-size:13px}
        nav a{color:var(--soft);text-decoration:none}
        nav a:hover,nav a:focus{color:var(--primary);text-decoration:underline}
        figure{margin:0 0 20px;background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:12px 14px 6px}
        .legend{float:right;font-weight:400}
        .legend span{margin-left:14px}
        .key-primary::before,.key-secondary::before{content:"";display:inline-block;width:14px;height:3px;\
        border-radius:2px;margin-right:6px;vertical-align:middle;background:var(--primary)}
        .key-secondary::before{background:var(--secondary)}
        .mark-buy{color:var(--gain)}.mark-sell{color:var(--loss)}.mark-decision,.mark-halt{color:var(--soft)}
        .scroll{overflow-x:auto;margin-bottom:20px}
        figure .scroll{margin-bottom:0}
        .scroll:focus{outline:2px solid var(--primary);outline-offset:2px}
        .chart{display:block;width:100%;min-width:700px;height:auto}
        \(chartStyle)
        table{border-collapse:collapse;width:100%;font-size:13.5px}
        table.slim{width:auto;min-width:340px}
        caption{caption-side:top}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        th,td{padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
        thead th{font-size:.89em;font-weight:600;color:var(--soft);border-bottom-color:var(--faint);white-space:nowrap;\
        vertical-align:bottom}
        tbody th{font-weight:600}
        tbody tr:hover{background:var(--wash)}
        th:first-child,td:first-child{padding-left:4px}th:last-child,td:last-child{padding-right:4px}
        .num{text-align:right;white-space:nowrap}
        small{display:block;font-size:.88em;font-weight:400;color:var(--soft)}
        .good{color:var(--gain)}.bad{color:var(--loss)}.warning{color:var(--warn)}.muted{color:var(--soft)}
        .empty{color:var(--soft);margin:0 0 18px}
        .gauge{display:inline-flex;align-items:center;gap:9px;white-space:nowrap}
        .gauge svg{width:140px;height:8px;flex:none}
        .gauge .track{fill:var(--rule)}.gauge .fine{fill:var(--primary)}.gauge .near{fill:var(--warn)}\
        .gauge .over{fill:var(--loss)}
        .gauge .notch{stroke:var(--paper);stroke-width:1.5}
        footer{margin-top:40px;padding-top:12px;border-top:1px solid var(--rule);font-size:12px;color:var(--soft)}
        @media (max-width:700px){main{padding:18px 14px 36px}h1{font-size:21px}.tiles{grid-template-columns:1fr 1fr}\
        .tiles .value{font-size:16px}}
        @media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--faint:#888;--rule:#ccc;--grid:#e6e6e6;\
        --primary:#2f5d8a;--secondary:#b07d2b;--gain:#1f7a4d;--loss:#b3372f;--warn:#9a6700;--wash:#fff;--traded:#fff;\
        --degraded:#fff;--halted:#fff;--idle:#fff}
        body{font-size:11px}h1{font-size:18px}h2{font-size:14px;margin-top:22px}.verdict p{font-size:12px}\
        .verdict ul{font-size:11px}.tiles .value{font-size:14px}.gauge svg{width:90px}main{max-width:none;padding:0}nav{display:none}.scroll{overflow:visible}
        .chart{min-width:0}figure,tr,.verdict,.tiles{break-inside:avoid}h2,h3,caption{break-after:avoid}
        table{font-size:9.5px}th,td{padding:3px 5px}@page{margin:14mm}}

        """
}
