"""The table of all fields, for people; and the tables of messages within the wire contract."""

from .model import Refusal
from .text import BANNER, rule_text


def _rows(node, prefix):
    out = []
    for each in node.properties:
        wire = prefix + each.wire
        rule = rule_text(each.node).replace("|", "\\|")
        name = f"`{wire}`" if each.is_required else f"(`{wire}`)"
        out.append(f"| {name} | {rule} | {each.node.description} |")
        inner, below = each.node, wire
        while inner.kind == "array":
            inner, below = inner.items, below + "[]"
        if inner.kind == "object":
            out += _rows(inner, below + ".")
    return out


def docs(model):
    out = [f"<!-- {BANNER} -->", "# Events", "",
           "Every message is one JSON object. Members in (parentheses) are optional; objects are closed unless they say open.",
           "Lengths count Unicode code points. The schemas (JSON Schema Draft-07) are in `schemas/`, and a running server hands",
           "them out at `/schemas/<event>.schema.json`.", "", "## From the server", ""]
    for message in model.events:
        out += [f"### `{message.name}`", "", f"{message.description} Channel **{message.channel}**.", "",
                "| member | rule | meaning |", "|---|---|---|"]
        out += _rows(message.root, "") + [""]
    out += ["## From a client", ""]
    for message in model.controls:
        out += [f"### `{message.name}`", "", message.description, "", "| member | rule | meaning |", "|---|---|---|"]
        out += _rows(message.root, "") + [""]
    return "\n".join(out)


def _event_rows(model):
    return ["| type | channel | lane | meaning |", "|---|---|---|---|"] + [
        f"| `{each.name}`{' *' if each.has_frame_number else ''} | {each.channel} | {each.lane} | {each.description} |" for each in model.events]


def _client_rows(model):
    out = ["| message | meaning |", "|---|---|"]
    for each in model.controls:
        said = ",".join(f'"{member.wire}":{"[...]" if member.node.kind == "array" else "..."}' for member in each.members())
        payload = f',"payload":{{{said}}}' if said else ""
        out.append(f'| `{{"type":"{each.name}"{payload}}}` | {each.description} |')
    return out


def contract(model, text, path):
    """docs/protocol.md with its two tables anew. They stand between comments."""
    for name, rows in (("events", _event_rows(model)), ("client messages", _client_rows(model))):
        begin, end = f"<!-- {name}: written by schemas/generate.py -->\n", "<!-- end -->\n"
        if text.count(begin) != 1 or end not in text[text.index(begin):]:
            raise Refusal(path, f"the place of the table of {name} is not marked", "a new schema has its row there without a hand",
                          f"put {begin.strip()}, a blank line, and after the table {end.strip()} there")
        head, rest = text.split(begin)
        text = "\n".join([head + begin, *rows, "", rest[rest.index(end):]])
    return text
