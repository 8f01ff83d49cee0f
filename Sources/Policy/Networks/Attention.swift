internal import Vectors

/// Multi-head attention of rows to each other, as PyTorch's `MultiheadAttention`: softmax(Q·Kᵀ/√(width/heads))·V per head,
/// the heads side by side, then a linear layer. Without a mask.
///
/// A row that attends to itself alone gets its own V, since a softmax over one number is one; then queries and keys are
/// checked and dropped.
struct Attention: Sendable {
    /// `nil` where every row attends to itself alone.
    private let heads: Int?
    private let width: Int
    /// To Q, K and V side by side, or to V alone.
    private let input: Dense
    private let output: Dense

    init(_ name: String, width: Int, heads: Int?, _ named: inout NamedTensors) throws(PolicyError) {
        (self.heads, self.width) = (heads, width)
        let weight = try named.take("\(name).in_proj_weight", [3 * width, width])
        let bias = try named.take("\(name).in_proj_bias", [3 * width])
        let first = heads == nil ? 2 * width : 0
        input = Dense(
            inputs: width, outputs: 3 * width - first, weight: weight[(first * width)...], bias: bias[first...])
        output = try named.dense("\(name).out_proj", width, width)
    }

    final class Buffers {
        fileprivate let projected: RowBuffer
        fileprivate let attended: RowBuffer
        /// Of one head: the keys with a column per row, and the scores.
        fileprivate let keys: RowBuffer
        fileprivate let scores: RowBuffer

        init(width: Int, heads: Int?, rows: Int) {
            projected = RowBuffer(rows: rows, width: heads == nil ? width : 3 * width)
            attended = RowBuffer(rows: rows, width: width)
            keys = RowBuffer(rows: heads.map { width / $0 } ?? 0, width: rows)
            scores = RowBuffer(rows: rows, width: rows)
        }
    }

    func callAsFunction(_ x: RowBuffer, rows: Int, to y: RowBuffer, _ buffers: Buffers, _ arithmetic: Arithmetic) {
        input(x, rows: rows, to: buffers.projected, arithmetic)
        guard let heads else { return output(buffers.projected, rows: rows, to: y, arithmetic) }
        // Ascending: what a head writes beyond its own columns, the next one overwrites.
        for head in 0..<heads { attend(head, of: heads, rows, buffers, arithmetic) }
        output(buffers.attended, rows: rows, to: y, arithmetic)
    }

    private func attend(_ head: Int, of heads: Int, _ rows: Int, _ buffers: Buffers, _ arithmetic: Arithmetic) {
        let size = width / heads
        let (projected, keys, scores) = (buffers.projected, buffers.keys, buffers.scores)
        let queries = projected.start + head * size
        for row in 0..<rows {
            let key = projected.row(row) + width + head * size
            for index in 0..<size { keys.start[index * keys.stride + row] = key[index] }
        }
        arithmetic.multiply(
            RowProduct(
                x: queries, xStride: projected.stride, rows: rows, inputs: size, weights: keys.start,
                panelStride: Lanes.scalarCount, inputStride: keys.stride, bias: nil,
                panels: Dense.padded(rows) / Lanes.scalarCount, y: scores.start, yStride: scores.stride))
        let scale = 1 / Float(size).squareRoot()
        for row in 0..<rows { Elementwise.softmax(scores.row(row), count: rows, scale: scale) }
        arithmetic.multiply(
            RowProduct(
                x: scores.start, xStride: scores.stride, rows: rows, inputs: rows,
                weights: projected.start + 2 * width + head * size, panelStride: Lanes.scalarCount,
                inputStride: projected.stride, bias: nil, panels: Dense.padded(size) / Lanes.scalarCount,
                y: buffers.attended.start + head * size, yStride: buffers.attended.stride))
    }
}
