import Core
import Testing

@testable import BrokerKIS

@Suite("Objects of KIS's answers")
struct KISRecordTests {
    private func record(_ text: String) throws -> KISRecord { try #require(KISRecord(JSONValue(parsing: text))) }

    @Test("A member is found whatever the case of its name", arguments: ["ODNO", "odno", "Odno"])
    func caseOfNames(name: String) throws {
        let answer = try record(#"{"output":{"KRX_FWDG_ORD_ORGNO":"06010","\#(name)":"0000123401"}}"#)
        #expect(answer.record("OUTPUT")?.text("odno") == "0000123401")
    }

    @Test("Padding is dropped from texts and kept in continuation keys; blank is nothing")
    func padding() throws {
        let answer = try record(#"{"msg1":"조회 되었습니다   ","ctx_area_fk100":"8A!^01   ","ctx_area_nk100":"   "}"#)
        #expect(answer.text("msg1") == "조회 되었습니다")
        #expect(answer.raw("CTX_AREA_FK100") == "8A!^01   ")
        #expect(answer.text("ctx_area_nk100") == nil)
        #expect(answer.text("absent") == nil)
    }

    @Test("One object in the place of a list is a list of one, and the other way round")
    func listsAndObjects() throws {
        let answer = try record(#"{"output":{"odno":""},"output1":[{"a":"1"},{"a":"2"}],"output2":[{"cash":"7"}]}"#)
        #expect(answer.rows("output").count == 1)
        #expect(answer.rows("output1").map { $0.text("a") } == ["1", "2"])
        #expect(answer.record("output2")?.text("cash") == "7")
        #expect(answer.rows("output9").isEmpty)
    }
}
