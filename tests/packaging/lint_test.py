#!/usr/bin/env python3
"""The faults that the lint finds in the library's sources, and the lines that it accepts."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import lint  # noqa: E402
import sentences  # noqa: E402


def found(line, path="src/text/some.hpp"):
    return [what for what, _, _ in lint.forbidden(path, line)]


class Forbidden(unittest.TestCase):
    def test_a_call_that_depends_on_a_locale_is_found(self):
        for line in ("  return std::strtod(text, nullptr);", "x = strtol(a, b, 10);", "std::snprintf(to, 8, \"%d\", n);", "if (isalpha(each))",
                     "std::tolower(each)", "std::stod(text)", "std::stoul (text)", "std::ifstream file(path);", "std::ostringstream out;",
                     "#include <sstream>", "#include <cctype>", "#include <locale>", "#include <regex>", "std::setlocale(LC_ALL, \"\");",
                     "std::locale::classic()", "std::cout << 1", "std::atoi(argv[1])", "strftime(to, 9, f, t)", "  std::sscanf(a, b, &c);"):
            self.assertEqual(len(found(line)), 1, line)
        self.assertEqual(len(found("    out += '  std::snprintf(to, 9, \"%g\", value);'", "schemas/generator/cpp_writers.py")), 1)

    def test_a_check_for_nan_by_arithmetic_is_found(self):
        for line in ("if (std::isfinite(sum)) return;", "if (isnan(x))", "std::isinf(value)", "__builtin_isnan(v)", "std::signbit(v)",
                     "if (value != value) return;", "return event.energy == event.energy;"):
            self.assertEqual(len(found(line)), 1, line)

    def test_a_line_that_only_looks_alike_is_permitted(self):
        for line in ("list.printf_like(1)", "  // std::strtod would read the locale's point", "is_finite(value)", "bool is_space(char each)",
                     "text::is_digit(each)", "each.isalpha(x)", "std::streamsize size", "std::to_chars(a, b, c)", "#include <charconv>",
                     "left.value != right.value", "a.size() != b.size()", "x != x_", "value == value_of(y)", "to != to[1]", "std::string(x)",
                     "static_assert(isolated)", "std::snprintf(a, 9, \"%d\", b);  // locale: an integer has no point"):
            self.assertEqual(found(line), [], line)

    def test_other_folders_may_call_any_function(self):
        for path in ("tests/unit/text/some_test.cpp", "examples/01_hello.cpp", "src/net/generated/assets.hpp"):
            self.assertEqual(found("std::strtod(a, b)", path), [])

    def test_why_and_the_way_out_are_said(self):
        for what, why, fix in lint.forbidden("src/a.hpp", "std::strtod(a, b); std::isnan(c);"):
            self.assertTrue(what and why and fix)
        self.assertEqual(len(list(lint.forbidden("src/a.hpp", "std::strtod(a, b); std::isnan(c);"))), 2)


class Parts(unittest.TestCase):
    PART = "net/deadline_wait.hpp"

    def includes(self, line, path="tests/unit/net/some_test.cpp"):
        return lint.part_included(path, line, lambda name: name in (self.PART, "wirthforge_ws.hpp"))

    def test_a_test_that_includes_a_part_is_refused(self):
        for line in ('#include "net/deadline_wait.hpp"', '#  include "net/deadline_wait.hpp"  // why', '#include "../../src/net/deadline_wait.hpp"'):
            self.assertEqual(self.includes(line), self.PART, line)
        for path in ("tests/support/some.hpp", "tests/integration/some_test.cpp", "tests/attacks/some_target.cpp"):
            self.assertEqual(self.includes('#include "net/deadline_wait.hpp"', path), self.PART, path)

    def test_the_header_and_what_tests_share_are_let_be(self):
        for line in ('#include "wirthforge_ws.hpp"', '#include "support/temp_folder.hpp"', "#include <net/deadline_wait.hpp>",
                     '// #include "net/deadline_wait.hpp"'):
            self.assertIsNone(self.includes(line), line)

    def test_what_is_built_from_the_parts_alone_is_let_be(self):
        for path in ("tests/fuzz/journal.cpp", "tests/bench/servers/floor.hpp", "tests/packaging/one_process/category.cpp", "src/net/ticker.hpp",
                     "tests/packaging/lint_test.py"):
            self.assertIsNone(self.includes('#include "net/deadline_wait.hpp"', path), path)


class Unplain(unittest.TestCase):
    @staticmethod
    def names(line, path="client/wirthforge.js"):
        return [what.split("`")[1] for what, _, _ in lint.unplain(path, line)]

    def test_the_names_that_issue_17_calls_unplain_are_refused(self):
        for line, name in (("  mute = 1; // preamble", "mute"), ("  #goOn() {", "goOn"), ("this.preamble ??= 1", "preamble")):
            self.assertEqual(self.names(line), [name], line)
        for path in ("client/dashboard.js", "client/wirthforge.d.ts", "src/live/hub.hpp", "src/server/server.ipp"):
            self.assertEqual(self.names("bool is_mute = false;", path), ["is_mute"], path)
        self.assertEqual(self.names("endPreamble(isMute, PREAMBLE_MS); mustGoOn();"), ["endPreamble", "isMute", "PREAMBLE_MS", "mustGoOn"])
        self.assertEqual(self.names('if (server === "mute") goOn()'), ["mute", "goOn"])

    def test_other_names_comments_and_other_folders_are_let_be(self):
        for line in ("std::mutex mutex_;", "commute(immutable)", "mutable int a;", "goOnce()", "pages.goes_on", "// the preamble of a file", " * mute",
                     "queue.go_on(now);"):
            self.assertEqual(self.names(line), [], line)
        for path in ("tests/simulation/network.hpp", "src/net/generated/assets.hpp", "docs/protocol.md", "client/README.md"):
            self.assertEqual(self.names("mute()", path), [], path)

    def test_a_tree_with_such_a_name_fails(self):
        data = b"  goOn() {}\n"
        self.assertEqual([what for _, what, _, _ in lint.faults("client/some.js", data)], ["the name `goOn`"])


def opened(text, path="src/text/some.hpp"):
    return [line for line, _, _, _ in sentences.faults(path, text)]


class Sentences(unittest.TestCase):
    def test_a_comment_that_opens_without_a_noun_is_found(self):
        for line in ("// What is left over.", "  /// Whoever comes is answered.", "int a;  ///< Whose it is.", "/* That it is so. */", " * Who asks.",
                     "// It waits. What comes is read.", "// One rule: That it holds.", "// It waits; Whatever comes is read."):
            self.assertEqual(opened(line), [1], line)
        for path in ("tests/run.sh", "tests/packaging/some.py", "tests/CMakeLists.txt", "schemas/generator/some.py"):
            self.assertEqual(opened("a=1  # " + "What is left over.", path), [1], path)

    def test_a_test_title_that_opens_without_a_noun_is_found(self):
        for line in ('TEST_CASE("what is sent is valid", "[text]") {', 'TEST_CASE("Who asks is told")', 'SECTION("that it holds")'):
            self.assertEqual(opened(line, "tests/unit/some_test.cpp"), [1], line)
        self.assertEqual(opened("test('what is left', () => {", "tests/client/some.test.mjs"), [1])

    def test_a_markdown_sentence_that_opens_without_a_noun_is_found(self):
        for line in ("What leaves is valid.", "- Who asks is told.", "2. **What you send.** All of it.", "| a | What it is |", "## What it does",
                     "It waits. Whoever comes is answered."):
            self.assertEqual(opened("\n" + line, "docs/install.md"), [2], line)
        self.assertEqual(opened("What leaves is valid.", "client/README.md"), [1])

    def test_questions_and_a_readmes_headings_are_allowed(self):
        for line in ("// What is left? Nothing.", "// Who asks?", "// Whatsoever comes", '// "What comes" is a quotation.', "// somewhat", "int what = 1;",
                     "// A rest that stays: what is left.", "auto a = f(Who::is);"):
            self.assertEqual(opened(line), [], line)
        self.assertEqual(opened("// What is left of a sentence\n// that ends on the next line?"), [])
        self.assertEqual(opened("## What is on the port", "README.md"), [])
        self.assertEqual(opened("```sh\n# What is left\n```", "docs/install.md"), [])
        self.assertEqual(opened('TEST_CASE("what is it?")', "tests/unit/some_test.cpp"), [])

    def test_generated_files_and_other_folders_are_not_checked(self):
        for path in ("src/net/generated/assets.hpp", "examples/01_hello.cpp", "client/wirthforge.js"):
            self.assertEqual(opened("// What is left over.", path), [], path)
        self.assertEqual(opened("// GENERATED by x\n// What is left over."), [])


if __name__ == "__main__":
    unittest.main()
