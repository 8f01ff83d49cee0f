import Core
import Sessions
import Testing

@testable import Rehearsal

@Suite("The simulated charts")
struct ChartTests {
    static let path = "/uapi/domestic-stock/v1/quotations/"

    /// A drawn market at eleven o'clock in Seoul.
    func market(_ environment: KISEnvironment = .real) -> Market {
        Market(environment: environment, start: Market.nine.advanced(bySeconds: 7200)) {
            $0.symbols = KISSimulatorConfiguration.standardSymbols
            $0.historySessions = 5
        }
    }

    func today(_ market: inout Market, hour: String) throws -> [JSONValue] {
        try market.call(
            "GET", Self.path + "inquire-time-itemchartprice", "FHKST03010200",
            [
                "FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930", "FID_INPUT_HOUR_1": hour,
                "FID_PW_DATA_INCU_YN": "N", "FID_ETC_CLS_CODE": "",
            ]
        ).json["output2"]?.arrayValue ?? []
    }

    @Test("Today's minutes: 30 a call, newest first, down to nine o'clock, value counted up over the day")
    func minutes() throws {
        var market = market()
        var rows = try today(&market, hour: "105900")
        #expect(rows.count == 30 && rows[0]["stck_cntg_hour"] == "105900" && rows[29]["stck_cntg_hour"] == "103000")
        rows += try today(&market, hour: "102900")
        rows += try today(&market, hour: "095900")
        rows += try today(&market, hour: "092900")
        #expect(rows.count == 120 && rows.last?["stck_cntg_hour"] == "090000")
        let values = rows.compactMap { $0["acml_tr_pbmn"]?.stringValue.flatMap { Int($0) } }
        #expect(values == values.sorted(by: >))
        #expect(try today(&market, hour: "085900").isEmpty)
        let quote = try #require(market.kis.exchange.tape(.krx, "005930")).today
        let volume = rows.compactMap { $0["cntg_vol"]?.stringValue.flatMap { Int($0) } }.reduce(0, +)
        let counted = quote.bars.filter { $0.openAt < market.kis.exchange.now }.reduce(0) { $0 + $1.volume }
        #expect(volume == counted)
    }

    @Test("A time to come is filled with the last price")
    func future() throws {
        var market = market()
        let rows = try today(&market, hour: "112000")
        #expect(rows[0]["stck_cntg_hour"] == "112000" && rows[0]["cntg_vol"] == "0")
        #expect(rows[0]["stck_prpr"] == rows[19]["stck_prpr"])
    }

    @Test("Before its first trade the minute under way shows the volume of the one before")
    func unfinishedMinute() throws {
        var market = Market(environment: .real)
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 125))
        let rows = try today(&market, hour: "090200")
        #expect(rows[0]["stck_cntg_hour"] == "090200" && rows[0]["cntg_vol"] == "400")
        #expect(rows[1]["cntg_vol"] == "400" && rows[1]["stck_hgpr"] == "70300" && rows[1]["stck_prpr"] == "69900")
    }

    @Test("Past days: 120 a call, ending with the closing auction at 15:30, in the real environment only")
    func pastMinutes() throws {
        var market = market()
        func past(_ market: inout Market) throws -> JSONValue {
            try market.call(
                "GET", Self.path + "inquire-time-dailychartprice", "FHKST03010230",
                [
                    "FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930", "FID_INPUT_HOUR_1": "153000",
                    "FID_INPUT_DATE_1": "20261118", "FID_PW_DATA_INCU_YN": "N", "FID_FAKE_TICK_INCU_YN": "",
                ]
            ).json
        }
        let rows = try past(&market)["output2"]?.arrayValue ?? []
        #expect(rows.count == 120 && rows[0]["stck_cntg_hour"] == "153000" && rows[0]["stck_bsop_date"] == "20261118")
        #expect(rows[1]["stck_cntg_hour"]?.stringValue.map { $0 < "152000" } == true)
        var other = self.market(.virtual)
        #expect(try past(&other)["msg_cd"] == "EGW00213")
    }

    @Test("On the day of the entrance examinations everything is an hour later")
    func lateDay() throws {
        var market = Market(start: Instant(epochSeconds: 1_795_046_400)) {
            $0.symbols = KISSimulatorConfiguration.standardSymbols
            $0.historySessions = 1
        }
        #expect(try market.send("buy", 1, at: 70_000)["msg_cd"] == "40580000")
        _ = market.kis.advance(to: market.kis.exchange.now.advanced(bySeconds: 7 * 3600))
        let rows = try today(&market, hour: "160000")
        #expect(rows.count == 30 && rows[0]["stck_cntg_hour"] == "160000")
    }

    @Test("The same seed makes the same market, another one another")
    func seeds() throws {
        func closes(_ seed: UInt64) -> [FixedPoint] {
            var configuration = KISSimulatorConfiguration(seed: seed, start: Market.nine)
            configuration.historySessions = 3
            var kis = SimulatedKIS(configuration)
            _ = kis.advance(to: Market.nine.advanced(bySeconds: 3600))
            return kis.exchange.tapes.map(\.today.price)
        }
        #expect(closes(5) == closes(5))
        #expect(closes(5) != closes(6))
    }

    @Test("It does not matter in how many steps time goes on")
    func steps() throws {
        var (one, many) = (market(), market())
        for market in [one, many] { #expect(market.kis.exchange.orders.isEmpty) }
        let number = try one.order("buy", 900, at: 70_000)
        _ = try many.order("buy", 900, at: 70_000)
        _ = one.kis.advance(to: Market.nine.advanced(bySeconds: 14_000))
        for second in stride(from: Int64(7200), through: 14_000, by: 7) {
            _ = many.kis.advance(to: Market.nine.advanced(bySeconds: second))
        }
        _ = many.kis.advance(to: Market.nine.advanced(bySeconds: 14_000))
        #expect(one.kis.exchange.fills == many.kis.exchange.fills)
        #expect(try one.row(of: number) == many.row(of: number))
    }

    @Test("US minute bars page by the local time of the oldest row")
    func overseasMinutes() throws {
        var market = Market(environment: .real, start: Market.newYork.advanced(bySeconds: 3 * 3600)) {
            $0.symbols = KISSimulatorConfiguration.standardSymbols
            $0.historySessions = 2
        }
        func page(_ key: String) throws -> JSONValue {
            try market.call(
                "GET", "/uapi/overseas-price/v1/quotations/inquire-time-itemchartprice", "HHDFS76950200",
                [
                    "AUTH": "", "EXCD": "NAS", "SYMB": "AAPL", "NMIN": "1", "PINC": "1",
                    "NEXT": key.isEmpty ? "" : "1", "NREC": "120", "FILL": "", "KEYB": key,
                ]
            ).json
        }
        let first = try page("")
        #expect(first["output1"]?["nrec"] == "120" && first["output1"]?["more"] == "1")
        #expect(first["output1"]?["stim"] == "093000" && first["output1"]?["sktm"] == "233000")
        let rows = first["output2"]?.arrayValue ?? []
        let oldest = try #require(rows.last)
        #expect(oldest["xymd"] == "20261120" && oldest["kymd"] == "20261121")
        let time = try #require(oldest["xhms"]?.stringValue.flatMap { Rehearsal.second(of: $0) })
        let following = try page("20261120" + clockText(time - 60))["output2"]?.arrayValue ?? []
        let newest = try #require(following.first?["xhms"]?.stringValue.flatMap { Rehearsal.second(of: $0) })
        #expect(newest == time - 60)
        #expect(following.contains { $0["xymd"] == "20261119" })
    }

    @Test("Days, products and several prices at once")
    func products() throws {
        var market = market()
        let days = try market.call(
            "GET", Self.path + "chk-holiday", "CTCA0903R",
            ["BASS_DT": "20261224", "CTX_AREA_NK": "", "CTX_AREA_FK": ""])
        let rows = days.json["output"]?.arrayValue ?? []
        // Thursday is open, Christmas and the weekend are not; the year's last day is a holiday of the exchange.
        #expect(rows.prefix(5).map { $0["opnd_yn"] } == ["Y", "N", "N", "N", "Y"])
        #expect(rows.first { $0["bass_dt"] == "20261231" }?["opnd_yn"] == "N")
        #expect(days.reply.headers.first { $0.0 == "tr_cont" }?.1 == "F")
        let several = try market.call(
            "GET", Self.path + "intstock-multprice", "FHKST11300006",
            [
                "FID_COND_MRKT_DIV_CODE_1": "J", "FID_INPUT_ISCD_1": "000660", "FID_COND_MRKT_DIV_CODE_2": "J",
                "FID_INPUT_ISCD_2": "005930", "FID_COND_MRKT_DIV_CODE_3": "J", "FID_INPUT_ISCD_3": "999999",
            ])
        #expect(several.json["output"]?.arrayValue?.map { $0["inter_shrn_iscd"] } == ["000660", "005930"])
        let info = try market.call(
            "GET", Self.path + "search-stock-info", "CTPF1002R", ["PRDT_TYPE_CD": "300", "PDNO": "005930"])
        #expect(info.json["output"]?["tr_stop_yn"] == "N")
        let older = try market.call(
            "GET", Self.path + "inquire-daily-price", "FHKST01010400",
            [
                "FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930", "FID_PERIOD_DIV_CODE": "D",
                "FID_ORG_ADJ_PRC": "1",
            ])
        #expect(older.json["output"]?.arrayValue?.count == 6)
    }

    @Test("Daily bars are the days' minutes put together, and the array is padded with an empty object")
    func days() throws {
        var market = market()
        let answer = try market.call(
            "GET", Self.path + "inquire-daily-itemchartprice", "FHKST03010100",
            [
                "FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930", "FID_INPUT_DATE_1": "20261116",
                "FID_INPUT_DATE_2": "20261118", "FID_PERIOD_DIV_CODE": "D", "FID_ORG_ADJ_PRC": "0",
            ])
        let rows = answer.json["output2"]?.arrayValue ?? []
        #expect(rows.count == 4 && rows[3] == .object([]))
        #expect(rows.prefix(3).map { $0["stck_bsop_date"] } == ["20261118", "20261117", "20261116"])
        let day = try #require(
            market.kis.exchange.tape(.krx, "005930")?.past.first { $0.session.date.compact == "20261118" })
        #expect(rows[0]["stck_hgpr"]?.stringValue == day.bars.map(\.high).max()?.description)
        #expect(rows[0]["acml_vol"]?.stringValue == "\(day.bars.reduce(0) { $0 + $1.volume })")
    }
}
