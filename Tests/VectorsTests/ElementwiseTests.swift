import Foundation
import Testing
import Vectors

struct ElementwiseTests {
    private static let places: [Float] = (-88_000...88_000).map { Float($0) / 1000 }

    @Test("The exponential lies within 1.2e-7 of the mathematics library's, over all that a float holds")
    func exponential() {
        for x in Self.places where x >= -87 {
            let exact = Foundation.exp(Double(x))
            #expect(abs(Double(Elementwise.exp(x)) - exact) <= 1.2e-7 * exact, "\(x)")
        }
        #expect(Elementwise.exp(0) == 1)
        #expect(Elementwise.exp(-1000) > 0 && Elementwise.exp(-1000) < 1e-37)
        #expect(Elementwise.exp(1000).isFinite)
    }

    @Test("GELU lies within a rounding of x/2·erfc(−x/√2), and keeps the digits of its tail")
    func gelu() {
        for x in Self.places.filter({ abs($0) <= 12 }) {
            let exact = Double(x) / 2 * erfc(-Double(x) / 2.0.squareRoot())
            #expect(abs(Double(Elementwise.gelu(x)) - exact) <= 3e-7 * max(abs(Double(x)), 1), "\(x)")
            if x < 0, x > -8 { #expect(abs(Double(Elementwise.gelu(x)) / exact - 1) < 3e-6, "\(x)") }
        }
        #expect(Elementwise.gelu(0) == 0)
    }

    @Test("The slope of GELU is that of the mathematics library's x/2·erfc(−x/√2)")
    func geluSlope() {
        for x in stride(from: -12.0, through: 12, by: 0.005) {
            let exact = erfc(-x / 2.0.squareRoot()) / 2 + x * Foundation.exp(-x * x / 2) / (2 * .pi).squareRoot()
            #expect(abs(Double(Elementwise.geluSlope(Float(x))) - exact) <= 4e-7, "\(x)")
        }
        #expect(abs(Elementwise.geluSlope(0) - 0.5) <= 3e-7)
    }

    @Test("The logarithm lies within 1.2e-7 of the mathematics library's, relative where it is large")
    func logarithm() {
        for place in stride(from: Float(-85), through: 85, by: 0.01) {
            let x = Elementwise.exp(place)
            let exact = Foundation.log(Double(x))
            #expect(abs(Double(Elementwise.log(x)) - exact) <= 1.2e-7 * max(1, abs(exact)), "\(x)")
        }
        #expect(Elementwise.log(1) == 0 && Elementwise.log(8) == Float(Foundation.log(8.0)))
    }

    @Test("A softmax adds up to one, follows the largest, and stands large numbers")
    func softmax() {
        var values: [Float] = [1000, 999, -1000, 1000]
        values.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { Elementwise.softmax(start, count: 4) }
        }
        #expect(abs(values.reduce(0, +) - 1) < 1e-6)
        // 1 / (2 + 1/e) by hand.
        #expect(abs(values[0] - 0.4223188) < 1e-6 && values[0] == values[3])
        #expect(values[2] >= 0 && values[2] < 1e-30)
    }

    @Test("The sigmoid is a half at zero and keeps within its bounds")
    func sigmoid() {
        #expect(Elementwise.sigmoid(0) == 0.5)
        #expect(Elementwise.sigmoid(200) == 1 && Elementwise.sigmoid(-200) >= 0)
        #expect(abs(Elementwise.sigmoid(1) - 0.7310586) < 1e-6)
    }
}
