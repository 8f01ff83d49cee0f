"""ib_async reads two accounts at the simulated gateway. Arguments: the simulator's line, the file for the results."""

import json
import sys

from gateway_client import Control, connect, until
from ib_async import Future, MarketOrder, Stock
from simulator_client import Report

line = json.loads(sys.argv[1])
control = Control(line)
report = Report()
first, second = line["accounts"]
ib = connect(line, 5)
errors = []
ib.errorEvent += lambda req_id, code, text, contract: errors.append((req_id, code, text))

report.equal("accounts", ib.managedAccounts(), [first, second])
stock, euro, future = ib.qualifyContracts(
    Stock("AAPL", "SMART", "USD"), Stock("ASML", "SMART", "EUR"), Future("ES", "202612", "CME"))


def trade(contract, side, quantity, account):
    placed = ib.placeOrder(contract, MarketOrder(side, quantity, account=account, tif="DAY"))
    until(ib, lambda: placed.isDone() and placed.fills and all(f.commissionReport.execId for f in placed.fills))
    report.equal(f"{side} {quantity} {contract.symbol}", placed.orderStatus.status, "Filled")
    return placed


def positions(account):
    return {p.contract.conId: (p.position, round(p.avgCost, 4)) for p in ib.positions(account) if p.position}


def own_positions(account):
    return {p["con_id"]: (float(p["quantity"]), round(float(p["average_cost"]), 4))
            for p in control.account(account)["positions"]}


nobody = ib.placeOrder(stock, MarketOrder("BUY", 1, tif="DAY"))
until(ib, lambda: errors)
report.equal("an order that names no account", errors[-1][1], 435)

trade(stock, "BUY", 100, first)
trade(euro, "BUY", 20, first)
trade(future, "BUY", 2, first)
trade(stock, "SELL", 40, first)
trade(stock, "SELL", 15, second)
until(ib, lambda: positions(first) == own_positions(first) and positions(second) == own_positions(second))
report.equal("positions of the first", positions(first), own_positions(first))
report.equal("a short one in the second", positions(second), own_positions(second))
report.check("it is short", positions(second)[stock.conId][0] == -15, positions(second))


def summary(account):
    return {(v.tag, v.currency): v.value for v in ib.accountSummary(account) if v.account == account}


values = summary(first)
books = control.account(first)
report.equal("net liquidation", values["NetLiquidation", "USD"], f"{float(books['net_liquidation']):.2f}")
report.equal("initial margin", values["InitMarginReq", "USD"], f"{float(books['initial_margin']):.2f}")
report.equal("available funds", values["AvailableFunds", "USD"], f"{float(books['available_funds']):.2f}")
report.equal("euros borrowed", values.get(("CashBalance", "EUR")), f"{float(books['cash']['EUR']):.2f}")
report.check("which is less than nothing", float(books["cash"]["EUR"]) < 0, books["cash"])

# Updates, of one account at a time
ib.client.reqAccountUpdates(True, first)
until(ib, lambda: len(ib.portfolio(first)) == 3)
report.equal("the portfolio", sorted(i.contract.symbol for i in ib.portfolio(first)), ["AAPL", "ASML", "ES"])
item = next(i for i in ib.portfolio(first) if i.contract.conId == stock.conId)
report.check("its value", abs(item.marketValue - item.position * item.marketPrice) < 0.01, item)
other = connect(line, 6)
other_errors = []
other.errorEvent += lambda req_id, code, text, contract: other_errors.append(code)
other.client.reqAccountUpdates(True, second)
until(other, lambda: 2101 in other_errors)
report.check("another client cannot follow another account", 2101 in other_errors, other_errors)
other.disconnect()

# Profit
pnl = ib.reqPnL(first)
single = ib.reqPnLSingle(first, "", stock.conId)
until(ib, lambda: pnl.dailyPnL == pnl.dailyPnL and single.position == single.position)
before = pnl.unrealizedPnL
control.advance(300)
until(ib, lambda: abs(pnl.unrealizedPnL - float(control.account(first)["unrealized"])) < 0.01)
books = control.account(first)
report.equal("unrealised", round(pnl.unrealizedPnL, 2), round(float(books["unrealized"]), 2))
report.check("it moves with the market", pnl.unrealizedPnL != before, (before, pnl))
report.equal("realised", round(pnl.realizedPnL, 2), round(float(books["realized"]), 2))
report.equal("of the day", round(pnl.dailyPnL, 2), round(float(books["daily"]), 2))
report.equal("of one position", single.position, 60)
report.check("day = realised + unrealised, bought today",
             abs(pnl.dailyPnL - pnl.realizedPnL - pnl.unrealizedPnL) < 0.1, pnl)

# Out of everything
trade(stock, "SELL", 60, first)
trade(future, "SELL", 2, first)
until(ib, lambda: set(positions(first)) == {euro.conId})
report.equal("closed", set(positions(first)), {euro.conId})
realized = sum(float(f["realized"]) for f in control.account(first)["fills"] if f["realized"])
seen = sum(f.commissionReport.realizedPNL for f in ib.fills() if f.execution.acctNumber == first)
report.equal("realised by commission reports", round(seen, 2), round(realized, 2))
report.finish()
