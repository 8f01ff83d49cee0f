"""python-kis's own reactions to what goes wrong. Arguments: the simulator's line, the environment, the file for results."""

import json
import sys

from simulator_client import Report, open_client

kis, control = open_client(json.loads(sys.argv[1]), sys.argv[2])
report = Report()
stock = kis.stock("005930")
first = stock.quote()


def strike(*rules):
    control.call("faults", {"seed": 1, "rules": list(rules)})


# It waits and asks again when there are too many calls a second, and gets itself a token when the old one has expired.
strike({"fault": "rate-limit", "endpoint": "inquire-price", "calls": [1, 2]})
report.equal("a quote after two refusals for too many calls", stock.quote().price, first.price)
issued = control.call("status")["tokens_issued"]
strike({"fault": "token-expiry", "endpoint": "inquire-price", "calls": [1]})
report.equal("a quote after the token has expired", stock.quote().price, first.price)
report.equal("with a new token", control.call("status")["tokens_issued"], issued + 1)

# It cannot know what became of an order without an answer; the simulator's books do.
strike({"fault": "drop-after-accept", "endpoint": "order-cash", "calls": [1]})
try:
    stock.buy(qty=3)
    report.check("no answer to an order is an error", False)
except Exception as error:
    report.check("no answer to an order is an error", "Connection" in type(error).__name__, repr(error))
orders = control.account(sys.argv[2])["orders"]
report.check("and the order is there, once", len(orders) == 1 and orders[0]["filled"] == 3, orders)
day = control.now.date()
rows = kis.account().daily_orders(start=day, end=day, country="KR").orders
report.check("as the list shows", len(rows) == 1 and rows[0].executed_quantity == 3, rows)

strike({"fault": "server-error", "endpoint": "order-cash", "calls": [1]})
report.refused("a server error", lambda: stock.buy(qty=1), "EGW00002")
report.equal("after which nothing was ordered", len(control.account(sys.argv[2])["orders"]), 1)
strike()
report.equal("and all is well again", int(stock.buy(qty=1).number) > 0, True)
report.finish()
