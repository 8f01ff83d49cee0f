"""Falsified books: the judge of soak_ib.py has to notice each of them, or its verdicts are worth nothing.

One operator's day is played at the stand-in, with nothing going wrong; its books agree. Then one thing at a time is changed in a
copy of takt's database or of the gateway's books.
"""
import argparse
import copy
import decimal
import os
import shutil
import sqlite3
import sys

import broker_day
import broker_soak
import ib_books
import ib_kills
from broker_kills import DATE, Plan


# MARK: What is changed in the gateway's books

def one(rows, **wanted):
    """The first row that is like that."""
    return next(row for row in rows if all(row[key] == value for key, value in wanted.items()))


def more(text, amount="0.01"):
    return str(decimal.Decimal(text) + decimal.Decimal(amount))


def again(books, **changes):
    """The gateway has a filled order once more."""
    books["orders"].append(dict(one(books["orders"], status="Filled"), perm_id=999, order_id=999, **changes))


def bought_late(books, ours):
    """A buy is moved into a time in which trading was halted."""
    halt = next(halt for halt in ours.halts if halt["scope"] == "all" and halt["lifted_at"])
    one(books["orders"], side="BUY")["at"] = ib_books.moment((halt["set_at"] + halt["lifted_at"]) // 2)


def change(place, key, value, **wanted):
    """A row of theirs says something else; `value` may be made of what it says."""
    def doctor(books, _):
        row = one(books[place], **wanted)
        row[key] = value(row[key]) if callable(value) else value
    return doctor


THEIRS = {
    "an order stands twice under its reference": lambda books, _: again(books),
    "an order stands twice under another reference": lambda books, _: again(books, order_ref="tk-other"),
    "an order that nobody knows": lambda books, _: again(books, order_ref="", at="2026-11-20T15:00:00Z"),
    "an order id used for two orders": lambda books, _: books["orders"][1].update(order_id=books["orders"][0]["order_id"]),
    "an order that they never had": lambda books, _: books["orders"].remove(one(books["orders"], status="Cancelled")),
    "an order that is still open": change("orders", "status", "Submitted", status="Cancelled"),
    "an order that was filled, and not cancelled": change("orders", "status", "Filled", status="Cancelled"),
    "an order that was cancelled, and not filled": change("orders", "status", "Cancelled", status="Filled"),
    "a protection that hangs on nothing": change("orders", "parent", None, type="STP"),
    "a protection in another group": change("orders", "oca_group", "another", type="STP"),
    "another limit": change("orders", "limit", more, type="LMT"),
    "another quantity": change("orders", "quantity", lambda text: more(text, "1")),
    "another number": change("orders", "perm_id", 998),
    "an execution more": lambda books, _: books["fills"].append(dict(books["fills"][0], exec_id="0000e0d5.1.1.09.01")),
    "an execution less": lambda books, _: books["fills"].pop(),
    "an execution corrected": change("fills", "exec_id", lambda text: text[:-2] + "02"),
    "an execution at another price": change("fills", "price", more),
    "an execution of another size": change("fills", "quantity", lambda text: more(text, "1")),
    "an execution that cost a cent more": change("fills", "commission", more),
    "an execution on the other side": change("fills", "side", "SLD", side="BOT"),
    "cash, in its last digit": lambda books, _: books["cash"].update(USD=more(books["cash"]["USD"], "0.00000001")),
    "a share more": lambda books, _: books["positions"].append({"symbol": "NVDA", "quantity": "1"}),
    "bought while halted": bought_late,
}
# MARK: What is changed in takt's
OURS = {
    "an execution was not booked": "DELETE FROM fills WHERE execution_id = (SELECT min(execution_id) FROM fills)",
    "an execution was booked under another id": "UPDATE fills SET execution_id = execution_id || '9' "
                                                "WHERE execution_id = (SELECT min(execution_id) FROM fills)",
    "an execution was struck out": "UPDATE fills SET is_busted = 1 WHERE execution_id = (SELECT min(execution_id) FROM fills)",
    "a fee is off": "UPDATE fills SET fee = '0.5' WHERE execution_id = (SELECT min(execution_id) FROM fills)",
    "an order is nowhere": "DELETE FROM orders WHERE state = 'filled'",
    "an order is somebody else's": "UPDATE orders SET origin = 'external' WHERE state = 'filled'",
    "an average is off": "UPDATE orders SET average_fill_price = '1' WHERE state = 'filled'",
    "an order says more than was booked": "UPDATE orders SET filled_quantity = '1' WHERE state = 'cancelled'",
    "one wish, several orders": "UPDATE orders SET intent_id = (SELECT min(intent_id) FROM orders)",
    "an order in doubt that nobody was told of": "UPDATE orders SET state = 'in-doubt' WHERE state = 'filled'",
    "a cancellation that is still wished": "UPDATE operator_orders SET state = 'pending', done_at = NULL WHERE kind = 'cancel'",
    "a revision that was never settled": "UPDATE operator_orders SET state = 'pending', done_at = NULL WHERE kind = 'revise'",
    "a cancellation that nobody asked for": "DELETE FROM operator_orders WHERE kind IN ('cancel', 'flatten')",
}


def faults(database, theirs):
    return ib_books.compare(database, theirs).faults


def doctored(database, statement, folder):
    """A copy of the database in which that was done."""
    path = os.path.join(folder, "doctored.sqlite")
    if os.path.exists(path):
        os.remove(path)
    source, target = sqlite3.connect(database), sqlite3.connect(path)
    source.backup(target)
    source.close()
    # Only what no constraint keeps out can be there in truth; of interest here is whether the judge sees it.
    target.execute("PRAGMA ignore_check_constraints = ON")
    for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        target.execute(f"DROP TRIGGER {name}")
    changed = target.execute(statement).rowcount
    target.commit()
    target.close()
    if changed < 1:
        raise SystemExit(f"nothing was changed by: {statement}")
    return path


def check(database, theirs, folder):
    """How many falsifications the judge did not notice."""
    honest = faults(database, theirs)
    print("the books as they are: " + ("agree" if not honest else f"DIFFER: {honest}"))
    missed = len(honest)
    ours = ib_books.Ours(database)
    for name, doctor in THEIRS.items():
        books = copy.deepcopy(theirs)
        doctor(books, ours)
        missed += told(f"theirs: {name}", faults(database, books))
    for name, statement in OURS.items():
        missed += told(f"ours: {name}", faults(doctored(database, statement, folder), theirs))
    print(f"{len(THEIRS) + len(OURS)} falsifications, {missed} not noticed")
    return missed


def told(name, found):
    print(f"{name}: " + (f"noticed: {found[0]}" if found else "NOT NOTICED"))
    return not found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--self-test", action="store_true", required=True)
    parser.add_argument("--takt", required=True)
    parser.add_argument("--rehearsal", required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.market = "us"
    day = ib_kills.Day(options, options.seed, "operator", Plan())
    try:
        day.settle(broker_soak.operator_day(day, broker_day.beats(["us"], DATE)[1:9]))
        return 1 if check(day.home.database, day.simulator.books(), day.folder) else 0
    finally:
        day.close(keep=False)
        shutil.rmtree(day.folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
