#!/usr/bin/env python3
"""Kills takt, and lets Korea Investment's stand-in misbehave, day after day; then compares the books with the stand-in's own.

  scripts/soak_kis.py --takt PATH --rehearsal PATH [--days 20] [--seed N] [--beats 12] [--market kr|us] [--matrix] [--smoke]

Every day is a home and a stand-in of its own, with faults drawn from its seed: connections that break before and after an order
was accepted, errors after which it stands all the same, half and garbled answers, expired tokens, lists that lag. Steps run as
processes of their own and are killed with SIGKILL at random instants, then run again. --matrix kills at every failpoint instead, with
the first order's answer lost after it was accepted, or the process killed while it waits for that answer. In the end, with the faults
over: no order stands twice, no execution is missing, positions agree, and what is still in doubt is alerted.
"""
import argparse
import collections
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import kis_day

STEPS = ["fetch-bars", "decide", "risk-check", "submit", "reconcile", "report", "alert"]
DATE = datetime.date(2026, 11, 20)
# Where the stand-in may fail, and how often: orders first of all, then what settles them.
ORDERS = {"kr": "order-cash", "us": "overseas-stock/v1/trading/order"}
LISTS = {"kr": "inquire-daily-ccld", "us": "inquire-ccnl"}
BALANCES = {"kr": "inquire-balance", "us": "overseas-stock/v1/trading/inquire-balance"}
FAULTS = [
    ("drop-after-accept", "orders", 0.12), ("drop-before-accept", "orders", 0.06), ("server-error", "orders", 0.05),
    ("server-error-after-accept", "orders", 0.06), ("malformed-body", "orders", 0.05), ("half-answer", "orders", 0.06),
    ("rate-limit", "orders", 0.05), ("token-expiry", "orders", 0.03), ("slow", "orders", 0.05), ("late-visibility", "orders", 0.2),
    ("drop-before-accept", "lists", 0.05), ("half-answer", "lists", 0.03),
    ("server-error", "balances", 0.05), ("malformed-body", "balances", 0.03),
]
FAILPOINTS = [
    "submit.before-write-ahead", "submit.after-write-ahead", "submit.after-send", "submit.after-record",
    "reconcile.after-fetch", "reconcile.before-write", "reconcile.after-write", "opening.before-write",
    "opening.after-write", "fetch-bars.before-write", "fetch-bars.after-write",
]
TOLD = {0, 10, 11, 12, 69}


class Violation(Exception):
    """Something that must not happen, whatever fails when."""


class Day:
    def __init__(self, options, seed, faults, beats):
        self.seed, self.random = seed, random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix=f"takt-kis-{seed}-")
        self.market = options.market
        self.beats = kis_day.beats([self.market], DATE)[:beats]
        plan = {"seed": seed, "rules": faults}
        self.simulator = kis_day.Simulator(
            options.rehearsal, self.beats[0][0] - kis_day.STEP, seed, plan, ["--history", "3"])
        self.home = kis_day.Home(self.folder, options.takt, self.simulator, [self.market], agents="sma-cross: {fast: 1, slow: 3}")
        self.kills = 0

    def end(self, keep):
        self.simulator.stop()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def step(self, step, now, kill_after=None, failpoint=None):
        """Runs a step, killed after so many seconds or at a failpoint; returns its exit code."""
        command = self.home.command(step, "--profile", f"{self.market}-5m", "--now", kis_day.stamp(now))
        environment = self.home.environment | ({"TAKT_FAILPOINT": failpoint} if failpoint else {})
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            errors = process.communicate(timeout=kill_after or 120)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            errors = process.communicate()[1]
        code = process.returncode
        if code == -signal.SIGKILL:
            self.kills += 1
        elif code not in TOLD:
            raise Violation(f"{step} at {kis_day.stamp(now)} ended with {code}: {errors[-600:]}")
        return code

    def beat(self, close, kill_share=0.0, failpoint=None, doomed=None):
        now = close + kis_day.DELAY
        self.simulator.set_clock(now)
        for step in STEPS:
            if self.random.random() < kill_share:
                self.step(step, now, kill_after=self.random.uniform(0.01, 0.6))
            if failpoint and (doomed is None or doomed == step):
                self.step(step, now, failpoint=failpoint)
            self.step(step, now)

    def settle(self):
        """Some quiet beats: lists are late, and an absence wants two proofs."""
        self.simulator.ask("faults", {"seed": 0, "rules": []})
        last = self.beats[-1][0]
        for index in range(1, 5):
            now = last + index * kis_day.STEP + kis_day.DELAY
            self.simulator.set_clock(now)
            self.step("reconcile", now)
            self.step("alert", now)
        return now

    def judge(self, now):
        """By the stand-in's own record, and by nothing of takt's code."""
        books = self.simulator.books()
        placed = [order for order in books["orders"] if order["kind"] == "new"]
        together = collections.Counter((order["symbol"], order["side"], order["at"]) for order in placed)
        twice = [key for key, count in together.items() if count > 1]
        if twice:
            raise Violation(f"sent twice: {twice}")
        ours = self.home.items("orders", "--now", kis_day.stamp(now), "--limit", "100000")
        doubtful = [order for order in ours if order["state"] in ("in-doubt", "submitting", "cancel-in-doubt")]
        numbers = collections.Counter(
            order["broker_order_id"].split("-")[-1].lstrip("0") for order in ours if order.get("broker_order_id"))
        if any(count > 1 for count in numbers.values()):
            raise Violation(f"one order of the stand-in's under two of ours: {numbers}")
        known = {order["broker_order_id"].split("-")[-1].lstrip("0"): order for order in ours if order.get("broker_order_id")}
        held_back = {(order["symbol"], order["side"]) for order in doubtful}
        for order in placed:
            mine = known.get(str(order["number"]))
            if mine is None and (order["symbol"], order["side"]) not in held_back:
                raise Violation(f"order {order['number']} ({order['symbol']} {order['side']}) is in nobody's books")
            if mine is not None and int(mine["filled_quantity"]) != order["filled"]:
                raise Violation(f"order {order['number']}: booked {mine['filled_quantity']} of {order['filled']}")
            if mine is not None and mine.get("intent_id") is None:
                raise Violation(f"order {order['number']} is ours, and was taken for somebody else's")
        if not doubtful:
            held = {item["symbol"]: int(item["quantity"]) for item in self.home.items("positions", "--now", kis_day.stamp(now))}
            real = {item["symbol"]: item["quantity"] for item in books["positions"]}
            if held != real:
                raise Violation(f"positions: ours {held}, theirs {real}")
        alerts = self.home.items("alerts", "--now", kis_day.stamp(now), "--limit", "100000")
        for order in doubtful:
            if not any(order["client_order_id"] in json.dumps(alert) for alert in alerts):
                raise Violation(f"{order['client_order_id']} is in doubt and nobody was told")
        return len(placed), len(doubtful), len(books["fills"])


def rules(market):
    places = {"orders": ORDERS[market], "lists": LISTS[market], "balances": BALANCES[market]}
    return [{"fault": fault, "endpoint": places[place], "rate": rate, "seconds": 40, "milliseconds": 900}
            for fault, place, rate in FAULTS]


def random_day(options, seed):
    day = Day(options, seed, rules(options.market), options.beats)
    try:
        for close, _ in day.beats:
            day.beat(close, kill_share=0.3)
        result = day.judge(day.settle())
        faults = len(day.simulator.ask("faults")["faults"])
        day.end(keep=False)
        return (*result, day.kills, faults)
    except BaseException:
        day.end(keep=True)
        sys.stderr.write(f"seed {seed}: kept {day.folder}\n")
        raise


def matrix_day(options, seed, failpoint, fault, beats):
    """Every beat is killed at the failpoint, and every second order's answer is lost."""
    lost = [] if fault is None else [
        {"fault": fault, "endpoint": ORDERS[options.market], "calls": list(range(1, 60, 2)), "milliseconds": 1500}]
    day = Day(options, seed, lost, beats)
    try:
        for index, (close, _) in enumerate(day.beats):
            if fault == "slow":
                # Between the send and its answer.
                now = close + kis_day.DELAY
                day.simulator.set_clock(now)
                for step in STEPS:
                    day.step(step, now, kill_after=0.9 if step == "submit" else None)
                    day.step(step, now)
            else:
                # Every other beat, so that something is traded in between.
                doomed = failpoint.split(".")[0] if "opening" not in failpoint else None
                day.beat(close, failpoint=None if index % 2 else failpoint, doomed=doomed)
        result = day.judge(day.settle())
        day.end(keep=False)
        return (*result, day.kills)
    except BaseException:
        day.end(keep=True)
        sys.stderr.write(f"{failpoint} {fault}: kept {day.folder}\n")
        raise


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--takt", required=True)
    parser.add_argument("--rehearsal", required=True)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--beats", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--market", choices=["kr", "us"], default="kr")
    parser.add_argument("--matrix", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="a few cases of both, for the tests")
    options = parser.parse_args()
    failures, orders, fills, doubts, kills, faults = 0, 0, 0, 0, 0, 0
    cases = []
    if options.matrix or options.smoke:
        points = FAILPOINTS if options.matrix else ["submit.after-write-ahead", "submit.after-send"]
        for index, failpoint in enumerate(points):
            for fault in (None, "drop-after-accept") if options.matrix else ("drop-after-accept",):
                cases.append((f"{failpoint} {fault}", lambda i=index, p=failpoint, f=fault: matrix_day(
                    options, options.seed + i, p, f, min(options.beats, 8))))
        cases.append(("killed between send and answer", lambda: matrix_day(
            options, options.seed, "", "slow", min(options.beats, 6))))
    if not options.matrix:
        for index in range(1 if options.smoke else options.days):
            cases.append((f"seed {options.seed + index}", lambda i=index: random_day(options, options.seed + i)))
    started = time.monotonic()
    for name, case in cases:
        try:
            result = case()
        except Violation as violation:
            failures += 1
            print(f"{name}: VIOLATION: {violation}", flush=True)
            continue
        orders, doubts, fills, kills = orders + result[0], doubts + result[1], fills + result[2], kills + result[3]
        faults += result[4] if len(result) > 4 else 0
        print(f"{name}: {result[0]} orders, {result[2]} executions, {result[3]} kills, {result[1]} held in doubt and told", flush=True)
    print(f"{len(cases)} days, {orders} orders, {fills} executions, {kills} kills, {faults} faults, {doubts} held in doubt, "
          f"{failures} violations, {time.monotonic() - started:.0f} s")
    return 1 if failures or orders == 0 or kills == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
