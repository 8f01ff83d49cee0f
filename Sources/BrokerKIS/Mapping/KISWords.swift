/// Korean words of listed orders, kept, with their meaning in English behind them. What KIS says to a call is explained
/// where the call is made.
enum KISWords {
    private struct Meaning {
        let words: [String]
        let text: String
    }

    private static let byWords: [Meaning] = [
        Meaning(words: ["모의투자", "미제공"], text: "the virtual host does not have this"),
        Meaning(words: ["영업일"], text: "not a business day"),
        Meaning(words: ["장종료"], text: "the market has closed"),
        Meaning(words: ["장시작전"], text: "the market is not open yet"),
        Meaning(words: ["장운영시간"], text: "outside the market's hours"),
        Meaning(words: ["장개시전"], text: "the market is not open yet"),
        Meaning(words: ["주문가능금액", "초과"], text: "the order costs more than the cash that can be used"),
        Meaning(words: ["주문가능금액"], text: "not enough cash that can be used"),
        Meaning(words: ["예수금"], text: "not enough cash"),
        Meaning(words: ["매도가능"], text: "more than can be sold"),
        Meaning(words: ["잔고"], text: "not enough shares held"),
        Meaning(words: ["호가단위"], text: "the price is not on the exchange's price steps"),
        Meaning(words: ["상한가"], text: "above the day's upper price limit"),
        Meaning(words: ["하한가"], text: "below the day's lower price limit"),
        Meaning(words: ["거래정지"], text: "trading is halted"),
        Meaning(words: ["원주문"], text: "the original order cannot be changed any more"),
        Meaning(words: ["정정", "취소", "가능"], text: "nothing is left that could be revised or cancelled"),
        Meaning(words: ["부족"], text: "not enough cash or shares"),
        Meaning(words: ["수량"], text: "the quantity is more than can be ordered"),
        Meaning(words: ["주문", "완료"], text: "the order was taken"),
    ]

    /// Words of a listed order: its side, its kind, its state.
    private static let states: [String: String] = [
        "완료": "done", "접수": "received", "확인": "confirmed", "전송": "sent", "거부": "refused", "취소": "cancelled",
        "정정": "revised", "체결": "executed", "미체결": "open", "전량체결": "executed in full", "일부체결": "executed in part",
        "현금매수": "cash buy", "현금매도": "cash sale", "매수": "buy", "매도": "sale", "매수취소": "buy, cancellation",
        "매도취소": "sale, cancellation", "매수정정": "buy, revision", "매도정정": "sale, revision", "지정가": "limit",
        "시장가": "market", "조건부지정가": "conditional limit", "최유리지정가": "best limit", "최우선지정가": "first limit",
        "IOC지정가": "limit, immediate or cancel", "IOC시장가": "market, immediate or cancel", "스톱지정가": "stop limit",
    ]

    /// `주문가능금액을 초과 했습니다 (the order costs more than the cash that can be used)`.
    static func explained(_ message: String) -> String {
        guard let known = byWords.first(where: { $0.words.allSatisfy(message.contains) }) else { return message }
        return "\(message) (\(known.text))"
    }

    /// `완료 (done)`. KIS marks words of changes with an asterisk.
    static func state(_ word: String) -> String {
        let known = states[word.hasSuffix("*") ? String(word.dropLast()) : word]
        return known.map { "\(word) (\($0))" } ?? word
    }
}
