#!/usr/bin/env python3
"""The Python package `websockets` (10 or later) as a client: with_websockets.py ECHO_PORT HELLO_PORT. Fails by assertion."""

import asyncio
import json
import sys

import websockets


async def next_of(client, wanted):
    while True:
        event = json.loads(await client.recv())
        if event["type"] == wanted:
            return event


async def refusal(url, **how):
    try:
        async with websockets.connect(url, **how):
            return "it was let in"
    except websockets.InvalidHandshake as fault:
        return str(fault)


async def talk_to_echo(port):
    async with websockets.connect(f"ws://127.0.0.1:{port}/echo", max_size=None) as client:
        assert not getattr(client, "extensions", None), "compression was offered and must not be granted"
        for size in (0, 1, 125, 126, 127, 65535, 65536, 1 << 20):
            text, octets = ("\u00e4bc " * size)[:size], bytes(at & 0xFF for at in range(size))
            await client.send(text)
            assert await client.recv() == text
            await client.send(octets)
            assert await client.recv() == octets
        await client.send(["one ", "two ", "", "three"])  # a list goes out in fragments
        assert await client.recv() == "one two three"
        await (await client.ping(b"now"))
        for at in range(300):
            await client.send(str(at))
        for at in range(300):
            assert await client.recv() == str(at)
        await client.close(4000, "it was \u03ba\u1f79\u03c3\u03bc\u03b5")
        assert client.close_code == 4000


async def talk_to_hello(port):
    for protocol in ("wirthforge.v1", "wirthforge-v1"):
        async with websockets.connect(f"ws://127.0.0.1:{port}/ws", subprotocols=["chat", protocol]) as client:
            assert client.subprotocol == protocol
            assert json.loads(await client.recv())["type"] == "startup_complete"
            assert json.loads(await client.recv())["type"] == "heartbeat"
            one = await next_of(client, "energy_update")
            assert (await next_of(client, "energy_update"))["frameNumber"] > one["frameNumber"]
            await client.send('{"type":"subscribe","payload":{"channels":[]}}')
            await client.send('{"type":"stop","payload":{"sessionId":"nobody-knows-it"}}')  # passed over in silence
            await client.send("no message of ours")
            assert (await next_of(client, "error_event"))["payload"]["code"] == "CLIENT_MESSAGE_MALFORMED"
            await (await client.ping())
            assert (await next_of(client, "heartbeat"))["payload"]["sequence"] > 0
    async with websockets.connect(f"ws://127.0.0.1:{port}/ws", subprotocols=[]) as client:  # an empty field
        assert client.subprotocol is None
        assert json.loads(await client.recv())["type"] == "startup_complete"
    async with websockets.connect(f"ws://[::1]:{port}/ws") as client:
        assert json.loads(await client.recv())["type"] == "startup_complete"
        await client.send("x" * 65537)
        try:
            while True:
                await client.recv()
        except websockets.ConnectionClosed:
            assert client.close_code == 1009, client.close_code
    assert "403" in await refusal(f"ws://127.0.0.1:{port}/ws", origin="https://evil.test")
    assert "404" in await refusal(f"ws://127.0.0.1:{port}/nothing") or "426" in await refusal(f"ws://127.0.0.1:{port}/nothing")


async def main(echo_port, hello_port):
    await asyncio.wait_for(talk_to_echo(echo_port), 20)
    await asyncio.wait_for(talk_to_hello(hello_port), 20)
    print("websockets", websockets.__version__)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
