#!/usr/bin/env python3
"""A trading day at a stand-in for TWS and IB Gateway, over real sockets: one process a beat, as cron would start it.

  scripts/ib_day.py --takt PATH --rehearsal PATH [--home DIR] [--date 2026-11-20] [--seed N] [--beats N] [--operator]

Starts TaktRehearsal, which speaks IB's socket protocol on loopback, writes a working folder that trades at its paper account,
and runs `takt cycle` for every bar of the day in New York. In the end our books are compared with the stand-in's own
(ib_books.py): orders, executions with their costs, positions, cash. Exits with 0 when they agree.

With --operator a person does it instead: a limit order is proposed, given a new price and cancelled; a position is opened while
the gateway's answer gets lost, found again, and closed by a flatten.
"""
import datetime
import json
import sys
import time

import broker_day
import ib_books
from broker_day import DELAY, STEP, beats, stamp


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
                 agents="sma-cross: {fast: 2, slow: 6}, momentum: {lookback: 3}", environment=None, extra="", visibility=1):
        files = {
            "trading.yaml": self.trading(markets, "ib", "USD", votes, agents, ""),
            # Nothing is on its way between this gateway and its servers for long, unless a fault says so.
            "brokers.yaml":
                f"brokers: {{ib: {{enabled: true, markets: [US], visibility_delay_seconds: {visibility}{extra}}}}}\n",
            "symbols.yaml": self.symbols(markets)}
        super().__init__(folder, takt, simulator, files, {
            "IB_HOST": simulator.addresses["host"], "IB_PORT": str(simulator.addresses["port"]), "IB_CLIENT_ID": "11"}
            | (environment or {}))


class Operator:
    """A person at the keyboard, for two bars."""

    def __init__(self, home, day):
        self.home, self.day, self.trouble = home, day, 0

    def do(self, *arguments, beat, after, allowed=(0,), stdin=None):
        """Runs takt some seconds after a beat's bar has closed; anything but the codes allowed is trouble."""
        now = self.day[beat][0] + DELAY + datetime.timedelta(seconds=after)
        self.home.simulator.set_clock(now)
        done = self.home.run(*arguments, "--now", stamp(now), stdin=stdin)
        if done.returncode not in allowed:
            self.trouble += 1
            sys.stderr.write(f"{stamp(now)} {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()[-400:]}\n")
        return done

    def propose(self, line, beat, allowed=(0,)):
        """Everything of the beat but the agents' own decision; twice, as a supervisor of orders in doubt would."""
        profile = ("--profile", self.day[beat][1])
        self.do("fetch-bars", *profile, beat=beat, after=0)
        self.do("propose", *profile, beat=beat, after=1, stdin=json.dumps(line) + "\n")
        self.do("cycle", "--from", "risk-check", *profile, beat=beat, after=2, allowed=allowed)

    def look(self, beat, after):
        self.do("reconcile", "--again", "--profile", self.day[beat][1], beat=beat, after=after)

    def state(self, number=-1):
        """Of the orders here, oldest first."""
        orders = sorted(self.home.items("orders"), key=lambda order: order["sent_at"])
        return orders[number]["state"], orders[number]["client_order_id"]

    def expect(self, what, found, wanted):
        if found != wanted:
            self.trouble += 1
            sys.stderr.write(f"{what}: {found}, and not {wanted}\n")

    def play(self):
        self.propose({"symbol": "AAPL", "target": "50", "limit_price": "199.90"}, 2)
        state, order = self.state()
        self.expect("the limit order", state, "working")
        self.do("orders", "revise", order, "--limit-price", "199.80", "--reason", "closer", beat=2, after=20)
        self.look(2, 40)
        self.expect("its limit there", self.home.simulator.books()["orders"][0]["limit"], "199.8")
        self.do("orders", "cancel", order, "--reason", "enough", beat=2, after=60)
        self.look(2, 80)
        self.expect("it", self.state()[0], "cancelled")
        # The gateway takes the order and falls silent about it: the send is in doubt, and what is listed settles it.
        self.home.simulator.ask("faults", {"seed": 1, "rules": [
            {"fault": "drop-after-accept", "endpoint": "placeOrder", "calls": [1]}]})
        self.propose({"symbol": "MSFT", "target": "30"}, 3, allowed=(0, 12))
        self.look(3, 30)
        self.expect("the order whose answer was lost", self.state()[0], "filled")
        self.do("flatten", "--reason", "done for today", beat=3, after=60)
        self.expect("positions", self.home.items("positions"), [])
        return self.trouble


def main():
    options = broker_day.options(".build-demo-ib", ["us"], [("--operator", "a person trades instead of the agents")])
    day = beats(options.markets, options.date)[:options.beats]
    started = time.monotonic()
    simulator = Simulator(options.rehearsal, day[0][0] - STEP, options.seed)
    try:
        home = Home(options.home, options.takt, simulator, options.markets)
        if options.operator:
            day = day[:4]
            code, trouble = None, Operator(home, day).play()
        else:
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
