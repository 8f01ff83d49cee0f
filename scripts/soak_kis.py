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
import sys

import broker_soak
import kis_kills
from kis_kills import PLACES

FAULTS = [
    ("drop-after-accept", "orders", 0.12), ("drop-before-accept", "orders", 0.06), ("server-error", "orders", 0.05),
    ("server-error-after-accept", "orders", 0.06), ("malformed-body", "orders", 0.05), ("half-answer", "orders", 0.06),
    ("rate-limit", "orders", 0.05), ("token-expiry", "orders", 0.03), ("slow", "orders", 0.05), ("late-visibility", "orders", 0.2),
    ("drop-after-accept", "cancels", 0.15), ("drop-before-accept", "cancels", 0.1), ("server-error", "cancels", 0.05),
    ("server-error-after-accept", "cancels", 0.06), ("half-answer", "cancels", 0.06), ("rate-limit", "cancels", 0.05),
    ("slow", "cancels", 0.05), ("drop-before-accept", "lists", 0.05), ("half-answer", "lists", 0.03),
    ("server-error", "balances", 0.05), ("malformed-body", "balances", 0.03),
]


def lost(market):
    return [{"fault": "drop-after-accept", "endpoint": PLACES[market][name], "calls": list(range(1, 200, 2))}
            for name in ("orders", "cancels")]


def slow(market):
    return [{"fault": "slow", "endpoint": PLACES[market][name], "calls": list(range(1, 500)), "milliseconds": 400}
            for name in ("orders", "cancels")]


def random_rules(market):
    return [{"fault": fault, "endpoint": PLACES[market][place], "rate": rate, "seconds": 40, "milliseconds": 900}
            for fault, place, rate in FAULTS]


if __name__ == "__main__":
    sys.exit(broker_soak.main(
        broker_soak.Rehearsal(kis_kills.Day, ("kr", "us"), lost, slow, random=random_rules, brief=random_rules)))
