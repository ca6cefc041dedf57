#!/usr/bin/env python3
"""Runs the table of conformance cases over raw sockets and compares what comes back with expected.txt.

    tests/conformance/run.py                    all of them
    tests/conformance/run.py 6 7.2 9.1.3        a family, a group, a case
    tests/conformance/run.py --list [NUMBER]    prints the cases, and runs none
    tests/conformance/run.py --write-expected   writes expected.txt from the table, never from a server

The servers are taken from WIRTHFORGE_BIN_DIR, build/tests/bin if that is not set.
"""

import asyncio
import collections
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "support"))

from servers import Server  # noqa: E402
from table import all_cases  # noqa: E402
from talk import Talk  # noqa: E402

EXPECTED = HERE / "expected.txt"
SERVERS = {"echo": ("echo_server", "0", str(16 << 20)), "small": ("echo_server", "0", "1000", "10"),
           "hello": ("hello", "--port", "0")}
SECONDS = 10  # for a case; a server that waits for bytes that never come fails by it
SECONDS_LARGE = 45


def expected_text(cases):
    """Every family, group and case, with what must come back."""
    lines, family, group = [], None, None
    for case in cases:
        if case.family != family:
            family = case.family
            lines.append(f"# {case.id.split('.')[0]} {family}\n\n")
        if case.group != group:
            group = case.group
            lines.append(f"## {case.id.rsplit('.', 1)[0]} {group}\n\n")
        lines.append(case.rendered(case.back) + "\n")
    return "".join(lines)


def is_chosen(case, numbers):
    return not numbers or any(case.id == each or case.id.startswith(each.rstrip(".") + ".") for each in numbers)


async def run_all(cases, ports):
    small, large = asyncio.Semaphore(16), asyncio.Semaphore(1)
    results = {}

    async def one(case):
        async with large if case.is_large() else small:
            results[case.id] = await Talk(case, ports[case.at]).run(SECONDS_LARGE if case.is_large() else SECONDS)

    await asyncio.gather(*map(one, cases))
    return results


def report(case, written, got):
    blocks = written.get(case.id, "  (not in expected.txt)\n")
    print(f"FAILED {blocks}  got  {case.rendered(got).splitlines()[-1][7:]}\n  alone: tests/conformance/run.py {case.id}\n", flush=True)


def main(arguments):
    numbers = [each for each in arguments if not each.startswith("-")]
    cases = all_cases()
    text = expected_text(cases)
    if "--write-expected" in arguments:
        EXPECTED.write_text(text, encoding="ascii")
        return 0
    chosen = [case for case in cases if is_chosen(case, numbers)]
    if "--list" in arguments:
        print(expected_text(chosen), end="")
        return 0
    if not chosen or set(arguments) - set(numbers):
        print(__doc__, file=sys.stderr)
        return 2
    committed = EXPECTED.read_text(encoding="ascii")
    if committed != text:
        print("expected.txt differs from the table\n  why: the expected answers are reviewed as a diff of that file\n"
              "  fix: run tests/conformance/run.py --write-expected, and read the diff", file=sys.stderr)
        return 1
    written = {block.split(" ", 1)[0]: block + "\n" for block in committed.split("\n\n") if not block.startswith("#")}
    began = time.monotonic()
    servers = {name: Server(*command) for name, command in SERVERS.items()}
    try:
        results = asyncio.run(run_all(chosen, {name: server.port for name, server in servers.items()}))
        dead = [name for name, server in servers.items() if not server.is_running()]
    finally:
        for server in servers.values():
            server.stop()
    failures = [case for case in chosen if case.rendered(results[case.id]) != written.get(case.id)]
    for case in failures:
        report(case, written, results[case.id])
    for name in dead:
        print(f"FAILED the server {name} has ended")
    for family, count in collections.Counter(case.family for case in chosen).items():
        bad = sum(case.family == family for case in failures)
        print(f"{family:20}{count:5} cases, {bad} failed")
    print(f"{'all':20}{len(chosen):5} cases, {len(failures)} failed, {time.monotonic() - began:.1f} s")
    return 1 if failures or dead else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
