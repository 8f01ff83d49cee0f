"""A morning of python-kis with Korean shares. Arguments: the simulator's line, the environment, the file for the results."""

import json
import sys
from datetime import timedelta

from simulator_client import Report, open_client

kis, control = open_client(json.loads(sys.argv[1]), sys.argv[2])
virtual = sys.argv[2] == "virtual"
report = Report()
today = control.now.astimezone(__import__("zoneinfo").ZoneInfo("Asia/Seoul")).date()

stock = kis.stock("005930")
quote = stock.quote()
report.check("a quote", quote.low <= quote.price <= quote.high and quote.low_limit < quote.price < quote.high_limit, quote)
report.check("the tick", quote.tick == 100, quote.tick)
book = stock.orderbook()
report.check("ten levels a side", len(book.asks) == len(book.bids) == 10, book)
report.check("asks above bids", book.asks[0].price > book.bids[0].price and book.asks[9].price > book.asks[0].price, book)

bars = stock.day_chart().bars
report.equal("minute bars of the whole morning", len(bars), (control.now.astimezone(bars[0].time.tzinfo).hour - 9) * 60 + 1)
report.check("they ascend by a minute", all(b.time - a.time == timedelta(minutes=1) for a, b in zip(bars, bars[1:])), bars[:2])
report.check("sound bars", all(b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high for b in bars))
days = stock.daily_chart(start=today - timedelta(days=40), end=today).bars
report.check("daily bars", len(days) >= 25 and days[-1].close == quote.price, len(days))

from pykis import KisOrder  # noqa: E402  (the hosts are set first)

account = kis.account()
before = account.balance("KR").deposits["KRW"].amount
report.equal("the deposit", before, 100_000_000)
buyable = stock.orderable_amount(price=int(quote.price))
report.check("buyable", 0 < buyable.qty * quote.price <= before, buyable)



def listed(wanted):
    """The order's row; python-kis's own look-up asks for open orders, which the virtual environment does not list."""
    rows = account.daily_orders(start=today, end=today, country="KR")
    return next((row for row in rows.orders if int(row.number) == int(wanted.number)), None)


# A market order takes what is offered.
order = stock.buy(qty=10)
row = listed(order)
report.check("a market order fills at once", row.executed_quantity == 10 and row.pending_quantity == 0, row)
held = account.balance("KR").stock("005930")
report.equal("ten shares", held.quantity, 10)
books = control.account(sys.argv[2])
report.equal("the cost is the simulator's own", held.purchase_amount, int(float(books["positions"][0]["cost"])))

# A limit order below the market waits, is revised and cancelled.
resting = stock.buy(price=int(quote.low_limit), qty=5)
row = listed(resting)
report.check("a low limit order waits", row.pending_quantity == 5 and row.executed_quantity == 0, row)
if not virtual:
    open_orders = account.pending_orders("KR")
    report.check("it is in the list of open orders", open_orders.order(resting) is not None and len(open_orders) == 1, open_orders)
if virtual:
    # python-kis offers no revision here; the call itself exists, so it is sent over its transport.
    output = kis.fetch(
        "/uapi/domestic-stock/v1/trading/order-rvsecncl", api="VTTC0013U", method="POST", form=[kis.primary],
        body={
            "KRX_FWDG_ORD_ORGNO": resting.branch, "ORGN_ODNO": resting.number, "ORD_DVSN": "00",
            "RVSE_CNCL_DVSN_CD": "01", "ORD_QTY": "0", "ORD_UNPR": str(int(quote.low_limit) + 100),
            "QTY_ALL_ORD_YN": "Y"}).output
    revised = KisOrder.from_order(
        kis, "005930", "KRX", kis.primary, output.KRX_FWDG_ORD_ORGNO, output.ODNO, resting.time_kst)
else:
    revised = resting.modify(price=int(quote.low_limit) + 100)
report.check("the revision has a number of its own", int(revised.number) > int(resting.number), revised)
report.equal("nothing is left under the old number", listed(resting).pending_quantity, 0)
report.equal("all is left under the new one", listed(revised).pending_quantity, 5)
cancelled = revised.cancel()
report.equal("a cancelled order has nothing left", listed(revised).pending_quantity, 0)
report.check("the cancellation is in the list", listed(cancelled) is not None, cancelled)

# An order larger than what is offered fills in part, the rest waits and fills as the market goes on.
levels = stock.orderbook().asks
large = stock.buy(price=int(levels[0].price), qty=int(levels[0].volume) + 7)
row = listed(large)
report.check("a partial fill", row.executed_quantity == levels[0].volume and row.pending_quantity == 7, row)
control.set_now(3600)
row = listed(large)
report.equal("the rest fills within the hour", row.pending_quantity, 0)

held = account.balance("KR").stock("005930").quantity
sale = stock.sell(qty=int(held))
control.set_now(600)
row = listed(sale)
report.check("everything is sold", row.executed_quantity == held and row.type == "sell", row)
balance = account.balance("KR")
report.check("no shares left", (balance.stock("005930") is None) or balance.stock("005930").quantity == 0, balance)

# Refusals.
price = int(stock.quote().price)
report.refused("a price off the grid", lambda: stock.buy(price=price + 1, qty=1), "호가단위")
report.refused("a price beyond the limit", lambda: stock.buy(price=int(quote.high_limit) + 1000, qty=1), "상한가")
report.refused("more than the cash", lambda: stock.buy(price=price, qty=100_000), "APBK0952")
report.refused("more than is held", lambda: stock.sell(price=price, qty=1), "APBK0400")
control.set_now(6 * 3600)
report.refused("after the close", lambda: stock.buy(price=price, qty=1), "40580000" if virtual else "APBK0919")
report.finish()
