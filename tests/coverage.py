"""Which lines and branches of src/ the suites run, by clang's own counts (branches are those of the source: the edges of exceptions
do not count, and a template's branch counts once for all its types). Called by coverage.sh with the folder where
each suite has left <suite>.lcov and <suite>.json.

Fails below the goal, and where a line that was not run has no reason in tests/coverage_reasons.txt:
`<file> | <text that the lines hold> | <reason>`; a reason that no line needs any more fails too."""

import collections
import json
import pathlib
import sys

GOAL_LINES, GOAL_BRANCHES = 95.0, 90.0
ROOT = pathlib.Path(__file__).resolve().parent.parent
REASONS = ROOT / "tests/coverage_reasons.txt"


def name_of(path):
    path = pathlib.Path(path).resolve()
    return str(path.relative_to(ROOT)) if ROOT / "src" in path.parents else None


def read_lines(folder):
    """By file: by line how often it ran, in any suite."""
    lines = collections.defaultdict(dict)
    for path in sorted(folder.glob("*.lcov")):
        where = None
        for row in path.read_text().splitlines():
            kind, _, rest = row.partition(":")
            if kind == "SF":
                where = name_of(rest)
            elif where and kind == "DA":
                line, count = (int(part) for part in rest.split(",")[:2])
                lines[where][line] = max(lines[where].get(line, 0), count)
    return lines


def read_branches(folder):
    """By file: by place in the source and outcome whether it was taken, in any suite."""
    branches = collections.defaultdict(dict)
    for path in sorted(folder.glob("*.json")):
        for file in json.loads(path.read_text())["data"][0]["files"]:
            where = name_of(file["filename"])
            for line, column, _, _, if_true, if_false, *_ in file["branches"] if where else []:
                for outcome, count in ((True, if_true), (False, if_false)):
                    key = (line, column, outcome)
                    branches[where][key] = max(branches[where].get(key, 0), count)
    return branches


def foreign_lines(text):
    """Lines that this compiler has not seen, or that cannot run: those for Windows, comments, directives. It counts some as not run."""
    result, nesting, windows = set(), 0, None  # windows: the nesting level of the #if whose Windows branch the line is in
    for number, line in enumerate(text, 1):
        word = line.strip()
        if word.startswith("#if"):
            nesting += 1
            if windows is None and word in ("#if defined(_WIN32)", "#ifdef _WIN32"):
                windows = nesting
        elif windows == nesting and word.startswith(("#else", "#elif", "#endif")):
            windows = None
        if word.startswith("#endif"):
            nesting -= 1
        if windows is not None or not word or word.startswith(("#", "//")):
            result.add(number)
    return result


def read_reasons():
    rows = []
    for row in REASONS.read_text().splitlines():
        if row and not row.startswith("#"):
            path, text, reason = (part.strip() for part in row.split(" | "))
            rows.append([path, text, reason, False])
    return rows


def ranges(numbers):
    result = []
    for number in numbers:
        if result and number == result[-1][1] + 1:
            result[-1][1] = number
        else:
            result.append([number, number])
    return result


def part(done, of):
    return 100.0 * done / of if of else 100.0


def main():
    folder = pathlib.Path(sys.argv[1])
    lines, branches = read_lines(folder), read_branches(folder)
    if not lines:
        return f"no counts of src/ in {folder}: did the programs write their profiles?"
    reasons = read_reasons()
    sums = {False: [0, 0, 0, 0], True: [0, 0, 0, 0]}
    bare = []
    print(f"{'file':44} {'lines':>12} {'branches':>12}")
    for path in sorted(lines):
        text = (ROOT / path).read_text().splitlines()
        foreign = foreign_lines(text)
        lines[path] = {line: count for line, count in lines[path].items() if line not in foreign}
        branches[path] = {key: count for key, count in branches[path].items() if key[0] not in foreign}
        counts = [sum(1 for each in lines[path].values() if each), len(lines[path]),
                  sum(1 for each in branches[path].values() if each), len(branches[path])]
        is_generated = "/generated/" in path
        sums[is_generated] = [before + now for before, now in zip(sums[is_generated], counts)]
        print(f"{path:44} {part(*counts[:2]):10.1f} % {part(*counts[2:]):10.1f} %")
        if is_generated:
            continue
        for first, last in ranges(sorted(line for line, count in lines[path].items() if count == 0)):
            held = "\n".join(text[first - 1:last])
            found = [row for row in reasons if row[0] == path and row[1] in held]
            for row in found:
                row[3] = True
            if not found:
                bare.append(f"{path}:{first}-{last}: {text[first - 1].strip()}")
    faults = []
    for is_generated, name in ((False, "written by hand"), (True, "generated")):
        counts = sums[is_generated]
        line, branch = part(*counts[:2]), part(*counts[2:])
        print(f"{name:44} {line:10.1f} % {branch:10.1f} %   ({counts[0]} of {counts[1]}, {counts[2]} of {counts[3]})")
        if not is_generated and line <= GOAL_LINES:
            faults.append(f"lines: {line:.1f} %, the goal is more than {GOAL_LINES} %: write the missing tests")
        if not is_generated and branch <= GOAL_BRANCHES:
            faults.append(f"branches: {branch:.1f} %, the goal is more than {GOAL_BRANCHES} %: write the missing tests")
    faults += [f"not run, and without a reason in {REASONS.relative_to(ROOT)}: {each}" for each in bare]
    faults += [f"a reason that no line needs any more: {row[0]} | {row[1]}" for row in reasons if not row[3]]
    return "\n".join(faults) or None


if __name__ == "__main__":
    sys.exit(main())
