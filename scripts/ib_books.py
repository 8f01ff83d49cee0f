"""The books of takt and of the stand-in for TWS and IB Gateway, read side by side.

IB keeps our order ids and lists single executions with what each has cost, so everything has to agree: every order, every
execution by its id, every amount, cost, position and the cash to the last digit.
"""
import collections
import decimal

import takt_books
from takt_books import DOUBTFUL, FINAL, MINOR, Ours

SIDES = {"BUY": "buy", "SELL": "sell", "BOT": "buy", "SLD": "sell"}
OPEN = {"ApiPending", "PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel"}


def compare(database, theirs):
    """Every order, execution and amount of both; `theirs` are the books of one account at the stand-in."""
    return Comparison(Ours(database), theirs).verdict


def number(text):
    return decimal.Decimal(str(text or 0))


class Comparison(takt_books.Comparison):
    def __init__(self, ours, theirs):
        super().__init__(ours, theirs)
        self.verdict.orders = len(theirs["orders"])
        self.match()
        self.executions()
        self.doubts()
        self.money()

    def match(self):
        """Every order of theirs is one of ours by reference and number, on the same terms, and none of ours went twice."""
        by_reference = collections.defaultdict(list)
        for order in self.theirs["orders"]:
            by_reference[order["order_ref"]].append(order)
        mine = {order["client_order_id"]: order for order in self.ours.orders}
        self.unknown = []
        for reference, orders in by_reference.items():
            if reference not in mine:
                self.fault(f"order {orders[0]['perm_id']} ({orders[0]['symbol']}, {reference or 'by hand'}) is in nobody's books")
                continue
            if len(orders) > 1:
                self.fault(f"{reference} was sent {len(orders)} times")
            self.agree(mine[reference], orders[-1])
        for reference, order in mine.items():
            if order["origin"] == "takt" and order["number"] is not None and reference not in by_reference:
                self.fault(f"we know an order {order['number']} ({reference}) that the stand-in never had")

    def agree(self, mine, order):
        name = f"order {order['perm_id']} ({mine['client_order_id']})"
        if mine["state"] in DOUBTFUL and mine["number"] is None:
            return self.unknown.append(order)
        if mine["origin"] != "takt" or mine["intent_id"] is None:
            self.fault(f"{name} is ours, and was taken for somebody else's")
        for key, theirs in [("number", order["perm_id"]), ("symbol", order["symbol"]), ("side", SIDES[order["side"]])]:
            if mine[key] != theirs:
                self.fault(f"{name}: {key} is {mine[key]} here and {theirs} there")
        for key, theirs in [("quantity", order["quantity"]), ("limit_price", order["limit"]), ("stop_price", order["stop"]),
                            ("filled_quantity", order["filled"])]:
            if number(mine[key]) != number(theirs):
                self.fault(f"{name}: {key} is {mine[key]} here and {theirs} there")
        if order["status"] in OPEN and mine["state"] in FINAL:
            self.fault(f"{name} is {mine['state']} here, and {order['status']} there")
        if order["status"] not in OPEN and mine["state"] not in FINAL | DOUBTFUL:
            self.fault(f"{name} is {mine['state']} here, and {order['status']} there")
        if (order["status"] == "Filled") != (mine["state"] == "filled") and mine["state"] not in DOUBTFUL:
            self.fault(f"{name} is {mine['state']} here, and {order['status']} there")
        self.verdict.cancelled += order["status"] == "Cancelled"

    def executions(self):
        """Each once, by its id, with its price and its costs."""
        mine = {fill["execution_id"]: fill for fill in self.ours.fills}
        if len(mine) != len(self.ours.fills):
            self.fault("an execution was booked twice")
        held_back = {order["order_ref"] for order in self.unknown}
        for fill in self.theirs["fills"]:
            booked = mine.pop(fill["exec_id"], None)
            if booked is None:
                if fill["order_ref"] not in held_back:
                    what = f"{fill['side']} {fill['quantity']} {fill['symbol']}"
                    self.fault(f"the execution {fill['exec_id']} ({what}) is not booked")
                continue
            for key, ours, theirs in [
                    ("client_order_id", booked["client_order_id"], fill["order_ref"]),
                    ("symbol", booked["symbol"], fill["symbol"]), ("side", booked["side"], SIDES[fill["side"]]),
                    ("quantity", booked["quantity"], number(fill["quantity"])),
                    ("price", booked["price"], number(fill["price"])),
                    ("costs", booked["fee"] + booked["tax"], number(fill["commission"]))]:
                if ours != theirs:
                    self.fault(f"the execution {fill['exec_id']}: {key} is {ours} here and {theirs} there")
        self.verdict.faults += [f"we booked an execution {name} that the stand-in never had" for name in mine]

    def money(self):
        """Positions and cash, where every execution is known."""
        if self.unknown:
            return
        held = self.ours.positions()
        real = {position["symbol"]: number(position["quantity"]) for position in self.theirs["positions"]
                if number(position["quantity"])}
        if held != real:
            self.fault(f"positions: ours {held}, theirs {real}")
        ours = self.ours.cash()
        for currency, cash in self.theirs["cash"].items():
            apart = ours.get(currency, decimal.Decimal(0)) - number(cash)
            self.verdict.cash = max(self.verdict.cash, abs(apart) / MINOR.get(currency, decimal.Decimal("0.01")))
            if apart:
                self.fault(f"{currency}: ours {ours.get(currency)}, theirs {cash}")
