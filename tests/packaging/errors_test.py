#!/usr/bin/env python3
"""The table of errors: each value is raised somewhere, and docs/errors.md and the API reference agree with it."""

import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from amalgamation import errors  # noqa: E402
from amalgamation.text import Refusal  # noqa: E402

ROWS = [row for _, section in errors.rows(ROOT) for row in section]
COMPARED = re.compile(r"(?:case|==|!=) (?:wirthforge::)?errc::\w+|errc::\w+ (?:==|!=)")


def raised(text):
    """The values that code raises: not those that it only compares with, or speaks of."""
    text = re.sub(r"//.*", "", text)
    return set(re.findall(r"(?<!std::)\berrc::(\w+)", COMPARED.sub("", text)))


class Table(unittest.TestCase):
    def test_each_error_is_raised_somewhere_in_src(self):
        code = [path for path in (ROOT / "src").rglob("*.?pp") if path.relative_to(ROOT).as_posix() != errors.TABLE]
        found = set().union(*(raised(path.read_text(encoding="ascii")) for path in code))
        self.assertEqual([row[0] for row in ROWS if row[0] not in found], [],
                         "nothing in src/ raises them: a program that handles them waits in vain. Remove the rows")

    def test_a_value_that_is_only_compared_or_mentioned_is_not_raised(self):
        self.assertEqual(raised("if (error == errc::a) return errc::b;  // errc::c\ncase errc::d: return std::errc::e;\n"), {"b"})

    def test_each_value_has_one_row(self):
        names = [row[0] for row in ROWS]
        self.assertGreater(len(names), 90)
        self.assertEqual(len(names), len(set(names)))

    def test_statuses_and_close_codes_are_ones_that_exist(self):
        for value, _, status, code, *_ in ROWS:
            self.assertTrue(status == "0" or 400 <= int(status) < 600, value)
            self.assertTrue(code == "0" or 1001 <= int(code) <= 1014, value)

    def test_denied_access_has_a_status_and_a_close_code(self):
        for value, group, status, code, *_ in ROWS:
            if group == "access_denied":
                self.assertNotIn("0", (status, code), value)

    def test_a_row_that_cannot_be_read_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / errors.TABLE
            path.parent.mkdir(parents=True)
            text = (ROOT / errors.TABLE).read_text()
            for wrong in ("row(head_malformed, nobodys_fault,", "row(head_malformed peer_fault,", "row(head_malformed, peer_fault, x,"):
                path.write_text(re.sub(r"row\(head_malformed, peer_fault,", wrong, text))
                with self.assertRaises(Refusal) as caught:
                    errors.rows(Path(folder))
                self.assertIn(f"{errors.TABLE}:", str(caught.exception))
                self.assertIn("write two lines", str(caught.exception))

    def test_the_page_has_each_row(self):
        page = (ROOT / errors.PAGE).read_text(encoding="ascii")
        for value, group, _, _, message, reference in ROWS:
            line = next(line for line in page.splitlines() if line.startswith(f"| `{value}` |"))
            for said in (message, f"`{group}`", reference):
                self.assertIn(said, line)

    def test_the_reference_has_each_row(self):
        shown = errors.enumerators(errors.rows(ROOT))
        self.assertEqual(re.findall(r"(?:^|, )(\w+) /\*\*<", shown), [row[0] for row in ROWS])
        self.assertNotIn("\n", shown)


if __name__ == "__main__":
    unittest.main()
