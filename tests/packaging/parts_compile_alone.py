#!/usr/bin/env python3
"""Compiles each part under src/ by itself, which shows a missing include: parts_compile_alone.py COMPILER

Most of such a compile is reading the headers of others. So sets of those are precompiled, and a part is given a set only if it includes
every header of it, directly or through other parts: then the set hides nothing that the part forgot."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ("-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-Isrc", "-x", "c++")
MOST_SETS = 8


def includes_of(text):
    """What is included on any system: not within a condition."""
    depth, found = 0, []
    for line in text.splitlines():
        directive = re.match(r"\s*#\s*(if|endif|include)\w*\s*(?:[<\"]([^>\"]+)[>\"])?", line)
        if directive is None:
            continue
        what, name = directive.groups()
        depth += {"if": 1, "endif": -1}.get(what, 0)
        if what == "include" and depth == 0:
            found.append(name)
    return found


def others_of(part, includes):
    """The headers of others that a part reads, through whichever parts. Of Asio only behind net/asio_version.hpp, which says that Boost
    is not there: so does a precompiled set."""
    seen, left, found = {part}, [part], set()
    while left:
        for name in includes[left.pop()]:
            if name not in includes:
                found.add(name)
            elif name not in seen:
                seen.add(name)
                left.append(name)
    is_alone = "net/asio_version.hpp" in seen
    return {name for name in found if not name.endswith(".h") and (is_alone or not name.startswith("asio"))}


def weight(headers):
    """About how long a set takes to read: Asio and nlohmann/json are much larger than the standard library."""
    return sum(20 if name.startswith("nlohmann") else 8 if name.startswith("asio/") else 1 for name in headers)


def chosen_sets(others):
    """The sets that save most when the largest that fits is given to each part."""
    wholes = {frozenset(headers) for headers in others.values()}
    candidates = wholes | {one & two for one, two in combinations(wholes, 2)}
    sets, given = [], {part: 0 for part in others}
    while len(sets) < MOST_SETS:
        def saved(headers):
            size = weight(headers)
            return sum(max(0, size - given[part]) for part, all_of_it in others.items() if headers <= all_of_it) - 2 * size - 10
        best = max(sorted(candidates, key=sorted), key=saved)
        if saved(best) <= 0:
            break
        sets.append(best)
        for part, headers in others.items():
            if best <= headers:
                given[part] = max(given[part], weight(best))
    return sets


class Compiler:
    def __init__(self, command, folder):
        self.command, self.folder = command, folder

    def precompile(self, number, headers):
        header = self.folder / f"set{number}.hpp"
        header.write_text("#define ASIO_STANDALONE\n" + "".join(f"#include <{name}>\n" for name in sorted(headers)), encoding="ascii")
        subprocess.run([self.command, *FLAGS[:-1], "c++-header", str(header), "-o", f"{header}.gch"], cwd=ROOT, check=True)
        return header

    def compile(self, part, header):
        first = () if header is None else ("-include", str(header))
        return subprocess.run([self.command, *FLAGS, "-fsyntax-only", *first, "-include", part, os.devnull], cwd=ROOT, check=False).returncode


def main(command):
    includes = {str(path.relative_to(ROOT / "src")): includes_of(path.read_text(encoding="utf-8"))
                for path in (ROOT / "src").rglob("*.[hi]pp")}
    others = {part: others_of(part, includes) for part in includes}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count() or 2) as workers:
        compiler = Compiler(command, Path(folder))
        sets = chosen_sets(others)
        headers = list(workers.map(compiler.precompile, range(len(sets)), sets))

        def largest(part):
            fitting = [number for number, each in enumerate(sets) if each <= others[part]]
            return headers[max(fitting, key=lambda number: weight(sets[number]))] if fitting else None

        parts = sorted(includes, key=lambda part: -weight(others[part]))
        codes = list(workers.map(lambda part: compiler.compile(part, largest(part)), parts))
    print(f"{len(parts)} parts, {sum(largest(part) is not None for part in parts)} of them with one of {len(sets)} precompiled sets")
    bad = [part for part, code in zip(parts, codes) if code != 0]
    for part in bad:
        print(f"{part} does not compile alone with {command}\n"
              "  why: parts are read, tested and ordered one by one; what one leans on it must include\n"
              f"  fix: include what is missing; to see it again: {command} -std=c++17 -fsyntax-only -Isrc -x c++ -include {part} /dev/null",
              file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or shutil.which(sys.argv[1]) is None:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
