"""ib_async reads contracts and prices from the simulated gateway. Arguments: the simulator's line, the file for the results.

The simulator has no live data for MSFT.
"""

import json
import sys
from datetime import timedelta

from gateway_client import Control, connect, until
from ib_async import Contract, Future, Index, Option, Stock
from simulator_client import Report

line = json.loads(sys.argv[1])
control = Control(line)
report = Report()
ib = connect(line, 3)
errors = []
ib.errorEvent += lambda req_id, code, text, contract: errors.append((req_id, code, text))


def details(contract):
    return ib.reqContractDetails(contract)


# Contracts
aapl = details(Stock("AAPL", "SMART", "USD"))
report.equal("one share", [(d.contract.conId, d.minTick, d.longName, d.contract.primaryExchange) for d in aapl],
             [(265598, 0.01, "APPLE INC", "NASDAQ")])
report.equal("its ISIN", [(t.tag, t.value) for t in aapl[0].secIdList], [("ISIN", "US0378331005")])
report.check("its hours", aapl[0].liquidHours.startswith("20261120:0930-20261120:1600;20261121:CLOSED"), aapl[0].liquidHours)
report.equal("by its id alone", [d.contract.symbol for d in details(Contract(conId=756733))], ["SPY"])
report.equal("an ETF", details(Stock("SPY", "SMART", "USD"))[0].stockType, "ETF")
sap = details(Stock("SAP", "SMART"))
report.equal("a name in two currencies", sorted(d.contract.currency for d in sap), ["EUR", "USD"])
report.equal("with the primary exchange it is one",
             [d.contract.currency for d in details(Stock("SAP", "SMART", primaryExchange="IBIS"))], ["EUR"])
report.equal("Tokyo", [(d.contract.currency, d.timeZoneId) for d in details(Stock("7203", "TSEJ", "JPY"))],
             [("JPY", "Japan")])
report.equal("an index", details(Index("SPX", "CBOE", "USD"))[0].contract.conId, 416904)
futures = details(Future("ES", exchange="CME"))
report.equal("futures", [(d.contract.localSymbol, d.contract.multiplier, d.contract.lastTradeDateOrContractMonth)
                         for d in futures], [("ESZ6", "50", "20261218"), ("ESH7", "50", "20270319")])
report.equal("one month of them", [d.contract.localSymbol for d in details(Future("ES", "202612", "CME"))], ["ESZ6"])
chain = details(Option("AAPL", "20261218", 0, "C", "SMART"))
report.equal("calls", [d.contract.strike for d in chain], [190.0, 200.0, 210.0])
report.equal("one option", [d.contract.localSymbol for d in details(Option("AAPL", "20261218", 200, "P", "SMART"))],
             ["AAPL  261218P00200000"])
report.equal("nothing of that name", details(Stock("NOSUCH", "SMART", "USD")), [])
report.equal("and why", errors[-1][1:], (200, "No security definition has been found for the request"))
report.equal("an ambiguous one is not qualified", ib.qualifyContracts(Stock("SAP", "SMART")), [None])
ib.reqHistoricalData(Stock("SAP", "SMART"), "", "1 D", "5 mins", "TRADES", True, 2)
report.check("nor is it charted", errors[-1][1] == 200 and "ambiguous" in errors[-1][2], errors[-1])

stock = aapl[0].contract

# History
def history(size, duration, what="TRADES", end="", contract=stock, timeout=30):
    return ib.reqHistoricalData(contract, end, duration, size, what, True, 2, timeout=timeout)


five = history("5 mins", "1 D")
report.equal("five minutes, today", len(five), 12)
report.check("sound bars", all(b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high and b.volume > 0 for b in five))
report.check("in steps of five minutes", all(b.date - a.date == timedelta(minutes=5) for a, b in zip(five, five[1:])))
minutes = history("1 min", "1 D")
report.equal("sixty minutes make the same hour", len(minutes), 60)
for index, bar in enumerate(five):
    part = minutes[index * 5:index * 5 + 5]
    if (bar.open, bar.close, bar.volume) != (part[0].open, part[-1].close, sum(b.volume for b in part)) or (
            bar.high, bar.low) != (max(b.high for b in part), min(b.low for b in part)):
        report.check(f"bar {index} is its minutes", False, (bar, part))
week = history("15 mins", "1 W")
report.check("a week of fifteen minutes", len(week) == 4 * 26 + 4, len(week))
daily = history("1 day", "1 M")
report.check("a month of days", 20 <= len(daily) <= 23 and str(daily[-1].date) == "2026-11-20", daily[-1:])
days = {str(b.date): b for b in daily}
thursday = [b for b in week if str(b.date.date()) == "2026-11-19"]
report.equal("a day is its quarters of an hour",
             (days["2026-11-19"].open, days["2026-11-19"].close, days["2026-11-19"].volume),
             (thursday[0].open, thursday[-1].close, sum(b.volume for b in thursday)))
report.check("weeks", len(history("1 week", "1 Y")) >= 6)
seconds = history("5 secs", "600 S")
report.check("seconds", seconds and all(b.date.second % 5 == 0 for b in seconds), len(seconds))
report.check("an hour that ended yesterday",
             str(history("5 mins", "3600 S", end="20261119-20:00:00")[-1].date) == "2026-11-19 19:55:00+00:00")
report.check("quotes", history("5 mins", "1 D", "BID")[0].close < five[0].close < history("5 mins", "1 D", "ASK")[0].close)
report.check("all sizes are spelt so", all(history(size, "3600 S") for size in (
    "10 secs", "15 secs", "30 secs", "2 mins", "3 mins", "10 mins", "20 mins", "30 mins", "1 hour")))


def fails(name, code, text, *arguments, **options):
    errors.clear()
    bars = history(*arguments, **options)
    report.check(name, not bars and any(e[1] == code and text in e[2] for e in errors), errors)


fails("no data on a Sunday", 162, "no data", "5 mins", "3600 S", end="20250105-20:00:00")
fails("a duration that is too long for its bars", 162, "Time length", "1 min", "1 M")
# ib_async takes 321 for a warning, and waits on.
fails("a size nobody knows", 321, "bar size", "7 mins", "1 D", timeout=1)
history("5 secs", "1200 S")
fails("the same small bars again within fifteen seconds", 162, "pacing", "5 secs", "1200 S")
fails("no permission", 162, "No market data permissions", "5 mins", "1 D", contract=Stock("MSFT", "SMART", "USD"))

# Ticks
ticker = ib.reqMktData(stock)
until(ib, lambda: ticker.bid > 0 and ticker.close > 0)
report.check("a first quote", 0 < ticker.bid < ticker.ask and ticker.low <= ticker.last <= ticker.high, ticker)
report.equal("live", ticker.marketDataType, 1)
volume, seen = ticker.volume, []
ib.pendingTickersEvent += lambda tickers: seen.extend(tickers)
control.advance(120)
until(ib, lambda: ticker.volume > volume)
report.check("the market goes on", ticker.volume > volume and seen, ticker)
tick_minutes = history("1 min", "1 D")
report.equal("the last tick is the last bar's close", ticker.last, tick_minutes[-1].close)
report.equal("and the volume the day's", ticker.volume, sum(b.volume for b in tick_minutes))
snapshot = ib.reqTickers(stock)[0]
report.equal("a snapshot", (snapshot.bid, snapshot.ask), (ticker.bid, ticker.ask))
ib.cancelMktData(stock)
future_ticker = ib.reqMktData(futures[0].contract)
until(ib, lambda: future_ticker.last > 0)
report.check("a future's quote", future_ticker.ask - future_ticker.bid == 0.25, future_ticker)

# Delayed
msft = ib.qualifyContracts(Stock("MSFT", "SMART", "USD"))[0]
errors.clear()
refused = ib.reqMktData(msft)
until(ib, lambda: errors)
report.check("no subscription", errors[-1][1] == 10089, errors)
ib.cancelMktData(msft)
ib.reqMarketDataType(3)
errors.clear()
delayed = ib.reqMktData(msft)
until(ib, lambda: delayed.last > 0)
report.check("delayed instead, and marked so", delayed.marketDataType == 3 and 10167 in [e[1] for e in errors], (delayed, errors))
control.advance(1020)
until(ib, lambda: delayed.volume > 0)
report.check("ticks that are old enough come", delayed.volume > 0, delayed)
ib.reqMarketDataType(1)

# Bars of five seconds
bars = ib.reqRealTimeBars(stock, 5, "TRADES", True)
control.advance(60)
until(ib, lambda: len(bars) >= 11)
report.equal("twelve bars a minute", len(bars), 12)
report.check("one after another", all(b.time - a.time == timedelta(seconds=5) for a, b in zip(bars, list(bars)[1:])))
# Six requests for small bars of one contract within two seconds are too many.
ib.sleep(2.1)
recorded = {b.date: b for b in history("5 secs", "900 S")}
report.check("the same as the history's", all(
    (b.open_, b.high, b.low, b.close, b.volume) == (
        recorded[b.time].open, recorded[b.time].high, recorded[b.time].low, recorded[b.time].close,
        recorded[b.time].volume) for b in bars if b.volume), (list(bars)[:3], list(recorded.items())[-3:]))
ib.cancelRealTimeBars(bars)

# History that goes on
live = ib.reqHistoricalData(stock, "", "3600 S", "5 mins", "TRADES", True, 2, keepUpToDate=True)
count = len(live)
control.advance(600)
until(ib, lambda: len(live) >= count + 2)
report.equal("two more bars in ten minutes", len(live), count + 2)
again = {b.date: b for b in history("5 mins", "3600 S")}
report.check("those that are over are final", all(
    (b.open, b.high, b.low, b.close, b.volume) == (
        again[b.date].open, again[b.date].high, again[b.date].low, again[b.date].close, again[b.date].volume)
    for b in live[-3:-1]), (live[-3:], list(again.values())[-3:]))
ib.cancelHistoricalData(live)

# Lines
errors.clear()
for request in range(101):
    # Past ib_async's own books of tickers: it does not know these ids, and says so in its log.
    ib.client.reqMktData(500_000 + request, stock, "", False, False, [])
    if request % 40 == 39:
        ib.sleep(1.1)
until(ib, lambda: any(e[1] == 101 for e in errors))
report.check("a hundred lines", [e[1] for e in errors if e[1] != 10167].count(101) >= 1, errors[-3:])
report.finish()
