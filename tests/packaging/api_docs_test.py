#!/usr/bin/env python3
"""The API reference: every public name has a comment, and the filter shows Doxygen the names that people use."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "docs/api"))

from filter import shown  # noqa: E402

PART = """\
namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// Begins
/// at once.
/// Errors: none.
void start();
void start(std::error_code& error);
void stop();

/// Sends.
template <class Event>
int publish(const Event& event);
template <class Event>
int publish(const Event& event, std::error_code& error);

/// Made.
explicit thing(int value);
thing(const thing&) = delete;
int other();
int other(int);

template <>
struct event_traits<heartbeat> {
  static constexpr int a = 1;
};
template <>
struct std::is_error_code_enum<wirthforge::errc> : std::true_type {};
int last;

}}}  // namespace wirthforge::net
"""


class Filter(unittest.TestCase):
    def setUp(self):
        self.lines = shown(PART).split("\n")

    def test_lines_keep_their_numbers(self):
        self.assertEqual(len(self.lines), len(PART.split("\n")))
        self.assertEqual(self.lines.index("int last;"), PART.split("\n").index("int last;"))

    def test_the_version_is_no_namespace(self):
        self.assertEqual(self.lines[0], "namespace wirthforge { namespace net {")
        self.assertEqual(self.lines[-2], "}}  // namespace wirthforge::net")

    def test_overloads_share_one_text(self):
        self.assertIn("/** Begins at once. Errors: none. */ void start(std::error_code& error);", self.lines)
        self.assertIn("/** Sends. */ template <class Event>", self.lines)
        self.assertIn("int publish(const Event& event, std::error_code& error);", self.lines)

    def test_a_comment_is_not_lent_to_what_is_no_overload(self):
        for line in "void stop();", "thing(const thing&) = delete;", "int other();", "int other(int);":
            self.assertIn(line, self.lines)

    def test_specialisations_are_left_out(self):
        self.assertNotIn("heartbeat", shown(PART))
        self.assertNotIn("std::is_error", shown(PART))


@unittest.skipUnless(shutil.which("doxygen"), "there is no doxygen")
class Reference(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def make(self, root):
        done = subprocess.run([root / "scripts/api_docs.sh", self.folder / "out"], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_every_public_name_has_a_comment(self):
        code, said = self.make(ROOT)
        self.assertEqual(code, 0, said)
        page = (self.folder / "out/html/classwirthforge_1_1server.html").read_text()
        self.assertIn("Begins to stop and returns at once", page)
        self.assertNotIn("WIRTHFORGE_", page)

    def test_a_public_name_without_one_is_refused(self):
        for name in "src", "client", "docs", "scripts", "amalgamation", "single_include_gen.py", "LICENSE":
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, self.folder / name)
        part = self.folder / "src/server/tick.hpp"
        part.write_text(part.read_text() + "\nnamespace wirthforge { inline namespace WIRTHFORGE_ABI {\nint bare();\n}}  // namespace wirthforge\n")
        code, said = self.make(self.folder)
        self.assertEqual(code, 1)
        self.assertIn("Member bare() (function) of namespace wirthforge is not documented", said)
        self.assertIn("fix: write a /// comment", said)


if __name__ == "__main__":
    unittest.main()
