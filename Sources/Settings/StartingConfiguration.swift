/// The commented configuration that `takt init` writes: the same texts, byte for byte, as `config/` and `.env.example`
/// of the repository, which a test compares. They are literals so that the one executable needs no files beside it.
public enum StartingConfiguration {
    /// Path below the working folder, and content.
    public static let files: [(path: String, text: String)] = [
        ("config/trading.yaml", trading), ("config/brokers.yaml", brokers), ("config/risk.yaml", risk),
        ("config/symbols.yaml", symbols), (".env.example", dotEnv),
    ]
}

extension StartingConfiguration {
    public static let trading = #"""
        # What is traded, when, by whom. Every key may be left out; `takt config show` prints what then holds.
        # An unknown key, a wrong type or an impossible value is an error naming file, line, column and key.

        trading:
          base_currency: USD            # equity, limits and reports are expressed in it
          report_time_zone: UTC         # IANA name; times inside takt are always UTC
          profiles:
            # One profile is one beat of one market: the same symbols, the same timeframe, the same agents.
            us-5m:
              symbols: [NVDA, PLTR]
              timeframe: 5m             # 1m, 5m, 15m, 30m or 1h
              session: regular          # regular | extended: bars from 04:00 New York, orders as before
              broker: paper             # paper (the embedded exchange) | kis | ib | auto
              agents: [sma-cross, momentum]
              bars: generator           # generator | imported | kis | ib | auto
            kr-5m:
              symbols: ["005930"]
              timeframe: 5m
              broker: paper
              agents: [sma-cross, momentum]
              bars: generator

        # An agent does something only in the profiles that name it.
        agents:
          sma-cross: {fast: 10, slow: 50}             # bars
          momentum: {lookback: 20, threshold: 0.002}  # bars; 0.002 = 0.2 % of the price
          # weights: {sma-cross: 0.5, momentum: 0.5}  # together 1; without them every vote counts the same
          # A learned policy votes as `grpo` or `deepseek`: a name in the folder models, or a path. `takt policy` imports one,
          # `takt train` makes one.
          # grpo: {model_path: grpo}
          # Claude looks over an agent's wishes (`agents: [hybrid]` in a profile), or over all of them (`claude` beside others).
          # He can only take risk away. ANTHROPIC_API_KEY belongs into .env.
          # hybrid_agent:
          #   policy: grpo                            # or any other agent
          #   decision_mode: sequential               # weighted | ensemble | claude_override
          #   risk_threshold: 0.7                     # from this risk score on nothing is entered
          #   override_threshold: 0.7                 # above this confidence his suggestion counts
          #   missing_advice: rl                      # who decides when he was asked and has no opinion: rl | hold
          # claude: {monthly_budget_usd: 50, deadline_seconds: 20, news_file: news.ndjson}   # news: {symbol, source, text, at} a line
          # Several agents that vote as one, as `ensemble` in a profile:
          # ensemble: {members: [sma-cross, momentum], rule: majority}   # mean | majority | unanimous
          # A program of yours under a name of your own: a line of JSON per symbol on its standard input, the record that
          # `takt features` prints (see `features` below); a line for each on its standard output:
          #   {"symbol": "NVDA", "action": "buy", "confidence": 0.7, "probabilities": {"hold": 0.2, "buy": 0.7, "sell": 0.1}}
          # Run without a shell in the working folder. Its environment is PATH, HOME, language and time zone, and no secret
          # of takt's. It runs as takt's user: files that this user may read, .env and state/ too, are not hidden from it.
          # my-model:
          #   command: [python3, models/mine.py]
          #   deadline_seconds: 10                    # for all symbols together; shorter than a bar
          #   environment: [CUDA_VISIBLE_DEVICES]     # variables it sees besides

        decision:
          minimum_confidence: 0            # votes below it are holds, 0 to 1
          buffer_bars: 100                 # bars an agent sees
          cooldown_bars: 0                 # bars without a new entry after a trade in the same instrument
          no_entry_minutes_before_close: 15
          no_entry_minutes_after_open: 0
          max_correlation: 1               # of returns with those of what is held; 1 is off
          max_daily_turnover: 0            # times equity, both sides; 0 is off
          min_edge_ratio: 0                # the move to hope for over the cost of both sides; 0 is off
          cost_per_side: 0.0005            # half the spread, commission and slippage, of the value
          holding_bars: 12                 # how long a position is usually held
          allow_short: false

        # What a policy sees of each symbol at each bar: `takt features` prints it, `takt features fit` measures its scale.
        features:
          preset: takt-16                  # takt-16 | legacy-14 | legacy-20, or instead of it a list of your own:
          # list:
          #   - return = log_return:1 | zscore
          #   - trend = (close - SMA:20) / ATR:14 | zscore
          #   - RSI:14 | robust
          #   - session_fraction
          #   - position
          normalise: none                  # where a feature says nothing: none | zscore | minmax | robust | tanh | log | rolling:N
          # normaliser: features.json      # what `takt features fit --output` wrote; beside this file unless absolute

        orders:
          default_order_type: market       # market | limit | stop
          position_sizing: {method: percent-of-equity, percent: 0.1}   # or fixed with quantity, volatility-target, kelly
          time_in_force: day               # day | gtc | ioc
          limit_offset: 0.0005             # of the price

        # The embedded exchange: its own books, its own order numbers, fills from bars.
        paper:
          initial_cash: {USD: 100000, KRW: 100000000}
          knows_client_order_ids: true     # false behaves as KIS does
          account: PAPER-1
          participation: 0.1               # the most of a bar's volume that one bar fills
          slippage: 0.0002                 # of the price, against you
          allow_short: false
          visibility_delay_seconds: 0      # how long a new order may be missing from its lists
          fee_model: auto                  # auto | none | ib | kis
          fx: {KRW: "0.00072"}             # base currency per unit, for the embedded exchange only
          seed: 20261120                   # generated prices
          generator_anchor: 2026-01-02

        # Days the embedded calendar does not know yet:
        # calendar:
        #   overrides:
        #     - {exchange: XNYS, date: 2027-01-20, closed: true, reason: national day of mourning}
        #     - {exchange: XKRX, date: 2026-11-19, open: "10:00", close: "16:30"}

        logging: {level: info}             # trace | debug | info | notice | warning | error | critical

        """#
}

extension StartingConfiguration {
    public static let brokers = #"""
        # The broker connections. ${NAME} and ${NAME:-default} are filled from the environment and from .env;
        # a variable that is not set makes its key absent. Secrets belong in .env (mode 0600), never in this file.

        brokers:
          kis:
            enabled: false
            markets: [KR, US, CN, JP]
            app_key: "${KIS_APP_KEY}"
            app_secret: "${KIS_APP_SECRET}"
            account_no: "${KIS_ACCOUNT_NO}"           # 12345678-01
            environment: "${KIS_ENVIRONMENT}"         # virtual | real; real is refused in paper mode
            hts_id: "${KIS_HTS_ID}"                   # the login name, for order notices through the stream
            market_order_collar: 0.01                 # abroad a limit this far beyond the best price stands in for market orders
            # quotes:                                 # a real pair for prices and bars, while trading on the virtual host
            #   app_key: "${KIS_QUOTE_APP_KEY}"
            #   app_secret: "${KIS_QUOTE_APP_SECRET}"
          ib:
            enabled: false
            markets: [US, EU, ASIA, CA]
            host: "${IB_HOST:-127.0.0.1}"
            port: "${IB_PORT:-7497}"                  # 7497 paper and 7496 live (TWS), 4002 and 4001 (Gateway)
            client_id: "${IB_CLIENT_ID:-1}"           # this one places orders; the nine after it are takt's as well
            account: "${IB_ACCOUNT}"                  # DU… is paper; may be left out where the login has one only
            time_zone: America/New_York               # that the gateway was logged in with

        # How `broker: auto` is settled.
        # routing:
        #   default_strategy: auto                      # auto | low_latency | low_fees
        #   rules:
        #     - {symbols: ["^[0-9]{6}$"], broker: kis, reason: Korean shares}

        """#
}

extension StartingConfiguration {
    public static let risk = #"""
        # Limits. Fractions are of equity in the base currency: 0.05 is 5 %.

        risk_limits:
          daily_loss_limit: 0.05           # a day that loses this much is halted
          position_size_limit: 0.30        # the largest position
          stop_loss_pct: 0.02              # of a position's cost
          emergency_shutdown_loss: 0.10    # of the initial capital: everything stops
          max_daily_orders: 100
          max_position_count: 10
          max_leverage: 1.0                # gross exposure over equity
          min_order_value: 100             # base currency
          price_band: 0.10                 # how far an order's price may lie from the last price
          # max_order_value: 20000         # base currency
          # max_orders_per_minute: 20
          # stale_after_seconds: 600       # default: the timeframe and the profile's grace_seconds

        # An alert goes out once per dedupe_seconds and is tried max_attempts times; it is never lost.
        alerts:
          slack:
            enabled: true                  # counts once SLACK_WEBHOOK_URL is set
            webhook_url: "${SLACK_WEBHOOK_URL}"
            levels: [warning, error, critical]
          email:
            enabled: true                  # counts once ALERT_EMAIL and SMTP_URL are set
            to: "${ALERT_EMAIL}"
            from: "${SMTP_FROM}"
            smtp_url: "${SMTP_URL}"
            levels: [error, critical]
          dedupe_seconds: 3600
          max_attempts: 8

        """#
}

extension StartingConfiguration {
    public static let symbols = #"""
        # The instruments. What stands here overrides and extends the built-in list, key by key.
        # Quote symbols of digits only. Exchanges: XNAS, XNYS, ARCX, XKRX (NASDAQ, NYSE, KOSPI, KOSDAQ are understood).

        symbols:
          NVDA:
            name: NVIDIA
            market: US
            exchange: XNAS
            currency: USD
            sector: Technology
            lot_size: 1                    # orders are multiples of it
            tick_size: "0.01"
            broker_symbols: {kis: NVDA, ib: NVDA}
            # max_position_size: 0.25      # its own limits, of equity and of cost
            # stop_loss_percentage: 0.02
          PLTR: {name: Palantir, market: US, exchange: XNAS, currency: USD, sector: Technology, tick_size: "0.01"}
          AAPL: {name: Apple, market: US, exchange: XNAS, currency: USD, sector: Technology, tick_size: "0.01"}
          SPY: {name: SPDR S&P 500 ETF, market: US, exchange: ARCX, currency: USD, kind: etf, tick_size: "0.01"}
          # Price steps of Korean shares and ETFs follow the exchange's own table.
          "005930": {name: Samsung Electronics, market: KR, exchange: XKRX, currency: KRW, sector: Technology}
          "000660": {name: SK hynix, market: KR, exchange: XKRX, currency: KRW, sector: Technology}
          # A future and an option:
          # ESZ6: {name: E-mini S&P 500, exchange: XCME, currency: USD, kind: future, expiry: 2026-12-18,
          #        tick_size: "0.25", multiplier: 50}
          # NVDA261218C200: {exchange: XNAS, kind: option, underlying: NVDA, expiry: 2026-12-18, strike: 200,
          #                  right: call, tick_size: "0.01", multiplier: 100}

        """#
}

extension StartingConfiguration {
    public static let dotEnv = #"""
        # Copy to .env and run: chmod 600 .env
        # The process environment wins over this file, this file over the YAML files.

        TRADING_MODE=paper               # paper | live
        LOG_LEVEL=info

        # Korea Investment & Securities
        KIS_APP_KEY=
        KIS_APP_SECRET=
        KIS_ACCOUNT_NO=                  # 12345678-01
        KIS_ENVIRONMENT=virtual          # virtual | real; real is refused in paper mode
        # KIS_BASE_URL=
        # KIS_WS_URL=
        # KIS_HTS_ID=
        # A real pair for prices and bars alone: the virtual host has no minute bars of foreign shares.
        # KIS_QUOTE_APP_KEY=
        # KIS_QUOTE_APP_SECRET=

        # Interactive Brokers: TWS or IB Gateway
        IB_HOST=127.0.0.1
        IB_PORT=7497                     # 7497 paper and 7496 live (TWS), 4002 and 4001 (Gateway)
        IB_CLIENT_ID=1
        # IB_ACCOUNT=                    # DU1234567; needed where the login has several accounts

        # Claude
        ANTHROPIC_API_KEY=
        # ANTHROPIC_BASE_URL=

        # Alerts
        SLACK_WEBHOOK_URL=
        ALERT_EMAIL=
        SMTP_URL=                        # smtp://user:password@host:587 or smtps://user:password@host:465
        SMTP_FROM=

        """#
}
