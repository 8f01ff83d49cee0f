"""What stands in takt's database, read from SQLite without asking takt, and what a comparison with a broker's books comes to;
shared by kis_books.py and ib_books.py."""
import collections
import dataclasses
import datetime
import decimal
import json
import sqlite3

# Wider than any sum here: nothing is rounded but where it says so.
decimal.getcontext().prec = 60

MINOR = {"KRW": decimal.Decimal(1), "USD": decimal.Decimal("0.01")}
# takt keeps eight decimals.
LAST_DIGIT = decimal.Decimal("0.00000001")
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
            # 20261120-K-0000117001 or 1234567: the broker's own number is the last part.
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
    # Orders that hang on an entry.
    attached: int = 0
    doubtful: int = 0
    # The largest difference in the costs of an order, in the costs per execution booked, and in the cash of a currency.
    order_costs: decimal.Decimal = decimal.Decimal(0)
    execution_costs: decimal.Decimal = decimal.Decimal(0)
    cash: decimal.Decimal = decimal.Decimal(0)


class Comparison:
    """Two sets of books; what differs is put into the verdict."""

    def __init__(self, ours, theirs):
        self.ours, self.theirs, self.verdict = ours, theirs, Verdict()
        self.doubtful = [order for order in ours.orders if order["state"] in DOUBTFUL]
        self.booked = collections.defaultdict(list)
        for fill in ours.fills:
            self.booked[fill["client_order_id"]].append(fill)
        self.verdict.executions, self.verdict.doubtful = len(theirs["fills"]), len(self.doubtful)

    def fault(self, text):
        self.verdict.faults.append(text)

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
