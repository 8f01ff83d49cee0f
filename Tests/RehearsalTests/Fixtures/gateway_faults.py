"""ib_async meets what goes wrong at the simulated gateway. Arguments: the simulator's line, the file for the results."""

import json
import sys

from gateway_client import Control, connect, until
from ib_async import LimitOrder, MarketOrder, Stock
from simulator_client import Report

line = json.loads(sys.argv[1])
control = Control(line)
report = Report()
errors = []


def start(client_id=7):
    ib = connect(line, client_id)
    ib.errorEvent += lambda req_id, code, text, contract: errors.append((req_id, code, text))
    return ib


def does_not_connect(name, fault, **more):
    control.faults({"fault": fault, "endpoint": "connect", "calls": [1], **more})
    try:
        connect(line, 9, timeout=1).disconnect()
        report.check(name, False, "it connected")
    except Exception as error:
        report.check(name, True, repr(error))
    control.faults()


ib = start()
aapl = ib.qualifyContracts(Stock("AAPL", "SMART", "USD"))[0]
price = ib.reqTickers(aapl)[0].bid

# The handshake
does_not_connect("no answer to the greeting", "silent-handshake")
does_not_connect("a client id in use", "client-id-in-use")
does_not_connect("a redirection", "redirect")
control.faults({"fault": "slow-handshake", "endpoint": "connect", "calls": [1], "milliseconds": 300})
slow = start(9)
report.check("a slow handshake is one all the same", slow.isConnected())
slow.disconnect()

# An order whose answer is lost: it is there, under its reference
control.faults(("drop-after-accept", "placeOrder", [1]))
ib.placeOrder(aapl, LimitOrder("BUY", 1, round(price * 0.9, 2), tif="DAY", orderRef="lost-1"))
until(ib, lambda: not ib.isConnected())
report.check("cut off after the order", not ib.isConnected())
ib = start()
report.equal("found again by its reference", [t.order.orderRef for t in ib.openTrades()], ["lost-1"])
ib.cancelOrder(ib.openTrades()[0].order)
until(ib, lambda: not ib.openTrades())

# And one that never came
control.faults(("drop-before-accept", "placeOrder", [1]))
ib.placeOrder(aapl, LimitOrder("BUY", 1, round(price * 0.9, 2), tif="DAY", orderRef="lost-2"))
until(ib, lambda: not ib.isConnected())
ib = start()
report.equal("nothing of it anywhere",
             [o for o in control.account()["orders"] if o["order_ref"] == "lost-2"] + ib.openTrades(), [])

# A burst of which one vanishes
control.faults(("ignored", "placeOrder", [2]))
burst = [ib.placeOrder(aapl, LimitOrder("BUY", 1, round(price * 0.9, 2), tif="DAY", orderRef=f"burst-{n}")) for n in range(3)]
until(ib, lambda: burst[2].orderStatus.status == "Submitted")
report.equal("the second of three is not there", sorted(t.order.orderRef for t in ib.reqAllOpenOrders()),
             ["burst-0", "burst-2"])
control.faults()
ib.reqGlobalCancel()
until(ib, lambda: burst[2].isDone())

# Read-only
control.faults(("read-only", "placeOrder", [1]))
errors.clear()
ib.placeOrder(aapl, LimitOrder("BUY", 1, round(price * 0.9, 2), tif="DAY"))
until(ib, lambda: errors)
report.check("read-only", errors[-1][1] == 321 and "Read-Only" in errors[-1][2], errors)

# Frames that make no sense, before ones that do
control.faults(("unknown-message", "execDetails", [1]), ("surplus-fields", "orderStatus", [1, 2, 3]),
               ("commission-first", "execDetails", [1]), ("duplicate", "execDetails", [1]),
               ("duplicate", "orderStatus", [2]))
trade = ib.placeOrder(aapl, MarketOrder("BUY", 3, tif="DAY", orderRef="odd"))
until(ib, lambda: trade.isDone() and trade.fills)
report.equal("one fill of three, told twice, after its commission", [f.execution.shares for f in trade.fills], [3])
report.equal("and three in the books", [f["quantity"] for f in control.fills(7, trade.order.orderId)], ["3"])

# A correction
control.faults({"fault": "correction", "endpoint": "execDetails", "calls": [1], "seconds": 5})
trade = ib.placeOrder(aapl, MarketOrder("BUY", 2, tif="DAY", orderRef="corrected"))
until(ib, lambda: trade.isDone())
before = trade.fills[0].execution
control.advance(6)
until(ib, lambda: len(trade.fills) == 2)
after = trade.fills[-1].execution
report.check("the same execution, revised", before.execId[:-2] == after.execId[:-2] and after.execId.endswith(".02")
             and round(after.price - before.price, 2) == 0.01, (before, after))
report.equal("the books have the revision", [f["exec_id"] for f in control.fills(7, trade.order.orderId)], [after.execId])

# A commission that comes late
control.faults({"fault": "late", "endpoint": "commissionReport", "calls": [1], "seconds": 30})
trade = ib.placeOrder(aapl, MarketOrder("BUY", 1, tif="DAY"))
until(ib, lambda: trade.isDone())
ib.sleep(0.1)
report.equal("not yet", trade.fills[0].commissionReport.execId, "")
control.advance(31)
until(ib, lambda: trade.fills[0].commissionReport.execId)
report.check("but then", trade.fills[0].commissionReport.commission == 1.0, trade.fills)
control.faults()

# The line to the servers
errors.clear()
ticker = ib.reqMktData(aapl)
until(ib, lambda: ticker.last > 0)
control.call("link", {"up": False})
until(ib, lambda: 1100 in [e[1] for e in errors])
waiting = ib.placeOrder(aapl, MarketOrder("SELL", 1, tif="DAY", orderRef="waiting"))
ib.sleep(0.2)
report.equal("an order waits", waiting.orderStatus.status, "PendingSubmit")
control.advance(60)
control.call("link", {"up": True, "data": "kept"})
until(ib, waiting.isDone)
report.check("1102, and it fills", waiting.orderStatus.status == "Filled" and 1102 in [e[1] for e in errors], waiting)
volume = ticker.volume
control.advance(60)
until(ib, lambda: ticker.volume > volume)
report.check("data goes on", ticker.volume > volume, ticker)
control.call("link", {"up": False})
control.call("link", {"up": True, "data": "lost"})
until(ib, lambda: 1101 in [e[1] for e in errors])
volume = ticker.volume
control.advance(60)
ib.sleep(0.2)
report.equal("after 1101 it does not", ticker.volume, volume)
control.call("farms", {"up": False})
until(ib, lambda: 2105 in [e[1] for e in errors])
control.call("farms", {"up": True})
again = ib.reqMktData(ib.qualifyContracts(Stock("NVDA", "SMART", "USD"))[0])
until(ib, lambda: again.last > 0)
control.call("compete", {})
until(ib, lambda: 10197 in [e[1] for e in errors])
report.check("farms lost and found, a competing session", {2103, 2105, 10197} <= {e[1] for e in errors},
             [e[1] for e in errors])
control.call("compete", {"over": True})

# The application's own restart
control.call("restart", {"listening": False})
until(ib, lambda: not ib.isConnected())
try:
    connect(line, 7, timeout=1)
    report.check("nobody listens", False)
except Exception as error:
    report.check("nobody listens", isinstance(error, ConnectionRefusedError), repr(error))
control.call("restart", {"listening": True})
ib = start()
report.check("it listens again, the day's fills are there", len(ib.fills()) == len(control.account()["fills"]), ib.fills())

# A hundred messages in a second
for number in range(120):
    ib.client.conn.sendMsg(b"\x00\x00\x00\x05" + b"49\x001\x00")
until(ib, lambda: not ib.isConnected())
report.check("cut off at a hundred messages a second", not ib.isConnected() and 100 in [e[1] for e in errors],
             [e for e in errors if e[1] == 100])
report.finish()
