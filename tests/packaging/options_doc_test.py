#!/usr/bin/env python3
"""The table of options against the structs: each number has a row, and its comment says the row's range."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from amalgamation import options  # noqa: E402

TABLE = options.rows(ROOT)
NUMBERS = {"std::size_t", "std::uint64_t", "std::uint16_t", "double", "std::chrono::milliseconds", "std::chrono::seconds"}


def said_range(row):
    """The range that the comment must name; None where the struct's own comment names it for all."""
    kind, _, least, most, also_zero, unit = row
    if most == "no_limit":
        return None if least == "0" else f"at least {least}"
    if most == "year_ms" or least == "0" and most == "65535":
        return None
    ends = options.NAMED.get(most, (most, most))[1]
    return f"{least} {unit}...{ends}" if kind.startswith("std::chrono") else f"{least}...{ends}"


class Options(unittest.TestCase):
    def test_each_number_has_a_row(self):
        for struct, rows in TABLE.items():
            found = {name for kind, name, *_ in options.members(ROOT, struct) if kind in NUMBERS}
            self.assertEqual(found, set(rows), f"{struct}: a number without a range, or a row without a number")
        self.assertGreaterEqual(sum(map(len, TABLE.values())), 38)

    def test_each_comment_says_its_range(self):
        for struct, rows in TABLE.items():
            for _, name, _, said in options.members(ROOT, struct):
                expected = said_range(rows[name]) if name in rows else None
                if expected:
                    self.assertIn(expected, said.replace("At least", "at least"), f"{struct}::{name}")

    def test_the_page_has_each_option(self):
        page = (ROOT / options.PAGE).read_text(encoding="ascii")
        for struct in TABLE:
            for _, name, _, _ in options.members(ROOT, struct):
                self.assertIn(f"| `{name}` |", page)


if __name__ == "__main__":
    unittest.main()
