"""The books of takt and of the stand-in for TWS and IB Gateway, read side by side.

IB keeps our order ids and lists single executions with what each has cost, so everything has to agree: every order, every
execution by its id, every amount, cost, position and the cash to the last digit.
"""
import collections
import datetime
import decimal
import json

import takt_books
from takt_books import DOUBTFUL, FINAL, LAST_DIGIT, MINOR, Ours, moment  # noqa: F401 (ib_doctored.py has it from here)

SIDES = {"BUY": "buy", "SELL": "sell", "BOT": "buy", "SLD": "sell"}
OPEN = {"ApiPending", "PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel"}
# How an order that is over there may have ended here.
ENDS = {"Filled": {"filled"}, "Cancelled": {"cancelled", "expired"}, "ApiCancelled": {"cancelled", "expired"},
        "Inactive": {"rejected-by-broker", "cancelled"}}
BY_REQUEST = "Cancelled by Trader"


def compare(database, theirs):
    """Every order, execution and amount of both; `theirs` are the books of one account at the stand-in."""
    return Comparison(Ours(database), theirs).verdict


def number(text):
    return decimal.Decimal(str(text or 0))


class Comparison(takt_books.Comparison):
    def __init__(self, ours, theirs):
        # Held in the gateway when its connection ended, and withdrawn: it was never at IB.
        theirs = theirs | {"orders": [
            order for order in theirs["orders"] if order["perm_id"] or order["status"] != "ApiCancelled"]}
        super().__init__(ours, theirs)
        self.verdict.orders = len(theirs["orders"])
        self.match()
        self.once()
        self.executions()
        self.wishes()
        self.brackets()
        self.halted()
        self.doubts()
        self.money()

    def match(self):
        """Every order of theirs is one of ours by reference and number, on the same terms, and none of ours went twice."""
        by_reference = collections.defaultdict(list)
        for order in self.theirs["orders"]:
            by_reference[order["order_ref"]].append(order)
        mine = {order["client_order_id"]: order for order in self.ours.orders}
        self.pairs, self.unknown = [], []
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
        self.pairs.append((mine, order))
        if mine["origin"] != "takt" or mine["intent_id"] is None:
            self.fault(f"{name} is ours, and was taken for somebody else's")
        for key, theirs in [("number", order["perm_id"]), ("symbol", order["symbol"]), ("side", SIDES[order["side"]])]:
            if mine[key] != theirs:
                self.fault(f"{name}: {key} is {mine[key]} here and {theirs} there")
        for key, theirs in [("quantity", order["quantity"]), ("limit_price", order["limit"]), ("stop_price", order["stop"]),
                            ("filled_quantity", order["filled"])]:
            if number(mine[key]) != number(theirs):
                self.fault(f"{name}: {key} is {mine[key]} here and {theirs} there")
        if mine["state"] not in DOUBTFUL and (
                mine["state"] in FINAL if order["status"] in OPEN else mine["state"] not in ENDS[order["status"]]):
            self.fault(f"{name} is {mine['state']} here, and {order['status']} ({order['ended']}) there")
        self.sums(name, mine, order)
        self.verdict.cancelled += order["status"] in ("Cancelled", "ApiCancelled")

    def sums(self, name, mine, order):
        """What was executed of an order comes to what the order says, here and there."""
        booked = self.booked[mine["client_order_id"]]
        done = [fill for fill in self.theirs["fills"] if fill["order_ref"] == order["order_ref"]]
        if len(booked) != len(done):
            self.fault(f"{name} was executed {len(booked)} times here and {len(done)} times there")
        quantity = sum((fill["quantity"] for fill in booked), decimal.Decimal(0))
        if quantity != number(order["filled"]):
            self.fault(f"{name}: {quantity} booked of {order['filled']}")
        if quantity:
            amount = sum((number(fill["quantity"]) * number(fill["price"]) for fill in done), decimal.Decimal(0))
            average = (amount / number(order["filled"])).quantize(LAST_DIGIT, decimal.ROUND_HALF_EVEN)
            if number(mine["average_fill_price"]) != average:
                self.fault(f"{name}: average {mine['average_fill_price']} here and {average} there")

    def once(self):
        """No wish reached the gateway twice: by our books, by its own, and by its ids."""
        sent = collections.Counter(mine["intent_id"] for mine, _ in self.pairs)
        self.verdict.faults += [f"{intent} was sent {count} times" for intent, count in sent.items() if count > 1]
        # What the exchange refused may be wished again.
        taken = [order for order in self.theirs["orders"] if order["status"] != "Inactive" or number(order["filled"])]
        for what, keys, orders in [
                ("sent twice", ("symbol", "side", "type", "quantity", "at"), taken),
                ("an order id that was used twice", ("client_id", "order_id"), self.theirs["orders"])]:
            together = collections.Counter(tuple(order[key] for key in keys) for order in orders)
            self.verdict.faults += [f"{what}: {key}" for key, count in together.items() if count > 1]

    def wishes(self):
        """What was asked of an order came to pass, and nothing was done to it that nobody asked for."""
        asked = {wish["scope"] for wish in self.ours.wishes if wish["kind"] == "cancel"}
        revised = {wish["scope"] for wish in self.ours.wishes if wish["kind"] == "revise"}
        is_flattened = any(wish["kind"] == "flatten" for wish in self.ours.wishes)
        for mine, order in self.pairs:
            name = f"order {order['perm_id']} ({mine['client_order_id']})"
            self.verdict.revised += mine["client_order_id"] in revised
            if mine["client_order_id"] in asked and order["status"] in OPEN and mine["state"] not in DOUBTFUL:
                self.fault(f"{name} was to be cancelled, and is {order['status']} there")
            if order["ended"] == BY_REQUEST and mine["client_order_id"] not in asked and not is_flattened:
                self.fault(f"{name} was cancelled, and nobody asked for it")
        self.verdict.faults += [f"the revision of {wish['scope']} was never settled" for wish in self.ours.wishes
                                if wish["kind"] == "revise" and wish["state"] == "pending"]

    def brackets(self):
        """What protects an entry hangs on it at the gateway, by the same attempt, and is never larger."""
        by_id = {(order["client_id"], order["order_id"]): order for order in self.theirs["orders"]}
        for mine, order in self.pairs:
            entry = json.loads(mine["handling"] or "{}").get("protects")
            parent = by_id.get((order["client_id"], order["parent"]))
            if entry is None:
                if order["parent"] is not None:
                    self.fault(f"order {order['perm_id']} hangs on another one, and was not meant to")
                continue
            self.verdict.attached += 1
            wanted = entry if mine["attempt"] == 1 else f"{entry}-{mine['attempt']}"
            if parent is None or parent["order_ref"] != wanted or order["oca_group"] != wanted:
                self.fault(f"order {order['perm_id']} ({mine['client_order_id']}) does not hang on {wanted}")
            elif number(order["filled"]) > number(parent["filled"]):
                self.fault(f"order {order['perm_id']} has closed more than {wanted} has opened")

    def halted(self):
        """The gateway was sent nothing to buy while trading was halted."""
        for halt in self.ours.halts:
            if halt["scope"] != "all":
                continue
            for order in self.theirs["orders"]:
                at = datetime.datetime.fromisoformat(order["at"]).timestamp() * 1_000_000
                # What was on its way within the second of the halt was sent before it.
                if order["side"] == "BUY" and halt["set_at"] + 1_000_000 <= at < (halt["lifted_at"] or float("inf")):
                    self.fault(f"order {order['perm_id']} buys {order['symbol']} at {order['at']}, while trading is halted")

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
