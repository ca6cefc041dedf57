#!/usr/bin/env python3
"""README.md's table of platforms is that of the committed results, and a failure is shown as one."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import table  # noqa: E402

ROWS = "musl\tpassed\t9\tLinux with musl\truns\nmingw\tfailed\t3\tWindows\t1 | 2\n"


class Table(unittest.TestCase):
    def test_readme_has_the_table_of_the_committed_results(self):
        readme = table.README.read_text(encoding="utf-8")
        rows = table.rows_of(table.KEPT.read_text(encoding="utf-8"))
        self.assertGreater(len(rows), 0)
        self.assertEqual(table.with_table(readme, table.table_of(rows)), readme, "run: python3 tests/platforms/table.py")

    def test_a_failure_is_shown_as_failed(self):
        lines = table.table_of(table.rows_of(ROWS)).splitlines()
        self.assertEqual(lines[2:], ["| Linux with musl | runs |", "| Windows | **failed:** 1 \\| 2 |"])

    def test_results_are_written_as_they_were_read(self):
        self.assertEqual(table.text_of(table.rows_of(ROWS)), ROWS)

    def test_another_verdict_is_refused(self):
        with self.assertRaises(ValueError):
            table.rows_of("musl\tskipped\t0\tLinux\tnothing\n")

    def test_a_readme_without_its_place_is_refused(self):
        with self.assertRaises(ValueError):
            table.with_table("no place", "| a |\n")

    def test_only_the_table_is_replaced(self):
        before = "a\n" + table.BEGIN + "old\n" + table.END + "b\n"
        self.assertEqual(table.with_table(before, "new\n"), "a\n" + table.BEGIN + "new\n" + table.END + "b\n")


if __name__ == "__main__":
    unittest.main()
