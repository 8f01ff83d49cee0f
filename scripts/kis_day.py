#!/usr/bin/env python3
"""A trading day at a stand-in for Korea Investment & Securities, over real sockets: one process a beat, as cron would start it.

  scripts/kis_day.py --takt PATH --rehearsal PATH [--home DIR] [--date 2026-11-20] [--seed N] [--markets kr,us]

Starts TaktRehearsal, which speaks KIS's own protocol on loopback, writes a working folder that trades at its virtual account,
and runs `takt cycle` for every bar of the day. In the end our books are compared with the stand-in's own (kis_books.py): orders,
executed quantities and amounts, positions, cash, and what takt itself finds to differ. Exits with 0 when they agree.
"""
import sys
import time

import broker_day
import kis_books
from broker_day import DELAY, MARKETS, STEP, beats, stamp, thin  # noqa: F401 (kis_kills.py and soak_kis.py have them from here)


class Simulator(broker_day.StandIn):
    """The stand-in for Korea Investment."""

    def __init__(self, binary, start, seed=1, faults=None, options=()):
        super().__init__(binary, "kis", start, seed, faults, ["--calls-per-second", "1000", *options])

    def control(self):
        return self.addresses["virtual"]["rest"]

    def books(self):
        account = self.addresses["virtual"]["accounts"][0].replace("-", "")
        return self.ask("books")["accounts"][account]


class Home(broker_day.Home):
    """A working folder that trades at the stand-in's virtual account and takes prices from its real side."""

    def __init__(self, folder, takt, simulator, markets, votes="sma-cross, momentum",
                 agents="sma-cross: {fast: 2, slow: 6}, momentum: {lookback: 3}", environment=None):
        virtual, real = simulator.addresses["virtual"], simulator.addresses["real"]
        files = {
            "trading.yaml": self.trading(markets, "kis", "KRW", votes, agents, "paper: {fx: {USD: 1380}}\n"),
            "brokers.yaml":
                "brokers:\n  kis:\n    enabled: true\n    markets: [KR, US]\n    calls_per_second: 20\n    quotes:\n"
                f"      base_url: {real['rest']}\n",
            "symbols.yaml": self.symbols(markets)}
        super().__init__(folder, takt, simulator, files, {
            "KIS_ENVIRONMENT": "virtual", "KIS_APP_KEY": virtual["app_key"],
            "KIS_APP_SECRET": virtual["app_secret"], "KIS_ACCOUNT_NO": virtual["accounts"][0],
            "KIS_HTS_ID": virtual["hts_id"], "KIS_BASE_URL": virtual["rest"], "KIS_WS_URL": virtual["websocket"],
            "KIS_QUOTE_APP_KEY": real["app_key"], "KIS_QUOTE_APP_SECRET": real["app_secret"]} | (environment or {}))


def main():
    options = broker_day.options(".build-demo-kis", ["kr", "us"])
    day = beats(options.markets, options.date)[:options.beats]
    started = time.monotonic()
    simulator = Simulator(options.rehearsal, day[0][0] - STEP, options.seed)
    try:
        home = Home(options.home, options.takt, simulator, options.markets)
        code, trouble = broker_day.play(home, day)
        if code is not None:
            return code
        verdict = kis_books.compare(home.database, simulator.books())
        return broker_day.tell("Korea Investment", options.date, day, trouble, started, verdict, [
            f"{verdict.orders} orders, {verdict.executions} executions, {simulator.ask('status')['calls']} calls",
            f"Costs we reckoned and those charged differ by {verdict.cash:f} minor units of a currency at most",
        ], options.home, day[-1][0] + DELAY)
    finally:
        simulator.stop()


if __name__ == "__main__":
    sys.exit(main())
