"""Days at a broker's stand-in on which takt is killed and the stand-in misbehaves: which there are, how they go, what came of them.

Shared by soak_kis.py and soak_ib.py, whose days are kis_kills.py's and ib_kills.py's.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import datetime
import decimal
import json
import sys
import time
import typing

import broker_day
from broker_kills import DATE, STEPS, TOLD, Plan, Violation

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
SMOKE_POINTS = [("agents", "submit.after-write-ahead"), ("agents", "submit.after-send"), ("operator", "cancel.after-send"),
                ("operator", "revise.after-send")]



@dataclasses.dataclass(frozen=True)
class Rehearsal:
    """What a broker's stand-in is asked to do wrong; every list of rules is for a market."""
    # A broker's own broker_kills.Day.
    day: type
    markets: tuple
    # The answers of every second order and cancellation are lost after they were accepted.
    lost: typing.Callable
    # Orders and cancellations are answered late.
    slow: typing.Callable
    random: typing.Callable
    # The same for the tests, without what takt waits long for.
    brief: typing.Callable
    # By name, what the matrix has besides: something that goes wrong at every second order, or all the time.
    troubles: dict = dataclasses.field(default_factory=dict)


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
    bracket = ("1.004", "0.996") if day.brackets else None
    # Before the first beat has made a database there is nothing to propose to.
    day.steps(closes[0], ["fetch-bars"])
    day.surely("fetch-bars", "--profile", f"{day.market}-5m", at=closes[0] + broker_day.DELAY)
    operator.beat(closes[0], {first: ("buy", None)})
    # Far from the market: they rest until they are cancelled, one of them within its beat and one before the next one's orders.
    operator.beat(closes[1], {first: ("sell", "1.04"), second: ("buy", "0.96")})
    operator.revise(closes[1], 30, first, "1.01")
    operator.revise(closes[1], 90, second, "0.98")
    operator.cancel(closes[1], 150, second)
    operator.cancel(closes[2], 1, first)
    # At the market: a part is filled, the rest is cancelled.
    operator.beat(closes[2], {second: ("buy", "1.002", bracket)})
    operator.cancel(closes[2], 5, second)
    operator.command(closes[2], 60, "flatten", "--symbol", first, "--keep-trading", "--reason", "soak")
    # Approved, and then halted: it must not go out, nor may anything proposed later. Exits go out all the same.
    operator.beat(closes[3], {first: ("buy", "0.999")}, halting=True)
    operator.beat(closes[4], {first: ("buy", None), second: ("sell", "1.03")})
    operator.resume(closes[4], 60)
    operator.beat(closes[5], {first: ("buy", "0.96")})
    # A flatten halts as well.
    operator.forbid(closes[5], 60, "flatten")
    operator.beat(closes[6], {second: ("buy", None, bracket)})
    operator.resume(closes[6], 90)
    operator.beat(closes[7], {first: ("buy", "1.001", bracket), second: ("buy", "0.97")})
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
        return self.day.buys()

    def check_halt(self):
        if self.halted is not None and self.buys() > self.halted:
            raise Violation(f"{self.buys() - self.halted} buys went out while trading was halted")

    def beat(self, close, wishes, halting=False):
        """- wishes: by symbol, what to do, a limit as a share of the last price, `None` for a market order, and the shares at
        which what protects an entry stands, `None` for nothing."""
        self.day.steps(close, ["fetch-bars"])
        if wishes:
            lines = [self.line(symbol, close, *wish) for symbol, wish in wishes.items()]
            # 65: after a kill some lines may be known already, or their symbol have an order.
            self.day.carry_out("propose", at=close + broker_day.DELAY, stdin="\n".join(lines) + "\n", allowed=TOLD | {65})
        self.day.steps(close, ["risk-check"])
        if halting:
            self.forbid(close, 13, "halt")
        self.day.steps(close, ["submit", "reconcile", "report", "alert"], seconds=20 if halting else 0)
        self.check_halt()

    def line(self, symbol, close, action, share, bracket=None):
        wish = {"symbol": symbol, "action": action}
        shares = {"limit_price": share} | dict(zip(("take_profit", "stop_loss"), bracket or ()))
        if any(shares.values()):
            bars = self.day.home.items(
                "bars", "--symbol", symbol, "--timeframe", "5m", "--limit", "1", "--now", broker_day.stamp(close + broker_day.DELAY))
            for key, share in shares.items():
                if bars and share:
                    price = decimal.Decimal(bars[-1]["close"]) * decimal.Decimal(share)
                    wish[key] = str(price.quantize(decimal.Decimal("0.01")))
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
        now = broker_day.stamp(close + datetime.timedelta(seconds=seconds))
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
        now = broker_day.stamp(close + datetime.timedelta(seconds=seconds))
        found = [order["client_order_id"] for order in self.day.home.items("orders", "--now", now)
                 if order["state"] in MAYBE_OPEN and order["symbol"] in symbols]
        if found:
            # 65: by the rerun the order is over already.
            self.command(close, seconds, "orders", "cancel", *found, "--reason", "soak", allowed=TOLD | {65})
            self.command(close, seconds + 5, "reconcile", "--again")


def run_day(rehearsal, options, seed, kind, plan, beats):
    day = rehearsal.day(options, seed, kind, plan)
    try:
        schedule = broker_day.beats([options.market], DATE)
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


def crashes(rehearsal, options):
    """Killed at every place, each of them with every answer and with half of them lost; and between send and answer."""
    found = []
    points = [(kind, point) for kind, some in (
        ("agents", AGENT_POINTS), ("operator", OPERATOR_POINTS), ("consulted", CONSULTED_POINTS)) for point in some]
    for index, (kind, point) in enumerate(points if options.matrix else SMOKE_POINTS):
        for rules, word in ((), "alone"), (rehearsal.lost(options.market), "answers lost"):
            if options.matrix or word != "alone":
                found.append((f"{kind}: {point}, {word}", kind, options.seed + index, Plan(list(rules), point)))
    for kind, commands in WAITING if options.matrix else WAITING[:1]:
        plan = Plan(rehearsal.slow(options.market), waiting=commands)
        found.append((f"{kind}: {', '.join(commands)} between send and answer", kind, options.seed, plan))
    return found


def cases(rehearsal, options):
    """(name, kind, seed, plan) of every day."""
    found = crashes(rehearsal, options) if options.matrix or options.smoke else []
    if options.matrix:
        found += [(f"{kind}: {trouble}, nobody killed", kind, options.seed, Plan(rules))
                  for trouble, rules in rehearsal.troubles.items() for kind in ("agents", "operator")]
    else:
        random = rehearsal.brief if options.smoke else rehearsal.random
        for index in range(1 if options.smoke else options.days):
            kind = "operator" if index % 3 == 2 else "agents"
            # What an operator does is done once only; a beat comes again.
            plan = Plan(random(options.market), share=0.3 if kind == "agents" else 0.15)
            found.append((f"{kind}: seed {options.seed + index}", kind, options.seed + index, plan))
    return [case for case in found if options.only in case[0]]


def arguments(rehearsal):
    parser = argparse.ArgumentParser()
    parser.add_argument("--takt", required=True)
    parser.add_argument("--rehearsal", required=True)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--beats", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--market", choices=rehearsal.markets, default=rehearsal.markets[0])
    parser.add_argument("--jobs", type=int, default=2, help="days at a time")
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--keep", action="store_true", help="the folders of all days")
    parser.add_argument("--matrix", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="a few cases of both, for the tests")
    return parser.parse_args()


def main(rehearsal):
    options = arguments(rehearsal)
    beats = min(options.beats, 8) if options.matrix or options.smoke else options.beats
    sums, killed, failures = collections.Counter(), collections.Counter(), 0
    apart = {"an order's costs": 0, "costs per execution": 0, "cash": 0}
    # A place that no process passed was not proven.
    reached = collections.Counter()
    started = time.monotonic()
    chosen = cases(rehearsal, options)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(run_day, rehearsal, options, seed, kind, plan, beats): (name, plan)
                   for name, kind, seed, plan in chosen}
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
            if plan.kills():
                reached[plan.failpoint or name] += kills
            sums.update(orders=verdict.orders, executions=verdict.executions, cancelled=verdict.cancelled, revised=verdict.revised, attached=verdict.attached,
                        doubtful=verdict.doubtful, kills=kills, faults=faults)
            for key, value in zip(apart, (verdict.order_costs, verdict.execution_costs, verdict.cash)):
                apart[key] = max(apart[key], value)
            print(f"{name}: {verdict.orders} orders, {verdict.executions} executions, {verdict.cancelled} cancelled, "
                  f"{verdict.revised} revised, {verdict.attached} attached, "
                  f"{kills} kills, {faults} faults, {verdict.doubtful} held in doubt and told", flush=True)
    never = [name for name, kills in reached.items() if kills == 0]
    for name in never:
        print(f"{name}: no process was killed there")
    print("killed: " + ", ".join(f"{command} {count}" for command, count in killed.most_common()))
    print("largest differences, in minor units: " + ", ".join(f"{key} {float(value):g}" for key, value in apart.items()))
    print(f"{len(chosen)} days, {sums['orders']} orders, {sums['executions']} executions, {sums['cancelled']} cancelled, "
          f"{sums['revised']} revised, {sums['attached']} attached, "
          f"{sums['kills']} kills, {sums['faults']} faults, {sums['doubtful']} held in doubt, {failures} violations, "
          f"{time.monotonic() - started:.0f} s")
    return 1 if failures or never or not chosen or sums["orders"] == 0 else 0

