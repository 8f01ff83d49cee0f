#!/usr/bin/env python3
"""A trading day at a stand-in for TWS and IB Gateway, over real sockets: one process a beat, as cron would start it.

  scripts/ib_day.py --takt PATH --rehearsal PATH [--home DIR] [--date 2026-11-20] [--seed N] [--beats N]

Starts TaktRehearsal, which speaks IB's socket protocol on loopback, writes a working folder that trades at its paper account,
and runs `takt cycle` for every bar of the day in New York. In the end our books are compared with the stand-in's own
(ib_books.py): orders, executions with their costs, positions, cash. Exits with 0 when they agree.
"""
import sys
import time

import broker_day
import ib_books
from broker_day import DELAY, STEP, beats


class Simulator(broker_day.StandIn):
    """The stand-in for TWS and IB Gateway."""

    def __init__(self, binary, start, seed=1, faults=None, options=()):
        super().__init__(binary, "ib", start, seed, faults, options)

    def control(self):
        return self.addresses["control"]

    def books(self):
        return self.ask("books")["accounts"][self.addresses["accounts"][0]]


class Home(broker_day.Home):
    """A working folder that trades at the stand-in's paper account and has its bars from it."""

    def __init__(self, folder, takt, simulator, markets=("us",), votes="sma-cross, momentum",
                 agents="sma-cross: {fast: 2, slow: 6}, momentum: {lookback: 3}", environment=None, extra=""):
        files = {
            "trading.yaml": self.trading(markets, "ib", "USD", votes, agents, ""),
            # Nothing is on its way between this gateway and its servers for long.
            "brokers.yaml": f"brokers: {{ib: {{enabled: true, markets: [US], visibility_delay_seconds: 1{extra}}}}}\n",
            "symbols.yaml": self.symbols(markets)}
        super().__init__(folder, takt, simulator, files, {
            "IB_HOST": simulator.addresses["host"], "IB_PORT": str(simulator.addresses["port"]), "IB_CLIENT_ID": "11"}
            | (environment or {}))


def main():
    options = broker_day.options(".build-demo-ib", ["us"])
    day = beats(options.markets, options.date)[:options.beats]
    started = time.monotonic()
    simulator = Simulator(options.rehearsal, day[0][0] - STEP, options.seed)
    try:
        home = Home(options.home, options.takt, simulator, options.markets)
        code, trouble = broker_day.play(home, day)
        if code is not None:
            return code
        verdict = ib_books.compare(home.database, simulator.books())
        requests = sum(simulator.ask("status")["requests"].values())
        return broker_day.tell("Interactive Brokers", options.date, day, trouble, started, verdict, [
            f"{verdict.orders} orders, {verdict.executions} executions, {requests} requests",
            f"Cash here and there differs by {verdict.cash:f} cents",
        ], options.home, day[-1][0] + DELAY)
    finally:
        simulator.stop()


if __name__ == "__main__":
    sys.exit(main())
