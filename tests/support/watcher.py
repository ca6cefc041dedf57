#!/usr/bin/env python3
"""A well-behaved client in a process of its own: watches the energy channel for so many seconds and prints what it received.

    watcher.py PORT SECONDS PID      prints {"received": ..., "expected": ..., "withheld_s": ..., "longest_gap_s": ...} at the end

Its clock begins with the first event, and `expected` counts ticks by the frame numbers that went by. PID is the server's process.
`withheld_s` is the time in which the machine gave the server or this client no processor though they had work: the kernel counts it
for each thread (/proc/PID/task/TID/schedstat). The longest gap is the longest time without an event, less what was withheld in it.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))


class Watcher:
    """Runs this file beside an attack; `with Watcher(server, seconds) as watcher: attack()`, then look at `seen`."""

    def __init__(self, server, seconds):
        self._process = subprocess.Popen([sys.executable, __file__, str(server.port), str(seconds), str(server.process.pid)],
                                         stdout=subprocess.PIPE)
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
    """None, or the fault: it must have received `least` of all events that were due while the server and it had a processor."""
    due = 60 * max(0.0, seconds - seen["withheld_s"])
    if seen["received"] < least * due:
        return f"{seen['received']} events of {due:.0f} in {seconds} s: {seen}"
    return None if seen["longest_gap_s"] < 0.5 else f"{seen['longest_gap_s']:.2f} s without an event: {seen}"


def withheld(pids):
    """The seconds that all threads of these processes have waited for a processor; 0 where the kernel does not count them."""
    nanoseconds = 0
    for pid in pids:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):  # the thread has ended
                nanoseconds += int(path.read_text(encoding="ascii").split()[1])
    return nanoseconds / 1e9


def main(port, seconds, server):
    from client import WebSocket
    pids = (server, os.getpid())
    with WebSocket(port) as client:
        first = last = None
        received, longest, began = 0, 0.0, time.monotonic()
        before = began
        waited_first = waited_before = withheld(pids)
        while before < began + seconds:
            line = client.next()
            if line is None or line == "end" or line.startswith("close"):
                break
            if not line.startswith(('event {"type":"energy_update"', 'event {"type":"energy_field"')):
                continue
            now, waited = time.monotonic(), withheld(pids)
            number = json.loads(line[6:])["frameNumber"]
            if first is None:
                print("watching", flush=True)
                first, began, before, waited_first, waited_before = number, now, now, waited, waited
            longest = max(longest, now - before - (waited - waited_before))
            before, waited_before, last = now, waited, number
            received += 1
        print(json.dumps({"received": received, "expected": (last or 0) - (first or 0) + 1,
                          "withheld_s": waited_before - waited_first, "longest_gap_s": longest}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
