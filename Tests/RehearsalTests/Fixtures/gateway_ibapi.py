"""IBKR's own Python client trades at the simulated gateway, at server version 157. Arguments: the simulator's line, the
file for the results."""

import json
import sys
import threading
import time

from gateway_client import Control
from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.wrapper import EWrapper
from simulator_client import Report

line = json.loads(sys.argv[1])
control = Control(line)
report = Report()


class Client(EWrapper, EClient):
    """Writes down every call back: name and arguments."""

    def __init__(self, client_id):
        EClient.__init__(self, self)
        self.calls = []
        self.connect(line["host"], line["port"], client_id)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def take(self, name, count=1, seconds=15, where=lambda *arguments: True):
        """The call backs of that name, once there are so many."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = [a for (n, a) in list(self.calls) if n == name and where(*a)]
            if len(found) >= count:
                return found
            time.sleep(0.005)
        raise TimeoutError(f"{name}: {len(found)} of {count}; {self.calls[-5:]}")


def recorded(name):
    def call(self, *arguments):
        self.calls.append((name, arguments))
    return call


for name in [n for n in dir(EWrapper) if not n.startswith("_")]:
    if callable(getattr(EWrapper, name)) and name not in ("logAnswer",):
        setattr(Client, name, recorded(name))


def contract(symbol, kind="STK", exchange="SMART", currency="USD", **others):
    made = Contract()
    made.symbol, made.secType, made.exchange, made.currency = symbol, kind, exchange, currency
    for key, value in others.items():
        setattr(made, key, value)
    return made


def order(side, quantity, kind, **others):
    made = Order()
    made.action, made.totalQuantity, made.orderType, made.tif = side, quantity, kind, "DAY"
    for key, value in others.items():
        setattr(made, key, value)
    return made


client = Client(11)
report.equal("server version", client.serverVersion(), 157)
report.equal("accounts", client.take("managedAccounts")[0][0].strip(","), line["accounts"][0])
next_id = client.take("nextValidId")[0][0]
report.equal("the first id", next_id, 1)
client.reqCurrentTime()
report.equal("the time", client.take("currentTime")[0][0], 1795188600)

# Contracts
client.reqContractDetails(9001, contract("AAPL"))
found = client.take("contractDetails", where=lambda req_id, _: req_id == 9001)[0][1]
client.take("contractDetailsEnd", where=lambda req_id: req_id == 9001)
report.equal("a share", (found.contract.conId, found.minTick, found.longName, found.stockType, found.timeZoneId),
             (265598, 0.01, "APPLE INC", "COMMON", "US/Eastern"))
client.reqContractDetails(9002, contract("SAP", currency=""))
report.equal("two of a name", sorted(d.contract.currency for _, d in client.take(
    "contractDetails", 2, where=lambda req_id, _: req_id == 9002)), ["EUR", "USD"])
client.reqContractDetails(9003, contract("NOSUCH"))
report.equal("none", client.take("error", where=lambda req_id, *_: req_id == 9003)[0][1], 200)
client.reqContractDetails(9004, contract("ES", "FUT", "CME"))
report.equal("futures", [d.contract.localSymbol for _, d in client.take(
    "contractDetails", 2, where=lambda req_id, _: req_id == 9004)], ["ESZ6", "ESH7"])
aapl = found.contract

# History
client.reqHistoricalData(9101, aapl, "", "1 D", "5 mins", "TRADES", 1, 2, False, [])
client.take("historicalDataEnd", where=lambda req_id, *_: req_id == 9101)
bars = [a[1] for a in client.take("historicalData", where=lambda req_id, _: req_id == 9101)]
report.equal("bars of five minutes", len(bars), 12)
report.equal("the first opens with the session", bars[0].date, "1795185000")
client.reqHistoricalData(9102, aapl, "", "1 M", "1 day", "TRADES", 1, 2, False, [])
client.take("historicalDataEnd", where=lambda req_id, *_: req_id == 9102)
days = [a[1] for a in client.take("historicalData", where=lambda req_id, _: req_id == 9102)]
report.equal("bars of days", days[-1].date, "20261120")
report.check("today so far is its five minutes",
             (days[-1].open, days[-1].volume) == (bars[0].open, sum(b.volume for b in bars)), (days[-1], bars))

# Ticks and bars of five seconds
client.reqMktData(9201, aapl, "", False, False, [])
first = client.take("tickPrice", 3, where=lambda req_id, *_: req_id == 9201)
bid = next(a[2] for a in first if a[1] == 1)
report.check("a bid below the ask", bid < next(a[2] for a in first if a[1] == 2), first)
client.reqRealTimeBars(9202, aapl, 5, "TRADES", True, [])
time.sleep(0.1)
control.advance(60)
five = client.take("realtimeBar", 12, where=lambda req_id, *_: req_id == 9202)
report.equal("twelve bars of five seconds", [b[1] - five[0][1] for b in five], list(range(0, 60, 5)))
lasts = client.take("tickPrice", where=lambda req_id, kind, *_: req_id == 9201 and kind == 4)
report.equal("the last tick closes the last bar", lasts[-1][2], five[-1][5])
client.cancelMktData(9201)
client.cancelRealTimeBars(9202)

# Orders
def own(order_id):
    return control.order(11, order_id)


bid = round(lasts[-1][2] - 0.01, 2)
client.placeOrder(1, aapl, order("BUY", 10, "MKT", orderRef="ibk-1"))
report.equal("filled", client.take("orderStatus", where=lambda order_id, status, *_: (order_id, status) == (1, "Filled"))[0][2], 10)
execution = client.take("execDetails", where=lambda _, __, e: e.orderId == 1)[0][2]
commission = client.take("commissionReport", where=lambda c: c.execId == execution.execId)[0][0]
fill = control.fills(11, 1)[0]
report.equal("the execution is the simulator's", (execution.execId, execution.price, execution.orderRef, commission.commission),
             (fill["exec_id"], float(fill["price"]), "ibk-1", float(fill["commission"])))
client.placeOrder(2, aapl, order("BUY", 10, "LMT", lmtPrice=round(bid * 0.9, 2)))
client.take("openOrder", where=lambda order_id, _, o, s: order_id == 2 and s.status == "Submitted")
client.placeOrder(2, aapl, order("BUY", 12, "LMT", lmtPrice=round(bid * 0.91, 2)))
changed = client.take("openOrder", where=lambda order_id, _, o, s: order_id == 2 and o.totalQuantity == 12)[0][2]
report.equal("modified", (changed.lmtPrice, own(2)["quantity"]), (round(bid * 0.91, 2), "12"))
client.placeOrder(3, aapl, order("SELL", 10, "STP", auxPrice=round(bid * 0.9, 2)))
stop = client.take("openOrder", where=lambda order_id, *_: order_id == 3)[0]
report.equal("a stop sleeps", (stop[2].auxPrice, stop[3].status), (round(bid * 0.9, 2), "PreSubmitted"))
client.reqOpenOrders()
client.take("openOrderEnd")
report.equal("open orders", own(2)["status"] + own(3)["status"], "SubmittedPreSubmitted")
client.cancelOrder(2)
client.take("orderStatus", where=lambda order_id, status, *_: (order_id, status) == (2, "Cancelled"))
report.equal("cancelled", client.take("error", where=lambda req_id, *_: req_id == 2)[0][1], 202)
client.placeOrder(4, aapl, order("BUY", 5, "LMT", lmtPrice=round(bid * 1.02, 2), transmit=False))
client.placeOrder(5, aapl, order("SELL", 5, "LMT", lmtPrice=round(bid * 1.1, 2), parentId=4, transmit=False, ocaGroup="b", ocaType=1))
client.placeOrder(6, aapl, order("SELL", 5, "STP", auxPrice=round(bid * 0.95, 2), parentId=4, transmit=True, ocaGroup="b", ocaType=1))
client.take("orderStatus", where=lambda order_id, status, *_: (order_id, status) == (4, "Filled"))
client.take("orderStatus", where=lambda order_id, status, *_: (order_id, status) == (5, "Submitted"))
report.equal("a bracket", [own(i)["status"] for i in (4, 5, 6)], ["Filled", "Submitted", "PreSubmitted"])
client.placeOrder(7, aapl, order("BUY", 100, "MKT", whatIf=True))
state = client.take("openOrder", where=lambda order_id, *_: order_id == 7)[0][3]
report.check("what-if", float(state.initMarginChange) > 0 and state.commission == 1.0 and own(7) is None, state)
client.placeOrder(8, aapl, order("BUY", 1, "LMT", lmtPrice=100.005))
report.equal("off the grid", client.take("error", where=lambda req_id, *_: req_id == 8)[0][1], 110)
client.reqGlobalCancel()
for order_id in (3, 5, 6):
    client.take("orderStatus", where=lambda o, status, *_: (o, status) == (order_id, "Cancelled"))
report.equal("a global cancel", [own(i)["status"] for i in (3, 5, 6)], ["Cancelled"] * 3)
client.reqCompletedOrders(False)
client.take("completedOrdersEnd")
report.equal("completed orders", sorted(o.permId for _, o, _ in client.take("completedOrder")),
             sorted(o["perm_id"] for o in control.account()["orders"]))
client.reqExecutions(9301, ExecutionFilter())
client.take("execDetailsEnd")
report.equal("executions", sorted(e.execId for r, _, e in client.take("execDetails") if r == 9301),
             sorted(f["exec_id"] for f in control.account()["fills"]))

# Account
client.reqPositions()
client.take("positionEnd")
held = control.account()["positions"][0]
report.equal("positions", client.take("position")[-1][2:], (float(held["quantity"]), float(held["average_cost"])))
client.reqAccountSummary(9401, "All", "NetLiquidation,TotalCashValue")
client.take("accountSummaryEnd")
report.equal("account summary", {a[2]: a[3] for a in client.take("accountSummary")}["NetLiquidation"],
             f"{float(control.account()['net_liquidation']):.2f}")
client.reqAccountUpdates(True, line["accounts"][0])
client.take("accountDownloadEnd")
report.equal("account updates", client.take("updatePortfolio")[0][1], float(held["quantity"]))
client.reqPnL(9402, line["accounts"][0], "")
report.check("profit", abs(client.take("pnl")[0][2] - float(control.account()["unrealized"])) < 0.01, client.take("pnl"))
client.reqPnLSingle(9403, line["accounts"][0], "", aapl.conId)
report.equal("of one position", client.take("pnlSingle")[0][1], 15)

# Two at once, and again
second = Client(12)
second.take("nextValidId")
second.reqAllOpenOrders()
second.take("openOrderEnd")
report.equal("two clients", len(control.call("status")["clients"]), 2)
second.disconnect()
client.disconnect()
# Its reader holds the socket until a receive of a second is over.
deadline = time.monotonic() + 10
while control.call("status")["clients"] and time.monotonic() < deadline:
    time.sleep(0.02)
again = Client(11)
report.equal("the ids go on", again.take("nextValidId")[0][0], 9)
report.equal("nothing was not understood",
             [a for a in client.calls + again.calls if a[0] == "error" and a[1][1] in (320, 505, 506, 507, 509)], [])
again.disconnect()
report.finish()
