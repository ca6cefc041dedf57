"""The table of all fields, for people."""

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
