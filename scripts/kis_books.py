"""The books of takt and of the stand-in for Korea Investment, read side by side; shared by kis_day.py and soak_kis.py.

Nothing here asks takt what it thinks of itself: its rows are read from SQLite, the stand-in's books through its control door,
and both are added up in decimal arithmetic of Python's own. Amounts and cash have to agree to the last digit, costs within
what takt allows itself, since it reckons them by the customer's rates: two minor units an execution.
"""
import collections
import dataclasses
import datetime
import decimal
import json
import math
import sqlite3

# Wider than any sum here: nothing is rounded but where it says so.
decimal.getcontext().prec = 60

MINOR = {"KRW": decimal.Decimal(1), "USD": decimal.Decimal("0.01")}
# takt keeps eight decimals.
LAST_DIGIT = decimal.Decimal("0.00000001")
COST_UNITS = 2
# FINRA's fee on a share sold in the US, in cents, from 2026 on: takt reckons it, the stand-in does not charge it.
ACTIVITY_FEE = decimal.Decimal("0.0195")
DOUBTFUL = {"submitting", "in-doubt", "cancelling", "cancel-in-doubt"}
FINAL = {"filled", "cancelled", "expired", "rejected-by-broker", "rejected"}


def moment(microseconds):
    return datetime.datetime.fromtimestamp(microseconds // 1_000_000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Ours:
    """What stands in takt's database."""

    def __init__(self, database):
        connection = sqlite3.connect(database)
        connection.row_factory = sqlite3.Row

        def rows(query):
            return [dict(row) for row in connection.execute(query)]

        try:
            self.orders = rows("SELECT * FROM orders ORDER BY submitted_at, client_order_id")
            self.fills = rows("SELECT * FROM fills WHERE is_busted = 0 ORDER BY arrival_seq")
            self.events = rows("SELECT kind, payload FROM ledger_events ORDER BY arrival_seq")
            self.intents = rows("SELECT * FROM intents")
            self.wishes = rows("SELECT * FROM operator_orders")
            self.halts = rows("SELECT * FROM halts")
            self.alerts = rows("SELECT kind, title, body, fields FROM outbox")
            self.breaks = rows("SELECT * FROM breaks WHERE state = 'open'")
        finally:
            connection.close()
        for order in self.orders:
            number = order["broker_order_id"]
            # 20261120-K-0000117001: the stand-in's number is the last part.
            order["number"] = int(number.split("-")[-1]) if number else None
        for fill in self.fills:
            for key in ("quantity", "price", "fee", "tax"):
                fill[key] = decimal.Decimal(fill[key])

    def cash(self):
        """By currency: what was there in the beginning, and what every execution moved."""
        sums = collections.defaultdict(decimal.Decimal)
        for event in self.events:
            payload = json.loads(event["payload"])
            if event["kind"] in ("deposit", "adjustment"):
                sums[payload["currency"]] += decimal.Decimal(payload["amount"])
            elif event["kind"] not in ("opening-position", "valuation"):
                raise ValueError(f"nobody expects a {event['kind']} on this day")
        for fill in self.fills:
            value = fill["quantity"] * fill["price"]
            sums[fill["currency"]] += (value if fill["side"] == "sell" else -value) - fill["fee"] - fill["tax"]
        return dict(sums)

    def positions(self):
        held = collections.Counter()
        for fill in self.fills:
            held[fill["symbol"]] += fill["quantity"] if fill["side"] == "buy" else -fill["quantity"]
        return {symbol: quantity for symbol, quantity in held.items() if quantity}

    def is_told(self, order):
        """Whether an alert names the order."""
        return any(order["client_order_id"] in f"{alert['title']} {alert['body']} {alert['fields']}" for alert in self.alerts)


@dataclasses.dataclass
class Verdict:
    """What a comparison came to; amounts in minor units of their currency."""
    faults: list = dataclasses.field(default_factory=list)
    orders: int = 0
    executions: int = 0
    cancelled: int = 0
    revised: int = 0
    doubtful: int = 0
    # The largest difference in the costs of an order, in the costs per execution booked, and in the cash of a currency.
    order_costs: decimal.Decimal = decimal.Decimal(0)
    execution_costs: decimal.Decimal = decimal.Decimal(0)
    cash: decimal.Decimal = decimal.Decimal(0)


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


class Comparison:
    def __init__(self, ours, theirs):
        self.ours, self.theirs, self.verdict = ours, theirs, Verdict()
        self.placed, self.roots = with_revisions(theirs["orders"])
        self.doubtful = [order for order in ours.orders if order["state"] in DOUBTFUL]
        self.booked = collections.defaultdict(list)
        for fill in ours.fills:
            self.booked[fill["client_order_id"]].append(fill)
        self.verdict.orders, self.verdict.executions = len(self.placed), len(theirs["fills"])
        self.verdict.doubtful = len(self.doubtful)
        self.match()
        self.once()
        self.cancellations()
        self.revisions()
        self.doubts()
        self.money()

    def fault(self, text):
        self.verdict.faults.append(text)

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

    def doubts(self):
        """Whatever is not known is told; a wish that is left is one of those."""
        for order in self.doubtful:
            if not self.ours.is_told(order):
                self.fault(f"{order['client_order_id']} is {order['state']} and nobody was told")
        doubtful = {order["client_order_id"] for order in self.doubtful}
        for wish in self.ours.wishes:
            if wish["kind"] == "cancel" and wish["state"] == "pending" and wish["scope"] not in doubtful:
                self.fault(f"the wish to cancel {wish['scope']} was never carried out")
        if not doubtful:
            self.verdict.faults += [
                f"break: {item['kind']} {item['symbol'] or ''} ours {item['ours']} theirs {item['theirs']}"
                for item in self.ours.breaks]

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
