#!/usr/bin/env python3
"""A host that calls setlocale changes no number and no name: the parts below the sockets, compiled with each standard library that
is here, say the same under de_DE, whose decimal point is a comma, and tr_TR, whose small I is another letter, as under C."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCALES = {"de_DE.UTF-8": "de_DE", "tr_TR.UTF-8": "tr_TR"}

PROGRAM = r"""
#include <clocale>
#include <cstdio>
#include <cstring>

#include "events/check_json.hpp"
#include "events/control_reader.hpp"
#include "events/events.hpp"
#include "events/model_id.ipp"
#include "events/read.ipp"
#include "live/journal_tally.hpp"
#include "rfc6455/access.hpp"
#include "rfc6455/handshake.hpp"
#include "server/check_options.hpp"

using namespace wirthforge;

void say(const std::string& what) { std::printf("%s\n", what.c_str()); }

int main(int, char** argv) {
  if (std::setlocale(LC_ALL, argv[1]) == nullptr) return 77;
  if (std::strcmp(argv[1], "C") != 0) {  // else the test would prove nothing
    char half[16];
    std::snprintf(half, sizeof half, "%.1f", 0.5);
    if (std::strcmp(half, "0,5") != 0) return 77;
  }
  for (const char* number : {"42.75", "-0.25", "1.5e3", "1.5e999", "-1.5e999", "12.5e-1", "1.5e-999", "0.1", "1.7976931348623157e308"}) {
    std::string line = number;
    line += text::is_json(number) ? " is " : " is none, ";
    if (text::is_json(number)) text::append_json_number(line, text::json_view(number).as_number());
    char trial[40];
    const double read = text::read_decimal(number);
    if (is_finite(read)) line.append(" ").append(trial, text::put_number_by_trial(trial, read));
    say(line);
  }
  any_event event;
  envelope outer;
  const char* const energy = R"({"type":"energy_update","channel":"energy","timestamp":1,"frameNumber":2,"payload":{"totalEnergy":42.75,
      "deltaEnergy":-0.125,"tokensGenerated":3,"processingTime":16.25,"modelId":"I-i"}})";
  if (auto bad = read_event(energy, event, outer)) say(bad->pointer + bad->rule);
  std::string out;
  write(out, std::get<energy_update>(event), outer);
  say(out);
  std::get<energy_update>(event).processing_time = 16.75;
  const auto found = check(std::get<energy_update>(event));
  say(found->value + " " + found->limit);
  live::journal_tally tally;
  std::string line = out + "\n";
  tally.add_line(out);
  out.clear();
  text::append_json_number(out, tally.summary().models.at("I-i").total_energy);
  say(out);
  control_message message;
  say(std::to_string(read_control(R"({"type":"heartbeat_response","payload":{"sequence":1.0}})", message).value()));
  const std::string head = "GET /ws HTTP/1.1\r\nHOST: LOCALHOST:8145\r\nUPGRADE: WEBSOCKET\r\nCONNECTION: KEEP-ALIVE, UPGRADE\r\n"
                           "SEC-WEBSOCKET-VERSION: 13\r\nSEC-WEBSOCKET-KEY: dGhlIHNhbXBsZSBub25jZQ==\r\nORIGIN: https://h\r\n\r\n";
  rfc6455::request_reader reader;
  const char* first = head.data();
  reader.receive(first, head.data() + head.size());
  rfc6455::access_policy policy;
  policy.port = 8145;
  say(rfc6455::check_access(reader.request(), policy).log_line);
  say(rfc6455::upgrade_response(rfc6455::check_upgrade(reader.request(), {})));
  say(rfc6455::read_origin("HTTP://WIKI:3000").form);
  server_options options;
  options.max_client_messages_per_second = 0.5;
  say(detail::option_fault(options));
  say(model_id_from_name("INSTRUCT:7B"));
}
"""


class Locale(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        if not shutil.which("localedef") or not Path("/usr/share/i18n/locales/de_DE").exists():
            raise unittest.SkipTest("no locale can be made here (Debian: locales)")
        for name, source in LOCALES.items():
            subprocess.run(["localedef", "--no-archive", "-i", source, "-f", "UTF-8", f"{cls.folder.name}/{name}"], check=True,
                           capture_output=True)

    def said(self, program, locale):
        ran = subprocess.run([program, locale], env={**os.environ, "LOCPATH": self.folder.name}, capture_output=True, text=True,
                             check=False)
        self.assertEqual(ran.returncode, 0, f"{locale}: {ran.stderr}")
        return ran.stdout

    def test_all_is_read_and_written_as_under_c(self):
        source, program = Path(self.folder.name, "said.cpp"), f"{self.folder.name}/said"
        source.write_text(PROGRAM, encoding="ascii")
        ways = [[os.environ.get("CXX") or "g++"]]
        clang = shutil.which("clang++")
        if clang:
            ways.append([clang, "-stdlib=libc++"])
        for way in ways:
            built = subprocess.run([*way, "-std=c++17", "-O0", "-w", f"-I{ROOT / 'src'}", str(source), "-o", program], capture_output=True,
                                   text=True, check=False)
            if built.returncode != 0 and "-stdlib=libc++" in way and "file not found" in built.stderr:
                continue  # Clang without its own library (Debian: libc++-dev)
            self.assertEqual(built.returncode, 0, built.stderr[-2000:])
            expected = self.said(program, "C")
            self.assertIn("42.75 is 42.75 42.75\n", expected)
            self.assertIn("1.5e999 is none, \n", expected)
            self.assertIn('"totalEnergy":42.75,', expected)
            self.assertIn("101 Switching Protocols", expected)
            self.assertIn("is 0.5, its range 1...1000000\n", expected.replace("1e+06", "1000000"))
            for locale in LOCALES:
                with self.subTest(way=way, locale=locale):
                    self.assertEqual(self.said(program, locale), expected)


if __name__ == "__main__":
    unittest.main()
