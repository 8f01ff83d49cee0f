#if canImport(Glibc)
    internal import Glibc
#endif

/// Makes result columns without writing them twice.
enum ColumnStore {
    typealias Output = UnsafeMutablePointer<Double>
    /// One pointer per column.
    typealias Outputs = UnsafeBufferPointer<Output>

    /// So many columns of `rows` (at least 1) values, each of which `fill` must write once.
    static func columns(_ count: Int, rows: Int, fill: (Outputs) -> Void) -> [[Double]] {
        precondition(rows > 0, "an empty table has no memory to write to")
        var made: [[Double]] = []
        made.reserveCapacity(count)
        nest(count, rows: rows, [], &made, fill)
        return made.reversed()
    }

    /// Asks the kernel for large pages where a column is long enough to fill some.
    ///
    /// A fresh column of a million rows otherwise costs 2,000 page faults, which take longer than most indicators do to
    /// compute it (3 columns: 11 of 17 ns a bar). NumPy does the same from 4 MB on. It is a hint: no answer is needed.
    private static func hintHugePages(_ buffer: UnsafeMutableBufferPointer<Double>) {
        #if canImport(Glibc)
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            guard bytes.count >= 1 << 22, let start = bytes.baseAddress else { return }
            let page = 4096
            let offset = (page - Int(bitPattern: start) % page) % page
            _ = madvise(start + offset, bytes.count - offset, MADV_HUGEPAGE)
        #endif
    }

    /// Leaves the first rows without a value.
    static func clear(_ column: Output, _ warmUp: Int, of rows: Int) {
        column.update(repeating: .nan, count: min(warmUp, rows))
    }

    /// The memory of an array may be written only inside the closure that makes it, so the closures are nested.
    private static func nest(
        _ count: Int, rows: Int, _ outer: [Output], _ made: inout [[Double]], _ fill: (Outputs) -> Void
    ) {
        guard count > 0 else { return outer.withUnsafeBufferPointer(fill) }
        let column = [Double](unsafeUninitializedCapacity: rows) { buffer, initialised in
            hintHugePages(buffer)
            if let start = buffer.baseAddress { nest(count - 1, rows: rows, outer + [start], &made, fill) }
            initialised = rows
        }
        made.append(column)
    }
}

/// Input columns without missing values in what the indicator reads, lent for the time of one batch computation.
struct DenseColumns {
    let count: Int
    let open: UnsafePointer<Double>
    let high: UnsafePointer<Double>
    let low: UnsafePointer<Double>
    let close: UnsafePointer<Double>
    let volume: UnsafePointer<Double>

    /// A bar; the start of a session is not known here.
    @inline(__always)
    subscript(row: Int) -> BarValues {
        BarValues(known: open[row], high[row], low[row], close[row], volume[row], false)
    }

    /// The mean of high, low and close.
    @inline(__always)
    func typicalPrice(_ row: Int) -> Double { (high[row] + low[row] + close[row]) / 3 }
}

extension Indicator {
    /// The batch form by a whole-column computation over complete bars.
    ///
    /// Bars that lack an input are left out before and have NaN afterwards, which is the rule of ``Indicator``.
    /// - Parameter compute: writes every row of every output column, NaN where there is no value.
    @inline(__always)
    func batch(over bars: BarColumns, compute: (DenseColumns, ColumnStore.Outputs) -> Void) -> [[Double]] {
        guard !bars.missing.isDisjoint(with: Self.inputs) else { return bars.lend(Output.width, compute) }
        let present = (0..<bars.count).filter { bars[$0].has(Self.inputs) }
        return bars.keeping(present).lend(Output.width, compute).map { column in
            var spread = [Double](repeating: .nan, count: bars.count)
            for (row, value) in zip(present, column) { spread[row] = value }
            return spread
        }
    }
}

extension BarColumns {
    /// Lends the columns to a computation that fills `width` columns of the same length.
    func lend(_ width: Int, _ compute: (DenseColumns, ColumnStore.Outputs) -> Void) -> [[Double]] {
        open.withUnsafeBufferPointer { open in
            high.withUnsafeBufferPointer { high in
                low.withUnsafeBufferPointer { low in
                    close.withUnsafeBufferPointer { close in
                        volume.withUnsafeBufferPointer { volume in
                            guard close.count > 0, let openStart = open.baseAddress, let highStart = high.baseAddress,
                                let lowStart = low.baseAddress, let closeStart = close.baseAddress,
                                let volumeStart = volume.baseAddress
                            else { return [[Double]](repeating: [], count: width) }
                            let dense = DenseColumns(
                                count: close.count, open: openStart, high: highStart, low: lowStart, close: closeStart,
                                volume: volumeStart)
                            return ColumnStore.columns(width, rows: close.count) { compute(dense, $0) }
                        }
                    }
                }
            }
        }
    }

    /// The table of some rows only, without sessions.
    func keeping(_ rows: [Int]) -> BarColumns {
        BarColumns(
            known: rows.map { open[$0] }, rows.map { high[$0] }, rows.map { low[$0] }, rows.map { close[$0] },
            rows.map { volume[$0] })
    }
}
