"""What two independent clients of Interactive Brokers make of the same requests and answers.

    reference_clients.py requests          the frames that ib_async and IBKR's own ibapi send, as JSON
    reference_clients.py answers FILE      what ib_async reads out of the frames in FILE, as JSON
    reference_clients.py orders FILE       the frames that ib_async sends for the orders in FILE, as JSON

ib_async 2.1.0 speaks every version from 157 to 178, ibapi 9.81.1.post1 up to 157. Neither connects to anything: their
encoders and decoders are called, and what they would have sent is caught. `|` stands for NUL.
"""

import dataclasses
import datetime
import json
import sys
from decimal import Decimal

import ib_async
from ib_async import client as async_client
from ib_async import decoder as async_decoder
from ib_async.objects import ExecutionFilter
from ibapi import client as official_client
from ibapi.contract import Contract as OfficialContract
from ibapi.execution import ExecutionFilter as OfficialFilter
from ibapi.order import Order as OfficialOrder
from ibapi.tag_value import TagValue as OfficialTagValue

GATES = [157, 158, 160, 162, 163, 164, 166, 169, 170, 176, 177, 178]

# What the requests are about; the Swift test has the same under the same names.
CONTRACTS = {
    "stock": {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"},
    "primary": {
        "conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "primaryExchange": "NASDAQ",
        "currency": "USD",
    },
    "option": {
        "symbol": "SPY", "secType": "OPT", "lastTradeDateOrContractMonth": "20260116", "strike": Decimal("450.5"),
        "right": "C", "multiplier": "100", "exchange": "SMART", "currency": "USD", "tradingClass": "SPY",
    },
    "future": {
        "symbol": "ES", "secType": "FUT", "lastTradeDateOrContractMonth": "202603", "multiplier": "50",
        "exchange": "CME", "currency": "USD", "localSymbol": "ESH6",
    },
    "index": {"symbol": "SPX", "secType": "IND", "exchange": "CBOE", "currency": "USD"},
}

D = Decimal
# Contract, order.
ORDERS = {
    "market": ("stock", {"orderType": "MKT"}),
    "limit": ("stock", {"orderType": "LMT", "lmtPrice": D("150.25")}),
    "stop": ("stock", {"action": "SELL", "orderType": "STP", "auxPrice": D("140.5")}),
    "stop-limit": ("stock", {"orderType": "STP LMT", "lmtPrice": D("151"), "auxPrice": D("150.5")}),
    "trail-amount": (
        "stock", {"action": "SELL", "orderType": "TRAIL", "auxPrice": D("1.5"), "trailStopPrice": D("148.75")}),
    "trail-percent": ("stock", {"action": "SELL", "orderType": "TRAIL", "trailingPercent": D("2.5")}),
    "trail-limit": ("stock", {
        "action": "SELL", "orderType": "TRAIL LIMIT", "auxPrice": D("1.5"), "trailStopPrice": D("148.75"),
        "lmtPriceOffset": D("0.1")}),
    "market-on-close": ("primary", {"orderType": "MOC"}),
    "limit-on-close": ("primary", {"orderType": "LOC", "lmtPrice": D("150")}),
    "market-on-open": ("primary", {"orderType": "MKT", "tif": "OPG"}),
    "limit-on-open": ("primary", {"orderType": "LMT", "lmtPrice": D("150"), "tif": "OPG"}),
    "good-till-date": (
        "stock", {"orderType": "LMT", "lmtPrice": D("1"), "tif": "GTD", "goodTillDate": "20261127-20:59:00"}),
    "good-till-cancelled": ("stock", {"orderType": "LMT", "lmtPrice": D("1"), "tif": "GTC", "outsideRth": True}),
    "immediate": ("stock", {"orderType": "LMT", "lmtPrice": D("0.000125"), "tif": "IOC"}),
    "fraction": ("stock", {"orderType": "MKT", "totalQuantity": D("0.125")}),
    "bracket-parent": ("stock", {"orderType": "LMT", "lmtPrice": D("150"), "transmit": False}),
    "bracket-profit": ("stock", {
        "action": "SELL", "orderType": "LMT", "lmtPrice": D("160"), "transmit": False, "parentId": 7,
        "ocaGroup": "tk-0001", "ocaType": 1}),
    "bracket-stop": ("stock", {
        "action": "SELL", "orderType": "STP", "auxPrice": D("140"), "parentId": 7, "ocaGroup": "tk-0001", "ocaType": 1}),
    "adaptive": ("stock", {
        "orderType": "LMT", "lmtPrice": D("150"), "algoStrategy": "Adaptive",
        "algoParams": [("adaptivePriority", "Patient")]}),
    "twap": ("stock", {
        "orderType": "LMT", "lmtPrice": D("150"), "algoStrategy": "Twap",
        "algoParams": [
            ("strategyType", "Marketable"), ("startTime", "20261127-15:00:00"), ("endTime", "20261127-20:30:00"),
            ("allowPastEndTime", "1")]}),
    "vwap": ("stock", {
        "orderType": "MKT", "algoStrategy": "Vwap",
        "algoParams": [
            ("maxPctVol", "0.15"), ("startTime", ""), ("endTime", "20261127-20:30:00"), ("allowPastEndTime", "0")]}),
    "what-if": ("option", {"orderType": "LMT", "lmtPrice": D("2.35"), "whatIf": True}),
    "future": ("future", {"orderType": "LMT", "lmtPrice": D("5012.25"), "totalQuantity": 2}),
    "ibkrats": (dict(CONTRACTS["stock"], exchange="IBKRATS"), {"orderType": "LMT", "lmtPrice": D("150")}),
}


def contract_of(name, kind):
    contract = kind()
    contract.strike = 0
    for key, value in (CONTRACTS[name] if isinstance(name, str) else name).items():
        setattr(contract, key, value)
    return contract


def order_of(values, kind, tag):
    order = kind()
    # As takt sends them, where a client has a default of its own: ib_async opens positions ("O") and sets the algorithm
    # that manages prices to 0, ibapi sets two flags that are retired.
    order.openClose, order.usePriceMgmtAlgo, order.discretionaryAmt = "", None, 0
    order.eTradeOnly, order.firmQuoteOnly = False, False
    order.action, order.totalQuantity, order.tif = "BUY", 10, "DAY"
    order.account, order.orderRef = "DU1", "tk-0001"
    for key, value in values.items():
        setattr(order, key, [tag(*pair) for pair in value] if key == "algoParams" else value)
    return order


def requests_of(client, kind, execution_filter):
    """Everything but orders, by name."""
    stock, option = contract_of("stock", kind), contract_of("option", kind)
    future, index, primary = (contract_of(name, kind) for name in ("future", "index", "primary"))
    future.includeExpired = True

    def executions():
        some = execution_filter()
        some.clientId, some.acctCode, some.time = 0, "DU1", "20261127-14:30:00"
        some.symbol, some.secType, some.exchange, some.side = "AAPL", "STK", "", "SELL"
        return some

    return {
        "ids": lambda: client.reqIds(1),
        "managed-accounts": client.reqManagedAccts,
        "current-time": client.reqCurrentTime,
        "log-level": lambda: client.setServerLogLevel(5),
        "contract-stock": lambda: client.reqContractDetails(1001, stock),
        "contract-option": lambda: client.reqContractDetails(1002, option),
        "contract-future": lambda: client.reqContractDetails(1003, future),
        "market-data": lambda: client.reqMktData(1004, primary, "233", False, False, []),
        "market-data-snapshot": lambda: client.reqMktData(1005, index, "", True, False, []),
        "cancel-market-data": lambda: client.cancelMktData(1004),
        "market-data-type": lambda: client.reqMarketDataType(3),
        "real-time-bars": lambda: client.reqRealTimeBars(1006, stock, 5, "TRADES", True, []),
        "cancel-real-time-bars": lambda: client.cancelRealTimeBars(1006),
        "historical": lambda: client.reqHistoricalData(
            1007, primary, "20261127-21:00:00", "1 W", "5 mins", "ADJUSTED_LAST", True, 2, False, []),
        "historical-live": lambda: client.reqHistoricalData(
            1008, future, "", "3600 S", "5 secs", "BID_ASK", False, 2, True, []),
        "cancel-historical": lambda: client.cancelHistoricalData(1007),
        "cancel-order": lambda: client.cancelOrder(7),
        "global-cancel": client.reqGlobalCancel,
        "open-orders": client.reqOpenOrders,
        "all-open-orders": client.reqAllOpenOrders,
        "auto-open-orders": lambda: client.reqAutoOpenOrders(True),
        "completed-orders": lambda: client.reqCompletedOrders(False),
        "executions": lambda: client.reqExecutions(1009, execution_filter()),
        "executions-some": lambda: client.reqExecutions(1010, executions()),
        "positions": client.reqPositions,
        "cancel-positions": client.cancelPositions,
        "account-summary": lambda: client.reqAccountSummary(1011, "All", "NetLiquidation,BuyingPower"),
        "cancel-account-summary": lambda: client.cancelAccountSummary(1011),
        "account-updates": lambda: client.reqAccountUpdates(True, "DU1"),
        "profit-and-loss": lambda: client.reqPnL(1012, "DU1", ""),
        "cancel-profit-and-loss": lambda: client.cancelPnL(1012),
        "single-profit-and-loss": lambda: client.reqPnLSingle(1013, "DU1", "", 265598),
        "cancel-single-profit-and-loss": lambda: client.cancelPnLSingle(1013),
    }


def caught(frames, name, client, version, action):
    before = len(frames)
    action()
    assert len(frames) == before + 1, (name, version)
    frame = frames.pop()
    assert b"|" not in frame[4:] and int.from_bytes(frame[:4], "big") == len(frame) - 4, (name, version)
    return {"name": name, "client": client, "version": version, "body": frame[4:].replace(b"\0", b"|").decode()}


def ib_async_requests():
    frames, results = [], []
    client = async_client.Client(object())
    client.connState, client.clientId = async_client.Client.CONNECTED, 7
    client.sendMsg = lambda text: frames.append(client._prefix(text.encode()))
    for version in GATES:
        client._serverVersion = version
        named = requests_of(client, ib_async.Contract, ExecutionFilter)
        if version not in (157, 178):
            named = {name: named[name] for name in ("contract-future", "cancel-order")}
        else:
            named["start-api"] = client.startApi
        for name, action in named.items():
            results.append(caught(frames, name, "ib_async", version, action))
        for name, (contract, values) in ORDERS.items():
            if version not in (157, 178) and name not in ("limit", "ibkrats", "twap"):
                continue
            order = order_of(values, ib_async.Order, ib_async.TagValue)
            results.append(
                caught(frames, f"order-{name}", "ib_async", version,
                       lambda: client.placeOrder(7, contract_of(contract, ib_async.Contract), order)))
    # With its own defaults: the test lists which fields differ.
    order = ib_async.LimitOrder("BUY", 10, 150.25, tif="DAY", account="DU1", orderRef="tk-0001")
    results.append(caught(frames, "defaults", "ib_async", 178,
                          lambda: client.placeOrder(7, ib_async.Stock("AAPL", "SMART", "USD"), order)))
    return results


def orders_of(path):
    """Orders of the tests' own making: a JSON array of {version, contract, order}, with the names that ib_async has."""
    frames, results = [], []
    client = async_client.Client(object())
    client.connState = async_client.Client.CONNECTED
    client.sendMsg = lambda text: frames.append(client._prefix(text.encode()))
    for number, row in enumerate(json.load(open(path, encoding="utf-8"))):
        client._serverVersion = row["version"]
        order = order_of(row["order"], ib_async.Order, ib_async.TagValue)
        results.append(
            caught(frames, str(number), "ib_async", row["version"],
                   lambda: client.placeOrder(7, contract_of(row["contract"], ib_async.Contract), order)))
    return results


class NoConnection:
    def __init__(self, frames):
        self.frames = frames

    def isConnected(self):
        return True

    def sendMsg(self, frame):
        self.frames.append(frame)


def official_requests():
    frames, results = [], []
    client = official_client.EClient(None)
    client.conn, client.serverVersion_ = NoConnection(frames), 157
    client.setConnState(official_client.EClient.CONNECTED)
    client.clientId = 7
    for name, action in requests_of(client, OfficialContract, OfficialFilter).items():
        results.append(caught(frames, name, "ibapi", 157, action))
    results.append(caught(frames, "start-api", "ibapi", 157, client.startApi))
    for name, (contract, values) in ORDERS.items():
        order = order_of(values, OfficialOrder, OfficialTagValue)
        results.append(
            caught(frames, f"order-{name}", "ibapi", 157,
                   lambda: client.placeOrder(7, contract_of(contract, OfficialContract), order)))
    return results


def flat(prefix, value, into):
    """Every value of an argument that is not empty, by its name, as text: numbers as Python prints them."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            flat(f"{prefix}.{field.name}" if prefix else field.name, getattr(value, field.name), into)
    elif value in ("", []):
        pass
    elif isinstance(value, list):
        into[prefix] = json.dumps([
            v if isinstance(v, str) else list(dataclasses.astuple(v) if dataclasses.is_dataclass(v) else v) for v in value])
    elif isinstance(value, bool):
        into[prefix] = "1" if value else "0"
    elif isinstance(value, datetime.datetime):
        into[prefix] = value.isoformat()
    elif value is not None:
        into[prefix] = str(value)


class Recorder:
    """Takes every call of the decoder's."""

    defaultTimezone = datetime.timezone.utc

    class ib:
        TimezoneTWS = "US/Eastern"

    def __init__(self):
        self.calls = []

    def __getattr__(self, method):
        def record(*arguments):
            values = {}
            for position, argument in enumerate(arguments):
                is_plain = not dataclasses.is_dataclass(argument)
                flat(str(position) if is_plain else type(argument).__name__, argument, values)
            self.calls.append({"method": method, "values": values})

        return record


def decoded(path):
    results = []
    for line in open(path, encoding="utf-8"):
        if line.startswith("#") or not line.strip():
            continue
        name, version, body = line.rstrip("\n").split("\t")
        recorder = Recorder()
        # As its client splits a message.
        fields = body.replace("|", "\0").split("\0")
        fields.pop()
        async_decoder.Decoder(recorder, int(version)).interpret(fields)
        results.append({"name": name, "calls": recorder.calls})
    return results


def main():
    if sys.argv[1] == "requests":
        results = ib_async_requests() + official_requests()
    elif sys.argv[1] == "orders":
        results = orders_of(sys.argv[2])
    else:
        results = decoded(sys.argv[2])
    lines = ",\n".join(json.dumps(result, sort_keys=True) for result in results)
    sys.stdout.write(f"[\n{lines}\n]\n")


main()
