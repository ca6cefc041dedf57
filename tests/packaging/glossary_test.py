#!/usr/bin/env python3
"""The glossary in src/README.md names classes that are there. With --missing: prints those that it does not name."""

import re
import sys
import unittest
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"
CLASS = re.compile(r"^(?:class|struct|enum class) (?:WIRTHFORGE_VISIBLE )?(\w+)(?: final)?(?= :|\s*\{)|^using (command) =", re.MULTILINE)


def classes():
    paths = [path for path in SRC.rglob("*.?pp") if path.name != "assets.hpp"]
    return {first or second for path in paths for first, second in CLASS.findall(path.read_text(encoding="ascii"))}


def glossary():
    text = (SRC / "README.md").read_text(encoding="utf-8").split("\n## Classes\n")[1].split("\n## ")[0]
    rows = [line.split("|")[2] for line in text.splitlines() if line.startswith("|")]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def missing():
    generated = {name for path in (SRC / "events/generated").iterdir() for _, name in
                 re.findall(r"^(class|struct|enum class) (\w+)", path.read_text(encoding="ascii"), re.MULTILINE)}
    return sorted(classes() - set(glossary()) - generated)


class Glossary(unittest.TestCase):
    def test_each_name_is_a_class(self):
        there = classes() | {"event_traits"}  # declared alone, and specialised
        self.assertGreater(len(glossary()), 100)
        self.assertEqual([name for name in glossary() if name not in there], [], "gone or renamed: mend src/README.md")

    def test_no_name_stands_twice(self):
        names = glossary()
        self.assertEqual(sorted({name for name in names if names.count(name) > 1}), [])


if __name__ == "__main__":
    if "--missing" in sys.argv:
        print("\n".join(missing()))
    else:
        unittest.main()
