#!/usr/bin/env python3
"""A platform whose tool cannot be had is skipped, and says so; a tool that tests/run.sh installs must be there where CI=true."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Skip(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in ("npm", "apt-get"):  # as without a network
            stub = self.folder / name
            stub.write_text("#!/bin/sh\necho \"$0 has no network\" >&2\nexit 1\n", encoding="ascii")
            stub.chmod(0o755)

    def run_it(self, *command, ci):
        surroundings = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "WIRTHFORGE_DEBS": str(self.folder / "debs"),
                        "WIRTHFORGE_ZIG": str(self.folder / "zig"), "CI": "true" if ci else ""}
        return subprocess.run(command, cwd=ROOT, env=surroundings, check=False, capture_output=True, text=True)

    def test_a_compiler_that_npm_cannot_fetch_is_skipped_in_ci_too(self):
        for ci in (False, True):
            done = self.run_it("tests/platforms/cross.sh", "musl", "sample", ci=ci)
            self.assertEqual(done.returncode, 77, done.stderr)
            self.assertIn("SKIPPED, cannot be tried here: npm did not bring zig", done.stderr)

    def test_compilers_that_debian_does_not_give_are_skipped_in_ci_too(self):
        for ci in (False, True):
            done = self.run_it("tests/platforms/compilers.sh", "gcc-9", "clang-9", ci=ci)
            self.assertEqual(done.returncode, 77, done.stderr)
            self.assertRegex(done.stderr, "SKIPPED, cannot be tried here: (no gcc-9 clang-9 of Debian's packages|chroot wants root)")

    def test_a_tool_that_should_be_installed_is_missed_in_ci(self):
        ask = ("bash", "-c", "source tests/platforms/tools.sh && need no-such-compiler no-such-package")
        done = self.run_it(*ask, ci=False)
        self.assertEqual((done.returncode, done.stderr),
                         (77, "SKIPPED, cannot be tried here: no no-such-compiler (Debian: no-such-package)\n"))
        done = self.run_it(*ask, ci=True)
        self.assertEqual((done.returncode, done.stderr), (1, "cannot be tried here: no no-such-compiler (Debian: no-such-package)\n"))


if __name__ == "__main__":
    unittest.main()
