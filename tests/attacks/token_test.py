#!/usr/bin/env python3
"""The per-launch token, from outside: a client with it is let in, one without it learns nothing, and it is logged nowhere."""

import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from client import WebSocket, ask, get_head, upgrade_head  # noqa: E402
from routes import ROUTES  # noqa: E402
from servers import BIN, Server  # noqa: E402

TOKEN = "k7Zp2mQx9LrT4vWc8NfB1sHd6JyG3aUe5XoRiEtKwYq"
CLOSED = tuple(route.example for route in ROUTES if not route.is_public)
OPEN = tuple(route.example for route in ROUTES if route.is_public)


def bearer(token):
    return f"Authorization: Bearer {token}\r\n"


def offered(*tokens):
    return "Sec-WebSocket-Protocol: " + ", ".join(["wirthforge.v1",
                                                   *[f"wirthforge.token.{each}" for each in tokens]]) + "\r\n"


class Token(unittest.TestCase):
    def setUp(self):
        self.server = Server("attack_target", f"token={TOKEN}")
        self.port = self.server.port

    def tearDown(self):
        self.server.stop()
        self.assertNotIn(TOKEN, self.server.errors())

    def assert_kept_out(self, more, path="/ws", statuses=(401, 429)):
        with self.subTest(more=more[:80], path=path):
            answer = ask(self.port, upgrade_head(self.port, path, more)
                         if path.startswith("/ws") else get_head(self.port, path, more=more))
            self.assertIn(answer.status, statuses)
            self.assertNotIn(TOKEN.encode(), answer.octets)

    def test_a_client_with_it_is_let_in_and_does_not_get_it_back(self):
        for more, subprotocol in ((offered(TOKEN), "wirthforge.v1"), (bearer(TOKEN), None),
                                  (bearer(TOKEN).replace("Bearer", "bearer"), None),
                                  (f"Sec-WebSocket-Protocol: wirthforge.token.{TOKEN}\r\n", None)):
            with WebSocket(self.port, more=more) as client:
                self.assertEqual(client.answer.status, 101)
                self.assertEqual(client.answer.fields.get("sec-websocket-protocol"), subprotocol)
                self.assertNotIn(TOKEN.encode(), client.answer.octets)
                self.assertIsNotNone(client.next_event("startup_complete"))

    def test_wrong_short_long_empty_and_doubled_ones_are_refused(self):
        for wrong in ("", "x", TOKEN[:-1], TOKEN + "x", TOKEN[::-1], TOKEN.swapcase(), "x" + TOKEN[1:], TOKEN[:-1] +
                      "x", TOKEN * 2, "x" * 256):
            self.assert_kept_out(offered(wrong))
            self.assert_kept_out(bearer(wrong))
        self.assert_kept_out(offered(TOKEN, TOKEN))
        self.assert_kept_out(offered("x" * 43, TOKEN))
        self.assert_kept_out(offered(TOKEN) + bearer(TOKEN))
        self.assert_kept_out(bearer(TOKEN) * 2)
        self.assert_kept_out("")

    def test_it_is_taken_from_nowhere_else(self):
        for more in (f"Cookie: token={TOKEN}\r\n", f"Cookie: wirthforge.token.{TOKEN}\r\n",
                     f"Authorization: Basic {TOKEN}\r\n",
                     f"Authorization: {TOKEN}\r\n", f"X-Token: {TOKEN}\r\n", f"Proxy-Authorization: Bearer {TOKEN}\r\n",
                     f"Sec-WebSocket-Protocol: {TOKEN}\r\n", f"Sec-WebSocket-Protocol: WIRTHFORGE.TOKEN.{TOKEN}\r\n"):
            self.assert_kept_out(more)
        self.assert_kept_out("", f"/ws?token={TOKEN}")
        self.assert_kept_out("", f"/ws?{TOKEN}")

    def test_routes_with_data_are_closed_and_those_without_stay_open_and_carry_no_token(self):
        self.assertEqual(CLOSED[0], "/ws")
        self.assertEqual(set(CLOSED), {"/ws", "/metrics", "/api/metrics"})
        for path in CLOSED[1:]:
            self.assert_kept_out("", path)
            self.assertEqual(ask(self.port, get_head(self.port, path, more=bearer(TOKEN))).status, 200)
        for path in OPEN:
            answer = ask(self.port, get_head(self.port, path))
            self.assertEqual(answer.status, 200)
            self.assertNotIn(TOKEN.encode(), answer.octets, "a script of another site could read it")

    def test_a_token_does_not_open_the_gate(self):
        for more in (offered(TOKEN), bearer(TOKEN)):
            self.assertEqual(ask(self.port, upgrade_head(self.port, more=more +
                                                         "Origin: https://evil.test\r\n")).status, 403)
            self.assertEqual(ask(self.port, upgrade_head(self.port, more=more + "Origin: null\r\n")).status, 403)
            self.assertEqual(ask(self.port, upgrade_head(self.port, more=more + "Origin: file://\r\n")).status, 403)
            self.assertEqual(ask(self.port, upgrade_head(self.port, more=more, host=f"evil.test:{self.port}")).status,
                             403)

    def test_many_guesses_are_throttled_and_a_client_with_it_waits_for_none_of_them(self):
        statuses = []
        while len(statuses) < 1000 or 429 not in statuses:  # how many of them, and of the log's lines: tests/unit/live/guesses_test.cpp
            statuses.append(ask(self.port, upgrade_head(self.port, more=offered(f"{len(statuses):043}"))).status)
        self.assertEqual(set(statuses), {401, 429})
        self.assertEqual(ask(self.port, upgrade_head(self.port, more=offered(TOKEN))).status, 101)
        self.assertLess(len(self.server.errors().splitlines()), len(statuses), "not each guess is a line of the log")


class NullOrigin(unittest.TestCase):
    def test_it_comes_in_with_the_opt_in_and_the_token_and_not_with_one_of_them(self):
        with Server("attack_target", f"token={TOKEN}", "allow_null_origin=1") as server:
            for null in ("Origin: null\r\n", "Origin: file://\r\n"):  # Electron sends the second for a page that is a file
                self.assertEqual(ask(server.port, upgrade_head(server.port, more=null + offered(TOKEN))).status, 101)
                self.assertEqual(ask(server.port, upgrade_head(server.port, more=null)).status, 401)
                self.assertEqual(ask(server.port, upgrade_head(server.port, more=null + offered(TOKEN[::-1]))).status, 401)
                self.assertEqual(ask(server.port, get_head(server.port, more=null)).status, 401)
                self.assertNotIn("access-control-allow-origin",
                                 ask(server.port, get_head(server.port, "/metrics", more=null + bearer(TOKEN))).fields)
        for arguments in (("allow_null_origin=1",), ("token=" + "x" * 31,), ("token=" + "x" * 257,),
                          ("token=" + "x" * 40 + " y",)):
            ended = subprocess.run([str(BIN / "attack_target"), *arguments], capture_output=True, timeout=60,
                                   check=False)
            self.assertEqual((ended.returncode, ended.stdout), (1, b""), arguments)


if __name__ == "__main__":
    unittest.main()
