/// The newest bars of every series once more, packed to be read at once.
enum Migration005 {
    /// Derived from `bars` and never a second truth: the triggers take a window away with any change of its series, by
    /// whomever, and whoever finds none reads the bars themselves. See `BarWindow` for what `bars` holds.
    static let barWindows = """
        CREATE TABLE bar_windows (
            symbol TEXT NOT NULL,
            timeframe_seconds INTEGER NOT NULL,
            bars BLOB NOT NULL CHECK (length(bars) % 56 = 0),
            PRIMARY KEY (symbol, timeframe_seconds)
        ) STRICT;
        CREATE TRIGGER bar_windows_follow_inserts AFTER INSERT ON bars BEGIN
            DELETE FROM bar_windows WHERE symbol = NEW.symbol AND timeframe_seconds = NEW.timeframe_seconds;
        END;
        CREATE TRIGGER bar_windows_follow_updates AFTER UPDATE ON bars BEGIN
            DELETE FROM bar_windows WHERE symbol = OLD.symbol AND timeframe_seconds = OLD.timeframe_seconds;
            DELETE FROM bar_windows WHERE symbol = NEW.symbol AND timeframe_seconds = NEW.timeframe_seconds;
        END;
        CREATE TRIGGER bar_windows_follow_deletes AFTER DELETE ON bars BEGIN
            DELETE FROM bar_windows WHERE symbol = OLD.symbol AND timeframe_seconds = OLD.timeframe_seconds;
        END;
        """
}
