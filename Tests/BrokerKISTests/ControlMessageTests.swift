import Core
import Settings
import Testing

@testable import BrokerKIS

@Suite("Control messages of KIS's stream")
struct ControlMessageTests {
    private func read(_ text: String) -> ControlMessage? { ControlMessage(Array(text.utf8)) }

    @Test("An answer with a key is read, the key as the letters themselves")
    func answer() throws {
        let text =
            #"{"header":{"tr_id":"H0STCNI9","tr_key":"hts01","encrypt":"Y"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","#
            + #""msg1":"SUBSCRIBE SUCCESS","output":{"iv":"0a1b2c3d4e5f6071","key":"abcdefghijklmnopqrstuvwxyzabcdef"}}}"#
        guard case .answer(let answer)? = read(text) else { return #expect(Bool(false), "no answer") }
        #expect(answer.stream == .domesticNoticesVirtual && answer.key == "hts01" && answer.isSuccess)
        #expect(
            answer.noticeKey == NoticeKey(key: "abcdefghijklmnopqrstuvwxyzabcdef", initialVector: "0a1b2c3d4e5f6071"))
        #expect(answer.reaction == .registered)
    }

    @Test("A collision names no stream")
    func collision() {
        let text =
            #"{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","#
            + #""msg1":"ALREADY IN USE appkey"}}"#
        guard case .answer(let answer)? = read(text) else { return #expect(Bool(false), "no answer") }
        #expect(answer.stream == nil && answer.reaction == .keyInUse && answer.noticeKey == nil)
    }

    @Test("A keep-alive is one; other JSON, and what only begins like JSON, is tolerated; a frame is neither")
    func others() {
        #expect(read(#"{"header":{"tr_id":"PINGPONG","datetime":"20310304100200"}}"#) == .keepAlive)
        #expect(read(#"{"header":{"tr_id":"NEW"},"news":1}"#) == .unknown)
        #expect(read("{}") == .unknown)
        #expect(read("{") == .unknown)
        #expect(read(#"  {"header":[]}"#) == .unknown)
        #expect(read("0|H0STCNT0|001|x") == nil)
        #expect(read("") == nil)
    }

    @Test("A registration is asked for in KIS's words")
    func request() throws {
        let request = RegistrationRequest(.register(KISRegistration(.domesticTrades, "005930")), customerType: "P")
        #expect(
            request.text(approvalKey: Secret("key-1"))
                == #"{"header":{"approval_key":"key-1","custtype":"P","tr_type":"1","content-type":"utf-8"},"#
                + #""body":{"input":{"tr_id":"H0STCNT0","tr_key":"005930"}}}"#)
        let other = RegistrationRequest(.unregister(KISRegistration(.domesticTrades, "005930")), customerType: "B")
        #expect(other.text(approvalKey: Secret("k")).contains(#""custtype":"B","tr_type":"2""#))
        #expect(!"\(KISRegistration(.domesticNotices, "hts01"))".contains("hts01"))
    }
}
