#!/usr/bin/env python3
"""A well-behaved client in a process of its own: watches the energy channel for so many seconds and prints what it received.

    watcher.py PORT SECONDS      prints {"received": ..., "expected": ..., "longest_gap_s": ...} when the time is over

Its clock begins with the first event, and `expected` counts ticks by the frame numbers that went by.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))


class Watcher:
    """Runs this file beside an attack; `with Watcher(port, seconds) as watcher: attack()`, then look at `seen`."""

    def __init__(self, port, seconds):
        self._process = subprocess.Popen([sys.executable, __file__, str(port), str(seconds)], stdout=subprocess.PIPE)
        self.seen = None

    def __enter__(self):
        assert self._process.stdout.readline() == b"watching\n"
        return self

    def __exit__(self, kind, *_):
        if kind:
            self._process.kill()
        said, _ = self._process.communicate(timeout=120)
        if not kind:
            self.seen = json.loads(said)


def kept_60_hz(seen, seconds, least=0.9):
    """None, or the fault: it must have received `least` of all events. A machine that is shared
    with a compiler loses a tick now and then; a client that another one delays loses many in a row."""
    if seen["received"] < least * 60 * seconds:
        return f"{seen['received']} events in {seconds} s: {seen}"
    return None if seen["longest_gap_s"] < 0.5 else f"{seen['longest_gap_s']:.2f} s without an event: {seen}"


def main(port, seconds):
    from client import WebSocket
    with WebSocket(port) as client:
        first = last = None
        received, longest, began = 0, 0.0, time.monotonic()
        before = began
        while before < began + seconds:
            line = client.next()
            if line is None or line == "end" or line.startswith("close"):
                break
            if not line.startswith(('event {"type":"energy_update"', 'event {"type":"energy_field"')):
                continue
            now = time.monotonic()
            number = json.loads(line[6:])["frameNumber"]
            if first is None:
                print("watching", flush=True)
                first, began, before = number, now, now
            longest, before, last = max(longest, now - before), now, number
            received += 1
        print(json.dumps({"received": received, "expected": (last or 0) - (first or 0) + 1, "longest_gap_s": longest}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
