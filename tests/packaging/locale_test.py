#!/usr/bin/env python3
"""A host that calls setlocale changes no number and no name: the parts below the sockets, compiled with each standard library that
is here, give the same results under de_DE, whose decimal point is a comma, and tr_TR, whose small I is another letter, as under C."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCALES = {"de_DE.UTF-8": "de_DE", "tr_TR.UTF-8": "tr_TR"}


class Locale(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not sys.platform.startswith("linux"):
            raise unittest.SkipTest("how a locale is made is the C library's own affair")
        held = tempfile.TemporaryDirectory()
        cls.addClassCleanup(held.cleanup)
        cls.folder = held.name
        cls.programs = {}
        ways = {"own": [os.environ.get("CXX") or "g++"]}
        clang = shutil.which("clang++")
        if clang and not subprocess.run([clang, "-stdlib=libc++", "-x", "c++", "-fsyntax-only", "-"], input="#include <vector>\n",
                                        text=True, capture_output=True, check=False).returncode:
            ways["libc++"] = [clang, "-stdlib=libc++"]  # it reads no floating-point number without the locale before version 20
        for name, way in ways.items():
            cls.programs[name] = f"{cls.folder}/{name}"
            built = subprocess.run([*way, "-std=c++17", "-O0", "-w", f"-I{ROOT / 'src'}", str(ROOT / "tests/packaging/locale/main.cpp"),
                                    "-o", cls.programs[name], "-pthread"], capture_output=True, text=True, check=False)
            if built.returncode != 0:
                raise RuntimeError(built.stderr[-2000:])

    def test_numbers_keep_their_points_while_the_locale_changes(self):
        for library, program in self.programs.items():
            with self.subTest(library=library):
                ran = subprocess.run([program, self.folder], capture_output=True, text=True, check=False)
                self.assertEqual(ran.returncode, 0, ran.stderr)

    def said(self, program, locale):
        ran = subprocess.run([program, "--say", locale], env={**os.environ, "LOCPATH": self.folder}, capture_output=True, text=True,
                             check=False)
        self.assertEqual(ran.returncode, 0, f"{locale}: {ran.stderr}")
        return ran.stdout

    def test_all_is_read_and_written_as_under_c(self):
        if not shutil.which("localedef") or not Path("/usr/share/i18n/locales/de_DE").exists():
            self.skipTest("no locale can be made here (Debian: locales)")
        for name, source in LOCALES.items():
            subprocess.run(["localedef", "--no-archive", "-i", source, "-f", "UTF-8", f"{self.folder}/{name}"], check=True,
                           capture_output=True)
        for library, program in self.programs.items():
            expected = self.said(program, "C")
            self.assertIn("42.75 is 42.75 42.75\n", expected)
            self.assertIn("1.5e999 is none, \n", expected)
            self.assertIn('"totalEnergy":42.75,', expected)
            self.assertIn("101 Switching Protocols", expected)
            self.assertIn("is 0.5, its range 1...1000000\n", expected.replace("1e+06", "1000000"))
            for locale in LOCALES:
                with self.subTest(library=library, locale=locale):
                    self.assertEqual(self.said(program, locale), expected)


if __name__ == "__main__":
    unittest.main()
