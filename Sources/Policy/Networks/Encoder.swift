internal import Vectors

/// Transformer encoder layers as PyTorch's `TransformerEncoder` without dropout, the norm behind the sum:
/// x ← LN₁(x + attention(x)); x ← LN₂(x + W₂·GELU(W₁·x + b₁) + b₂).
struct Encoder: Sendable {
    private static let layerLimit = 64
    let layers: [Layer]
    let width: Int
    /// The widest inner layer.
    let innerWidth: Int

    struct Layer: Sendable {
        let attention: Attention
        let inner: Dense
        let outer: Dense
        let first: LayerNorm
        let second: LayerNorm
    }

    /// - Parameters:
    ///   - prefix: `temporal_encoder.transformer_encoder`; there are as many layers as the tensors number.
    ///   - heads: `nil` where a row attends to itself alone.
    init(_ prefix: String, width: Int, heads: Int?, _ named: inout NamedTensors) throws(PolicyError) {
        self.width = width
        var layers: [Layer] = []
        var innerWidth = 0
        while layers.count < Self.layerLimit, named.has("\(prefix).layers.\(layers.count).linear1.weight") {
            let name = "\(prefix).layers.\(layers.count)"
            let inner = try named.lengths(of: "\(name).linear1.weight", dimensions: 2)[0]
            innerWidth = max(innerWidth, inner)
            layers.append(
                Layer(
                    attention: try Attention("\(name).self_attn", width: width, heads: heads, &named),
                    inner: try named.dense("\(name).linear1", width, inner),
                    outer: try named.dense("\(name).linear2", inner, width),
                    first: try LayerNorm("\(name).norm1", width: width, &named),
                    second: try LayerNorm("\(name).norm2", width: width, &named)))
        }
        (self.layers, self.innerWidth) = (layers, innerWidth)
    }

    final class Buffers {
        fileprivate let attention: Attention.Buffers
        fileprivate let inner: RowBuffer
        fileprivate let delta: RowBuffer

        init(_ encoder: Encoder, rows: Int, attention: Attention.Buffers) {
            self.attention = attention
            inner = RowBuffer(rows: rows, width: encoder.innerWidth)
            delta = RowBuffer(rows: rows, width: encoder.width)
        }
    }

    /// In place.
    func callAsFunction(_ x: RowBuffer, rows: Int, _ buffers: Buffers, _ arithmetic: Arithmetic) {
        for layer in layers {
            layer.attention(x, rows: rows, to: buffers.delta, buffers.attention, arithmetic)
            layer.first.normalise(x, adding: buffers.delta, rows: rows)
            layer.inner(x, rows: rows, to: buffers.inner, arithmetic)
            arithmetic.gelu(buffers.inner, rows)
            layer.outer(buffers.inner, rows: rows, to: buffers.delta, arithmetic)
            layer.second.normalise(x, adding: buffers.delta, rows: rows)
        }
    }
}
