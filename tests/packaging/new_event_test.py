#!/usr/bin/env python3
"""A new event and a new message of clients, in a copy of the repository: one schema each and one command. Then a program that publishes
the event is built in both ways, its event is read by the browser's client, and its server knows the message."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from client import WebSocket  # noqa: E402

COMPILER = os.environ.get("CXX", "g++")
NODE = shutil.which("node")
EVENT = {
    "$schema": "http://json-schema.org/draft-07/schema#", "$id": "mood_event.schema.json", "title": "mood_event",
    "description": "How a model feels.", "type": "object",
    "properties": {
        "type": {"const": "mood_event"}, "channel": {"const": "council"},
        "timestamp": {"$ref": "definitions.schema.json#/definitions/timestamp"},
        "payload": {
            "type": "object",
            "properties": {"mood": {"enum": ["calm", "stormy"], "description": "Which."},
                           "strength": {"type": "number", "minimum": 0, "maximum": 1, "description": "How much."},
                           "note": {"type": "string", "maxLength": 40, "description": "Why."}},
            "required": ["mood", "strength"], "additionalProperties": False}},
    "required": ["type", "channel", "timestamp", "payload"], "additionalProperties": False}
MESSAGE = {
    "$schema": "http://json-schema.org/draft-07/schema#", "$id": "client/applause.schema.json", "title": "applause",
    "description": "A user is pleased.", "type": "object",
    "properties": {"type": {"const": "applause"},
                   "payload": {"type": "object", "properties": {
                       "claps": {"type": "integer", "minimum": 1, "description": "How often."},
                       "hands": {"type": "object", "title": "hands", "description": "The hands.", "properties": {
                           "left": {"type": "boolean", "description": "One."}, "right": {"type": "integer", "description": "The other."}},
                                 "required": ["left"], "additionalProperties": False},
                       "more": {"type": "object", "description": "Anything.", "additionalProperties": True},
                       "loud": {"type": "number", "description": "How loud."}},
                               "required": ["claps", "loud"], "additionalProperties": True}},
    "required": ["type", "payload"], "additionalProperties": True}
PROGRAM = r"""
#include <cstdio>
#include "wirthforge_ws.hpp"

int main() {
  wirthforge::server_options options;
  options.port = 0;
  wirthforge::server server(options);
  wirthforge::mood_event mood;
  mood.mood = wirthforge::mood::stormy;
  mood.strength = 2;  // its schema says at most 1
  std::error_code error;
  if (server.publish(mood, error) != wirthforge::publish_result::refused || error != wirthforge::errc::schema_violation) return 1;
  mood.strength = 0.5;
  mood.note = "thunder";
  std::string text;
  wirthforge::write(text, mood, wirthforge::envelope{});
  wirthforge::any_event read;
  wirthforge::envelope outer;
  if (wirthforge::read_event(text, read, outer) || std::get<wirthforge::mood_event>(read).note != "thunder") return 2;
  server.on_connect([&](const wirthforge::connection_info&) { server.publish(mood); });
  server.ready({"m", wirthforge::tier::mid, "1.0.0"});
  server.start();
  std::printf("%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  std::getchar();  // until the test lets go of us
  server.stop();
  server.wait();
  return 0;
}
"""
READER = """\
const { WirthforgeClient } = await import(process.argv[1]);
const client = new WirthforgeClient(process.argv[2]);
client.on("mood_event", (event) => {
  console.log(JSON.stringify(event));
  client.close();
});
client.connect();
"""


def node_flags():
    version = int(subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout[1:].split(".")[0])
    return ["--experimental-websocket"] if version < 22 else []


class NewEvent(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.root)
        for name in ("src", "schemas", "client", "amalgamation", "docs"):
            shutil.copytree(ROOT / name, cls.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("single_include_gen.py", "LICENSE", "wirthforge_ws.cpp", "wirthforge_ws.hpp"):
            shutil.copy(ROOT / name, cls.root / name)
        (cls.root / "schemas/mood_event.schema.json").write_text(json.dumps(EVENT))
        (cls.root / "schemas/client/applause.schema.json").write_text(json.dumps(MESSAGE))
        (cls.root / "program.cpp").write_text(PROGRAM)
        cls.run_in("python3", "schemas/generate.py")  # the one command

    @classmethod
    def run_in(cls, *command):
        done = subprocess.run(command, cwd=cls.root, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{command} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def test_the_command_leaves_nothing_stale(self):
        self.run_in("python3", "single_include_gen.py", "--check")

    def test_the_documents_and_the_types_have_them(self):
        for path, said in (("docs/events.md", "### `mood_event`"), ("docs/events.md", "### `applause`"),
                           ("docs/protocol.md", "| `mood_event` | council | reliable | How a model feels. |"),
                           ("docs/protocol.md", '| `{"type":"applause","payload":{"claps":...,"hands":...,"more":...,"loud":...}}` | A user is pleased. |'),
                           ("client/wirthforge-events.d.ts", "  mood_event: MoodEvent;"),
                           ("client/wirthforge-events.d.ts", " = Applause | ")):
            self.assertIn(said, (self.root / path).read_text(), path)

    def test_an_event_on_the_energy_channel_is_refused(self):
        path = self.root / "schemas/mood_event.schema.json"
        path.write_text(json.dumps(EVENT).replace('"council"', '"energy"'))
        self.addCleanup(path.write_text, json.dumps(EVENT))
        done = subprocess.run(["python3", "schemas/generate.py"], cwd=self.root, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("another event on the channel energy", done.stderr)

    def try_built(self, *how):
        self.run_in(COMPILER, "-std=c++17", "-O0", *how, "-I.", "-o", "program", "-pthread")
        with subprocess.Popen([str(self.root / "program")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            port = program.stdout.readline().strip()
            self.assertRegex(port, r"^\d+$", "the program does not serve")
            if NODE:
                client = (self.root / "client/wirthforge.js").as_uri()
                said = self.run_in(NODE, *node_flags(), "--no-warnings", "--input-type=module", "-e", READER, client, f"ws://127.0.0.1:{port}/ws")
                event = json.loads(said)
                self.assertEqual((event["type"], event["channel"]), ("mood_event", "council"))
                self.assertEqual(event["payload"], {"mood": "stormy", "strength": 0.5, "note": "thunder"})
            with WebSocket(int(port)) as line:
                self.assertEqual(line.next_event("mood_event")["payload"]["mood"], "stormy")
                # A valid message has no answer, so the first answer is that of the next message.
                line.say('{"type":"applause","payload":{"claps":3,"hands":{"left":true,"right":7},"more":{"a":[1]},"loud":1.5}}')
                line.say('{"type":"applause","payload":{"claps":0,"loud":1}}')
                self.assertEqual(line.next_event("error_event")["payload"]["code"], "CLIENT_MESSAGE_MALFORMED")
                line.say('{"type":"hisses"}')
                self.assertEqual(line.next_event("error_event")["payload"]["code"], "CLIENT_MESSAGE_UNKNOWN")
            program.communicate("\n")
        self.assertEqual(program.returncode, 0)

    def test_it_is_published_and_read_where_the_header_alone_is_compiled(self):
        self.try_built("program.cpp")

    def test_it_is_published_and_read_from_the_parts_where_they_are_compiled_separately(self):
        self.try_built("-Isrc", "-DWIRTHFORGE_WS_SEPARATE_COMPILATION", "program.cpp", "wirthforge_ws.cpp")


if __name__ == "__main__":
    unittest.main()
