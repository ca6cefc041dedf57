#!/usr/bin/env python3
"""The table of attacks names tests: each that it names is there, and each test of an attack stands in it."""

import re
import sys
import unittest
from functools import lru_cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TABLE = TESTS / "attacks" / "README.md"
ANY = "*"  # stands for the open part of a name: "..." in the table, a value in a template


def sources(*patterns):
    for pattern in patterns:
        for path in sorted(TESTS.glob(pattern)):
            if "node_modules" not in path.parts:
                yield path.read_text(encoding="utf-8")


def attack_tests():
    return {name for text in sources("attacks/*_test.py") for name in re.findall(r"def test_(\w+)", text)}


def other_tests():
    names = {name for text in sources("**/*.cpp") for name in re.findall(r'TEST_CASE\("([^"]+)"', text)}
    for text in sources("**/*.mjs"):
        for _, name in re.findall(r"""\b(?:test|attack|story)\(\s*(["'`])(.+?)\1\s*,""", text):
            names.add(re.sub(r"\$\{.*?\}", ANY, name))
    return names


def rows():
    """(line, last cell) of each row of the file's tables."""
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("| ") and not line.startswith(("| attack |", "| option |")):
            yield number, line.rstrip("| ").rsplit(" | ", 1)[1]


def named(cell):
    return [name.replace("...", ANY) for name in re.findall(r"`([^`]+)`", cell) if not re.fullmatch(r"[A-Z_]+=\d+", name)]


@lru_cache(maxsize=None)
def agree(one, other):
    """Whether two names, either with open places, can be the same."""
    if not one or not other:
        return set(one + other) <= {ANY}
    if one[0] == ANY:
        return agree(one[1:], other) or agree(one, other[1:])
    if other[0] == ANY:
        return agree(other, one)
    return one[0] == other[0] and agree(one[1:], other[1:])


class AttackTable(unittest.TestCase):
    def test_each_test_that_it_names_exists(self):
        known = attack_tests() | other_tests()
        for line, cell in rows():
            for name in named(cell):
                with self.subTest(line=line, name=name):
                    self.assertTrue(any(agree(name, test) for test in known), "no test has this name")

    def test_each_row_names_a_test(self):
        for line, cell in rows():
            with self.subTest(line=line):
                self.assertTrue(named(cell) or re.search(r"\b(all|table \d|conformance table|its range)\b", cell), cell)

    def test_each_test_of_an_attack_stands_in_it(self):
        text = TABLE.read_text(encoding="utf-8")
        names = [name.replace("...", ANY) for name in re.findall(r"`([^`]+)`", text)]
        for path in sorted((TESTS / "attacks").glob("*_test.py")):
            if f"{path.stem[:-len('_test')]}: all" in text:
                continue
            for test in re.findall(r"def test_(\w+)", path.read_text(encoding="utf-8")):
                with self.subTest(file=path.name, test=test):
                    self.assertTrue(any(agree(name, test) for name in names), "the table does not name it")

    def test_names_with_open_places_agree(self):
        self.assertTrue(agree("a_*", "a_flood"))
        self.assertTrue(agree("*a page", "a page"))
        self.assertTrue(agree("a page of http://x *", "a page of * on another port"))
        self.assertFalse(agree("a_*", "the_flood"))
        self.assertFalse(agree("a page", "a page of"))


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    unittest.main()
