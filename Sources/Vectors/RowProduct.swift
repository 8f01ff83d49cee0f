/// Sixteen neighbouring outputs of a layer: four registers of any 64-bit processor, two with AVX.
public typealias Lanes = SIMD16<Float>

/// Rows times a matrix that lies in panels of sixteen outputs: y[r, 16p + l] = bias[16p + l] + Σ_j x[r, j] · w[p, j, l].
///
/// Every output is summed up alone, bias first, then j ascending, each product rounded before it is added. So the result is
/// the same to the last bit whatever the width of the processor's vectors and however rows and panels are grouped.
///
/// All strides count floats. `y` has room for whole panels; `x` may lie anywhere, also within a wider row.
@frozen
public struct RowProduct {
    public var x: UnsafePointer<Float>
    public var xStride: Int
    public var rows: Int
    public var inputs: Int
    public var weights: UnsafePointer<Float>
    /// From one panel to the next.
    public var panelStride: Int
    /// From the sixteen weights of one input to those of the next.
    public var inputStride: Int
    public var bias: UnsafePointer<Float>?
    public var panels: Int
    public var y: UnsafeMutablePointer<Float>
    public var yStride: Int

    @inlinable
    public init(
        x: UnsafePointer<Float>, xStride: Int, rows: Int, inputs: Int, weights: UnsafePointer<Float>, panelStride: Int,
        inputStride: Int, bias: UnsafePointer<Float>?, panels: Int, y: UnsafeMutablePointer<Float>, yStride: Int
    ) {
        (self.x, self.xStride, self.rows, self.inputs) = (x, xStride, rows, inputs)
        (self.weights, self.panelStride, self.inputStride) = (weights, panelStride, inputStride)
        (self.bias, self.panels, self.y, self.yStride) = (bias, panels, y, yStride)
    }

    /// Some rows at a time, which reuse the weights that are loaded; an odd last row two panels at a time, so that enough
    /// sums are under way at once.
    ///
    /// - Parameter byThree: where registers hold eight floats, the sums of three rows fit beside their weights; with
    ///   registers of four those of two.
    @inlinable @inline(__always)
    public func compute(byThree: Bool) {
        let triples = byThree ? rows / 3 * 3 : 0
        let pairs = triples + (rows - triples) / 2 * 2
        if pairs > 0 {
            for panel in 0..<panels {
                var row = 0
                while row < triples {
                    threeRows(row, panel)
                    row += 3
                }
                while row < pairs {
                    twoRows(row, panel)
                    row += 2
                }
            }
        }
        guard pairs < rows else { return }
        var panel = 0
        while panel + 1 < panels {
            twoPanels(pairs, panel)
            panel += 2
        }
        if panel < panels { onePanel(pairs, panel) }
    }

    @inlinable @inline(__always)
    func start(_ panel: Int) -> Lanes { bias.map { Lanes(at: $0 + panel * Lanes.scalarCount) } ?? .zero }

    @inlinable @inline(__always)
    func output(_ row: Int, _ panel: Int) -> UnsafeMutablePointer<Float> {
        y + row * yStride + panel * Lanes.scalarCount
    }

    @inlinable @inline(__always)
    func threeRows(_ row: Int, _ panel: Int) {
        let upper = x + row * xStride
        let middle = upper + xStride
        let lower = middle + xStride
        var weight = weights + panel * panelStride
        var (first, second, third) = (start(panel), start(panel), start(panel))
        for input in 0..<inputs {
            let lanes = Lanes(at: weight)
            first += lanes * upper[input]
            second += lanes * middle[input]
            third += lanes * lower[input]
            weight += inputStride
        }
        first.store(at: output(row, panel))
        second.store(at: output(row + 1, panel))
        third.store(at: output(row + 2, panel))
    }

    @inlinable @inline(__always)
    func twoRows(_ row: Int, _ panel: Int) {
        let upper = x + row * xStride
        let lower = upper + xStride
        var weight = weights + panel * panelStride
        var (first, second) = (start(panel), start(panel))
        for input in 0..<inputs {
            let lanes = Lanes(at: weight)
            first += lanes * upper[input]
            second += lanes * lower[input]
            weight += inputStride
        }
        first.store(at: output(row, panel))
        second.store(at: output(row + 1, panel))
    }

    @inlinable @inline(__always)
    func twoPanels(_ row: Int, _ panel: Int) {
        let values = x + row * xStride
        var left = weights + panel * panelStride
        var right = left + panelStride
        var (first, second) = (start(panel), start(panel + 1))
        for input in 0..<inputs {
            first += Lanes(at: left) * values[input]
            second += Lanes(at: right) * values[input]
            left += inputStride
            right += inputStride
        }
        first.store(at: output(row, panel))
        second.store(at: output(row, panel + 1))
    }

    @inlinable @inline(__always)
    func onePanel(_ row: Int, _ panel: Int) {
        let values = x + row * xStride
        var weight = weights + panel * panelStride
        var sum = start(panel)
        for input in 0..<inputs {
            sum += Lanes(at: weight) * values[input]
            weight += inputStride
        }
        sum.store(at: output(row, panel))
    }
}

extension SIMD16<Float> {
    @inlinable @inline(__always)
    public init(at place: UnsafePointer<Float>) {
        self = UnsafeRawPointer(place).loadUnaligned(as: SIMD16<Float>.self)
    }

    @inlinable @inline(__always)
    public func store(at place: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(place).storeBytes(of: self, as: SIMD16<Float>.self)
    }
}
