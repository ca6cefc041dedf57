"""Which lines and branches of src/ the suites run, by clang's own counts (branches are those of the source: what an exception
might leave, and what a template was not made for, is none). Called by coverage.sh with the lcov text on standard input.

Below the goal it fails. So it does where a line that was not run has no reason in tests/coverage_reasons.txt:
`<file> | <text that the lines hold> | <reason>`; a reason that no line needs any more fails too."""

import collections
import pathlib
import sys

GOAL_LINES, GOAL_BRANCHES = 95.0, 90.0
ROOT = pathlib.Path(__file__).resolve().parent.parent
REASONS = ROOT / "tests/coverage_reasons.txt"


def read_counts(text):
    """By file: by line how often it ran; by branch whether it was taken. Several instantiations of one line are one line."""
    lines = collections.defaultdict(dict)
    branches = collections.defaultdict(dict)
    where = None
    for row in text.splitlines():
        kind, _, rest = row.partition(":")
        if kind == "SF":
            path = pathlib.Path(rest).resolve()
            where = str(path.relative_to(ROOT)) if ROOT / "src" in path.parents else None
        elif where and kind == "DA":
            line, count = (int(part) for part in rest.split(",")[:2])
            lines[where][line] = max(lines[where].get(line, 0), count)
        elif where and kind == "BRDA":
            line, block, branch, taken = rest.split(",")
            key = (int(line), block, branch)
            count = 0 if taken == "-" else int(taken)
            branches[where][key] = max(branches[where].get(key, 0), count)
    return lines, branches


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
    lines, branches = read_counts(sys.stdin.read())
    if not lines:
        return "no counts of src/: did the programs write their profiles?"
    reasons = read_reasons()
    sums = {False: [0, 0, 0, 0], True: [0, 0, 0, 0]}
    bare = []
    print(f"{'file':44} {'lines':>12} {'branches':>12}")
    for path in sorted(lines):
        counts = [sum(1 for each in lines[path].values() if each), len(lines[path]),
                  sum(1 for each in branches[path].values() if each), len(branches[path])]
        is_generated = "/generated/" in path
        sums[is_generated] = [before + now for before, now in zip(sums[is_generated], counts)]
        print(f"{path:44} {part(*counts[:2]):10.1f} % {part(*counts[2:]):10.1f} %")
        if is_generated:
            continue
        text = (ROOT / path).read_text().splitlines()
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
    return "\n".join(faults)


if __name__ == "__main__":
    sys.exit(main())
