"""An evening of python-kis with US shares. Arguments: the simulator's line, the environment, the file for the results."""

import json
import sys
from datetime import timedelta
from decimal import Decimal

from simulator_client import Report, open_client

kis, control = open_client(json.loads(sys.argv[1]), sys.argv[2])
virtual = sys.argv[2] == "virtual"
report = Report()
day = control.now.date()

stock = kis.stock("AAPL", market="NASDAQ")
quote = stock.quote()
report.check("a quote", quote.low <= quote.price <= quote.high and quote.tick == Decimal("0.01"), quote)
report.equal("the rate", quote.exchange_rate, 1380)
hours = kis.trading_hours("NASDAQ")
report.equal("New York opens at", hours.open.strftime("%H%M"), "0930")
bars = stock.day_chart(period=1).bars
report.check("minute bars", len(bars) >= 30, len(bars))
report.check("sound bars", all(b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high for b in bars))
days = stock.daily_chart(start=day - timedelta(days=40), end=day).bars
report.check("daily bars", len(days) >= 25, len(days))
if not virtual:
    book = stock.orderbook()
    report.check("ten levels a side", len(book.asks) == 10 and book.asks[0].price > book.bids[0].price, book)

account = kis.account()
buyable = stock.orderable_amount(price=quote.price)
report.check("buyable", 0 < buyable.qty * quote.price <= 50_000, buyable)

price = (quote.price * Decimal("1.02")).quantize(Decimal("0.01"))
order = stock.buy(price=price, qty=3)
rows = account.daily_orders(start=day - timedelta(days=1), end=day + timedelta(days=1), country="US" if not virtual else None)
row = rows.order(order)
report.check("a marketable limit order fills", row.executed_quantity == 3 and row.price <= price, row)

balance = account.balance("US")
held = balance.stock("AAPL")
report.equal("three shares", held.quantity, 3)
books = control.account(sys.argv[2])
report.equal("their cost is the simulator's own", held.purchase_amount, Decimal(books["positions"][0]["cost"]))
if not virtual:
    report.equal("the deposit before settlement", balance.deposits["USD"].amount, 50_000)

low = (quote.price * Decimal("0.9")).quantize(Decimal("0.01"))
resting = stock.buy(price=low, qty=2)
open_orders = account.pending_orders("US")
report.check("it is open", open_orders.order(resting) is not None and open_orders.order(resting).orderable_quantity == 2, open_orders)
revised = resting.modify(price=low + 1)
open_orders = account.pending_orders("US")
report.check("after the revision", open_orders.order(resting) is None and open_orders.order(revised).unit_price == low + 1, open_orders)
revised.cancel()
report.check("nothing open after the cancellation", len(account.pending_orders("US")) == 0)

sale = stock.sell(price=(quote.price * Decimal("0.97")).quantize(Decimal("0.01")), qty=3)
rows = account.daily_orders(start=day - timedelta(days=1), end=day + timedelta(days=1), country="US" if not virtual else None)
report.equal("the sale fills", rows.order(sale).executed_quantity, 3)
report.check("no shares left", account.balance("US").stock("AAPL") is None)

report.refused("more than the cash", lambda: stock.buy(price=quote.price, qty=10_000), "APBK0952")
report.refused("more than is held", lambda: stock.sell(price=quote.price, qty=1), "APBK0400")
control.set_now(10 * 3600)
report.refused("after the close", lambda: stock.buy(price=quote.price, qty=1), "APBK1664")
report.finish()
