"""A WebSocket server by the `websockets` package; the path of a connection says what it does.

Prints its port. Ends when its standard input closes.
"""

import asyncio
import http
import socket
import sys

import websockets
from websockets.asyncio.server import serve
from websockets.frames import Frame, Opcode


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def greet(connection):
    """A message in the same packet as the answer to the upgrade, as far as the kernel allows."""
    await connection.send("welcome")
    await connection.wait_closed()


async def fragments(connection):
    """One message in five frames, with a ping between them; says afterwards whether the ping was answered."""
    async def parts():
        yield "가나다"
        yield ""
        yield "라"
        waiter = await connection.ping(b"still there?")
        connection.answered = waiter
        yield "마바"
        yield "사"
    await connection.send(parts())
    await asyncio.wait_for(connection.answered, 5)
    await connection.send("pong came")
    await connection.wait_closed()


async def goodbye(connection):
    await connection.send("last words")
    await connection.close(code=4001, reason="maintenance")


async def abrupt(connection):
    await connection.send("last words")
    await asyncio.sleep(0.05)
    sock = connection.transport.get_extra_info("socket")
    if connection.request.path.endswith("reset"):
        # An RST in the place of a FIN.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.transport.abort()


async def large(connection):
    size = int(connection.request.path.rsplit("-", 1)[1])
    await connection.send("x" * size)
    await connection.wait_closed()


async def pieces(connection):
    """Frames that are small each, and together too large."""
    async def parts():
        for _ in range(100):
            yield "x" * 1000
    await connection.send(parts())
    await connection.wait_closed()


async def flood(connection):
    count = int(connection.request.path.rsplit("-", 1)[1])
    for number in range(count):
        await connection.send(f"{number}:" + "y" * 1000)
    await connection.send("done")
    await connection.wait_closed()


async def report(connection):
    """Says how the client's goodbye looked to the server: the next connection of that path hears of the one before."""
    if previous := seen.get(connection.request.path):
        await connection.send(previous)
    async for _ in connection:
        pass
    seen[connection.request.path] = f"{connection.close_code} {connection.protocol.close_rcvd is not None}"


async def headers(connection):
    await connection.send(connection.request.headers.get("X-Takt", "none") + " " + connection.request.path)
    await connection.wait_closed()


async def deaf(connection):
    """Never reads and never answers a goodbye."""
    connection.transport.pause_reading()
    await asyncio.sleep(60)


async def continuation(connection):
    """A continuation of nothing: breaks the protocol."""
    frame = Frame(Opcode.CONT, b"out of nowhere", fin=True)
    connection.transport.write(frame.serialize(mask=False))
    await connection.wait_closed()


seen = {}
ROLES = {
    "echo": echo, "greet": greet, "fragments": fragments, "goodbye": goodbye, "abrupt": abrupt, "large": large,
    "pieces": pieces, "flood": flood, "report": report, "headers": headers, "deaf": deaf, "continuation": continuation,
}


async def handle(connection):
    try:
        await ROLES[connection.request.path.strip("/").split("-")[0].split("?")[0]](connection)
    except websockets.ConnectionClosed:
        pass


async def answer(connection, request):
    role = request.path.strip("/").split("-")[0]
    if role == "refuse":
        return connection.respond(http.HTTPStatus.FORBIDDEN, "no\n")
    if role == "silent":
        await asyncio.sleep(60)
    return None


async def main():
    async with serve(
            handle, "127.0.0.1", 0, process_request=answer, ping_interval=None, compression=None, close_timeout=1) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
