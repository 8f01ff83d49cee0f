/// What orders need so that time and openings are judged exactly, and what loss limits need to tell flows from losses.
enum Migration002 {
    /// - `orders.filled_before`: executed before takt met the account.
    /// - `orders.doubted_at`, `orders.cancel_requested_at`: an order or a cancellation cannot have left later than this.
    /// - `breaks.is_accepted`: a person closed it, and it stays closed as long as it looks the same.
    /// - `equity_marks.paid_in`: `{"USD": "10000"}`, deposits less withdrawals that the mark's equity contains; NULL in marks
    ///   of before, which are taken to contain everything.
    static let ordersAndFlows = """
        ALTER TABLE orders ADD COLUMN filled_before TEXT NOT NULL DEFAULT '0';
        ALTER TABLE orders ADD COLUMN doubted_at INTEGER;
        ALTER TABLE orders ADD COLUMN cancel_requested_at INTEGER;
        ALTER TABLE breaks ADD COLUMN is_accepted INTEGER NOT NULL DEFAULT 0 CHECK (is_accepted IN (0, 1));
        ALTER TABLE equity_marks ADD COLUMN paid_in TEXT CHECK (paid_in IS NULL OR json_valid(paid_in));
        CREATE INDEX fills_by_symbol ON fills (symbol, filled_at);
        """
}
