"""Sentences that open with Who, What, That, Whoever, Whatever or Whose in place of a noun: in comments, test titles and Markdown.

A question may open so, and so may a heading of a README. Text in quotation marks and fenced blocks of Markdown are not checked.
"""

import re
from pathlib import Path

import citations

FOLDERS = ("src/", "docs/", "tests/", "schemas/", "amalgamation/")
SLASHED = (*citations.SLASHED, ".tsx")  # where comments begin with slashes
HASHED = (".cmake", ".py", ".sh", ".yml", ".build", ".in", "CMakeLists.txt", "/run")
WORDS = "Who|What|That|Whoever|Whatever|Whose"
OPENING = re.compile(rf"(?:^|[.:;!?|]\**\s+)[*_]*(?:{WORDS})\b")
TITLE = re.compile(rf"\b(?:TEST_CASE|TEST_CASE_METHOD|SCENARIO|SECTION|test|describe|it)\(\s*(?:\w+, *)?[\"'`](?:{WORDS})\b", re.IGNORECASE)
SLASHES = re.compile(r"(?:^|\s)//[/!]?<?\s+(.*)|/\*+\s+(.*)|^\s*\*+\s+(.*)")
HASHES = re.compile(r"(?:^|\s)#+\s+(.*)")
MARKER = re.compile(r"^\s*(?:(?:[-*+>|]|\d+\.)\s+)*")
WHY = "a reader whose English is not the author's has to find the subject; such a clause hides it"
FIX = "begin with the noun: `What a model says arrives` becomes `A model's text arrives`"


def covers(path):
    return path.endswith(".md") or path.startswith(FOLDERS)


def faults(path, text):
    """(line, what, why, fix) of each sentence that opens so."""
    if not covers(path) or "GENERATED" in "".join(text.split("\n")[:5]) or "/generated/" in path:
        return
    lines = texts(path, text)
    for at, (number, line) in enumerate(lines):
        for found in OPENING.finditer(line):
            rest = " ".join([line[found.end():], *[later for _, later in lines[at + 1:at + 4]]])
            end = re.search(r"[.?!](?=[\s*\"')]|$)", rest)
            if not (end and end.group() == "?"):
                yield number, f"a sentence opens with {found.group().split()[-1].strip('*_')}", WHY, FIX
    if path.endswith(SLASHED):
        for number, line in enumerate(text.split("\n"), 1):
            if TITLE.search(line) and "?" not in line:
                yield number, "a test's title opens with Who, What or That", WHY, FIX


def texts(path, text):
    """[(line number, prose)] of a file: its comments, or the lines of a Markdown text."""
    if path.endswith(".md"):
        is_readme = Path(path).name == "README.md"
        return [(number, MARKER.sub("", line.lstrip("#") if line.startswith("#") else line))
                for number, line, is_code in citations.unfenced(text) if not is_code and not (is_readme and line.startswith("#"))]
    comment = SLASHES if path.endswith(SLASHED) else HASHES if path.endswith(HASHED) else None
    found = [(number, comment.search(line)) for number, line in enumerate(text.split("\n"), 1)] if comment else []
    return [(number, next(group for group in each.groups() if group is not None)) for number, each in found if each]
