"""The books of takt and of the stand-in for Korea Investment, read side by side; shared by kis_day.py and soak_kis.py.

Nothing here asks takt what it thinks of itself: its rows are read from SQLite, the stand-in's books through its control door,
and both are added up in decimal arithmetic of Python's own. Amounts and cash have to agree to the last digit, costs within
what takt allows itself, since it reckons them by the customer's rates: two minor units an execution.
"""
import collections
import decimal
import math

import takt_books
from takt_books import DOUBTFUL, FINAL, LAST_DIGIT, MINOR, Ours, moment  # noqa: F401 (kis_kills.py has some from here)

COST_UNITS = 2
# FINRA's fee on a share sold in the US, in cents, from 2026 on: takt reckons it, the stand-in does not charge it.
ACTIVITY_FEE = decimal.Decimal("0.0195")


def with_revisions(rows):
    """Orders with what their revisions came to: the stand-in, like KIS, gives a revision a number of its own."""
    orders = {row["number"]: dict(row, revisions=0) for row in rows if row["kind"] == "new"}
    roots = {number: number for number in orders}
    for row in sorted((row for row in rows if row["kind"] == "revision"), key=lambda row: row["number"]):
        root = roots[row["number"]] = roots.get(row["original"], row["original"])
        order = orders.get(root)
        # One that was refused changed nothing.
        if order is None or (row["refused"] and not row["filled"]):
            continue
        order["revisions"] += 1
        order["price"], order["remaining"] = row["price"], order["remaining"] + row["remaining"]
        for key in ("filled", "cancelled", "refused"):
            order[key] += row[key]
        for key in ("value", "costs"):
            order[key] = decimal.Decimal(order[key]) + decimal.Decimal(row[key])
    return list(orders.values()), roots


def compare(database, theirs):
    """Every order, execution and amount of both; `theirs` are the books of one account at the stand-in."""
    return Comparison(Ours(database), theirs).verdict


class Comparison(takt_books.Comparison):
    def __init__(self, ours, theirs):
        super().__init__(ours, theirs)
        self.placed, self.roots = with_revisions(theirs["orders"])
        self.verdict.orders = len(self.placed)
        self.match()
        self.once()
        self.cancellations()
        self.revisions()
        self.doubts()
        self.money()

    def match(self):
        """Every order of theirs is one of ours, on the same terms, executed to the same amount."""
        numbered = collections.defaultdict(list)
        for order in self.ours.orders:
            if order["number"] is not None:
                numbered[order["number"]].append(order)
        held_back = {(order["symbol"], order["side"]) for order in self.doubtful}
        self.pairs, self.unknown = [], []
        for order in self.placed:
            mine = numbered.pop(order["number"], [])
            if len(mine) > 1:
                self.fault(f"order {order['number']} stands under {len(mine)} of ours")
            elif mine:
                self.pairs.append((mine[0], order))
                self.terms(mine[0], order)
                self.executed(mine[0], order)
            elif (order["symbol"], order["side"]) in held_back:
                self.unknown.append(order)
            else:
                self.fault(f"order {order['number']} ({order['symbol']} {order['side']}) is in nobody's books")
        self.verdict.faults += [f"we know an order {number} that the stand-in never gave" for number in numbered]

    def terms(self, mine, order):
        name = f"order {order['number']}"
        if mine["intent_id"] is None or mine["origin"] != "takt":
            self.fault(f"{name} is ours, and was taken for somebody else's")
        for key in ("symbol", "side"):
            if mine[key] != order[key]:
                self.fault(f"{name}: {key} is {mine[key]} here and {order[key]} there")
        if decimal.Decimal(mine["quantity"]) != order["quantity"]:
            self.fault(f"{name}: {mine['quantity']} ordered here, {order['quantity']} there")
        if decimal.Decimal(mine["limit_price"] or 0) != decimal.Decimal(order["price"]):
            self.fault(f"{name}: limit {mine['limit_price']} here, {order['price']} there")

    def executed(self, mine, order):
        """Quantity, amount and average to the last digit; costs within the tolerance."""
        name, fills = f"order {order['number']}", self.booked[mine["client_order_id"]]
        quantity = sum((fill["quantity"] for fill in fills), decimal.Decimal(0))
        amount = sum((fill["quantity"] * fill["price"] for fill in fills), decimal.Decimal(0))
        if quantity != order["filled"] or decimal.Decimal(mine["filled_quantity"]) != order["filled"]:
            self.fault(f"{name}: booked {quantity} (the order says {mine['filled_quantity']}) of {order['filled']}")
        if amount != decimal.Decimal(order["value"]):
            self.fault(f"{name}: came to {amount} here and {order['value']} there")
        if order["filled"]:
            average = (decimal.Decimal(order["value"]) / order["filled"]).quantize(LAST_DIGIT, decimal.ROUND_HALF_EVEN)
            if decimal.Decimal(mine["average_fill_price"] or 0) != average:
                self.fault(f"{name}: average {mine['average_fill_price']} here and {average} there")
        for fill in fills:
            if (fill["symbol"], fill["side"]) != (order["symbol"], order["side"]):
                self.fault(f"{name}: an execution of {fill['side']} {fill['symbol']} was booked under it")
        if fills:
            costs = sum((fill["fee"] + fill["tax"] for fill in fills), decimal.Decimal(0))
            apart = abs(costs - decimal.Decimal(order["costs"])) / MINOR[fills[0]["currency"]]
            self.verdict.order_costs = max(self.verdict.order_costs, apart)
            self.verdict.execution_costs = max(self.verdict.execution_costs, apart / len(fills))
            if apart > self.tolerance(fills):
                self.fault(f"{name}: cost {costs} here and {order['costs']} there, in {len(fills)} executions")

    def once(self):
        """No wish reached the stand-in twice."""
        sent = collections.Counter(mine["intent_id"] for mine, _ in self.pairs)
        self.verdict.faults += [f"{intent} was sent {count} times" for intent, count in sent.items() if count > 1]
        # The same by their book alone: an order that was sent again has the same terms.
        together = collections.Counter(
            (order["symbol"], order["side"], order["quantity"], order["price"], order["at"]) for order in self.placed)
        self.verdict.faults += [f"sent twice: {key}" for key, count in together.items() if count > 1]

    def cancellations(self):
        """What is over at one is over at the other, and in the same way."""
        asked = {self.roots.get(order["original"], order["original"])
                 for order in self.theirs["orders"] if order["kind"] == "cancellation"}
        self.verdict.cancelled = len(asked)
        for mine, order in self.pairs:
            name = f"order {order['number']} ({mine['client_order_id']})"
            is_over = order["remaining"] == 0
            if mine["state"] in FINAL and not is_over:
                self.fault(f"{name} is {mine['state']} here, and {order['remaining']} of it are open there")
            if mine["state"] not in FINAL and mine["state"] not in DOUBTFUL and is_over:
                self.fault(f"{name} is {mine['state']} here, and nothing of it is open there")
            if order["number"] in asked and is_over and order["cancelled"] > 0 and mine["state"] not in DOUBTFUL | {"cancelled"}:
                self.fault(f"{name} was cancelled there and is {mine['state']} here")
            if mine["state"] == "cancelled" and order["cancelled"] + order["refused"] == 0:
                self.fault(f"{name} is cancelled here, and was not there")
            if (mine["state"] == "filled") != (order["filled"] == order["quantity"]) and mine["state"] not in DOUBTFUL:
                self.fault(f"{name} is {mine['state']} here with {order['filled']} of {order['quantity']} executed there")
        ours = {order["number"] for _, order in self.pairs} | {order["number"] for order in self.unknown}
        self.verdict.faults += [f"a cancellation of {number}, which nobody sent" for number in asked - ours]

    def revisions(self):
        """No new prices were sent that nobody asked for, and none twice; at which price an order stands, `terms` has seen."""
        wished = collections.Counter(wish["scope"] for wish in self.ours.wishes if wish["kind"] == "revise")
        for mine, order in self.pairs:
            self.verdict.revised += order["revisions"] > 0
            if order["revisions"] > wished[mine["client_order_id"]]:
                self.fault(f"order {order['number']} was revised {order['revisions']} times for "
                           f"{wished[mine['client_order_id']]} wishes")
        self.verdict.faults += [f"the revision of {wish['scope']} was never settled" for wish in self.ours.wishes
                                if wish["kind"] == "revise" and wish["state"] == "pending"]

    def money(self):
        """Positions and cash, where every execution is known."""
        if self.unknown:
            return
        held = self.ours.positions()
        real = {position["symbol"]: decimal.Decimal(position["quantity"]) for position in self.theirs["positions"]}
        if held != real:
            self.fault(f"positions: ours {held}, theirs {real}")
        ours = self.ours.cash()
        for currency, cash in self.theirs["cash"].items():
            fills = [fill for fill in self.ours.fills if fill["currency"] == currency]
            theirs, mine = decimal.Decimal(cash["final"]), ours.get(currency, decimal.Decimal(0))
            apart = mine - theirs
            self.verdict.cash = max(self.verdict.cash, abs(apart) / MINOR[currency])
            # Without the costs of both the cash is the same to the last digit.
            costs = sum((fill["fee"] + fill["tax"] for fill in fills), decimal.Decimal(0))
            charged = sum((decimal.Decimal(order["costs"]) for _, order in self.pairs if self.currency(order) == currency),
                          decimal.Decimal(0))
            if mine + costs != theirs + charged:
                self.fault(f"{currency}: ours {mine} and {costs} of costs, theirs {theirs} and {charged}")
            if abs(apart) > self.tolerance(fills) * MINOR[currency]:
                self.fault(f"{currency}: ours {mine}, theirs {theirs}, after {len(fills)} executions")

    @staticmethod
    def tolerance(fills):
        """How far the costs of these executions may be apart, in minor units."""
        sold = (fill["quantity"] for fill in fills if fill["currency"] == "USD" and fill["side"] == "sell")
        return COST_UNITS * len(fills) + sum(math.ceil(quantity * ACTIVITY_FEE) for quantity in sold)

    @staticmethod
    def currency(order):
        # Korean shares have six digits.
        return "KRW" if order["symbol"].isdigit() else "USD"
