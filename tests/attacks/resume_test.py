#!/usr/bin/env python3
"""Resume parameters from an attacker: strict, bounded, and never worth more than a fresh connection."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from client import WebSocket, ask, upgrade_head  # noqa: E402
from servers import Server  # noqa: E402

EPOCH = "0123456789abcdef0123456789abcdef"
BAD_NUMBERS = ("-1", "-0", "+1", "18446744073709551616", "18446744073709551615", "9223372036854775808", "1e3", "1.0",
               "0x10", "NaN", "Infinity",
               "01", "", "%31", "1%00", "1'", "null", "true", "9" * 1000, "%C2%B2")
BAD_EPOCHS = ("", "x", "0", EPOCH[:-1], EPOCH + "0", EPOCH.upper(), "g" * 32, "../../../etc/passwd", "%00" * 10,
              "';drop%20table--", "-1", "a" * 5000)


class Resume(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("attack_target")
        cls.port = cls.server.port
        with WebSocket(cls.port) as client:
            cls.since = client.next_event("startup_complete")["timestamp"]
            cls.epoch = client.next_event("heartbeat")["payload"]["connectionId"].split(".")[0]

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def gap(self, query):
        """The gap code that follows the greeting; None when the stream goes on without one."""
        with WebSocket(self.port, f"/ws?{query}") as client:
            self.assertEqual(client.answer.status, 101)
            order = []
            while len(order) < 3:
                line = client.next()
                self.assertTrue(line and line.startswith("event "), line)
                order.append(json.loads(line[6:]))
            self.assertEqual([event["type"] for event in order[:2]], ["startup_complete", "heartbeat"])
            code = order[2]["payload"]["code"] if order[2]["type"] == "error_event" else None
            self.assertIsNotNone(client.next_event("energy_update"))
            return code

    def test_numbers_that_are_none_are_invalid(self):
        for number in BAD_NUMBERS:
            with self.subTest(number=number[:30]):
                self.assertEqual(self.gap(f"epoch={self.epoch}&since={number}"), "RESUME_INVALID")
                self.assertEqual(self.gap(f"epoch={self.epoch}&since={self.since}&frame={number}"), "RESUME_INVALID")

    def test_an_epoch_that_is_none_is_invalid(self):
        for epoch in BAD_EPOCHS:
            with self.subTest(epoch=epoch[:30]):
                self.assertEqual(self.gap(f"epoch={epoch}&since={self.since}"), "RESUME_INVALID")

    def test_half_of_the_parameters_and_doubled_ones_are_invalid(self):
        for query in (f"epoch={self.epoch}", f"since={self.since}", "frame=1", f"epoch={self.epoch}&frame=1",
                      f"epoch={self.epoch}&since={self.since}&since={self.since}",
                      f"epoch={self.epoch}&epoch={self.epoch}&since={self.since}",
                      f"epoch={self.epoch}&since={self.since}&frames=",
                      f"epoch={self.epoch}&since={self.since}&frames=:1",
                      f"epoch={self.epoch}&since={self.since}&frames=m:-1",
                      f"epoch={self.epoch}&since={self.since}&frames=" + ",".join(f"m{at}:1" for at in range(65)),
                      "replay=open&replay=open"):
            with self.subTest(query=query[:60]):
                self.assertEqual(self.gap(query), "RESUME_INVALID")

    def test_an_epoch_of_another_run_is_told_so(self):
        self.assertEqual(self.gap(f"epoch={EPOCH}&since={self.since}"), "RESUME_EPOCH_CHANGED")
        self.assertEqual(self.gap(f"epoch={EPOCH}&since=0&frame=0"), "RESUME_EPOCH_CHANGED")

    def test_a_time_that_is_yet_to_come_is_never_taken_for_complete(self):
        for since in (self.since + 10**6, self.since + 10**9, 10**18 - 1):
            with self.subTest(since=since):
                self.assertIn(self.gap(f"epoch={self.epoch}&since={since}"), ("RESUME_GAP", "RESUME_INVALID"))

    def test_a_sound_cursor_is_sound_as_often_as_it_is_used(self):
        for _ in range(50):
            self.assertIsNone(self.gap(f"epoch={self.epoch}&since={self.since}"))

    def test_a_megabyte_of_a_parameter_is_a_head_too_large(self):
        for name in ("epoch", "since", "frame", "frames"):
            self.assertEqual(ask(self.port, upgrade_head(self.port, f"/ws?{name}=" + "1" * (1 << 20))).status, 431)

    def test_a_sound_cursor_opens_nothing_that_the_gate_keeps_shut(self):
        path = f"/ws?epoch={self.epoch}&since={self.since}"
        self.assertEqual(ask(self.port, upgrade_head(self.port, path, "Origin: https://evil.test\r\n")).status, 403)
        self.assertEqual(ask(self.port, upgrade_head(self.port, path, host=f"evil.test:{self.port}")).status, 403)


if __name__ == "__main__":
    unittest.main()
