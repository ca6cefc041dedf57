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
from racers import ASIO, BIN, CXX, FLOORS, OURS, OUT, PEERS, ROOT, TOOLS, micro_of_commit, of_commit

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


def micro_groups(quick, say, program="micro"):
    say("micro benchmarks" if program == "micro" else "micro benchmarks of the other commit")
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
    before = of_commit(chosen.beside, build.tree_of(chosen.beside)) if chosen.beside else None
    if before:
        racers.insert(1, before)  # the next to ours in each measure

    facts = machine()
    needed = [tool for tool in TOOLS if tool.name != "micro" or "micro" in parts]
    if before and "micro" in parts:
        needed.append(micro_of_commit(chosen.beside, build.tree_of(chosen.beside)))
    build.build([*needed, *{racer.name: racer for racer in [*racers, *FLOORS]}.values()], say, chosen.quick)
    found = {"machine": facts, "quick": chosen.quick, "repetitions": plan.repetitions,
             "load_average_before": os.getloadavg(), "racers": {racer.name: racer.label for racer in racers}}
    results = measures.Results(say)
    if "sizes" in parts:
        found["sizes"] = build.costs(say, chosen.quick, before)
    if "micro" in parts:
        found["micro"] = micro_groups(chosen.quick, say)
        if before:  # in turns
            found["micro_before"], found["micro_turns"] = [], [found["micro"]]
            for _ in range(plan.repetitions):
                found["micro_before"].append(micro_groups(chosen.quick, say, "micro_before"))
                found["micro_turns"].append(micro_groups(chosen.quick, say))
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
