#!/usr/bin/env python3
"""examples/06_replay.cpp: a journal's events reach a page again, in their order and at the chosen pace."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from client import PATIENCE, WebSocket  # noqa: E402
from servers import BIN, Server  # noqa: E402

START = 1_700_000_000_000


def reward(number, at_ms):
    return {"type": "reward_event", "channel": "reward", "timestamp": START + at_ms,
            "payload": {"rewardType": "milestone", "title": "r", "points": number}}


def tokens(words, at_ms):
    return {"type": "token_stream", "channel": "experience", "timestamp": START + at_ms,
            "payload": {"tokens": words, "isComplete": False, "sessionId": "s", "modelId": "m"}}


class Replay(unittest.TestCase):
    def play(self, lines, *arguments, encoding="utf-8", newline=""):
        """The events that reach a client, and how many seconds they took. The program's output is in `self.said`."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "journal.ndjson")
            with file.open("w", encoding=encoding, newline=newline) as journal:
                journal.write("".join(lines))
            with Server("replay", str(file), "--port", "0", *arguments) as server:
                came = []
                with WebSocket(server.port) as page:
                    page.next_event("heartbeat")
                    wanted = sum(line.startswith('{"type"') and line.endswith("}\n") for line in lines)
                    while len(came) < wanted:
                        line = page.next()
                        self.assertTrue(line and line != "end", f"{len(came)} of {wanted} came")
                        event = json.loads(line[6:]) if line.startswith("event ") else {"channel": "system"}
                        if event["channel"] != "system":
                            came.append(event)
                    seconds = (came[-1]["timestamp"] - came[0]["timestamp"]) / 1000  # by the server's clock
                self.assertEqual(server.process.wait(timeout=PATIENCE), 0)
                self.said = server.process.stdout.read().decode()
        return came, seconds

    def test_all_events_come_in_order_at_once_with_speed_0_whatever_is_torn_or_damaged(self):
        lines = [json.dumps(reward(number, number * 60_000)) + "\n" for number in range(20)]
        lines[5:5] = ["nonsense\n", "{}\n"]
        lines += [json.dumps(tokens(["a", "b"], 1_300_000)) + "\n", json.dumps(reward(99, 1_400_000))[:40]]
        came, _ = self.play(lines, "--speed", "0")
        self.assertEqual([event["payload"].get("points") for event in came], [*range(20), None])
        self.assertEqual(came[-1]["payload"]["tokens"], ["a", "b"])
        self.assertGreater(came[0]["timestamp"], START)  # it is said now

    def test_pauses_are_kept_and_shortened_by_the_speed(self):
        lines = [json.dumps(reward(number, number * 400)) + "\n" for number in range(3)]
        _, recorded = self.play(lines)
        self.assertGreater(recorded, 0.75)
        _, faster = self.play(lines, "--speed", "4")
        self.assertGreater(faster, 0.15)
        hours = [json.dumps(reward(number, number * 3_600_000)) + "\n" for number in range(3)]
        came, _ = self.play(hours, "--speed", "100000", "--max-pause", "none")  # as they are, nobody would see the end
        self.assertEqual(len(came), 3)

    def test_a_night_between_two_events_is_skipped_and_it_is_said_how_long_it_was(self):
        lines = [json.dumps(reward(number, at)) + "\n" for number, at in enumerate((0, 100, 28_800_000, 28_800_100))]
        came, _ = self.play(lines, "--max-pause", "0.1")
        self.assertEqual([event["payload"]["points"] for event in came], [0, 1, 2, 3])
        self.assertIn("skipped 7 h 59 min 59 s without an event\n", self.said)
        came, _ = self.play(lines, "--speed", "100")  # the default: ten seconds of the journal, a hundred times as fast
        self.assertEqual(len(came), 4)
        self.assertIn("skipped 7 h 59 min 49 s without an event\n", self.said)
        came, _ = self.play(lines, "--speed", "100000000", "--max-pause", "none")
        self.assertEqual(len(came), 4)
        self.assertNotIn("skipped", self.said)

    def test_a_clock_that_was_set_back_holds_nothing_up_and_skips_nothing(self):
        lines = [json.dumps(reward(number, at)) + "\n" for number, at in enumerate((3_600_000, 0, 200, 400))]
        came, _ = self.play(lines)
        self.assertEqual([event["payload"]["points"] for event in came], [0, 1, 2, 3])
        self.assertNotIn("skipped", self.said)

    def test_a_journal_that_an_editor_saved_keeps_its_first_line(self):
        lines = [json.dumps(reward(number, number)) + "\n" for number in range(3)]
        came, _ = self.play(lines, "--speed", "0", encoding="utf-8-sig", newline="\r\n")
        self.assertEqual([event["payload"]["points"] for event in came], [0, 1, 2])
        self.assertNotIn("bad lines", self.said)

    def test_a_file_that_cannot_be_played_is_an_error(self):
        for arguments in (["/no/such/file"], [], [__file__, "--speed", "-1"], [__file__, "--speed", "fast"],
                          [__file__, "--speed", "1,5"], [__file__, "--max-pause", "long"]):
            ended = subprocess.run([str(BIN / "replay"), *arguments], capture_output=True, text=True, timeout=60)
            self.assertEqual(ended.returncode, 2)
            self.assertIn("--help", ended.stderr)


if __name__ == "__main__":
    unittest.main()
