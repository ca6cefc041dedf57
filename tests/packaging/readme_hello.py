#!/usr/bin/env python3
"""Compiles and links the hello world that README.md shows: the first ```cpp block with a main()."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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
        command = [os.environ.get("CXX", "c++"), "-std=c++17", "-Wall", "-Wextra", "-I.", str(source), "-o", f"{folder}/hello",
                   "-pthread"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            print("README.md's hello world does not compile\n  why: it is the first thing that people paste\n"
                  "  fix: mend the first ```cpp block with a main()", file=sys.stderr)
            return 1
    print(f"{len(hello.splitlines())} lines, compiled and linked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
