#!/usr/bin/env python3
"""docs/protocol.md against the code: the code's literals on the wire are documented, and those listed as not yet served are
not in it. The reading is coarse, by the literals of src/: a new code, path or parameter needs a line in the contract."""

import re
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from amalgamation import errors  # noqa: E402

CONTRACT = (ROOT / "docs/protocol.md").read_text(encoding="ascii")
SERVED, NOT_YET = CONTRACT.split("\n## Not yet served\n")


def code(*folders):
    paths = [path for folder in folders for path in sorted((ROOT / "src" / folder).rglob("*.?pp")) if "generated" not in path.parts]
    return "\n".join(re.sub(r"^\s*//.*", "", path.read_text(), flags=re.MULTILINE) for path in paths)


def spans(text):
    return set(re.findall(r"`([^`]+)`", text))


class Contract(unittest.TestCase):
    def documented(self, found, least):
        self.assertGreaterEqual(len(found), least, "the code is written in another way: mend this test's reading of it")
        missing = sorted(each for each in found if each not in SERVED)
        self.assertEqual(missing, [], "docs/protocol.md lacks them")

    def test_each_code_of_an_error_event(self):
        found = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', code("live", "server")))
        self.documented({each for each in found if not each.startswith("JOURNAL_")}, 8)  # those stand in the file alone

    def test_each_path(self):
        self.documented(set(re.findall(r'"(/[a-z][a-z/.]*)"', code("net", "server", "live"))), 6)

    def test_each_close_code(self):
        rows = [row for _, section in errors.rows(ROOT) for row in section]
        never = {"0", "1003", "1006"}  # a binary message is answered by an error_event, and nobody is left to be sent 1006
        self.documented({f"| {row[3]} |" for row in rows if row[3] not in never}, 6)

    def test_each_status(self):
        rows = [row for _, section in errors.rows(ROOT) for row in section]
        self.documented({row[2] for row in rows} - {"0"}, 9)

    def test_each_message_of_a_client(self):
        found = {path.name.split(".")[0] for path in (ROOT / "schemas/client").glob("*.schema.json")}
        self.documented({f'{{"type":"{each}"' for each in found}, 2)

    def test_each_event(self):
        self.documented({f"| `{path.name.split('.')[0]}`" for path in (ROOT / "schemas").glob("*.schema.json")
                         if path.name != "definitions.schema.json"}, 9)

    def test_a_literal_that_is_not_yet_served_is_not_in_the_code(self):
        rows = [row.split("|")[1] for row in NOT_YET.splitlines() if row.startswith("| ")][1:]
        codes = {each for row in rows for each in spans(row) if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", each)}
        there = code("live", "net", "server", "events")
        self.assertEqual([each for each in sorted(codes) if f'"{each}"' in there], [],
                         "the code has them: move them to the sections above")


if __name__ == "__main__":
    unittest.main()
