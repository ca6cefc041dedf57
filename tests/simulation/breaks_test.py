#!/usr/bin/env python3
"""Breaks the product on purpose, one way for each oracle, and shows that the simulation finds each.

A copy of src/ is made in which each broken line stands beside the sound one, chosen at run time, so that one program serves
for all. A break whose line is no longer in the sources fails the test: then look for where its promise is kept now, and
plant it there."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_SEEDS = 10
# Where a break shows rarely: it takes a client that lost its connection between energy that waited and a reliable event.
MORE_SEEDS = {"energy that was not sent before a reliable event is lost": 40}

# (oracle, file, sound, broken): the replacement tests `planted_break == its number`.
BREAKS = [
    ("completeness", "live/event_log.hpp",
     "return first_ + entries_.partition_point(",
     "return first_ + (IS_BROKEN && timestamp < last_timestamp_ ? 1 : 0) + entries_.partition_point(",
     "a replay leaves out its first event"),
    ("order", "live/event_log.hpp",
     "return each.frame->timestamp() <= timestamp;",
     "return IS_BROKEN ? each.frame->timestamp() < timestamp : each.frame->timestamp() <= timestamp;",
     "a replay begins with the event that the client had last"),
    ("sums", "live/energy_lane.hpp",
     "event.delta_energy = from.total.delta_energy - had.delta_energy;",
     "if (!IS_BROKEN) event.delta_energy = from.total.delta_energy - had.delta_energy;",
     "skipped energy is lost"),
    ("memory", "live/hub.hpp",
     "client.cursor_ < stop && bytes < options_.batch_bytes;",
     "client.cursor_ < stop && (IS_BROKEN || bytes < options_.batch_bytes);",
     "a client is sent all waiting events at once"),
    ("timeouts", "rfc6455/liveness.hpp",
     "if (now - pinged_ >= options_.pong_timeout)",
     "if (!IS_BROKEN && now - pinged_ >= options_.pong_timeout)",
     "a client that answers no ping is kept"),
    ("sums", "live/resume.hpp",
     "return began.value_or(since);",
     "return IS_BROKEN ? since : began.value_or(since);",
     "energy that was not sent before a reliable event is lost"),
    ("completeness", "live/recent_answers.hpp",
     "note_left_out(answers_.front().ended_at);",
     "if (!IS_BROKEN) note_left_out(answers_.front().ended_at);",
     "an answer that was dropped before its time goes unmentioned"),
    ("completeness", "live/model_states.hpp",
     "if (one.before < timestamp) take(one.event);",
     "if (one.before < timestamp && !IS_BROKEN) take(one.event);",
     "a page that connects is not told the states of models"),
    ("completeness", "live/open_answers.hpp",
     "if (says_that_it_waits(each.event)) take(each.event);",
     "if (says_that_it_waits(each.event) && !IS_BROKEN) take(each.event);",
     "a page that connects is not told that a prompt is being read"),
    ("completeness", "live/line.hpp",
     "if (is_in_order) flush(now);",
     "if (is_in_order && !IS_BROKEN) flush(now);",
     "a request right before the end of the client's side is not answered"),
    ("order", "live/lines.hpp",
     "const auto oldest = half_open_.front().lock();",
     "const auto oldest = (IS_BROKEN ? half_open_.back() : half_open_.front()).lock();",
     "the half-open connection that came last makes room"),
    ("timeouts", "live/broker.hpp",
     "if (lines_.size() > 0 && now.steady < stop_deadline_)",
     "if (lines_.size() > 0 && (IS_BROKEN || now.steady < stop_deadline_))",
     "a stop waits for clients that lag, however long"),
    ("order", "journal/journal_history.hpp",
     "return std::move(past_);",
     "if (IS_BROKEN && !past_.events.empty()) past_.events.pop_back();\n    return std::move(past_);",
     "a run that continues a closed journal lacks the newest event"),
]


def plant(source):
    """Rewrites the copy; a break's number is its place in the list, from 1."""
    for number, (_, name, sound, broken, what) in enumerate(BREAKS, 1):
        path = source / name
        text = path.read_text(encoding="ascii")
        if text.count(sound) != 1:
            sys.exit(f"src/{name}: the line of break {number} ({what}) is there {text.count(sound)} times, not once\n"
                     f"  line: {sound}\n  fix: find where that promise is kept now, and write it into {Path(__file__).name}")
        path.write_text(text.replace(sound, broken.replace("IS_BROKEN", f"(planted_break == {number})")), encoding="ascii")
    first = source / "base/clock.hpp"  # everything that is broken includes it
    first.write_text(first.read_text(encoding="ascii") + "\nnamespace wirthforge {\ninline int planted_break = 0;\n}\n",
                     encoding="ascii")


def build(folder):
    """The simulation against the broken copy."""
    source = folder / "src"
    shutil.copytree(ROOT / "src", source)
    plant(source)
    program = folder / "seeds"
    compiler = ([shutil.which("ccache")] if shutil.which("ccache") else []) + [os.environ.get("CXX", "c++")]
    subprocess.run([*compiler, "-std=c++17", "-O1", "-DWIRTHFORGE_HAS_PLANTED_BREAKS", f"-I{source}", f"-I{ROOT / 'tests'}", "-c",
                    str(ROOT / "tests/simulation/seeds.cpp"), "-o", f"{program}.o"], check=True)
    subprocess.run([*compiler[-1:], f"{program}.o", "-o", str(program), "-pthread"], check=True)
    return program


def run(program, number, seeds):
    """Exit code and output."""
    done = subprocess.run([str(program), "1", str(seeds), str(number)], capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stdout


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        program = build(Path(folder))
        code, output = run(program, 0, 40)
        print("nothing is broken:", output.strip().splitlines()[-1] if output else "no output")
        if code != 0:
            sys.exit("the simulation fails without a break\n" + output)
        for number, (oracle, _, _, _, what) in enumerate(BREAKS, 1):
            code, output = run(program, number, MORE_SEEDS.get(what, MOST_SEEDS))
            tried = re.search(r"^(\d+) seeds", output, re.MULTILINE)
            found = re.search(r"^seed (\d+) broke (\w+) .*", output, re.MULTILINE)
            good = code == 1 and found is not None and found.group(2) == oracle
            bad += not good
            print(f"{'found' if good else 'NOT FOUND'} after {tried.group(1) if tried else '?'} seeds: {what}")
            print("  " + (found.group(0) if found else f"exit code {code}, wanted a failure of {oracle}"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
