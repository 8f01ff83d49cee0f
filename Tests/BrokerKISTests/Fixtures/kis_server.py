"""A server that speaks KIS's WebSocket, by the `websockets` and `cryptography` packages, for the tests of the stream.

usage: kis_server.py FOLDER. The path of a connection is /SCENARIO/NAME; what happens is written to FOLDER/NAME as JSON
lines. Prints its port. Ends when its standard input closes.
"""

import asyncio
import base64
import collections
import json
import pathlib
import sys

import websockets
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from websockets.asyncio.server import serve

folder = pathlib.Path(sys.argv[1])
connections = collections.Counter()

NOTICE = (
    "hts01^5012345601^{number}^^02^0^00^0^005930^{quantity:010d}^000070500^100140^0^2^2^00950^000000010^TESTER^^1^N^^10"
    "^^SYNTH A^000070500")
PING = '{"header":{"tr_id":"PINGPONG","datetime":"20310304100200"}}'


def trade(symbol, price, size, volume):
    record = (
        f"{symbol}^100133^{price}^5^-300^-0.42^70512.34^70900^71000^70300^{price + 100}^{price}^{size}^{volume}"
        "^573000000000^100^90^-10^98.5^4000000^4100000^1^0.51^88.10^090000^5^-400^091500^5^-500^130000^2^200^20310304"
        "^20^N^1200^900^50000^48000^0.14^7000000^116.05^0^^70500").split("^")
    assert len(record) == 46, len(record)
    return "^".join(record)


class Session:
    def __init__(self, connection, name, number):
        self.connection, self.name, self.number = connection, name, number
        self.key, self.vector = f"{number:032d}", f"iv-{number:013d}"
        self.registered = []

    def note(self, event, **more):
        with open(folder / self.name, "a") as file:
            file.write(json.dumps({"event": event, "connection": self.number, **more}) + "\n")

    async def answer(self, request, code, text, success=True, output=True, null=False):
        header, wanted = request["header"], request["body"]["input"]
        body = {"rt_cd": "0" if success else "9" if null else "1", "msg_cd": code, "msg1": text}
        if success and output:
            body["output"] = {"iv": self.vector, "key": self.key}
        head = {"tr_id": "(null)", "tr_key": "", "encrypt": "N"} if null else {
            "tr_id": wanted["tr_id"], "tr_key": wanted["tr_key"], "encrypt": "N"}
        await self.connection.send(json.dumps({"header": head, "body": body}))

    async def notice(self, number, quantity, key=None, vector=None):
        padder = padding.PKCS7(128).padder()
        padded = padder.update(NOTICE.format(number=number, quantity=quantity).encode()) + padder.finalize()
        cipher = Cipher(algorithms.AES((key or self.key).encode()), modes.CBC((vector or self.vector).encode()))
        sealer = cipher.encryptor()
        payload = base64.b64encode(sealer.update(padded) + sealer.finalize()).decode()
        await self.connection.send(f"1|H0STCNI9|001|{payload}")

    async def requests(self, limit=41, refuse=None):
        """Answers registrations as KIS does, and yields after each of them."""
        async for message in self.connection:
            request = json.loads(message)
            if "body" not in request:
                self.note("echo", text=message)
                yield None
                continue
            header, wanted = request["header"], request["body"]["input"]
            self.note("request", type=header["tr_type"], id=wanted["tr_id"], key=wanted["tr_key"],
                      approval=header["approval_key"], custtype=header["custtype"])
            item = (wanted["tr_id"], wanted["tr_key"])
            if header["tr_type"] == "2":
                if item in self.registered:
                    self.registered.remove(item)
                await self.answer(request, "OPSP0001", "UNSUBSCRIBE SUCCESS")
            elif refuse and refuse(header["approval_key"]):
                await self.answer(request, "OPSP0011", "invalid approval : NOT FOUND", success=False)
            elif len(self.registered) >= limit:
                await self.answer(request, "OPSP0008", "MAX SUBSCRIBE OVER", success=False)
            else:
                self.registered.append(item)
                await self.answer(request, "OPSP0000", "SUBSCRIBE SUCCESS")
            yield request


async def day(session):
    """Trades, a notice, a keep-alive; then the line is cut. On the second connection there are new keys."""
    send = session.connection.send
    async for request in session.requests():
        if request and len(session.registered) == 3:
            if session.number == 1:
                frame = "0|H0STCNT0|002|" + trade("005930", 70500, 7, 1000) + "^" + trade("000660", 210500, 2, 500)
                await send(frame)
                await send(frame)
                await send("0|H0XXXX00|001|what^ever")
                await send('{"header":{"tr_id":"SOMETHING"},"note":"new"}')
                await send("0|H0STCNT0|001|" + trade("005930", 70600, 5, 1012) + "^KRX")
                await session.notice("0000023401", 4)
                await send(PING)
            else:
                await session.notice("0000023401", 6, key=f"{1:032d}", vector=f"iv-{1:013d}")
                await session.notice("0000023401", 6)
        elif request is None and session.number == 1:
            session.connection.transport.abort()


async def in_use(session):
    """Another session has the key, twice."""
    if session.number > 2:
        async for _ in session.requests():
            pass
    async for message in session.connection:
        session.note("request")
        await session.answer(json.loads(message), "OPSP8996", "ALREADY IN USE appkey", success=False, null=True)


async def full(session):
    async for _ in session.requests(limit=3):
        pass


async def stale(session):
    async for _ in session.requests(refuse=lambda key: key != "key-2"):
        pass


async def silent(session):
    async for _ in session.requests():
        if session.number > 1:
            await session.connection.send(PING)


async def hang_up(session):
    """What KIS does on a wrong HTS id."""
    async for message in session.connection:
        request = json.loads(message)
        if request["body"]["input"]["tr_id"].startswith("H0STCNI"):
            session.note("hung up")
            session.connection.transport.abort()
            return
        session.note("request")
        await session.answer(request, "OPSP0000", "SUBSCRIBE SUCCESS")


SCENARIOS = {"day": day, "in-use": in_use, "full": full, "stale": stale, "silent": silent, "hang-up": hang_up}


async def handle(connection):
    scenario, name = connection.request.path.strip("/").split("/")
    connections[name] += 1
    session = Session(connection, name, connections[name])
    session.note("connect")
    try:
        await SCENARIOS[scenario](session)
    except websockets.ConnectionClosed:
        pass
    session.note("end", code=connection.close_code)


async def main():
    async with serve(handle, "127.0.0.1", 0, ping_interval=None, compression=None, close_timeout=1) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
