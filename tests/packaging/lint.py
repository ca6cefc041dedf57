#!/usr/bin/env python3
"""The shape of the sources: ASCII, LF, no tabs, no trailing blanks, lines and files of a readable length. And what the library may
not call, since an integrator's compiler or its host's locale would change the result. And citations of missing files, tests of
parts, which the generated header does not have, sentences without a noun at the front, and names that are not plain."""

import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import citations  # noqa: E402
import sentences  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
MOST_COLUMNS = 160  # the aim is 120
MOST_LINES = 350
MORE_LINES = {"client/wirthforge.js": 550}  # pages want one module, whatever its ideas
CODE = {".cc", ".cmake", ".cpp", ".css", ".hpp", ".html", ".ipp", ".js", ".json", ".mjs", ".py", ".sh", ".ts", ".build", ".in"}
CODE_NAMES = {"CMakeLists.txt", "meson_options.txt", "pre-commit", "run"}

# Of the library's own sources and of what is generated from it. A line whose comment says `locale: ` and why is let be.
LIBRARY = ("src/", "schemas/generator/", "wirthforge_ws.cpp")
LOCALE_CALLS = (r"strto(?:d|f|ld|l|ll|ul|ull)", r"ato[fil]l?", r"v?s?n?f?w?printf", r"v?s?f?w?scanf", r"is(?:w?alpha|w?digit|w?alnum|w?space|"
                r"w?upper|w?lower|w?print|w?punct|w?xdigit|w?cntrl|w?graph|w?blank)", r"tow?(?:upper|lower)", r"sto(?:d|f|ld|i|l|ll|ul|ull)",
                r"(?:str|wcs)(?:coll|xfrm|ftime)", r"wcs\w+", r"mbs?r?to\w+", r"wc[rs]?\w*tomb\w*", r"setlocale", r"localeconv",
                r"(?:asc|c)time(?:_r)?")
LOCALE_NAMES = (r"std::locale", r"std::use_facet", r"std::w?regex\w*", r"std::w?[io]?f?(?:string)?stream(?:buf)?\b",
                r"std::(?:get|put)_(?:money|time)", r"std::w?(?:cin|cout|cerr|clog)\b",
                r"#include <(?:cctype|clocale|cwchar|cwctype|locale|iomanip|iostream|istream|ostream|sstream|fstream|regex)>")
FORBIDDEN = [
    (re.compile(r"(?<![\w.>])(?:std::)?(?:" + "|".join(LOCALE_CALLS) + r")\s*\(|(?:" + "|".join(LOCALE_NAMES) + ")"), "locale: ",
     "depends on the host's locale", "under de_DE a number's 42.75 is read as 42, under tr_TR I is no i",
     "use text/ascii.hpp, text/json_text.hpp, text/decimal.hpp or std::to_chars of an integer; where the locale cannot matter, say why in a "
     "comment on the line that begins with `locale: `"),
    (re.compile(r"(?<![\w.>])(?:std::)?(?:__builtin_)?(?:is(?:finite|nan|inf|normal|unordered)|fpclassify|signbit)\s*\(|"
                r"(?<![\w.>\])-])([a-z_][\w.]*) [!=]= \1(?![\w.(\[])"), None,
     "tells NaN or infinity by arithmetic", "compilers that were told -ffast-math fold it, and NaN goes out to every browser",
     "use double_bits or is_finite of base/finite.hpp"),
]


# Names in the library and in the pages that issue 17 refused: a reader finds none of them in RFC 6455, or knows what is meant.
UNPLAIN_FOLDERS = ("client/", "src/")
UNPLAIN = {"mute": "unreadable", "preamble": "greeting", "goOn": "resume"}  # and a plain one
WORD = re.compile(r"[Gg]oOn(?![a-z])|[A-Z]?[a-z]+|[A-Z]+")

# Tests are built from the parts and from the generated header. These folders are built from the parts alone.
PARTS_ALONE = ("tests/fuzz/", "tests/bench/", "tests/packaging/")
CPP = {".cpp", ".hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


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
        for what, why, fix in forbidden(path, line.decode("latin-1")):
            yield number, what, why, fix
        for what, why, fix in unplain(path, line.decode("latin-1")):
            yield number, what, why, fix
        part = part_included(path, line.decode("latin-1"), lambda name: (ROOT / "src" / name).is_file())
        if part:
            yield number, f"includes {part}, a part", "the same test is built against the generated header, which has no parts", \
                'write #include "wirthforge_ws.hpp"; src/wirthforge_ws.hpp stands in for it'
        if len(line) > MOST_COLUMNS and not long_lines:
            yield number, f"{len(line)} columns, limit {MOST_COLUMNS}", "two files side by side do not fit", "break the line"


def part_included(path, line, has_part):
    """Which part of the library a test includes, that the generated header does not come with. `has_part(name)`: it is in src/."""
    if not path.startswith("tests/") or path.startswith(PARTS_ALONE) or Path(path).suffix not in CPP:
        return None
    found = INCLUDE.match(line)
    name = found.group(1).replace("../", "").removeprefix("src/") if found else "wirthforge_ws.hpp"
    return name if name != "wirthforge_ws.hpp" and has_part(name) else None


def forbidden(path, line):
    """What a line of the library calls that it may not."""
    if not path.startswith(LIBRARY) or path == "src/net/generated/assets.hpp":
        return
    code, _, comment = line.partition("//" if not path.endswith(".py") else "#")
    if code.lstrip().startswith("#include") or path.endswith(".py"):
        code = line
    for pattern, leave, what, why, fix in FORBIDDEN:
        found = pattern.search(code)
        if found and not (leave and comment.strip().startswith(leave)):
            yield f"{found.group(0).rstrip('( ')} {what}", why, fix


def unplain(path, line):
    """The names of a line that issue 17 calls unplain, alone or as a part of a longer name. Words of a comment are no names."""
    if not path.startswith(UNPLAIN_FOLDERS) or Path(path).suffix not in CODE or "/generated/" in path:
        return
    code = line.partition("//")[0] if not re.match(r"\s*(/?\*)", line) else ""
    for name in re.findall(r"[A-Za-z_]\w*", code):
        words = {word.lower() for word in WORD.findall(name)}
        for bad, plain in UNPLAIN.items():
            if bad.lower() in words:
                yield f"the name `{name}`", f"`{bad}` says nothing of its subject", f"name the subject, such as `{plain}`"


def main():
    count = bad = 0
    paths = files()
    tree = citations.Tree(paths, lambda path: (ROOT / path).read_text(encoding="utf-8"))
    for path in paths:
        is_code = Path(path).suffix in CODE or Path(path).name in CODE_NAMES
        if not is_code and Path(path).suffix != ".md":
            continue
        count += 1
        data = (ROOT / path).read_bytes()
        text = data.decode("utf-8", "replace")
        found = list(faults(path, data)) if is_code else []
        for line, what, why, fix in [*found, *tree.faults(path, text), *sentences.faults(path, text)]:
            bad += 1
            print(f"{path}:{line}: {what}\n  why: {why}\n  fix: {fix}", file=sys.stderr)
    print(f"{count} files looked at, {bad} faults")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
