#!/usr/bin/env python3
"""scripts/format.sh and scripts/pre-commit, on a copy of the repository."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLAIN = "// A part.\n#pragma once\n\nnamespace a {\n\ninline int one() { return 1; }\n\n}  // namespace a\n"
CROOKED = PLAIN.replace("{ return 1; }", "{\n    return   1; }")


def has_formatter():
    return subprocess.run(["scripts/format.sh", "--check", "src/base/clock.hpp"], cwd=ROOT, capture_output=True).returncode != 77


class Copy(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True)
        if listed.returncode != 0:
            self.skipTest("there is no git, or no repository")
        for name in filter(None, listed.stdout.decode().split("\0")):
            if "corpus/" not in name and (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.root / name)
        self.git("init", "-q")
        self.git("config", "user.name", "somebody")
        self.git("config", "user.email", "somebody@example.org")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "All")
        shutil.copy(self.root / "scripts/pre-commit", self.root / ".git/hooks/pre-commit")

    def run_in(self, *command):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, env=environment)
        return done.returncode, done.stdout + done.stderr

    def git(self, *command):
        code, said = self.run_in("git", *command)
        self.assertEqual(code, 0, said)
        return said

    def put(self, path, text):
        (self.root / path).write_text(text)

    @unittest.skipUnless(has_formatter(), "there is no clang-format 14")
    def test_format_names_the_files_that_would_change_then_changes_them_and_no_more(self):
        self.put("src/base/new.hpp", CROOKED)
        generated = (self.root / "src/events/generated/types.hpp").read_text()
        self.put("src/events/generated/types.hpp", generated + "int  x;\n")
        code, said = self.run_in("scripts/format.sh", "--check", "src/base/new.hpp", "src/events/generated/types.hpp", "README.md")
        self.assertEqual(code, 1)
        self.assertIn("src/base/new.hpp: 2 lines would change\n", said)
        self.assertIn("fix: run scripts/format.sh", said)
        self.assertNotIn("types.hpp", said)
        self.assertEqual((self.root / "src/base/new.hpp").read_text(), CROOKED)
        self.assertEqual(self.run_in("scripts/format.sh", "src/base/new.hpp")[0], 0)
        self.assertEqual((self.root / "src/base/new.hpp").read_text(), PLAIN)
        self.assertEqual(self.run_in("scripts/format.sh", "--check", "src/base/new.hpp")[0], 0)
        self.put("wirthforge_ws.hpp", "// GENERATED\nint  x;\n")
        self.assertEqual(self.run_in("scripts/format.sh", "--check", "wirthforge_ws.hpp"), (0, "no files of C++ to lay out\n"))

    def test_a_commit_holds_the_files_that_are_generated_from_it(self):
        page = (self.root / "client/dashboard.html").read_text()
        self.put("client/dashboard.html", page.replace("</title>", ", once more</title>"))
        self.git("commit", "-q", "-a", "-m", "Change the page")
        self.assertIn(", once more</title>", self.git("show", "HEAD:wirthforge_ws.hpp"))
        self.assertEqual(self.git("status", "--short"), "")

    @unittest.skipUnless(has_formatter(), "there is no clang-format 14")
    def test_a_commit_is_laid_out(self):
        self.put("tests/new.cpp", CROOKED)
        self.git("add", "tests/new.cpp")
        self.git("commit", "-q", "-m", "Add it")
        self.assertEqual(self.git("show", "HEAD:tests/new.cpp"), PLAIN)

    def test_a_file_that_the_linter_refuses_is_not_committed(self):
        self.put("tests/new.py", "a = 1 \n")
        self.git("add", "tests/new.py")
        code, said = self.run_in("git", "commit", "-q", "-m", "Add it")
        self.assertNotEqual(code, 0)
        self.assertIn("tests/new.py:1: a trailing blank", said)

    def test_a_file_that_is_staged_in_part_is_refused(self):
        self.put("tests/new.py", "a = 1\n")
        self.git("add", "tests/new.py")
        self.put("tests/new.py", "a = 2\n")
        code, said = self.run_in("git", "commit", "-q", "-m", "Add it")
        self.assertNotEqual(code, 0)
        self.assertIn("staged in part: tests/new.py", said)
        self.assertEqual((self.root / "tests/new.py").read_text(), "a = 2\n")


if __name__ == "__main__":
    unittest.main()
