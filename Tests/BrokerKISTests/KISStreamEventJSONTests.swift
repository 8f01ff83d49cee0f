import Core
import Testing

@testable import BrokerKIS

@Suite("Events of the stream as JSON")
struct KISStreamEventJSONTests {
    @Test("A trade says everything in exact texts")
    func trade() throws {
        var decoder = StreamDecoder()
        let data = try #require(try decoder.decode(StreamFrames.frame("HDFSCNT0", [StreamFrames.overseasTrade])).first)
        let expected =
            #"{"event":"trade","stream":"HDFSCNT0","symbol":"AAPL","market":"NAS","at":"2031-03-03T15:06:12Z","#
            + #""price":"201.44","quantity":"100","cumulative_quantity":"3500120","bid":"201.43","bid_quantity":"120","#
            + #""ask":"201.45","ask_quantity":"80","phase":"regular","halted":false,"continuity":"first","#
            + #""unseen_quantity":null,"received_at":"2031-03-04T01:01:41Z"}"#
        #expect(KISStreamEvent.data(data).json.text == expected)
    }

    @Test("An order notice masks its account")
    func notice() throws {
        let fixture = try StreamFrames.notice("domestic-fill")
        var decoder = try StreamDecoder(fixture)
        let json = KISStreamEvent.data(try #require(try decoder.decode(fixture.frame).first)).json
        #expect(json["notice"] == "filled" && json["broker_order_id"] == "0000023401" && json["side"] == "buy")
        #expect(json["account"] == "••••••••01" && !json.text.contains("5012345601"))
    }

    @Test("News about the notices does not print the HTS id")
    func news() {
        let registration = KISRegistration(.domesticNotices, "hts01")
        let events: [KISStreamNews] = [
            .registered(registration), .unregistered(registration), .hungUpOn(registration, retryAfter: .seconds(600)),
            .refused(registration, code: "OPSP8993", message: "m"), .withoutRoom([registration]),
        ]
        for event in events { #expect(!KISStreamEvent.news(event).json.text.contains("hts01")) }
        let hungUp = KISStreamEvent.news(events[2]).json
        #expect(hungUp["event"] == "hung-up-on" && hungUp["retry_after_seconds"] == 600)
        #expect(hungUp["registration"]?.text == #"{"stream":"H0STCNI0","key":null}"#)
        #expect(hungUp["detail"]?.stringValue?.hasSuffix("check KIS_HTS_ID") == true)
    }
}
