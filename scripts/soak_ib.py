#!/usr/bin/env python3
"""Kills takt, and lets the stand-in for IB Gateway misbehave, day after day; then compares the books with the gateway's own.

  scripts/soak_ib.py --takt PATH --rehearsal PATH [--days 20] [--seed N] [--beats 12] [--jobs 2]
                     [--matrix] [--smoke] [--only TEXT] [--self-test]

Every day is a home and a gateway of its own, in New York. Without options days are random: connections that break before and
after an order was accepted, a gateway that falls silent, orders of a burst that vanish, lines to IB that are lost and come back
with 1102 or 1101, frames of rubbish, halves of frames, executions told twice, put right or late with what they cost, handshakes
that take their time; processes killed with SIGKILL at random instants, and run again, or not. Every third of them an operator is
at work as well.

--matrix kills at every failpoint instead: on days on which agents trade, and on days of an operator who proposes limit orders
that rest, gives them other prices, cancels them, halts, resumes and flattens; each of them again with the answer of every second
order and cancellation lost after it was accepted; then with the process killed while it waits for an answer, call by call; and
at last every fault by itself at every second order, with nobody killed.

In the end, with the faults over, ib_books.py reads takt's database and the gateway's books: no order stands twice, by its
reference and by its terms, no execution is missing or booked twice, amounts, costs, positions and cash agree to the last digit,
what was cancelled is cancelled at both, and what is still in doubt is alerted. While trading is halted nothing is bought.
--only runs the cases whose names contain the text. --self-test falsifies the books of a day, one way after another, and wants
the judge to notice each.
"""
import sys

import broker_soak
import ib_kills
from ib_kills import CANCELS, ORDERS, VISIBILITY_SECONDS

# (fault, place, rate); seconds are the market's, milliseconds those of a watch.
FAULTS = [
    ("slow-handshake", "connect", 0.04), ("silent-handshake", "connect", 0.01), ("client-id-in-use", "connect", 0.02),
    ("drop-before-accept", ORDERS, 0.06), ("drop-after-accept", ORDERS, 0.12), ("silence", ORDERS, 0.03),
    ("ignored", ORDERS, 0.04), ("rate-cut", ORDERS, 0.03), ("slow", ORDERS, 0.05), ("rejected", ORDERS, 0.04),
    ("server-cancel", ORDERS, 0.04), ("late-visibility", ORDERS, 0.15), ("lost-restored", ORDERS, 0.04),
    ("lost-data-gone", ORDERS, 0.03),
    ("drop-before-accept", CANCELS, 0.1), ("drop-after-accept", CANCELS, 0.15), ("silence", CANCELS, 0.02),
    ("ignored", CANCELS, 0.03), ("slow", CANCELS, 0.05), ("lost-restored", CANCELS, 0.04),
    ("drop-before-accept", "reqAllOpenOrders", 0.03), ("drop-after-accept", "reqExecutions", 0.03),
    ("drop-before-accept", "reqCompletedOrders", 0.03), ("silence", "reqExecutions", 0.01),
    ("farms-broken", "reqHistoricalData", 0.02),
    ("duplicate", "openOrder", 0.1), ("unknown-message", "openOrder", 0.05), ("garbage-frame", "openOrder", 0.02),
    ("half-frame", "openOrder", 0.02), ("short-frame", "openOrder", 0.02),
    ("duplicate", "orderStatus", 0.1), ("skipped", "orderStatus", 0.05), ("late", "orderStatus", 0.05),
    ("duplicate", "execDetails", 0.2), ("commission-first", "execDetails", 0.3), ("correction", "execDetails", 0.08),
    ("half-frame", "execDetails", 0.02), ("garbage-frame", "execDetails", 0.02), ("surplus-fields", "execDetails", 0.05),
    # None that is never told: costs that two lists, a minute apart, do not know are booked as none.
    ("duplicate", "commissionReport", 0.1), ("garbage-frame", "commissionReport", 0.02),
    ("oversized-length", "execDetailsEnd", 0.01),
    ("skipped", "openOrderEnd", 0.01), ("skipped", "completedOrdersEnd", 0.01), ("half-frame", "completedOrder", 0.02),
    ("half-frame", "position", 0.02),
]
# For these takt waits as long as it waits for anything.
WAITED_FOR = {"silence", "ignored", "silent-handshake", "skipped"}
EVERY, SECOND = list(range(1, 500)), list(range(1, 200, 2))


def rule(fault, place, calls=None, seconds=30, milliseconds=900, **more):
    return {"fault": fault, "endpoint": place, "seconds": seconds, "milliseconds": milliseconds} | (
        {"calls": calls} if calls else more)


def lost(_):
    return [rule("drop-after-accept", place, SECOND) for place in (ORDERS, CANCELS)]


def slow(_):
    return [rule("slow", place, EVERY, milliseconds=400) for place in (ORDERS, CANCELS)]


def random_rules(_):
    # A list never lacks an order for longer than takt was told that it may.
    return [rule(fault, place, seconds=VISIBILITY_SECONDS - 2 if fault == "late-visibility" else 40, rate=rate)
            for fault, place, rate in FAULTS]


def brief_rules(market):
    return [item for item in random_rules(market) if item["fault"] not in WAITED_FOR]


# At every second order: if all were lost, there would be nothing to cancel, to fill and to compare.
TROUBLES = {
    "orders dropped before they are accepted": [rule("drop-before-accept", place, SECOND) for place in (ORDERS, CANCELS)],
    "orders of a burst that vanish": [rule("ignored", place, SECOND) for place in (ORDERS, CANCELS)],
    "orders that are refused": [rule("rejected", ORDERS, SECOND)],
    "orders that the servers cancel": [rule("server-cancel", ORDERS, SECOND, seconds=45)],
    "orders that no list shows yet, answers lost": [
        rule(fault, ORDERS, SECOND, seconds=VISIBILITY_SECONDS - 2) for fault in ("late-visibility", "drop-after-accept")],
    "a line that is lost and restored": [rule("lost-restored", place, SECOND, seconds=40) for place in (ORDERS, CANCELS)],
    "a line that is lost, and data with it": [rule("lost-data-gone", ORDERS, SECOND, seconds=40)],
    "a line that stays away over a beat": [rule("lost-restored", ORDERS, [2, 7], seconds=400)],
    "rubbish between the frames": [rule("garbage-frame", place, rate=0.1) for place in ("openOrder", "execDetails")],
    "frames that break off": [rule("half-frame", place, rate=0.1) for place in ("openOrder", "execDetails", "completedOrder")],
    "executions told twice": [rule("duplicate", place, EVERY) for place in ("openOrder", "orderStatus", "execDetails",
                                                                           "commissionReport")],
    "executions that are corrected": [rule("correction", "execDetails", SECOND, seconds=20)],
    # Neither with the execution nor with the first list, but with the next.
    "costs that come late": [rule("late", "commissionReport", [1, 2], seconds=400)],
    "costs that come first": [rule("commission-first", "execDetails", EVERY)],
    "states that are skipped": [rule("skipped", "orderStatus", SECOND)],
    "handshakes that take their time": [rule("slow-handshake", "connect", EVERY, milliseconds=600)],
    "a number that is in use": [rule("client-id-in-use", "connect", list(range(1, 500, 3)))],
    # Each of these costs takt the whole time that it waits for an answer.
    "a gateway that falls silent": [rule("silence", place, SECOND) for place in (ORDERS, CANCELS)],
}


def main():
    if "--self-test" in sys.argv:
        import ib_doctored
        return ib_doctored.main()
    return broker_soak.main(broker_soak.Rehearsal(ib_kills.Day, ("us",), lost, slow, random_rules, brief_rules, TROUBLES))


if __name__ == "__main__":
    sys.exit(main())
