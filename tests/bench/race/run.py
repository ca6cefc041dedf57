#!/usr/bin/env python3
"""Runs the race. Called by tests/bench/run.sh, which installs what is missing."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time

import build
import measures
import report
import serve
from racers import ASIO, BIN, CXX, FLOORS, MICRO, OURS, OUT, PEERS, ROOT, TOOLS, at_commit

PARTS = ["race", "micro", "stress", "sizes"]


def said_by(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), "unknown")
    return {"cpu": model, "cores": len(serve.CORES), "kernel": platform.release(),
            "compiler": said_by(CXX, "--version").split("\n")[0], "node": said_by("node", "--version"),
            "commit": said_by("git", "describe", "--always", "--dirty", "--abbrev=12"),
            "open files": serve.allow_many_files()}


def micro_groups(quick, say, program):
    say(f"micro benchmarks: {program}")
    command = [str(BIN / program), *(["quick"] if quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300,
                          preexec_fn=lambda: os.sched_setaffinity(0, {serve.SERVER_CORE}))
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    reader = argparse.ArgumentParser(prog="tests/bench/run.sh")
    reader.add_argument("--quick", action="store_true")
    reader.add_argument("--racers", help="names, with commas between; ours and the Asio floor always run")
    reader.add_argument("--repetitions", type=int)
    reader.add_argument("--parts", default=",".join(PARTS))
    reader.add_argument("--beside", metavar="COMMIT", help="race ours as it was at this commit, too")
    chosen = reader.parse_args()
    parts = chosen.parts.split(",")

    began = time.monotonic()

    def say(text):
        print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)

    plan = measures.Plan(chosen.quick)
    plan.repetitions = chosen.repetitions or plan.repetitions
    everybody = [OURS, *FLOORS] if chosen.quick else [OURS, *FLOORS, *PEERS]
    names = chosen.racers.split(",") if chosen.racers else [racer.name for racer in everybody]
    racers = [racer for racer in everybody if racer.name in [*names, OURS.name, ASIO.name]]
    tree = build.tree_of(chosen.beside) if chosen.beside else None
    if tree:
        racers.insert(1, at_commit(OURS, report.BEFORE, chosen.beside, tree))  # the next to ours in each measure

    facts = machine()
    needed = [tool for tool in TOOLS if tool is not MICRO or "micro" in parts]
    if tree and "micro" in parts:
        needed.append(at_commit(MICRO, "micro_before", chosen.beside, tree))
    build.build([*needed, *{racer.name: racer for racer in [*racers, *FLOORS]}.values()], say, chosen.quick)
    found = {"machine": facts, "quick": chosen.quick, "repetitions": plan.repetitions,
             "load_average_before": os.getloadavg(), "racers": {racer.name: racer.label for racer in racers}}
    results = measures.Results(say)
    if "sizes" in parts:
        found["sizes"] = build.costs(say, chosen.quick, tree, f"{OURS.label} at {chosen.beside}")
    if "micro" in parts:
        pairs = []  # of both commits, in turns
        for _ in range(plan.repetitions if tree else 1):
            pairs.append([micro_groups(chosen.quick, say, name) for name in (["micro", "micro_before"] if tree else ["micro"])])
        found["micro"] = pairs[0][0]
        if tree:
            found["micro_pairs"] = pairs
    if "race" in parts:
        for repetition in range(plan.repetitions):
            say(f"repetition {repetition + 1} of {plan.repetitions}")
            measures.race_once(results, racers, plan)
    if "stress" in parts:
        measures.stress(results, plan)
    found["runs"] = results.runs
    found["failures"] = results.failures
    found["load_average_after"] = os.getloadavg()
    found["seconds"] = time.monotonic() - began

    (OUT / "results.json").write_text(json.dumps(found, indent=1) + "\n")
    text = report.written(found)
    (OUT / "table.md").write_text(text)
    print(text)
    say(f"written: {OUT / 'table.md'} and {OUT / 'results.json'}")
    return 1 if chosen.quick and results.failures else 0


if __name__ == "__main__":
    sys.exit(main())
