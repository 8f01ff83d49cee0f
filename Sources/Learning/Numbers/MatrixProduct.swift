internal import Vectors

/// Rows of numbers in memory that an ``Arena`` owns. Behind the last number of each row lies room for a whole panel.
struct Rows<Number: TrainingNumber> {
    let start: UnsafeMutablePointer<Number>
    /// From one row to the next.
    let stride: Int

    func row(_ index: Int) -> UnsafeMutablePointer<Number> { start + index * stride }

    /// The same rows without their first numbers.
    func columns(from first: Int) -> Rows { Rows(start: start + first, stride: stride) }

    /// The same without the first rows.
    func rows(from first: Int) -> Rows { Rows(start: row(first), stride: stride) }

    func copy(to target: Rows, rows: Int, width: Int) {
        for index in 0..<rows { target.row(index).update(from: row(index), count: width) }
    }

    /// Column by column: target[c, r] = self[r, c].
    func transpose(to target: Rows, rows: Int, width: Int) {
        for index in 0..<rows {
            let (from, to) = (row(index), target.start + index)
            for column in 0..<width { to[column * target.stride] = from[column] }
        }
    }

    func gelu(to target: Rows, rows: Int, width: Int) {
        for index in 0..<rows {
            target.row(index).update(from: row(index), count: width)
            Number.gelu(target.row(index), count: width)
        }
    }

    /// Of the gradient by GELU's results makes that by what came in.
    func multiplyByGELUSlope(at places: Rows, rows: Int, width: Int) {
        for index in 0..<rows { Number.multiplyByGELUSlope(row(index), at: places.row(index), count: width) }
    }

    func add(_ other: Rows, rows: Int, width: Int) {
        for index in 0..<rows {
            let (to, from) = (row(index), other.row(index))
            for column in 0..<width { to[column] += from[column] }
        }
    }
}

/// Takes memory for rows once, and gives it back when it goes.
final class Arena<Number: TrainingNumber> {
    private var blocks: [UnsafeMutablePointer<Number>] = []

    deinit { for block in blocks { block.deallocate() } }

    /// Zeros.
    func block(_ count: Int) -> UnsafeMutablePointer<Number> {
        let block = UnsafeMutablePointer<Number>.allocate(capacity: max(count, 1))
        block.initialize(repeating: 0, count: max(count, 1))
        blocks.append(block)
        return block
    }

    func rows(_ count: Int, width: Int) -> Rows<Number> {
        let stride = Panel.padded(width) + Panel.width
        return Rows(start: block(count * stride), stride: stride)
    }
}

/// Matrices are multiplied sixteen outputs at a time.
enum Panel {
    static let width = Lanes.scalarCount

    static func count(_ outputs: Int) -> Int { (outputs + width - 1) / width }
    static func padded(_ outputs: Int) -> Int { count(outputs) * width }
}

/// `Vectors`' product of rows with a matrix in panels, for either kind of number, with the same order of every sum.
struct MatrixProduct<Number: TrainingNumber> {
    let x: Rows<Number>
    let rows: Int
    let inputs: Int
    let weights: UnsafePointer<Number>
    let panelStride: Int
    let inputStride: Int
    let bias: UnsafePointer<Number>?
    let panels: Int
    let y: Rows<Number>

    /// A matrix in panels: [panel, input, 16].
    init(
        _ x: Rows<Number>, rows: Int, inputs: Int, packed: UnsafePointer<Number>, bias: UnsafePointer<Number>?,
        outputs: Int, to y: Rows<Number>
    ) {
        (self.x, self.rows, self.inputs, weights, self.bias, self.y) = (x, rows, inputs, packed, bias, y)
        (panelStride, inputStride, panels) = (inputs * Panel.width, Panel.width, Panel.count(outputs))
    }

    /// Rows as they lie: y[r, c] = Σ_j x[r, j] · matrix[j, c]. Whole panels are written.
    init(_ x: Rows<Number>, rows: Int, times matrix: Rows<Number>, inputs: Int, outputs: Int, to y: Rows<Number>) {
        (self.x, self.rows, self.inputs, weights, bias, self.y) = (x, rows, inputs, UnsafePointer(matrix.start), nil, y)
        (panelStride, inputStride, panels) = (Panel.width, matrix.stride, Panel.count(outputs))
    }

    func callAsFunction() { Number.multiply(self) }

    /// Plainly, for numbers without vectors.
    func compute() {
        for row in 0..<rows {
            let from = x.row(row)
            for panel in 0..<panels {
                let to = y.row(row) + panel * Panel.width
                for lane in 0..<Panel.width { to[lane] = bias?[panel * Panel.width + lane] ?? 0 }
                for input in 0..<inputs {
                    let (value, weight) = (from[input], weights + panel * panelStride + input * inputStride)
                    for lane in 0..<Panel.width { to[lane] += value * weight[lane] }
                }
            }
        }
    }
}
