#!/usr/bin/env python3
"""Tests of the generator: what it refuses, in words that help; that it changes nothing twice; that cases are demanded."""

import contextlib
import io
import json
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import generate  # noqa: E402
from generator import coverage  # noqa: E402
from generator.model import Model, Refusal, snake  # noqa: E402
from generator.patterns import elements  # noqa: E402


class Sandbox(unittest.TestCase):
    """A copy of the schemas that a test may spoil."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        self.schemas = self.root / "schemas"
        shutil.copytree(generate.SCHEMAS, self.schemas,
                        ignore=shutil.ignore_patterns("*.py", "generator", "__pycache__"))

    def edit(self, name, change):
        path = self.schemas / name
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    def payload(self, change, name="heartbeat.schema.json"):
        self.edit(name, lambda schema: change(schema["properties"]["payload"]))

    def run_generator(self, *arguments):
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            code = generate.main(["--schemas", str(self.schemas), *arguments])
        return code, errors.getvalue()

    def refusal(self, *arguments):
        code, errors = self.run_generator(*arguments)
        self.assertEqual(code, 1)
        for part in ("why: ", "fix: "):
            self.assertIn(part, errors)
        return errors


class Refusals(Sandbox):
    def field(self, **schema):
        self.payload(lambda payload: payload["properties"].update(extra=schema))
        return self.refusal()

    def test_an_unknown_keyword(self):
        for keyword, value in (("exclusiveMinimum", 0), ("multipleOf", 2), ("format", "uuid"), ("uniqueItems", True)):
            with self.subTest(keyword):
                errors = self.field(type="number", **{keyword: value})
                self.assertIn(f"does not know the keyword '{keyword}'", errors)
                self.assertIn("heartbeat.schema.json/payload/extra", errors)

    def test_a_keyword_of_another_type(self):
        self.assertIn("'minimum' for string", self.field(type="string", minimum=1))

    def test_several_types_and_no_type(self):
        self.assertIn("type ['string', 'null'] is not known", self.field(type=["string", "null"]))
        self.assertIn("no type", self.field(description="anything"))

    def test_an_object_that_does_not_say_whether_it_is_open(self):
        self.assertIn("additionalProperties is not said", self.field(type="object", properties={}))

    def test_an_array_without_items(self):
        self.assertIn("an array without items", self.field(type="array"))

    def test_an_open_object_with_members(self):
        self.assertIn("open object with named members",
                      self.field(type="object", properties={"a": {"type": "number"}}, additionalProperties=True))

    def test_keywords_beside_a_reference(self):
        self.assertIn("keywords beside $ref",
                      self.field(**{"$ref": "definitions.schema.json#/definitions/id", "maxLength": 3}))

    def test_a_reference_to_nowhere(self):
        for target in ("definitions.schema.json#/definitions/nobody", "other.json#/a", "#/definitions/id"):
            with self.subTest(target):
                self.assertIn("leads nowhere", self.field(**{"$ref": target}))

    def test_patterns_that_cannot_be_kept(self):
        for pattern in ("abc", "^abc", "abc$", "^a*$", "^(a|b)$", "^[^a]+$", "^\\w+$", "^a+a$", "^\u00e9$", "^.$"):
            with self.subTest(pattern):
                self.assertIn("pattern", self.field(type="string", pattern=pattern))

    def test_a_payload_that_is_open(self):
        self.edit("heartbeat.schema.json", lambda schema: schema["properties"].update(
            payload={"type": "object", "additionalProperties": True}))
        self.assertIn("the payload is not a closed object", self.refusal())

    def test_an_envelope_with_more(self):
        self.edit("heartbeat.schema.json", lambda schema: schema["properties"].update(sequence={"type": "integer"}))
        self.assertIn("the envelope is not a closed object", self.refusal())

    def test_a_channel_that_nobody_can_subscribe_to(self):
        self.edit("heartbeat.schema.json", lambda schema: schema["properties"].update(channel={"const": "gossip"}))
        self.assertIn("its channel is not one of", self.refusal())

    def test_a_title_that_is_not_the_file_name(self):
        self.edit("heartbeat.schema.json", lambda schema: schema.update(title="heart"))
        self.assertIn("$schema, $id or title", self.refusal())

    def test_two_enums_of_one_name(self):
        self.payload(lambda payload: payload["properties"].update(tier={"enum": ["a", "b"]}))
        self.assertIn("the enum tier is another one", self.refusal())

    def test_a_description_that_is_not_ascii(self):
        self.edit("heartbeat.schema.json", lambda schema: schema.update(description="60\u00a0Hz"))
        self.assertIn("not ASCII", self.refusal())

    def test_a_member_that_cannot_be_named_in_cpp(self):
        self.payload(lambda payload: payload["properties"].update({"a/b": {"type": "number"}}))
        self.assertIn("a member named 'a/b'", self.refusal())

    def test_a_description_that_would_end_a_comment(self):
        self.edit("heartbeat.schema.json", lambda schema: schema.update(description="ends */ here"))
        self.assertIn("*/ in a description", self.refusal())

    def test_what_is_no_json(self):
        (self.schemas / "heartbeat.schema.json").write_text("{")
        self.assertIn("cannot be read", self.refusal())


class Metrics(Sandbox):
    def refused(self, **changed):
        self.edit("metrics.json", lambda rows: rows[0].update(changed))
        return self.refusal()

    def test_a_metric_without_its_help(self):
        self.edit("metrics.json", lambda rows: rows[0].pop("help"))
        self.assertIn("connections: not a metric", self.refusal())

    def test_a_kind_that_prometheus_has_otherwise(self):
        self.assertIn("of no known kind", self.refused(kind="histogram"))

    def test_a_counter_whose_name_says_gauge(self):
        self.assertIn("misnamed", self.refused(kind="counter"))

    def test_a_name_that_is_taken(self):
        self.assertIn("one that is taken", self.refused(name="log_bytes"))

    def test_a_help_that_would_want_escaping(self):
        self.assertIn("Prometheus would want escaped", self.refused(help="a\\b"))

    def test_a_new_metric_is_a_new_row(self):
        self.edit("metrics.json", lambda rows: rows.append(
            {"name": "moods", "kind": "gauge", "number": "measure", "help": "Moods now", "doc": "Moods that are felt now."}))
        self.assertEqual(self.run_generator()[0], 0)
        self.assertIn("  /// Moods that are felt now.\n  double moods = 0;\n", (self.root / "src/server/stats.hpp").read_text())
        self.assertIn('    {"moods", "gauge", "Moods now", nullptr, &server_stats::moods},\n',
                      (self.root / "src/server/stats_rows.hpp").read_text())


class Outputs(Sandbox):
    def test_writing_twice_changes_nothing(self):
        self.assertEqual(self.run_generator()[0], 0)
        first = {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        self.assertEqual(self.run_generator()[0], 0)
        self.assertEqual(first, {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()})
        self.assertEqual(self.run_generator("--check")[0], 0)

    def test_what_is_committed_is_what_is_generated(self):
        root = generate.SCHEMAS.parent
        for path, text in generate.outputs(Model(generate.SCHEMAS), generate.SCHEMAS.parent).items():
            with self.subTest(path):
                self.assertEqual((root / path).read_bytes(), text.encode("ascii"))

    def test_check_names_a_stale_file_and_writes_nothing(self):
        self.run_generator()
        stale = self.root / "src/events/generated/types.hpp"
        stale.write_text(stale.read_text() + "// edited\n")
        before = stale.read_bytes()
        self.assertIn("src/events/generated/types.hpp: not what the schemas say", self.refusal("--check"))
        self.assertEqual(stale.read_bytes(), before)

    def test_a_new_event_is_a_new_file(self):
        text = (self.schemas / "heartbeat.schema.json").read_text().replace("heartbeat", "pulse_event")
        (self.schemas / "pulse_event.schema.json").write_text(text)
        self.assertEqual(self.run_generator()[0], 0)
        types = (self.root / "src/events/generated/types.hpp").read_text()
        self.assertIn("struct pulse_event {", types)
        self.assertRegex(types, r"error_event, pulse_event \};")
        self.assertIn("cannot be read", self.refusal("--check"))  # it has no cases yet
        cases = (self.schemas / "cases/heartbeat.json").read_text().replace('"heartbeat"', '"pulse_event"')
        (self.schemas / "cases/pulse_event.json").write_text(cases)
        self.assertEqual(self.run_generator("--check"), (0, ""))

    def test_the_docs_do_not_call_an_open_object_closed(self):
        self.run_generator()
        docs = (self.root / "docs/events.md").read_text()
        self.assertIn("| `payload` | object with more permitted, of channels |", docs)
        self.assertIn("| `payload` | closed object of sequence, serverTime, frameRate (optional), connectionId (optional) |", docs)

    def test_a_description_may_end_with_a_bracket(self):
        self.edit("heartbeat.schema.json", lambda schema: schema.update(description='says "so" (in brackets)'))
        self.run_generator()
        texts = (self.root / "src/events/generated/schema_texts.hpp").read_text()
        pieces = re.findall(r'R"json\((.*?)\)json"', texts.split("heartbeat =")[1].split(";\n")[0])
        self.assertEqual(json.loads("".join(pieces))["description"], 'says "so" (in brackets)')


class Coverage(Sandbox):
    def without(self, rule, pointer):
        self.run_generator()

        def drop(document):
            document["cases"] = [each for each in document["cases"]
                                 if not (each.get("rule") == rule and each.get("pointer") == pointer)]
        self.edit("cases/energy_update.json", drop)
        return self.refusal("--check")

    def test_every_rule_of_every_field_needs_a_case(self):
        self.assertIn("/payload/processingTime: a case that breaks maximum",
                      self.without("maximum", "/payload/processingTime"))
        self.assertIn("/payload/modelId: a case that breaks pattern", self.without("pattern", "/payload/modelId"))
        self.assertIn("/payload/deltaEnergy: a case without it", self.without("required", "/payload/deltaEnergy"))
        self.assertIn("/payload/energyDistribution: a case with one more member",
                      self.without("additionalProperties", "/payload/energyDistribution"))

    def test_no_case_is_missing_and_each_could_be(self):
        model = Model(self.schemas)
        for message in model.messages:
            folder = self.schemas / "cases" / ("" if message.is_event else "client")
            cases = json.loads((folder / (message.name + ".json")).read_text())["cases"]
            self.assertEqual(coverage.missing(message, cases), [])
            self.assertNotEqual(coverage.missing(message, []), [])


class Names(unittest.TestCase):
    def test_wire_names_become_snake_case(self):
        for wire, name in (("totalEnergy", "total_energy"), ("modelId", "model_id"), ("x", "x"),
                           ("Mid-Tier", "mid_tier"),
                           ("level_up", "level_up"), ("frameRate", "frame_rate")):
            self.assertEqual(snake(wire), name)

    def test_patterns_become_sets_of_bytes(self):
        digits = frozenset(b"0123456789")
        self.assertEqual(elements("^\\d+\\.[a-c-]$", ""),
                         [(digits, True), (frozenset(b"."), False), (frozenset(b"abc-"), False)])
        with self.assertRaises(Refusal):
            elements("^\\d+[0-5]$", "")


if __name__ == "__main__":
    unittest.main()
