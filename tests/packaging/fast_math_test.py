#!/usr/bin/env python3
"""NaN and the infinities are also refused in a program that is compiled with -ffast-math, which promises the compiler that there
are none: with every compiler of this machine, for every number of every event and every option. The cases are made from the schemas
and from the headers of the options."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"
sys.path.insert(0, str(ROOT / "schemas"))

from generator.model import Model  # noqa: E402

NAMES = [os.environ.get("CXX") or "g++", "g++", "clang++", *(f"clang++-{version}" for version in range(9, 40))]
VERSIONS = {subprocess.run([name, "--version"], capture_output=True, check=False).stdout.split(b"\n")[0].split(b" ", 1)[-1]: name
            for name in filter(shutil.which, reversed(NAMES))}  # each compiler once, under its plainest name
COMPILERS = sorted(VERSIONS.values())
OPTIONS = {"server_options": "server/options.hpp", "journal_options": "journal/journal_options.hpp",
           "energy_options": "live/energy_meter.hpp"}

PROGRAM = """// Written by tests/packaging/fast_math_test.py.
#define WIRTHFORGE_WS_UNDER_TEST  // the library's tools are seen without their namespace
#include <cstdio>
#include <cstdlib>

#include "base/finite.hpp"
#include "events/check_json.hpp"
#include "events/events.hpp"
#include "events/read.ipp"
#include "live/energy_lane.hpp"
#include "journal/journal_tally.hpp"
#include "live/open_answers.hpp"
#include "live/pacer.hpp"
#include "live/token_assembler.hpp"
#include "server/check_options.hpp"
#include "server/journal_recorder.hpp"

using namespace wirthforge;

namespace {

int tried = 0;
void require(bool is_so, const char* what) {
  ++tried;
  if (!is_so) std::fprintf(stderr, "FAILED: %s\\n", what), std::exit(1);
}

// From bits that the compiler cannot know.
volatile std::uint64_t nan_bits = 0x7ff8000000000000;
volatile std::uint64_t infinity_bits = 0x7ff0000000000000;
volatile std::uint64_t sign_bit = 0x8000000000000000;
double of_bits(std::uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
struct bad_number { std::uint64_t bits; const char* text; };
const bad_number bad_numbers[] = {{nan_bits, "NaN"}, {nan_bits | sign_bit, "NaN"}, {infinity_bits, "infinity"},
                                  {infinity_bits | sign_bit, "-infinity"}};

template <class Event>
Event valid(const char* text) {
  any_event event;
  envelope outer;
  require(!read_event(text, event, outer), text);
  require(!check(std::get<Event>(event)), text);
  return std::get<Event>(event);
}

// `set` puts the bits where the number is: no assignment of a double, which the compiler would know to be finite.
template <class Event, class Set>
void refuses(const char* text, const char* pointer, Set set) {
  for (const bad_number& bad : bad_numbers) {
    Event event = valid<Event>(text);
    std::memcpy(&set(event), &bad.bits, sizeof bad.bits);
    const auto found = check(event);
    require(found.has_value(), pointer);
    require(found->pointer == pointer && found->rule == "finite" && found->value == bad.text, pointer);
  }
}

template <class Options, class Set>
void refuses_option(const char* name, Set set) {
  for (const bad_number& bad : bad_numbers) {
    Options options;
    std::memcpy(&set(options), &bad.bits, sizeof bad.bits);
    const std::string fault = detail::option_fault(options);
    require(fault.find(name) != std::string::npos, name);
    require(fault.find(std::string(name) + (bad.text[0] == 'N' ? " is NaN" : " is infinite")) != std::string::npos, name);
  }
}

void try_events() {
@EVENTS@
}
void try_options() {
@OPTIONS@
}
void try_the_rest() {
  const double big = of_bits(0x7feccf385ebc8a0a);  // 1.6e308
  for (const bad_number& bad : bad_numbers) {
    double value;
    std::memcpy(&value, &bad.bits, sizeof value);
    require(!is_finite(value), "is_finite");
    require(!detail::is_within(value, detail::no_minimum, detail::no_maximum), "is_within");
    require(detail::number_text(value) == bad.text, "number_text");
    require(json_object(nlohmann::json{{"a", nlohmann::json::array({value})}}).found() == json_object::fault::finite, "json_object");
    live::token_assembler tokens("s", "m");
    tokens.write("a", value);
    tokens.write("b", 0.5);
    require(*tokens.take()->energy_cost == 0.5, "the cost of tokens");
    live::running_sum sum;
    sum.add(1);
    const live::running_sum before = sum;
    sum.add(value);
    sum.add(2);
    require(sum - before == 2, "a sum");
  }
  live::token_assembler tokens("s", "m");
  tokens.write("a", big);
  tokens.write("b", big);
  require(!check(*tokens.take()), "costs that are more than a double holds");
  live::running_sum low;
  low.add(-big);
  live::running_sum high;
  high.add(big);
  require(is_finite(high - low) && high - low > 0, "a difference that is more than a double holds");
  require(is_finite(low - high) && low - high < 0, "a difference that is less than a double holds");
  for (const char* text : {"1e309", "-1e309", "1e999999"}) require(!text::is_json(text), text);
  for (const char* text : {"1e308", "-1e-400", "0.1"}) require(text::is_json(text), text);
  std::string zero;
  text::append_json_number(zero, of_bits(sign_bit));
  char by_trial[32];
  zero.append(by_trial, text::put_number_by_trial(by_trial, of_bits(sign_bit)));
  require(zero == "00", "the negative zero");
  live::rate_meter rate;
  for (int n = 0; n < 3; ++n) rate.record(steady_time(seconds(1)));
  require(is_finite(rate.rate_hz(steady_time(seconds(1)))), "a rate of beats at one moment");
}

}  // namespace

int main() {
  try_events();
  try_options();
  try_the_rest();
  std::printf("%d\\n", tried);
}
"""


def number_paths(properties, pointer, target):
    """(JSON Pointer, C++ lines that lead to the double, the double) of each number below."""
    for each in properties:
        inner, member = f"{pointer}/{each.wire}", f"{target}.{each.member}"
        lines = [] if each.is_required else [f"if (!{member}) {member}.emplace();"]
        value = member if each.is_required else f"(*{member})"
        yield from paths_of(each.node, inner, value, lines)


def paths_of(node, pointer, value, lines):
    if node.kind == "number":
        yield pointer, lines, value
    elif node.kind == "array":
        yield from paths_of(node.items, f"{pointer}/0", f"{value}[0]", lines + [f"if ({value}.empty()) {value}.emplace_back();"])
    elif node.kind == "object":
        for inner, more, found in number_paths(node.properties, pointer, value):
            yield inner, lines + more, found


def valid_instance(name):
    """The text of the schema's first valid case, as a C++ literal."""
    import json
    cases = json.loads((ROOT / "schemas" / "cases" / f"{name}.json").read_text())["cases"]
    return next(f'R"json({json.dumps(each["instance"])})json"' for each in cases if each["valid"] and "instance" in each)


def event_lines():
    for event in Model(ROOT / "schemas").events:
        for pointer, lines, value in number_paths(event.members(), "/payload", "event"):
            yield (f'  refuses<{event.name}>({valid_instance(event.name)}, "{pointer}", '
                   f'[]({event.name}& event) -> double& {{ {" ".join(lines)} return {value}; }});')


def option_lines():
    for owner, path in OPTIONS.items():
        for name in re.findall(r"^ *(?:double|float) (\w+)(?: = [^;]*|\{[^;]*\})?;", struct_of(owner, path), re.MULTILINE):
            yield f'  refuses_option<{owner}>("{owner}::{name}", []({owner}& options) -> double& {{ return options.{name}; }});'


def struct_of(name, path):
    text = (SOURCES / path).read_text(encoding="ascii")
    return re.search(rf"^struct {name} \{{\n(.*?)^\}};", text, re.MULTILINE | re.DOTALL).group(1)


class FastMath(unittest.TestCase):
    def test_the_cases_cover_the_schemas_and_the_options(self):
        self.assertGreaterEqual(len(list(event_lines())), 15)
        self.assertGreaterEqual(len(list(option_lines())), 1)

    def test_no_number_that_is_not_finite_passes_a_guard(self):
        program = PROGRAM.replace("@EVENTS@", "\n".join(event_lines())).replace("@OPTIONS@", "\n".join(option_lines()))
        self.assertTrue(COMPILERS, "no compiler is here")
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "fast_math.cpp")
            source.write_text(program, encoding="utf-8")
            for compiler in COMPILERS:
                with self.subTest(compiler=compiler):
                    built = subprocess.run([compiler, "-std=c++17", "-O2", "-ffast-math", "-w", f"-I{SOURCES}", source, "-o",
                                            f"{folder}/program"], capture_output=True, text=True, check=False)
                    self.assertEqual(built.returncode, 0, built.stderr[-3000:])
                    ran = subprocess.run([f"{folder}/program"], capture_output=True, text=True, check=False)
                    self.assertEqual((ran.returncode, ran.stderr), (0, ""))
                    self.assertGreater(int(ran.stdout), 200)


if __name__ == "__main__":
    unittest.main()
