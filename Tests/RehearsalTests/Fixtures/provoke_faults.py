"""Faults as a client sees them at the socket, with the standard library only. Arguments: the simulator's line, the file for the results."""

import http.client
import json
import sys
import time

from simulator_client import Control, Report

line = json.loads(sys.argv[1])
control, report, login = Control(line), Report(), line["virtual"]
host = login["rest"].removeprefix("http://")
account = login["accounts"][0].split("-")


def send(method, path, tr_id, fields, token):
    connection = http.client.HTTPConnection(host, timeout=10)
    headers = {
        "content-type": "application/json; charset=utf-8", "authorization": f"Bearer {token}",
        "appkey": login["app_key"], "appsecret": login["app_secret"], "tr_id": tr_id, "custtype": "P"}
    connection.request(method, path, json.dumps(fields), headers)
    response = connection.getresponse()
    return response.status, response.read()


def order():
    return send("POST", "/uapi/domestic-stock/v1/trading/order-cash", "VTTC0012U", {
        "CANO": account[0], "ACNT_PRDT_CD": account[1], "PDNO": "005930", "ORD_DVSN": "01", "ORD_QTY": "1",
        "ORD_UNPR": "0"}, token)


def count():
    return len(control.account("virtual")["orders"])


def strike(fault, **more):
    control.call("faults", {"seed": 1, "rules": [{"fault": fault, "endpoint": "order-cash", "calls": [1], **more}]})


status, body = send("POST", "/oauth2/tokenP", "", {
    "grant_type": "client_credentials", "appkey": login["app_key"], "appsecret": login["app_secret"]}, "")
token = json.loads(body)["access_token"]
report.equal("a token", status, 200)
status, body = send("POST", "/oauth2/tokenP", "", {
    "grant_type": "client_credentials", "appkey": login["app_key"], "appsecret": login["app_secret"]}, "")
report.equal("one a minute", (status, json.loads(body)["error_code"]), (403, "EGW00133"))

for fault, seen, orders in [
    ("drop-before-accept", http.client.RemoteDisconnected, 0), ("drop-after-accept", http.client.RemoteDisconnected, 1),
    ("half-answer", http.client.IncompleteRead, 1),
]:
    before = count()
    strike(fault)
    try:
        report.check(fault, False, order())
    except (http.client.HTTPException, OSError) as error:
        report.check(fault, isinstance(error, seen) and count() - before == orders, repr(error))

strike("malformed-body")
status, body = order()
try:
    json.loads(body)
    report.check("malformed-body", False, body)
except ValueError:
    report.equal("malformed-body", status, 200)

strike("slow", milliseconds=400)
began = time.monotonic()
status, _ = order()
report.check("slow", status == 200 and 0.4 <= time.monotonic() - began < 5, time.monotonic() - began)

strike("server-error")
report.equal("server-error", order()[0], 500)
status, body = order()
report.equal("after it all is well", json.loads(body)["rt_cd"], "0")
log = [item["fault"] for item in control.call("faults")["faults"]]
report.equal("every fault is logged", log, [
    "drop-before-accept", "drop-after-accept", "half-answer", "malformed-body", "slow", "server-error"])
report.finish()
