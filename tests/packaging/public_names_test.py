#!/usr/bin/env python3
"""The names directly in namespace wirthforge: the generator refuses those that are not for integrators, and a program that has names like
those of our tools compiles in each way of taking the header in."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from generator_sandbox import REPOSITORY, GeneratorTest  # noqa: E402

from amalgamation import names  # noqa: E402

OPEN = "namespace wirthforge { inline namespace WIRTHFORGE_ABI {"
PROGRAM = """\
#include "wirthforge_ws.hpp"
using namespace wirthforge;
int append, concat, control_message, counter, double_bits, duration_histogram, explain, gauge, handoff, instant, is_finite, machine_time;
int milliseconds, nanoseconds, number_cast, prefetch, put_event, random_source, read_control, ring, seconds, spare_pool, steady_time, subscribe;
int main() {
  append = concat = control_message = counter = double_bits = duration_histogram = explain = gauge = handoff = instant = 0;
  is_finite = machine_time = milliseconds = nanoseconds = number_cast = prefetch = put_event = random_source = read_control = 0;
  ring = seconds = spare_pool = steady_time = subscribe = 0;
  server one;
  one.on_tick([](tick& now) {
    energy_update energy;
    now.publish(energy);
  });
  return counter;
}
"""
LOOKED_AT = """\
server.port()
server.stats()
server.journal()
server.connections()
server.energy("m")
mended("text")
energy_meter::certainty_of({})
meter.read({})
server.open_token_stream("s", "m")
server.open_token_stream("s", "m", error)
now.number()
now.delta_seconds()
now.lateness()
now.missed()
now.processing_time()
reader.lines()
reader.bad_lines()
reader.last_bad_line()
reader.ends_incomplete()
stream.is_over()
stream.dialect()
object.text()
object.found()
broken.message()
thrown.found()
make_token()
journal_paths("j")
is_journal_note("J")
is_model_id("m")
model_id_from_name("m")
model_id_from_name("m", error)
check(energy)
read_event("{}", event, outer)
schema_text("heartbeat")
is_known(tier::low)
to_string(tier::low)
to_string(log_level::info)
from_string("Low-Tier", level)
""".split("\n")[:-1]
LOOK = """\
#include "wirthforge_ws.hpp"
using namespace wirthforge;
void look(server& server, tick& now, journal_reader& reader, model_stream& stream, std::error_code& error, tier& level, any_event& event,
          envelope& outer, const energy_update& energy, const json_object& object, const violation& broken, const schema_error& thrown,
          const energy_meter& meter) {
%s}
"""


class Compiles(unittest.TestCase):
    def test_a_caller_that_ignores_a_result_is_warned(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "program.cpp"
            path.write_text(LOOK % "".join(f"  {each};\n" for each in LOOKED_AT))
            first = LOOK.split("%s")[0].count("\n") + 1
            command = [os.environ.get("CXX", "g++"), "-std=c++17", "-fsyntax-only", "-I.", str(path)]
            done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr[:2000])
            warned = {int(found) for found in re.findall(r"program\.cpp:(\d+):\d+: warning: ignoring return value", done.stderr)}
            self.assertEqual([each for line, each in enumerate(LOOKED_AT, first) if line not in warned], [])


    def test_a_program_may_use_our_namespace_and_have_names_like_our_tools(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "program.cpp"
            path.write_text(PROGRAM)
            for way in [], ["-DWIRTHFORGE_WS_SEPARATE_COMPILATION"]:
                for where in "src", ".":
                    done = subprocess.run([os.environ.get("CXX", "g++"), "-std=c++17", "-fsyntax-only", "-I" + where, *way, str(path)],
                                          cwd=REPOSITORY, capture_output=True, text=True)
                    self.assertEqual((way, where, done.returncode), (way, where, 0), done.stderr[:2000])


class Refusals(GeneratorTest):
    def put_public(self, code, more=""):
        self.put("src/base/b.hpp", f'#pragma once\n#include "base/z.hpp"\n{OPEN}\n{code}\n}}}}  // namespace wirthforge\n{more}')

    def put_foreign(self, code):
        self.put("src/base/z.hpp", f"#pragma once\n{OPEN}\n{code}\n}}}}  // namespace wirthforge\n")

    def test_a_part_that_the_root_does_not_name_may_declare_nothing_there(self):
        for code, name in (("class counter {};", "counter"), ("struct ring;", "ring"), ("using seconds = int;", "seconds"),
                           ("inline int tool(int a) { return a; }", "tool"), ("template <class T>\nT cast(T a) { return a; }", "cast"),
                           ("constexpr int size = 3;", "size"), ("enum class form { a, b };", "form"),
                           ("template <class A, class B>\nstruct both { A a; };", "both"), ("inline constexpr int list[] = {1, 2};", "list"),
                           ("[[nodiscard]] inline bool done() noexcept { return true; }", "done")):
            with self.subTest(code):
                self.put_public("int public_one();")
                self.put_foreign(code)
                self.assert_refused("src/base/z.hpp:3", f"declares wirthforge::{name}", "namespace detail")

    def test_it_may_define_what_is_public_and_have_namespaces_of_its_own(self):
        self.put_public("int public_one();\nstruct known { void f(); };")
        self.put_foreign("inline int public_one() { return 1; }\ninline void known::f() { int inside = 0; (void)inside; }\n"
                         "namespace detail { class counter {}; inline int tool() { return 1; } }\n"
                         "inline bool operator==(const known&, const known&) { return true; }\n"
                         "// class not_here {};\n#define WIRTHFORGE_X class neither_here {};")
        self.generate()

    def test_each_tool_lies_in_a_namespace_within(self):
        declared = {name for path in (REPOSITORY / "src/base").glob("*.hpp")
                    for _, said in names.statements(path.read_text()) for name in [names.declared(said)] if name}
        self.assertEqual(declared, {"condition", "errc", "library_version", "log_level", "log_sink", "make_error_code",
                                    "make_error_condition", "to_string", "wirthforge_category", "wirthforge_condition_category"})


if __name__ == "__main__":
    unittest.main()
