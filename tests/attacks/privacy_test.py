#!/usr/bin/env python3
"""A client's data is kept nowhere: not in the log, not in the hooks' texts, not in the metrics, not in another client's
stream, for every way of sending it and of refusing it. The one exception, by design, is a value that the gate refused: a Host or an
Origin."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import wire  # noqa: E402
from client import Line, WebSocket, ask, get_head, upgrade_head  # noqa: E402
from servers import Server  # noqa: E402

SECRET = "my-diagnosis-7c1f"
OCTETS = SECRET.encode()


def frames():
    """Every way to send it in a frame, valid and invalid."""
    yield "a heartbeat_response", wire.text('{"type":"heartbeat_response","payload":{"clientTime":"%s"}}' % SECRET)
    yield "an unknown message", wire.text('{"type":"%s"}' % SECRET)
    yield "an unknown channel", wire.text('{"type":"subscribe","payload":{"channels":["%s"]}}' % SECRET)
    yield "a key", wire.text('{"%s":1}' % SECRET)
    yield "a prompt", wire.text(SECRET)
    yield "broken JSON", wire.text('{"prompt":"%s' % SECRET)
    yield "binary", wire.binary(OCTETS)
    yield "a ping", wire.ping(OCTETS)
    yield "a pong", wire.pong(OCTETS)
    yield "text that is no UTF-8", wire.text(OCTETS + b"\xff" + OCTETS)
    yield "a message too big", wire.text(SECRET * 5000)
    yield "a reserved bit", wire.text(SECRET, rsv=4)
    yield "without a mask", wire.text(SECRET, key=None)
    yield "a ping too long", wire.ping(OCTETS * 20)
    yield "a close reason", wire.close(1000, SECRET)
    yield "a close reason behind a fault", wire.close(4000, SECRET)
    yield "a close reason that is no UTF-8", wire.close(1000, OCTETS + b"\xff")
    yield "half a message", wire.text(SECRET, fin=False)


def heads(port):
    """Every place in a head, but for the values of Host and Origin."""
    fields = f"Cookie: {SECRET}\r\nAuthorization: {SECRET}\r\nX-A: {SECRET}\r\nReferer: {SECRET}\r\nUser-Agent: {SECRET}\r\n"
    for octets in (get_head(port, f"/{SECRET}"), get_head(port, f"/?{SECRET}"), get_head(port, "/", SECRET),
                   get_head(port, more=fields),
                   get_head(port, f"/ws?prompt={SECRET}", more=fields, host="evil.test"),
                   get_head(port, f"/{SECRET}", more=fields + "Origin: https://evil.test\r\n"),
                   upgrade_head(port, more=f"Sec-WebSocket-Protocol: {SECRET}\r\n" + fields),
                   upgrade_head(port, f"/ws?epoch={SECRET}&since={SECRET}&frames={SECRET}"),
                   upgrade_head(port).replace(b"dGhlIHNhbXBsZSBub25jZQ==", OCTETS),
                   get_head(port, more="Content-Length: 17\r\n") + OCTETS, f"{SECRET}\r\n\r\n".encode(),
                   f"GET /{SECRET} \r\n\r\n".encode(),
                   f"GET / HTTP/1.1\r\n{SECRET}\0\r\n\r\n".encode(), b"GET / HTTP/1.1\r\nX: " + OCTETS * 1000):
        yield octets


class Privacy(unittest.TestCase):
    def assert_forgotten(self, server):
        for path in ("/metrics", "/api/metrics", "/health", "/decipher/status"):
            self.assertNotIn(OCTETS, ask(server.port, get_head(server.port, path)).octets)
        self.assertNotIn(SECRET, server.errors())

    def test_a_clients_data_is_in_no_log_and_in_no_other_stream(self):
        with Server("attack_target", "handshake_timeout=3000") as server:
            with WebSocket(server.port) as other:
                for title, frame in frames():
                    with self.subTest(title), WebSocket(server.port) as client:
                        self.assertIsNotNone(client.next_event("heartbeat"))
                        client.send(frame.octets)
                        client.send(wire.close(1000).octets)
                        said = []
                        while said[-1:] not in (["end"], [None]):
                            said.append(client.next(3))
                        if title != "a ping":  # its own payload is what a pong must carry
                            self.assertNotIn(SECRET, "".join(map(str, said)))
                for octets in heads(server.port):
                    ask(server.port, octets, 2)
                with Line(server.port) as line:
                    line.send(b"GET / HTTP/1.1\r\nX: " + OCTETS)
                    self.assertEqual(line.receive_all()[:12], b"HTTP/1.1 408")
                said = []
                self.assertIsNotNone(other.next_event("heartbeat"))
                for _ in range(40):
                    line = other.next(0.05)
                    if line is None:
                        break
                    said.append(line)
                self.assertGreater(len(said), 10)
                self.assertNotIn(SECRET, "".join(said))
            self.assert_forgotten(server)
            server.stop()
            log = server.errors()
            self.assertNotIn(SECRET, log)
            self.assertIn("left, code 1007", log)  # the log is there, and tells of these clients
            self.assertIn("evil.test", log)
            self.assertNotIn(OCTETS.hex(), log)

    def test_the_examples_that_print_what_happens_print_nothing_of_it_either(self):
        with Server("own_loop", "--port", "0") as server:
            for _, frame in frames():
                with WebSocket(server.port) as client:
                    client.send(frame.octets)
                    client.send(wire.close(1000).octets)
                    client.receive_all(3)
            self.assert_forgotten(server)
            server.process.terminate()
            self.assertNotIn(OCTETS, server.process.stdout.read())


if __name__ == "__main__":
    unittest.main()
