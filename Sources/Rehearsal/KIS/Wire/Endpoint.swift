/// The calls the simulator answers: where they are, by which transaction ids, with which fields.
struct Endpoint: Sendable {
    enum Name: Sendable {
        case domesticPrice, domesticBook, minuteBarsToday, minuteBarsPast, dailyBars, dailyPrices, holidays
        case productInfo, stockInfo, severalPrices
        case domesticOrder, domesticChange, domesticOpen, domesticOrders, domesticBalance, domesticBuyable
        case domesticSellable
        case overseasPrice, overseasDetail, overseasBook, overseasMinuteBars, overseasDailyBars, overseasInfo
        case overseasOrder, overseasChange, overseasOpen, overseasOrders, overseasBalance, presentBalance
        case overseasBuyable
    }

    let name: Name
    let method: String
    let path: String
    /// Ids of the real environment; the virtual ones are below.
    let real: Set<String>
    /// Empty where the virtual environment lacks the call.
    let virtual: Set<String>
    /// Fields that must be there, with their greatest length.
    let fields: [(name: String, length: Int)]

    static let all: [String: Endpoint] = Dictionary(
        uniqueKeysWithValues: (domesticQuotes + domesticTrading + overseasQuotes + overseasTrading).map {
            ($0.path, $0)
        })

    private static let account: [(name: String, length: Int)] = [("CANO", 8), ("ACNT_PRDT_CD", 2)]
    private static let quoted: [(name: String, length: Int)] = [
        ("FID_COND_MRKT_DIV_CODE", 2), ("FID_INPUT_ISCD", 12),
    ]
    private static let page100: [(name: String, length: Int)] = [("CTX_AREA_FK100", 100), ("CTX_AREA_NK100", 100)]
    private static let page200: [(name: String, length: Int)] = [("CTX_AREA_FK200", 200), ("CTX_AREA_NK200", 200)]

    /// Market data has the same ids in both environments.
    private static func quote(
        _ name: Name, _ path: String, _ id: String, inVirtual: Bool = true, _ fields: [(name: String, length: Int)]
    ) -> Endpoint {
        Endpoint(
            name: name, method: "GET", path: path, real: [id], virtual: inVirtual ? [id] : [], fields: fields)
    }

    private static let domesticQuotes: [Endpoint] = {
        let base = "/uapi/domestic-stock/v1/quotations/"
        return [
            quote(.domesticPrice, base + "inquire-price", "FHKST01010100", quoted),
            quote(.domesticBook, base + "inquire-asking-price-exp-ccn", "FHKST01010200", quoted),
            quote(
                .minuteBarsToday, base + "inquire-time-itemchartprice", "FHKST03010200",
                quoted + [("FID_INPUT_HOUR_1", 10), ("FID_PW_DATA_INCU_YN", 2), ("FID_ETC_CLS_CODE", 2)]),
            quote(
                .minuteBarsPast, base + "inquire-time-dailychartprice", "FHKST03010230", inVirtual: false,
                quoted + [("FID_INPUT_HOUR_1", 10), ("FID_INPUT_DATE_1", 10)]),
            quote(
                .dailyBars, base + "inquire-daily-itemchartprice", "FHKST03010100",
                quoted + [
                    ("FID_INPUT_DATE_1", 10), ("FID_INPUT_DATE_2", 10), ("FID_PERIOD_DIV_CODE", 32),
                    ("FID_ORG_ADJ_PRC", 10),
                ]),
            quote(
                .dailyPrices, base + "inquire-daily-price", "FHKST01010400",
                quoted + [("FID_PERIOD_DIV_CODE", 32), ("FID_ORG_ADJ_PRC", 10)]),
            quote(
                .stockInfo, base + "search-stock-info", "CTPF1002R", inVirtual: false,
                [("PDNO", 12), ("PRDT_TYPE_CD", 3)]),
            quote(
                .severalPrices, base + "intstock-multprice", "FHKST11300006", inVirtual: false,
                [("FID_COND_MRKT_DIV_CODE_1", 2), ("FID_INPUT_ISCD_1", 12)]),
            quote(
                .holidays, base + "chk-holiday", "CTCA0903R", inVirtual: false,
                [("BASS_DT", 8), ("CTX_AREA_NK", 20), ("CTX_AREA_FK", 20)]),
            quote(
                .productInfo, base + "search-info", "CTPF1604R", inVirtual: false,
                [("PDNO", 12), ("PRDT_TYPE_CD", 3)]),
        ]
    }()

    private static let overseasQuotes: [Endpoint] = {
        let base = "/uapi/overseas-price/v1/quotations/"
        let symbol: [(name: String, length: Int)] = [("EXCD", 4), ("SYMB", 16)]
        return [
            quote(.overseasPrice, base + "price", "HHDFS00000300", symbol),
            quote(.overseasDetail, base + "price-detail", "HHDFS76200200", inVirtual: false, symbol),
            quote(.overseasBook, base + "inquire-asking-price", "HHDFS76200100", inVirtual: false, symbol),
            quote(
                .overseasMinuteBars, base + "inquire-time-itemchartprice", "HHDFS76950200", inVirtual: false,
                symbol + [("NMIN", 4), ("PINC", 1), ("NEXT", 1), ("NREC", 4), ("FILL", 1), ("KEYB", 32)]),
            quote(
                .overseasDailyBars, base + "dailyprice", "HHDFS76240000",
                symbol + [("GUBN", 1), ("BYMD", 8), ("MODP", 1)]),
            quote(
                .overseasInfo, base + "search-info", "CTPF1702R", inVirtual: false,
                [("PRDT_TYPE_CD", 3), ("PDNO", 12)]),
        ]
    }()

    private static let domesticTrading: [Endpoint] = {
        let base = "/uapi/domestic-stock/v1/trading/"
        return [
            Endpoint(
                name: .domesticOrder, method: "POST", path: base + "order-cash",
                real: ["TTTC0012U", "TTTC0011U", "TTTC0802U", "TTTC0801U"],
                virtual: ["VTTC0012U", "VTTC0011U", "VTTC0802U", "VTTC0801U"],
                fields: account + [("PDNO", 12), ("ORD_DVSN", 2), ("ORD_QTY", 10), ("ORD_UNPR", 19)]),
            Endpoint(
                name: .domesticChange, method: "POST", path: base + "order-rvsecncl",
                real: ["TTTC0013U", "TTTC0803U"], virtual: ["VTTC0013U", "VTTC0803U"],
                fields: account + [
                    ("KRX_FWDG_ORD_ORGNO", 5), ("ORGN_ODNO", 10), ("ORD_DVSN", 2), ("RVSE_CNCL_DVSN_CD", 2),
                    ("ORD_QTY", 10), ("ORD_UNPR", 19), ("QTY_ALL_ORD_YN", 1),
                ]),
            Endpoint(
                name: .domesticOpen, method: "GET", path: base + "inquire-psbl-rvsecncl",
                real: ["TTTC0084R", "TTTC8036R"], virtual: [],
                fields: account + page100 + [("INQR_DVSN_1", 1), ("INQR_DVSN_2", 1)]),
            Endpoint(
                name: .domesticOrders, method: "GET", path: base + "inquire-daily-ccld",
                real: ["TTTC0081R", "TTTC8001R", "CTSC9215R", "CTSC9115R"],
                virtual: ["VTTC0081R", "VTTC8001R", "VTSC9215R", "VTSC9115R"],
                fields: account + page100 + [
                    ("INQR_STRT_DT", 8), ("INQR_END_DT", 8), ("SLL_BUY_DVSN_CD", 2), ("INQR_DVSN", 2), ("PDNO", 12),
                    ("CCLD_DVSN", 2), ("ORD_GNO_BRNO", 5), ("ODNO", 10), ("INQR_DVSN_3", 2), ("INQR_DVSN_1", 1),
                ]),
            Endpoint(
                name: .domesticBalance, method: "GET", path: base + "inquire-balance", real: ["TTTC8434R"],
                virtual: ["VTTC8434R"],
                fields: account + page100 + [
                    ("AFHR_FLPR_YN", 1), ("OFL_YN", 1), ("INQR_DVSN", 2), ("UNPR_DVSN", 2), ("FUND_STTL_ICLD_YN", 1),
                    ("FNCG_AMT_AUTO_RDPT_YN", 1), ("PRCS_DVSN", 2),
                ]),
            Endpoint(
                name: .domesticBuyable, method: "GET", path: base + "inquire-psbl-order", real: ["TTTC8908R"],
                virtual: ["VTTC8908R"],
                fields: account + [
                    ("PDNO", 12), ("ORD_UNPR", 19), ("ORD_DVSN", 2), ("CMA_EVLU_AMT_ICLD_YN", 1), ("OVRS_ICLD_YN", 1),
                ]),
            Endpoint(
                name: .domesticSellable, method: "GET", path: base + "inquire-psbl-sell", real: ["TTTC8408R"],
                virtual: [], fields: account + [("PDNO", 12)]),
        ]
    }()

    private static let overseasTrading: [Endpoint] = {
        let base = "/uapi/overseas-stock/v1/trading/"
        let buys = Set(OverseasIDs.buy.values), sells = Set(OverseasIDs.sell.values)
        let changes = Set(OverseasIDs.change.values)
        func paper(_ ids: Set<String>) -> Set<String> { Set(ids.map(OverseasIDs.virtual)) }
        return [
            Endpoint(
                name: .overseasOrder, method: "POST", path: base + "order", real: buys.union(sells),
                virtual: paper(buys.union(sells)),
                fields: account + [
                    ("OVRS_EXCG_CD", 4), ("PDNO", 12), ("ORD_QTY", 10), ("OVRS_ORD_UNPR", 31), ("ORD_SVR_DVSN_CD", 1),
                ]),
            Endpoint(
                name: .overseasChange, method: "POST", path: base + "order-rvsecncl", real: changes,
                virtual: paper(changes),
                fields: account + [
                    ("OVRS_EXCG_CD", 4), ("PDNO", 12), ("ORGN_ODNO", 10), ("RVSE_CNCL_DVSN_CD", 2), ("ORD_QTY", 10),
                    ("OVRS_ORD_UNPR", 31),
                ]),
            Endpoint(
                name: .overseasOpen, method: "GET", path: base + "inquire-nccs", real: ["TTTS3018R"],
                virtual: ["VTTS3018R"], fields: account + page200 + [("OVRS_EXCG_CD", 4), ("SORT_SQN", 2)]),
            Endpoint(
                name: .overseasOrders, method: "GET", path: base + "inquire-ccnl", real: ["TTTS3035R"],
                virtual: ["VTTS3035R"],
                fields: account + page200 + [
                    ("PDNO", 12), ("ORD_STRT_DT", 8), ("ORD_END_DT", 8), ("SLL_BUY_DVSN", 2), ("CCLD_NCCS_DVSN", 2),
                    ("OVRS_EXCG_CD", 4), ("SORT_SQN", 2), ("ORD_DT", 8), ("ORD_GNO_BRNO", 5), ("ODNO", 10),
                ]),
            Endpoint(
                name: .overseasBalance, method: "GET", path: base + "inquire-balance", real: ["TTTS3012R"],
                virtual: ["VTTS3012R"], fields: account + page200 + [("OVRS_EXCG_CD", 4), ("TR_CRCY_CD", 3)]),
            Endpoint(
                name: .presentBalance, method: "GET", path: base + "inquire-present-balance", real: ["CTRP6504R"],
                virtual: ["VTRP6504R"],
                fields: account + [
                    ("WCRC_FRCR_DVSN_CD", 2), ("NATN_CD", 3), ("TR_MKET_CD", 2), ("INQR_DVSN_CD", 2),
                ]),
            Endpoint(
                name: .overseasBuyable, method: "GET", path: base + "inquire-psamount", real: ["TTTS3007R"],
                virtual: ["VTTS3007R"], fields: account + [("OVRS_EXCG_CD", 4), ("OVRS_ORD_UNPR", 27), ("ITEM_CD", 12)]),
        ]
    }()
}

/// Orders overseas have ids of their own for each country, by nation code.
enum OverseasIDs {
    static let buy = ["840": "TTTT1002U", "344": "TTTS1002U", "392": "TTTS0308U", "156": "TTTS0202U"]
    static let sell = ["840": "TTTT1006U", "344": "TTTS1001U", "392": "TTTS0307U", "156": "TTTS1005U"]
    /// Shanghai can only cancel.
    static let change = ["840": "TTTT1004U", "344": "TTTS1003U", "392": "TTTS0309U", "156": "TTTS0302U"]

    /// The virtual id: V for the first letter, but for US sales.
    static func virtual(_ real: String) -> String { real == "TTTT1006U" ? "VTTT1001U" : "V" + real.dropFirst() }

    static func id(_ table: [String: String], _ venue: SimulatedVenue, _ environment: KISEnvironment) -> String {
        let real = table[venue.nation] ?? ""
        return environment == .real ? real : virtual(real)
    }
}
