#!/usr/bin/env python3
"""Compiles and links the hello world that README.md shows, the first ```cpp block with a main(), as it would be shipped, and
checks that the program does not hold parts that it does not use: the journal, and nlohmann/json."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNASKED = re.compile(r"\b(nlohmann::|wirthforge::journal::)")


def main():
    readme = ROOT / "README.md"
    if not readme.is_file():
        print("skipped: there is no README.md yet")
        return 77
    blocks = re.findall(r"^```cpp\n(.*?)^```", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    hello = next((block for block in blocks if re.search(r"\bint main\(", block)), None)
    if hello is None:
        print("README.md: no ```cpp block with a main()\n  why: it is the first thing that people paste\n"
              "  fix: show the hello world in one", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "hello.cpp")
        source.write_text(hello, encoding="utf-8")
        command = [os.environ.get("CXX", "c++"), "-std=c++17", "-O2", "-Wall", "-Wextra", "-I.", str(source), "-o", f"{folder}/hello",
                   "-pthread"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            print("README.md's hello world does not compile\n  why: it is the first thing that people paste\n"
                  "  fix: mend the first ```cpp block with a main()", file=sys.stderr)
            return 1
        symbols = subprocess.run(["nm", "-C", f"{folder}/hello"], check=True, capture_output=True, text=True).stdout
        unasked = [line for line in symbols.splitlines() if UNASKED.search(line)]
    if unasked:
        print("\n".join(unasked[:5]) + "\nREADME.md's hello world holds parts that it does not use\n  why: each integrator waits "
              "for it and ships it\n  fix: reach it through the call that asks for it, as server::keep_journal does; GCC also "
              "guesses\n       which class a virtual call is for: where that is the caller's only one, mark the caller "
              "WIRTHFORGE_COLD", file=sys.stderr)
        return 1
    print(f"{len(hello.splitlines())} lines, compiled and linked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
