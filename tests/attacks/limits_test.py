#!/usr/bin/env python3
"""The limits on clients that no other suite tests, each at its border and one past it, over real sockets. README.md lists
which test has which limit."""

import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import wire  # noqa: E402
from client import Line, WebSocket, ask, get_head  # noqa: E402
from servers import Server  # noqa: E402

RESPONSE = wire.text('{"type":"heartbeat_response"}').octets


class Limits(unittest.TestCase):
    def test_head_bytes(self):
        with Server("attack_target", "max_head_bytes=256") as server:
            bare = get_head(server.port, more="X: \r\n")
            for size, status in ((255, 200), (256, 200), (257, 431)):
                octets = bare.replace(b"X: ", b"X: " + b"x" * (size - len(bare)))
                self.assertEqual((len(octets), ask(server.port, octets).status), (size, status))

    def test_head_time(self):
        with Server("attack_target", "handshake_timeout=60000") as server, Line(server.port) as in_time:
            octets = get_head(server.port)
            in_time.send(octets[:-1])
            self.assertIsNone(in_time.receive(0.4))
            in_time.send(octets[-1:])
            self.assertEqual(in_time.receive_all()[:12], b"HTTP/1.1 200")
        with Server("attack_target", "handshake_timeout=1000") as server:
            began = time.monotonic()
            with Line(server.port) as too_late, Line(server.port) as silent:
                too_late.send(get_head(server.port)[:-1])
                self.assertEqual(too_late.receive_all()[:12], b"HTTP/1.1 408")
                self.assertGreaterEqual(time.monotonic() - began, 0.95)
                self.assertEqual(silent.receive_all()[:12], b"HTTP/1.1 408")

    def test_message_bytes(self):
        with Server("attack_target", "max_message_bytes=125") as server:
            for frames in ([wire.text("x" * 125)], [wire.text("x" * 100, fin=False), wire.more("x" * 25)]):
                with WebSocket(server.port) as client:
                    client.send(b"".join(frame.octets for frame in frames))
                    self.assertEqual(client.next_event("error_event")["payload"]["code"], "CLIENT_MESSAGE_MALFORMED")
            for frames in ([wire.text("x" * 126)], [wire.text("", length=126)],
                           [wire.text("x" * 100, fin=False), wire.more("", length=26)]):
                with WebSocket(server.port) as client:
                    client.send(b"".join(frame.octets for frame in frames))
                    self.assertEqual(client.close_code(), 1009)

    def test_fragments(self):
        with Server("attack_target", "max_fragments=3") as server:
            with WebSocket(server.port) as client:
                client.send(wire.text("a", fin=False).octets + wire.more("b", fin=False).octets + wire.more("c").octets)
                self.assertIsNotNone(client.next_event("error_event"))
            with WebSocket(server.port) as client:
                client.send(wire.text("a", fin=False).octets + wire.more("b", fin=False).octets * 2 +
                            wire.more("c").octets)
                self.assertEqual(client.close_code(), 1008)
        with Server("attack_target", "max_fragments=1") as server, WebSocket(server.port) as client:
            client.send(wire.text("a").octets)
            self.assertIsNotNone(client.next_event("error_event"))
            client.send(wire.text("a", fin=False).octets + wire.more("b").octets)
            self.assertEqual(client.close_code(), 1008)

    def test_messages_and_pings_a_second(self):
        """Two a second: the third at once is one too many. When it no longer is, the unit suite says, which has no clock."""
        ping = wire.ping(b"x").octets
        with Server("attack_target", "max_client_messages_per_second=2") as server:
            for allowed in (RESPONSE * 2, ping * 2, RESPONSE + ping):
                with WebSocket(server.port) as client:
                    client.send(allowed)
                    self.assertIsNotNone(client.next_event("energy_update"))
                    self.assertIsNone(client.close_code(0.1))
            for too_many in (RESPONSE * 3, ping * 3, RESPONSE + ping + RESPONSE, wire.binary(b"x").octets * 3,
                             wire.text("no").octets * 3):
                with WebSocket(server.port) as client:
                    client.send(too_many)
                    self.assertEqual(client.close_code(), 1008)

    def test_connections_in_all(self):
        with Server("attack_target", "max_connections=2") as server:
            with WebSocket(server.port) as one, Line(server.port) as two:
                self.assertEqual(one.answer.status, 101)
                self.assertEqual(ask(server.port, get_head(server.port)).status, 503)
                two.send(get_head(server.port))
                self.assertEqual(two.receive_all()[:12], b"HTTP/1.1 200")

    def test_half_open(self):
        """The connection that has waited longest makes room; one that has finished its head is not half-open."""
        with Server("attack_target", "max_half_open=2", "handshake_timeout=60000") as server:
            with WebSocket(server.port) as done, Line(server.port) as first, Line(server.port) as second:
                first.send(b"GET /")
                second.send(b"GET /")
                self.assertIsNone(first.receive(0.3))
                with Line(server.port) as third:
                    self.assertEqual(first.receive_all()[:12], b"HTTP/1.1 503")
                    for line, rest in ((second, get_head(server.port)[len("GET /"):]), (third, get_head(server.port))):
                        line.send(rest)
                        self.assertEqual(line.receive_all()[:12], b"HTTP/1.1 200")
                self.assertIsNotNone(done.next_event("energy_update"))

    def test_a_refused_client_gets_the_whole_refusal_whatever_it_had_sent(self):
        """Closing a socket with unread octets resets it, and some systems then discard the octets that the peer has not read yet."""
        with Server("attack_target", "max_connections=1", "close_timeout=3000") as server, WebSocket(server.port):
            with Line(server.port) as line:
                line.send(get_head(server.port, more="X: " + "x" * 4000 + "\r\n") * 20)
                answer = b""
                while not answer.endswith(b"too many connections\n"):
                    more = line.receive()
                    self.assertTrue(more, answer)
                    answer += more
                self.assertTrue(answer.startswith(b"HTTP/1.1 503") and answer.endswith(b"too many connections\n"), answer)
                while line.send(b"x"):  # it is not read from for ever
                    time.sleep(0.02)

    def test_time_to_close(self):
        """A client that is sent a close frame and does not answer keeps its place for close_timeout and no longer."""
        with Server("attack_target", "close_timeout=700",
                    "max_connections=1") as server, WebSocket(server.port) as client:
            began = time.monotonic()
            client.send(wire.text("x", rsv=4).octets)
            self.assertEqual(client.close_code(), 1002)
            self.assertEqual(client.next(), "end")
            while ask(server.port, get_head(server.port)).status == 503:
                time.sleep(0.02)
            self.assertGreaterEqual(time.monotonic() - began, 0.65)

    def test_silence_is_pinged_and_then_ended(self):
        with Server("attack_target", "ping_interval=300", "pong_timeout=300", "close_timeout=200") as server:
            with WebSocket(server.port) as dead:
                self.assertEqual(dead.close_code(), 1011)
        with Server("attack_target", "ping_interval=300", "pong_timeout=60000") as server, WebSocket(server.port) as alive:
            pings = 0
            while pings < 4:
                line = alive.next()
                self.assertIsNotNone(line)
                self.assertNotRegex(line, "^(close|end)")
                if line.startswith("ping "):
                    pings += 1
                    alive.send(wire.pong(bytes.fromhex(line[5:])).octets)

    def test_idle(self):
        with Server("attack_target", "idle_timeout=800") as server:
            with WebSocket(server.port) as quiet, WebSocket(server.port) as pinging:
                code = None
                while code is None:
                    pinging.send(wire.ping().octets)
                    code = pinging.close_code(0.1)
                self.assertEqual(code, 1011, "control frames are no sign of use")
                self.assertEqual(quiet.close_code(), 1011)


if __name__ == "__main__":
    unittest.main()
