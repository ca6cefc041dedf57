"""Reads the schemas into plain objects, and refuses whatever the generator does not know how to keep.

A keyword that is silently skipped would be a promise that the C++ checks do not keep, so nothing is skipped: each refusal
says what is wrong, why it matters and how to mend it.
"""

import json
import re
from pathlib import Path

DEFINITIONS = "definitions.schema.json"
DRAFT = "http://json-schema.org/draft-07/schema#"

# The order of docs/protocol.md. An event that is not named here comes after these, by name.
EVENT_ORDER = [
    "startup_complete", "energy_update", "energy_field", "token_stream", "interference_event",
    "resonance_event", "reward_event", "heartbeat", "error_event",
]
OWN_EVENTS = ("startup_complete", "heartbeat")  # the server makes them, for one connection each
ENERGY_EVENTS = ("energy_update", "energy_field")  # what src/live/energy_lane.hpp can keep the newest of

CPP_WORDS = set(
    "and auto bool break case catch char class const continue default delete do double else enum explicit export extern "
    "false float for friend goto if inline int long mutable namespace new not operator or private protected public "
    "register return short signed sizeof static struct switch template this throw true try typedef typename union "
    "unsigned using virtual void volatile while xor".split())

ANNOTATIONS = {"title", "description"}
KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems"},
    "string": {"type", "pattern", "maxLength"},
    "number": {"type", "minimum", "maximum"},
    "integer": {"type", "minimum", "maximum"},
    "boolean": {"type"},
    "enum": {"enum"},
    "const": {"const"},
    "any": set(),
}
ENVELOPE = ["type", "channel", "timestamp", "frameNumber", "payload"]


class Refusal(Exception):
    """Names what is wrong, why it matters, and the way out."""

    def __init__(self, where, what, why, fix):
        super().__init__(f"{where}: {what}\n  why: {why}\n  fix: {fix}")


def snake(name):
    """`totalEnergy` -> `total_energy`, `Mid-Tier` -> `mid_tier`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


class Node:
    """One place of a schema. `kind` is a key of KEYWORDS."""

    def __init__(self, where, kind, schema):
        self.where = where
        self.kind = kind
        self.description = schema.get("description", "")
        self.name = schema.get("title", "")
        self.properties = []
        self.is_closed = False
        self.items = None
        self.min_items = schema.get("minItems", 0)
        self.values = schema.get("enum", [])
        self.const = schema.get("const")
        self.minimum = schema.get("minimum")
        self.maximum = schema.get("maximum")
        self.max_length = schema.get("maxLength")
        self.pattern = schema.get("pattern")

    @property
    def is_open_object(self):
        return self.kind == "object" and not self.is_closed and not self.properties

    def enumerators(self):
        """(C++ enumerator, wire text): a suffix that repeats the enum's own name is dropped."""
        pairs = []
        for text in self.values:
            name = snake(text)
            if name.endswith("_" + self.name):
                name = name[: -len(self.name) - 1]
            pairs.append((name + "_" if name in CPP_WORDS else name, text))
        return pairs


class Property:
    def __init__(self, wire, node, is_required):
        self.wire = wire
        self.node = node
        self.is_required = is_required
        member = snake(wire)
        self.member = member + "_" if member in CPP_WORDS else member


class Message:
    """An event, or a message of a client."""

    def __init__(self, name, root, schema, is_event):
        self.name = name
        self.root = root
        self.schema = schema
        self.is_event = is_event
        self.description = root.description
        envelope = {each.wire: each.node for each in root.properties}
        self.payload = envelope.get("payload")
        self.has_frame_number = "frameNumber" in envelope
        self.channel = envelope["channel"].const if is_event else None

    @property
    def lane(self):
        return "own" if self.name in OWN_EVENTS else "energy" if self.channel == "energy" else "reliable"

    def members(self):
        """The payload's properties that become members of the struct: what is constant or anything does not."""
        if self.payload is None or self.payload.kind != "object":
            return []
        return [each for each in self.payload.properties if each.node.kind not in ("const", "any")]


class Model:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.documents = {}
        definitions = self._document(DEFINITIONS)
        if set(definitions) - {"$schema", "$id", "description", "definitions"}:
            raise Refusal(DEFINITIONS, "it says more than definitions", "only definitions are looked up here",
                          "move the rest into an event's schema")
        channel = self.inlined({"$ref": DEFINITIONS + "#/definitions/channel"}, DEFINITIONS)
        self.channel = self._node(channel, DEFINITIONS + "#/definitions/channel", "channel")
        names = [path.name[: -len(".schema.json")] for path in self.folder.glob("*.schema.json")
                 if path.name != DEFINITIONS]
        order = {name: index for index, name in enumerate(EVENT_ORDER)}
        self.events = [self._message(name, "", True) for name in sorted(names, key=lambda n: (order.get(n, 999), n))]
        clients = sorted(path.name[: -len(".schema.json")] for path in (self.folder / "client").glob("*.schema.json"))
        self.controls = [self._message(name, "client/", False) for name in clients]
        self.messages = self.events + self.controls
        self.structs, self.enums = {}, {}
        self._collect_named(self.channel)
        for message in self.messages:
            self._collect_named(message.root)

    # Documents and references.

    def _document(self, name):
        if name not in self.documents:
            path = self.folder / name
            try:
                self.documents[name] = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise Refusal(name, f"cannot be read: {error}", "every file here is part of the contract",
                              "write one JSON Schema (Draft-07) object into it") from None
        return self.documents[name]

    def inlined(self, schema, document):
        """The schema with every $ref replaced by what it names, so that it can be used alone."""
        if isinstance(schema, list):
            return [self.inlined(each, document) for each in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" not in schema:
            return {key: self.inlined(value, document) for key, value in schema.items()}
        target = schema["$ref"]
        if set(schema) - {"$ref", "description"}:
            raise Refusal(document, f"keywords beside $ref {target!r}",
                          "Draft-07 ignores whatever stands beside a $ref",
                          "move them into the definition, or write the field out")
        found = re.fullmatch(r"(?:\.\./)?(" + re.escape(DEFINITIONS) + r")?#/definitions/([A-Za-z0-9_]+)", target)
        shared = self._document(DEFINITIONS).get("definitions", {})
        if not found or found.group(2) not in shared or (not found.group(1) and document != DEFINITIONS):
            raise Refusal(document, f"$ref {target!r} leads nowhere", "only shared definitions can be referred to",
                          f"write {DEFINITIONS}#/definitions/NAME with a NAME that exists there")
        return {**self.inlined(shared[found.group(2)], DEFINITIONS),
                **({"description": schema["description"]} if "description" in schema else {})}

    # Nodes.

    def _message(self, name, folder, is_event):
        document = f"{folder}{name}.schema.json"
        raw = self._document(document)
        if raw.get("$schema") != DRAFT or raw.get("$id") != document or raw.get("title") != name:
            raise Refusal(document, "$schema, $id or title is missing or wrong",
                          "validators find a schema by its $id, and the C++ name is the title",
                          f'write "$schema": "{DRAFT}", "$id": "{document}", "title": "{name}"')
        schema = self.inlined(raw, document)
        body = {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
        root = self._node(body, document, name, is_event)
        envelope = {each.wire: each for each in root.properties}
        if envelope.get("type") is None or envelope["type"].node.const != name:
            raise Refusal(document, "the member `type` is not a const of the file's name",
                          "a receiver tells messages by it",
                          f'add "type": {{"const": "{name}"}}')
        if is_event:
            self._require_envelope(document, root, envelope)
        return Message(name, root, schema, is_event)

    def _require_envelope(self, document, root, envelope):
        fix = "write the envelope as energy_update.schema.json does"
        wanted = [each for each in ENVELOPE if each in envelope or each != "frameNumber"]
        if set(envelope) != set(wanted) or not all(each.is_required for each in root.properties) or not root.is_closed:
            raise Refusal(document, "the envelope is not a closed object of required " + ", ".join(wanted),
                          "nothing may be added to an event (docs/protocol.md)", fix)
        if [each.wire for each in root.properties] != wanted:
            raise Refusal(document, "the envelope is out of order",
                          "the timestamp is stamped in place, at a fixed offset", fix)
        if envelope["channel"].node.const not in self.channel.values:
            raise Refusal(document, "its channel is not one of " + ", ".join(self.channel.values),
                          "a client subscribes to channels by name", f"use one of these, or add it to {DEFINITIONS}")
        name = document[: -len(".schema.json")]
        if envelope["channel"].node.const == "energy" and name not in ENERGY_EVENTS:
            raise Refusal(document, "another event on the channel energy", "of this channel a slow client gets the newest alone, and the energy "
                          "lane keeps the newest of " + " and ".join(ENERGY_EVENTS),
                          "use another channel, or teach src/live/energy_lane.hpp to keep it and name it in ENERGY_EVENTS")
        if envelope["payload"].node.kind != "object" or not envelope["payload"].node.is_closed:
            raise Refusal(document, "the payload is not a closed object",
                          "nothing may be added to an event (docs/protocol.md)", fix)

    def _kind(self, schema, where):
        kinds = [key for key in ("const", "enum", "type") if key in schema]
        if len(kinds) > 1:
            raise Refusal(where, "both " + " and ".join(kinds), "one of them says all", f"keep {kinds[0]} alone")
        kind = schema.get("type") if kinds == ["type"] else (kinds[0] if kinds else "any")
        if not isinstance(kind, str) or kind not in KEYWORDS:
            raise Refusal(where, f"type {kind!r} is not known here", "each member has one C++ type",
                          "use one of object, array, string, number, integer, boolean")
        return kind

    def _node(self, schema, where, name, typed=True):
        kind = self._kind(schema, where)
        if kind == "any" and typed:
            raise Refusal(where, "no type", "each member of an event has one C++ type",
                          "add a type, an enum or a const")
        unknown = sorted(set(schema) - KEYWORDS[kind] - ANNOTATIONS)
        if unknown:
            raise Refusal(where, f"the generator does not know the keyword {unknown[0]!r} for {kind}",
                          "it would be in the schema and not in the C++ checks",
                          "leave it out, or teach schemas/generator/ what it means, with cases for it")
        if "*/" in schema.get("description", ""):
            raise Refusal(where, "*/ in a description", "it would end a comment of the generated files",
                          "say it otherwise")
        node = Node(where, kind, schema)
        node.name = node.name or snake(name)
        if kind == "object":
            self._fill_object(node, schema, typed)
        elif kind == "array":
            if not isinstance(schema.get("items"), dict):
                raise Refusal(where, "an array without items", "each element has one C++ type", "add items: {...}")
            node.items = self._node(schema["items"], where + "/items", name, typed)
        elif kind == "enum" and (not node.values or not all(isinstance(each, str) for each in node.values)):
            raise Refusal(where, "an enum of something else than strings", "it becomes an enum class", "list strings")
        elif kind == "const" and (isinstance(node.const, bool) or not isinstance(node.const, (str, int))):
            raise Refusal(where, "a const that is neither a string nor an integer", "it is written as it stands",
                          "use an enum or a range")
        return node

    def _fill_object(self, node, schema, typed):
        if not isinstance(schema.get("additionalProperties"), bool):
            raise Refusal(node.where, "additionalProperties is not said", "every object is open or closed on purpose",
                          "add additionalProperties: false, or true for an open object")
        node.is_closed = not schema["additionalProperties"]
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        if set(required) - set(properties):
            raise Refusal(node.where, "required names what properties does not", "it has no type",
                          "add it to properties")
        for wire, child in properties.items():
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", wire):
                raise Refusal(node.where, f"a member named {wire!r}",
                              "it names a C++ member, and a step of a JSON Pointer",
                              "use letters, digits and _, beginning with a letter")
            path = f"{node.where}/{wire}"
            node.properties.append(Property(wire, self._node(child, path, wire, typed), wire in required))
        if typed and not node.is_closed and properties:
            raise Refusal(node.where, "an open object with named members", "what is not named would be lost in C++",
                          "close it, or name no members")

    def _collect_named(self, node):
        """Structs and enums by name; the same name must mean the same thing everywhere."""
        for each in node.properties:
            self._collect_named(each.node)
        if node.items:
            self._collect_named(node.items)
        if node.kind == "enum":
            known = self.enums.setdefault(node.name, node)
            if known.values != node.values:
                raise Refusal(node.where, f"the enum {node.name} is another one at {known.where}",
                              "both would be the same C++ type", "give one of them a title of its own")
        if node.kind == "object" and node.is_closed and not node.where.endswith(".schema.json") and \
                not node.where.endswith(".schema.json/payload"):
            known = self.structs.setdefault(node.name, node)
            if known is not node:
                raise Refusal(node.where, f"the struct {node.name} is also at {known.where}",
                              "both would be the same C++ type", "give one of them a title of its own")
