"""ib_async trades at the simulated gateway. Arguments: the simulator's line, the file for the results."""

import json
import sys
from decimal import Decimal

from gateway_client import Control, connect, until
from ib_async import (
    ExecutionFilter, LimitOrder, MarketOrder, Order, Stock, StopLimitOrder, StopOrder, TagValue,
)
from simulator_client import Report

line = json.loads(sys.argv[1])
control = Control(line)
report = Report()
ib = connect(line, 7)
errors = []
ib.errorEvent += lambda req_id, code, text, contract: errors.append((req_id, code, text))


def codes(req_id):
    return [code for (owner, code, _) in errors if owner == req_id]


def place(contract, order, *states):
    trade = ib.placeOrder(contract, order)
    if states:
        until(ib, lambda: trade.orderStatus.status in states)
        report.check(f"{order.orderType} {order.action} is {'/'.join(states)}", trade.orderStatus.status in states,
                     trade.orderStatus)
    return trade


def settled(trade):
    """Filled, with a commission for every execution."""
    return until(ib, lambda: trade.isDone() and trade.fills and all(f.commissionReport.execId for f in trade.fills))


aapl = ib.qualifyContracts(Stock("AAPL", "SMART", "USD"))[0]
bid, ask = ib.reqTickers(aapl)[0].bid, ib.reqTickers(aapl)[0].ask
report.check("a quote", 0 < bid < ask, (bid, ask))


def away(percent):
    return round(bid * (1 + percent / 100), 2)


# Market order
bought = place(aapl, MarketOrder("BUY", 10, orderRef="tk-1", tif="DAY"), "Filled")
report.check("fills come with commissions", settled(bought), bought.fills)
own = control.fills(7, bought.order.orderId)
report.equal("the simulator's executions", [f.execution.execId for f in bought.fills], [f["exec_id"] for f in own])
report.equal("their prices", [f.execution.price for f in bought.fills], [float(f["price"]) for f in own])
report.equal("their commissions", [f.commissionReport.commission for f in bought.fills],
             [float(f["commission"]) for f in own])
report.equal("the reference comes back", bought.fills[0].execution.orderRef, "tk-1")
report.check("a permanent id", bought.order.permId == control.order(7, bought.order.orderId)["perm_id"] > 0)

# Limit order: rest, modify, cancel
resting = place(aapl, LimitOrder("BUY", 20, away(-10), orderRef="tk-2", tif="GTC"), "Submitted")
resting.order.lmtPrice = away(-9)
resting.order.totalQuantity = 30
ib.placeOrder(aapl, resting.order)
until(ib, lambda: control.order(7, resting.order.orderId)["quantity"] == "30")
record = control.order(7, resting.order.orderId)
report.equal("modified: its price and size", (record["limit"], record["quantity"]), (str(Decimal(str(away(-9)))), "30"))
report.equal("open orders", {t.order.orderId for t in ib.reqOpenOrders()}, {resting.order.orderId})
ib.cancelOrder(resting.order)
until(ib, resting.isDone)
report.equal("cancelled", resting.orderStatus.status, "Cancelled")
until(ib, lambda: codes(resting.order.orderId))
report.equal("the notice of it", codes(resting.order.orderId), [202])
ib.client.cancelOrder(resting.order.orderId, "")
until(ib, lambda: 10148 in codes(resting.order.orderId))
report.check("a second cancellation comes too late", 10148 in codes(resting.order.orderId), errors)
ib.client.cancelOrder(99999, "")
until(ib, lambda: 10147 in codes(99999))
report.check("nobody knows that order", 10147 in codes(99999), errors)

# Marketable limit, immediate-or-cancel, more than the book has
cheap = place(aapl, LimitOrder("BUY", 5, away(2), tif="DAY"), "Filled")
brief = place(aapl, LimitOrder("BUY", 5, away(-5), tif="IOC"), "Cancelled")

# Stops: one that sleeps, one that is reached at once, and one that turns into a limit
sleeping = place(aapl, StopOrder("SELL", 5, away(-8), tif="GTC"), "PreSubmitted")
report.equal("why it is held", sleeping.orderStatus.whyHeld, "trigger")
place(aapl, StopOrder("SELL", 5, away(3), tif="DAY"), "Filled")
stop_limit = place(aapl, StopLimitOrder("BUY", 5, away(6), away(5), tif="DAY"), "PreSubmitted")
trail = place(aapl, Order(action="SELL", totalQuantity=5, orderType="TRAIL", trailingPercent=5, tif="GTC"), "PreSubmitted")
report.check("a trailing stop knows its stop", float(control.order(7, trail.order.orderId)["stop"]) < bid)
trail_limit = place(
    aapl, Order(action="SELL", totalQuantity=5, orderType="TRAIL LIMIT", auxPrice=8, trailStopPrice=away(-5),
                lmtPriceOffset=0.5, tif="GTC"), "PreSubmitted")
closing = place(aapl, Order(action="SELL", totalQuantity=1, orderType="MOC", tif="DAY"), "Submitted")
limit_on_close = place(aapl, Order(action="BUY", totalQuantity=1, orderType="LOC", lmtPrice=away(4), tif="DAY"), "Submitted")
opening = place(aapl, Order(action="BUY", totalQuantity=2, orderType="MKT", tif="OPG"), "PreSubmitted")
opening_limit = place(aapl, LimitOrder("BUY", 2, away(9), tif="OPG"), "PreSubmitted")
dated = place(aapl, LimitOrder("BUY", 1, away(-7), tif="GTD", goodTillDate="20261120-15:35:00"), "Submitted")
adaptive = place(
    aapl, LimitOrder("BUY", 1, away(-6), tif="DAY", algoStrategy="Adaptive",
                     algoParams=[TagValue("adaptivePriority", "Normal")]), "Submitted")
report.equal("the algorithm comes back", ib.reqOpenOrders()[-1].order.algoStrategy, "Adaptive")
ib.reqGlobalCancel()
until(ib, lambda: not ib.openTrades())
report.equal("nothing is open after a global cancel", len(ib.openTrades()), 0)
report.check("nor in the simulator's books",
             all(o["status"] in ("Cancelled", "Filled") for o in control.account()["orders"]))

# A bracket with its group
parent = LimitOrder("BUY", 10, away(2), orderId=ib.client.getReqId(), transmit=False, tif="DAY", orderRef="br-p")
profit = LimitOrder("SELL", 10, away(5), orderId=ib.client.getReqId(), parentId=parent.orderId, transmit=False,
                    tif="GTC", ocaGroup="br", ocaType=1, orderRef="br-t")
loss = StopOrder("SELL", 10, away(-5), orderId=ib.client.getReqId(), parentId=parent.orderId, transmit=True,
                 tif="GTC", ocaGroup="br", ocaType=1, orderRef="br-s")
trades = [ib.placeOrder(aapl, parent)]
report.equal("an order that is not transmitted is at no exchange",
             control.order(7, parent.orderId) and control.order(7, parent.orderId)["perm_id"], 0) if until(
    ib, lambda: control.order(7, parent.orderId)) else report.check("the parent arrived", False)
trades += [ib.placeOrder(aapl, profit), ib.placeOrder(aapl, loss)]
until(ib, lambda: trades[0].isDone() and trades[1].orderStatus.status == "Submitted")
report.equal("the parent fills, the profit works, the stop sleeps", [t.orderStatus.status for t in trades],
             ["Filled", "Submitted", "PreSubmitted"])
report.equal("the children name their parent", trades[1].orderStatus.parentId, parent.orderId)
profit.lmtPrice = away(-2)
ib.placeOrder(aapl, profit)
until(ib, lambda: all(t.isDone() for t in trades))
report.equal("one of the group fills, the other is cancelled", [t.orderStatus.status for t in trades],
             ["Filled", "Filled", "Cancelled"])

# What if
state = ib.whatIfOrder(aapl, MarketOrder("BUY", 100, tif="DAY"))
report.check("what-if: commission and margin", state.commission == 1.0 and float(state.initMarginChange) > 0, state)
report.equal("and no order", len([o for o in control.account()["orders"] if o["quantity"] == "100"]), 0)

# Refusals
def refused(name, order, code, contract=aapl):
    trade = ib.placeOrder(contract, order)
    until(ib, lambda: codes(trade.order.orderId))
    report.check(name, code in codes(trade.order.orderId), [e for e in errors if e[0] == trade.order.orderId])
    return trade


refused("a price between the steps", LimitOrder("BUY", 1, 150.001, tif="DAY"), 110)
poor = refused("more than the account can carry", MarketOrder("BUY", 100_000, tif="DAY"), 201)
refused("a fraction of a share", MarketOrder("BUY", 0.5, tif="DAY"), 10243)
refused("an unknown type", Order(action="BUY", totalQuantity=1, orderType="MIDPRICEX", tif="DAY"), 387)
refused("an id that was used", LimitOrder("BUY", 1, away(-9), orderId=1, tif="DAY"), 103)
refused("a missing parent", LimitOrder("BUY", 1, away(-9), parentId=77777, tif="DAY"), 10006)
refused("an unknown contract", LimitOrder("BUY", 1, 5, tif="DAY"), 200, Stock("NOSUCH", "SMART", "USD"))
preset = ib.placeOrder(aapl, LimitOrder("BUY", 1, away(-9), tif=""))
until(ib, lambda: codes(preset.order.orderId))
report.equal("an order without a time in force gets one", codes(preset.order.orderId), [10349])
report.equal("and lives", control.order(7, preset.order.orderId)["status"], "Submitted")
ib.client.placeOrder(preset.order.orderId, aapl, LimitOrder("SELL", 1, away(9), tif="DAY"))
until(ib, lambda: 105 in codes(preset.order.orderId))
report.check("a change of side is refused", 105 in codes(preset.order.orderId), errors[-2:])
ib.client.placeOrder(bought.order.orderId, aapl, MarketOrder("BUY", 11, tif="DAY"))
until(ib, lambda: 104 in codes(bought.order.orderId))
report.check("a filled order is not changed", 104 in codes(bought.order.orderId), errors[-2:])

# A second client
other = connect(line, 8)
report.equal("its ids begin anew", other.client.getReqId() < ib.client.getReqId(), True)
report.equal("it has no orders of its own", len(other.reqOpenOrders()), 0)
seen = other.reqAllOpenOrders()
report.equal("it sees those of others", [(t.order.clientId, t.order.permId) for t in seen],
             [(7, preset.order.permId)])
other_errors = []
other.errorEvent += lambda req_id, code, text, contract: other_errors.append((req_id, code))
other.client.cancelOrder(preset.order.orderId, "")
until(other, lambda: other_errors)
report.equal("and cannot cancel them", other_errors, [(preset.order.orderId, 10147)])
# The simulator spreads nothing: the other client hears nothing of an order that is not its own.
heard = len(other.fills())
ib.placeOrder(aapl, MarketOrder("SELL", 1, tif="DAY", orderRef="tk-9"))
until(ib, lambda: any(f.execution.orderRef == "tk-9" for f in ib.fills()))
other.sleep(0.1)
report.equal("it is not told of the others' fills", len(other.fills()), heard)
executions = other.reqExecutions(ExecutionFilter(clientId=7))
report.equal("but can ask for them", sorted(f.execution.execId for f in executions),
             sorted(f["exec_id"] for f in control.account()["fills"] if f["client_id"] == 7))
report.equal("a filter of symbols", len(other.reqExecutions(ExecutionFilter(symbol="MSFT"))), 0)
try:
    connect(line, 8, timeout=2)
    report.check("a client id in use", False, "it connected")
except Exception as error:
    report.check("a client id in use", True, repr(error))

# Reconnect with the same id
next_id = control.call("status")["next_ids"]["7"]
ib.disconnect()
until(other, lambda: len(control.call("status")["clients"]) == 1)
ib = connect(line, 7)
report.check("the next id goes on", ib.client._reqIdSeq >= next_id, (ib.client._reqIdSeq, next_id))
report.equal("its order is still its own", [t.order.orderId for t in ib.openTrades()], [preset.order.orderId])
ib.cancelOrder(ib.openTrades()[0].order)
until(ib, lambda: not ib.openTrades())
report.equal("and can be cancelled", control.order(7, preset.order.orderId)["status"], "Cancelled")
completed = ib.reqCompletedOrders(False)
books = control.account()["orders"]
report.equal("completed orders", sorted(t.order.permId for t in completed),
             sorted(o["perm_id"] for o in books if o["perm_id"]))
report.equal("with their references", sorted(t.order.orderRef for t in completed if t.order.orderRef),
             sorted(o["order_ref"] for o in books if o["order_ref"] and o["perm_id"]))

# What the client holds to be true at the end, for the test to compare with the simulator's books.
report.results.append({
    "name": "facts", "passed": True, "seen": "",
    "books": control.account(),
    "executions": [
        {"exec_id": f.execution.execId, "quantity": str(int(f.execution.shares)),
         "price": str(Decimal(str(f.execution.price))), "commission": f.commissionReport.commission}
        for f in ib.fills()],
    "positions": [{"symbol": p.contract.symbol, "quantity": p.position, "average_cost": p.avgCost} for p in ib.positions()],
})
report.finish()
