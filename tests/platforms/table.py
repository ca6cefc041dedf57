#!/usr/bin/env python3
"""Writes README.md's table of what was tried from the results of tests/platforms/run.sh.

    tests/platforms/table.py           from tests/platforms/results.tsv, which is committed
    tests/platforms/table.py --take    takes what build/platforms/results.tsv has of the last run into that first
    tests/platforms/table.py --check   writes nothing, and fails where README.md has another table
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "tests/platforms/results.tsv"
LAST = ROOT / "build/platforms/results.tsv"
README = ROOT / "README.md"
BEGIN, END = "<!-- tests/platforms/table.py writes this -->\n", "<!-- up to here -->\n"


def rows_of(text):
    """NAME: (verdict, seconds, what was tried, output)."""
    rows = {}
    for line in text.splitlines():
        name, verdict, seconds, what, said = line.split("\t")
        if verdict not in ("passed", "failed"):
            raise ValueError(f"{name} has the verdict {verdict}")
        rows[name] = (verdict, int(seconds), what, said)
    return rows


def text_of(rows):
    return "".join("\t".join([name, verdict, str(seconds), what, said]) + "\n" for name, (verdict, seconds, what, said) in rows.items())


def table_of(rows):
    lines = ["| tried | result |", "|---|---|"]
    for verdict, _, what, said in rows.values():
        said = said.replace("|", "\\|")
        lines.append(f"| {what} | {said if verdict == 'passed' else '**failed:** ' + said} |")
    return "\n".join(lines) + "\n"


def with_table(readme, table):
    before, found, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"README.md lacks {BEGIN.strip()} or {END.strip()}")
    return before + BEGIN + table + END + after


def main(arguments):
    kept = rows_of(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    if arguments == ["--take"]:
        kept.update(rows_of(LAST.read_text(encoding="utf-8")))
        order = [line.split("|")[0].strip() for line in
                 subprocess.run(["bash", "-c", "sed -n '/^TABLE$/q; /|/p' tests/platforms/run.sh"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout.splitlines()]
        kept = {name: kept[name] for name in [*order, *kept] if name in kept}
        KEPT.write_text(text_of(kept), encoding="utf-8")
    elif arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    now = README.read_text(encoding="utf-8")
    wanted = with_table(now, table_of(kept))
    if arguments == ["--check"]:
        if now != wanted:
            sys.exit("README.md's table is not that of tests/platforms/results.tsv\n"
                     "  why: it lists the platforms that were tried, and a stale list would go unnoticed\n  fix: python3 tests/platforms/table.py")
    else:
        README.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
