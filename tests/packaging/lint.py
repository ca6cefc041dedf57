#!/usr/bin/env python3
"""The shape of the sources: ASCII, LF, no tabs, no trailing blanks, lines and files of a readable length."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_COLUMNS = 160  # the aim is 120
MOST_LINES = 350
MORE_LINES = {"client/wirthforge.js": 380}  # pages want one module, whatever its ideas
CODE = {".cc", ".cmake", ".cpp", ".css", ".hpp", ".html", ".ipp", ".js", ".json", ".mjs", ".py", ".sh", ".ts", ".build", ".in"}
CODE_NAMES = {"CMakeLists.txt", "meson_options.txt", "run"}


def files():
    """What is committed or about to be; without git, all but what is built or downloaded."""
    git = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=False,
                         capture_output=True)
    found = git.stdout.decode().split("\0") if git.returncode == 0 else [
        path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*")
        if not path.relative_to(ROOT).parts[0].startswith((".git", "build"))]
    return sorted(path for path in found if path and (ROOT / path).is_file() and "node_modules/" not in path)


def faults(path, data):
    """(line, what, why, fix) of each fault."""
    lines = data.split(b"\n")
    generated = b"GENERATED" in b"".join(lines[:5]) or "/generated/" in path or path.endswith("package-lock.json")
    long_lines = generated or Path(path).suffix in {".json", ".html"}
    if lines[-1]:
        yield len(lines), "no line end at the end", "tools join files", "add one"
    most_lines = MORE_LINES.get(path, MOST_LINES)
    if len(lines) - 1 > most_lines and not generated and Path(path).suffix != ".json":
        yield len(lines) - 1, f"{len(lines) - 1} lines, limit {most_lines}", "such a file holds two ideas", "split it in two"
    for number, line in enumerate(lines, 1):
        if not line.isascii():
            yield number, "not ASCII", "compilers and terminals read other bytes by the machine's code page", "write an escape"
        if line.endswith(b"\r"):
            yield number, "a CR line end", "bytes would differ between machines", "run: sed -i 's/\\r$//' " + path
        if b"\t" in line:
            yield number, "a tab", "it is as wide as each reader's settings", "indent by two spaces"
        if line.rstrip() != line and not generated:
            yield number, "a trailing blank", "it shows in every later diff", "run: sed -i 's/ *$//' " + path
        if len(line) > MOST_COLUMNS and not long_lines:
            yield number, f"{len(line)} columns, limit {MOST_COLUMNS}", "two files side by side do not fit", "break the line"


def main():
    count = bad = 0
    for path in files():
        if Path(path).suffix not in CODE and Path(path).name not in CODE_NAMES:
            continue
        count += 1
        for line, what, why, fix in faults(path, (ROOT / path).read_bytes()):
            bad += 1
            print(f"{path}:{line}: {what}\n  why: {why}\n  fix: {fix}", file=sys.stderr)
    print(f"{count} files looked at, {bad} faults")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
