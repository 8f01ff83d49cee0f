#!/usr/bin/env python3
"""Kills takt, and lets Korea Investment's stand-in misbehave, day after day; then compares the books with the stand-in's own.

  scripts/soak_kis.py --takt PATH --rehearsal PATH [--days 20] [--seed N] [--beats 12] [--market kr|us] [--jobs 2]
                      [--matrix] [--smoke] [--only TEXT]

Every day is a home and a stand-in of its own. Without options days are random: connections that break before and after an order
was accepted, errors after which it stands all the same, half and garbled answers, expired tokens, lists that lag; processes killed
with SIGKILL at random instants, and run again, or not. Every third of them an operator is at work as well.

--matrix kills at every failpoint instead: on days on which agents trade, and on days of an operator who proposes limit orders
that rest, cancels them, halts, resumes and flattens; each of them again with the answer of every second order and cancellation
lost after it was accepted; and at last with the process killed while it waits for an answer, call by call.

In the end, with the faults over, kis_books.py reads takt's database and the stand-in's books: no order stands twice, no execution
is missing, amounts, positions and cash agree, what was cancelled is cancelled at both, and what is still in doubt is alerted.
While trading is halted nothing is bought. --only runs the cases whose names contain the text.
"""
import argparse
import collections
import concurrent.futures
import datetime
import decimal
import json
import sys
import time

import kis_day
from kis_kills import DATE, PLACES, STEPS, TOLD, Day, Plan, Violation

FAULTS = [
    ("drop-after-accept", "orders", 0.12), ("drop-before-accept", "orders", 0.06), ("server-error", "orders", 0.05),
    ("server-error-after-accept", "orders", 0.06), ("malformed-body", "orders", 0.05), ("half-answer", "orders", 0.06),
    ("rate-limit", "orders", 0.05), ("token-expiry", "orders", 0.03), ("slow", "orders", 0.05), ("late-visibility", "orders", 0.2),
    ("drop-after-accept", "cancels", 0.15), ("drop-before-accept", "cancels", 0.1), ("server-error", "cancels", 0.05),
    ("server-error-after-accept", "cancels", 0.06), ("half-answer", "cancels", 0.06), ("rate-limit", "cancels", 0.05),
    ("slow", "cancels", 0.05), ("drop-before-accept", "lists", 0.05), ("half-answer", "lists", 0.03),
    ("server-error", "balances", 0.05), ("malformed-body", "balances", 0.03),
]
# What a beat of agents passes, and what only an operator's day passes, or passes otherwise. paper.* is the embedded exchange.
STEP_POINTS = [
    f"{step}.{moment}" for step in ("risk-check", "report") for moment in ("before-write", "after-write")
] + [
    "submit.before-write-ahead", "submit.after-write-ahead", "submit.after-send", "submit.after-record",
    "reconcile.after-fetch", "reconcile.before-write", "reconcile.after-write",
    "step.before-journal-start", "step.after-journal-start", "step.before-journal-finish", "step.after-journal-finish",
]
AGENT_POINTS = STEP_POINTS + [
    f"{step}.{moment}" for step in ("opening", "fetch-bars", "decide") for moment in ("before-write", "after-write")]
OPERATOR_POINTS = STEP_POINTS + [
    "cancel.after-write-ahead", "cancel.after-send", "cancel.after-record",
    "revise.after-write-ahead", "revise.after-send", "revise.after-record", "propose.before-write", "propose.after-write",
    "alert.before-send", "alert.after-send", "alert.after-record",
]
CONSULTED_POINTS = ["consultation.after-write-ahead", "consultation.after-record"]
# Killed between a send and its answer. Of an operator, sends and cancellations apart as well: what is in doubt blocks the rest.
WAITING = [("agents", ("submit",)), ("operator", ("submit", "orders", "flatten")), ("operator", ("orders",)),
           ("operator", ("flatten",))]
SMOKE_POINTS = [("agents", "submit.after-write-ahead"), ("agents", "submit.after-send"), ("operator", "cancel.after-send")]


# MARK: The days

def agents_day(day, beats):
    """Agents trade market orders; every other beat, or sending, is killed, so that something is traded in between."""
    is_of_sending = (day.plan.failpoint or "").startswith("submit.")
    for index, (close, _) in enumerate(beats):
        day.steps(close, STEPS, failpoint=is_of_sending or index % 2 == 0)
    return beats[-1][0]


def operator_day(day, beats):
    """An operator proposes, cancels, halts, resumes and flattens; the market is thin, so that orders are filled in part."""
    closes = [close for close, _ in beats]
    operator = Operator(day)
    first, second = day.symbols
    # Before the first beat has made a database there is nothing to propose to.
    day.steps(closes[0], ["fetch-bars"])
    day.surely("fetch-bars", "--profile", f"{day.market}-5m", at=closes[0] + kis_day.DELAY)
    operator.beat(closes[0], {first: ("buy", None)})
    # Far from the market: they rest until they are cancelled, one of them within its beat and one before the next one's orders.
    operator.beat(closes[1], {first: ("sell", "1.04"), second: ("buy", "0.96")})
    operator.revise(closes[1], 30, first, "1.01")
    operator.revise(closes[1], 90, second, "0.98")
    operator.cancel(closes[1], 150, second)
    operator.cancel(closes[2], 1, first)
    # At the market: a part is filled, the rest is cancelled.
    operator.beat(closes[2], {second: ("buy", "1.002")})
    operator.cancel(closes[2], 5, second)
    operator.command(closes[2], 60, "flatten", "--symbol", first, "--keep-trading", "--reason", "soak")
    # Approved, and then halted: it must not go out, nor may anything proposed later. Exits go out all the same.
    operator.beat(closes[3], {first: ("buy", "0.999")}, halting=True)
    operator.beat(closes[4], {first: ("buy", None), second: ("sell", "1.03")})
    operator.resume(closes[4], 60)
    operator.beat(closes[5], {first: ("buy", "0.96")})
    # A flatten halts as well.
    operator.forbid(closes[5], 60, "flatten")
    operator.beat(closes[6], {second: ("buy", None)})
    operator.resume(closes[6], 90)
    operator.beat(closes[7], {first: ("buy", "1.001"), second: ("buy", "0.97")})
    operator.cancel(closes[7], 5, first, second)
    operator.command(closes[7], 60, "flatten", "--symbol", first, "--keep-trading", "--reason", "soak")
    return closes[7]


# One in doubt is cancelled when it is found.
MAYBE_OPEN = {"acknowledged", "working", "partially-filled", "in-doubt"}


class Operator:
    """The deeds of a person beside the beats."""

    def __init__(self, day):
        self.day, self.halted = day, None

    def buys(self):
        return sum(1 for order in self.day.simulator.books()["orders"] if order["side"] == "buy" and order["kind"] == "new")

    def check_halt(self):
        if self.halted is not None and self.buys() > self.halted:
            raise Violation(f"{self.buys() - self.halted} buys went out while trading was halted")

    def beat(self, close, wishes, halting=False):
        """- wishes: by symbol, what to do, and a limit as a share of the last price, `None` for a market order."""
        self.day.steps(close, ["fetch-bars"])
        if wishes:
            lines = [self.line(symbol, close, *wish) for symbol, wish in wishes.items()]
            # 65: after a kill some lines may be known already, or their symbol have an order.
            self.day.carry_out("propose", at=close + kis_day.DELAY, stdin="\n".join(lines) + "\n", allowed=TOLD | {65})
        self.day.steps(close, ["risk-check"])
        if halting:
            self.forbid(close, 13, "halt")
        self.day.steps(close, ["submit", "reconcile", "report", "alert"], seconds=20 if halting else 0)
        self.check_halt()

    def line(self, symbol, close, action, share):
        wish = {"symbol": symbol, "action": action}
        if share:
            bars = self.day.home.items(
                "bars", "--symbol", symbol, "--timeframe", "5m", "--limit", "1", "--now", kis_day.stamp(close + kis_day.DELAY))
            if bars:
                price = decimal.Decimal(bars[-1]["close"]) * decimal.Decimal(share)
                wish["limit_price"] = str(price.quantize(decimal.Decimal("0.01")))
        return json.dumps(wish)

    def command(self, close, seconds, *arguments, allowed=frozenset(TOLD)):
        self.day.carry_out(*arguments, at=close + datetime.timedelta(seconds=seconds), allowed=allowed)
        self.check_halt()

    def forbid(self, close, seconds, command):
        """Halts trading, alone or with a flatten: nothing is bought from here on."""
        at, arguments = close + datetime.timedelta(seconds=seconds), [command, "--reason", "soak"]
        self.day.carry_out(*arguments, at=at)
        # Killed it may not be on record: then it is given again, and counts from there.
        self.day.surely(*arguments, at=at)
        self.halted = self.buys()

    def resume(self, close, seconds):
        self.check_halt()
        self.halted = None
        self.command(close, seconds, "resume", "--reason", "soak")

    def revise(self, close, seconds, symbol, share):
        """Gives what rests in the symbol another price, and looks at which price it stands."""
        now = kis_day.stamp(close + datetime.timedelta(seconds=seconds))
        for order in self.day.home.items("orders", "--now", now):
            if order["state"] not in MAYBE_OPEN - {"in-doubt"} or order["symbol"] != symbol or not order.get("limit_price"):
                continue
            price = decimal.Decimal(order["limit_price"]) * decimal.Decimal(share)
            # A thousand won is a price step everywhere.
            step = decimal.Decimal(1000) if self.day.market == "kr" else decimal.Decimal("0.01")
            price = (price / step).to_integral_value() * step
            # 12, 65, 69: nobody knows, it is over or forbidden, it did not leave.
            self.command(close, seconds, "orders", "revise", order["client_order_id"], "--limit-price", str(price), "--reason",
                         "soak", allowed=TOLD | {12, 65, 69})
            self.command(close, seconds + 35, "reconcile", "--again")

    def cancel(self, close, seconds, *symbols):
        """Cancels what is or may be open in the symbols, if anything is, and looks what became of it."""
        now = kis_day.stamp(close + datetime.timedelta(seconds=seconds))
        found = [order["client_order_id"] for order in self.day.home.items("orders", "--now", now)
                 if order["state"] in MAYBE_OPEN and order["symbol"] in symbols]
        if found:
            # 65: by the rerun the order is over already.
            self.command(close, seconds, "orders", "cancel", *found, "--reason", "soak", allowed=TOLD | {65})
            self.command(close, seconds + 5, "reconcile", "--again")


def run_day(options, seed, kind, plan, beats):
    day = Day(options, seed, kind, plan)
    try:
        schedule = kis_day.beats([options.market], DATE)
        # Not at the very opening: bars of the day have to be there.
        last = operator_day(day, schedule[1:9]) if kind == "operator" else agents_day(day, schedule[:beats])
        day.settle(last)
        faults = len(day.simulator.ask("faults")["faults"])
        verdict = day.judge()
        day.close(keep=options.keep)
        return verdict, day.killed, faults
    except BaseException:
        day.close(keep=True)
        sys.stderr.write(f"kept {day.folder}\n")
        raise


def lost(market):
    """The answers of every second order and cancellation are lost after they were accepted."""
    return [{"fault": "drop-after-accept", "endpoint": PLACES[market][name], "calls": list(range(1, 200, 2))}
            for name in ("orders", "cancels")]


def slow(market):
    return [{"fault": "slow", "endpoint": PLACES[market][name], "calls": list(range(1, 500)), "milliseconds": 400}
            for name in ("orders", "cancels")]


def random_rules(market):
    return [{"fault": fault, "endpoint": PLACES[market][place], "rate": rate, "seconds": 40, "milliseconds": 900}
            for fault, place, rate in FAULTS]


def cases(options):
    """(name, kind, seed, plan) of every day."""
    found = []
    if options.matrix or options.smoke:
        points = [(kind, point) for kind, some in (
            ("agents", AGENT_POINTS), ("operator", OPERATOR_POINTS), ("consulted", CONSULTED_POINTS)) for point in some]
        for index, (kind, point) in enumerate(points if options.matrix else SMOKE_POINTS):
            for rules, word in ((), "alone"), (lost(options.market), "answers lost"):
                if options.matrix or word != "alone":
                    found.append((f"{kind}: {point}, {word}", kind, options.seed + index, Plan(list(rules), point)))
        for kind, commands in WAITING if options.matrix else WAITING[:1]:
            plan = Plan(slow(options.market), waiting=commands)
            found.append((f"{kind}: {', '.join(commands)} between send and answer", kind, options.seed, plan))
    if not options.matrix:
        for index in range(1 if options.smoke else options.days):
            kind = "operator" if index % 3 == 2 else "agents"
            # What an operator does is done once only; a beat comes again.
            plan = Plan(random_rules(options.market), share=0.3 if kind == "agents" else 0.15)
            found.append((f"{kind}: seed {options.seed + index}", kind, options.seed + index, plan))
    return [case for case in found if options.only in case[0]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--takt", required=True)
    parser.add_argument("--rehearsal", required=True)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--beats", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--market", choices=["kr", "us"], default="kr")
    parser.add_argument("--jobs", type=int, default=2, help="days at a time")
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--keep", action="store_true", help="the folders of all days")
    parser.add_argument("--matrix", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="a few cases of both, for the tests")
    options = parser.parse_args()
    beats = min(options.beats, 8) if options.matrix or options.smoke else options.beats
    sums, killed, failures = collections.Counter(), collections.Counter(), 0
    apart = {"an order's costs": 0, "costs per execution": 0, "cash": 0}
    # A place that no process passed was not proven.
    reached = collections.Counter()
    started = time.monotonic()
    chosen = cases(options)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(run_day, options, seed, kind, plan, beats): (name, plan) for name, kind, seed, plan in chosen}
        for future in concurrent.futures.as_completed(running):
            name, plan = running[future]
            try:
                verdict, day_killed, faults = future.result()
            except Violation as violation:
                failures += 1
                print(f"{name}: VIOLATION: {violation}", flush=True)
                continue
            kills = day_killed.total()
            killed += day_killed
            reached[plan.failpoint or name] += kills
            sums.update(orders=verdict.orders, executions=verdict.executions, cancelled=verdict.cancelled, revised=verdict.revised,
                        doubtful=verdict.doubtful, kills=kills, faults=faults)
            for key, value in zip(apart, (verdict.order_costs, verdict.execution_costs, verdict.cash)):
                apart[key] = max(apart[key], value)
            print(f"{name}: {verdict.orders} orders, {verdict.executions} executions, {verdict.cancelled} cancelled, "
                  f"{verdict.revised} revised, "
                  f"{kills} kills, {faults} faults, {verdict.doubtful} held in doubt and told", flush=True)
    never = [name for name, kills in reached.items() if kills == 0]
    for name in never:
        print(f"{name}: no process was killed there")
    print("killed: " + ", ".join(f"{command} {count}" for command, count in killed.most_common()))
    print("largest differences, in minor units: " + ", ".join(f"{key} {float(value):g}" for key, value in apart.items()))
    print(f"{len(chosen)} days, {sums['orders']} orders, {sums['executions']} executions, {sums['cancelled']} cancelled, "
          f"{sums['revised']} revised, "
          f"{sums['kills']} kills, {sums['faults']} faults, {sums['doubtful']} held in doubt, {failures} violations, "
          f"{time.monotonic() - started:.0f} s")
    return 1 if failures or never or not chosen or sums["orders"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
