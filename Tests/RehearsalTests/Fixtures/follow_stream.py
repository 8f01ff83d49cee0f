"""python-kis at the stream: prices and executions. Arguments: the simulator's line, the environment, the file for the results."""

import json
import sys
from decimal import Decimal

from simulator_client import Report, open_client, wait_until

kis, control = open_client(json.loads(sys.argv[1]), sys.argv[2])
virtual = sys.argv[2] == "virtual"
report = Report()
prices, overseas, executions = [], [], []

# python-kis forgets what is registered while a connection is being made: first the connection, then the rest.
kis.websocket.connect()
wait_until(kis.websocket._connected_event.is_set)
stock = kis.stock("005930")
account = kis.account()
tickets = [
    stock.on("price", lambda sender, event: prices.append(event.response)),
    account.on("execution", lambda sender, event: executions.append(event.response)),
]
if not virtual:
    apple = kis.stock("AAPL", market="NASDAQ")
    tickets.append(apple.on("price", lambda sender, event: overseas.append(event.response)))
# In the virtual environment python-kis sends the second of the two notice registrations to the real server, in vain.
wanted = 2 if virtual else 4
report.check(
    "everything is registered",
    wait_until(lambda: len(kis.websocket._registered_subscriptions) + len(
        kis.websocket._primary_client._registered_subscriptions if kis.websocket._primary_client else []) >= wanted))

control.set_now(300)
wait_until(lambda: len(prices) >= 10)
report.check("prices of five minutes", len(prices) >= 10, len(prices))
volumes = [price.volume for price in prices]
report.check("the volume of the day grows with every trade", volumes == sorted(set(volumes)), volumes[:5])
quote = stock.quote()
report.check("the last one is the quote", wait_until(lambda: prices and prices[-1].price == quote.price), quote)
report.check("bid below ask", all(price.bid < price.ask for price in prices))

order = stock.buy(qty=4)
wait_until(lambda: any(e.executed_quantity for e in executions))
receipts = [e for e in executions if e.receipt]
fills = [e for e in executions if not e.receipt]
report.check("a receipt, then the fill", len(receipts) == 1 and sum(e.executed_quantity for e in fills) == 4, executions)
report.check("of our order", all(e.order_number == order for e in executions), (order, executions))
books = control.account(sys.argv[2])
report.equal("at the simulator's price", fills[0].price, Decimal(books["fills"][0]["price"]))

control.call("ping", {})
report.check("PINGPONG comes back", wait_until(lambda: control.call("status")["pongs"] >= 1))

if not virtual:
    # Half past eleven in the evening in Seoul, New York trades.
    control.set_now("2026-11-20T15:00:00Z")
    wait_until(lambda: len(overseas) >= 10)
    report.check("US prices", len(overseas) >= 10 and overseas[-1].price > 100, len(overseas))
    executions.clear()
    price = ((overseas[-1].price if overseas else Decimal(200)) * Decimal("1.02")).quantize(Decimal("0.01"))
    apple.buy(price=price, qty=2)
    wait_until(lambda: sum(e.executed_quantity for e in executions) == 2)
    fills = [e for e in executions if not e.receipt]
    books = control.account(sys.argv[2])
    report.equal("US fills", sum(e.executed_quantity for e in fills), 2)
    report.equal("with four implied decimals", fills[0].price, Decimal(books["fills"][-1]["price"]))

kis.websocket.unsubscribe_all()
report.check("nothing is registered any more", wait_until(lambda: not kis.websocket._registered_subscriptions))
report.finish()
