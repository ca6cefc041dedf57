"""Looks for a case for every keyword of every field: a rule that nothing tries is a rule that nobody keeps."""

import json
import re

from .model import Refusal

MISSING = object()


def _found(instance, pattern):
    """The values at a pointer pattern, in which * is any index."""
    if not pattern:
        return [instance]
    found = [instance]
    for step in pattern[1:].split("/"):
        following = []
        for value in found:
            if step == "*":
                following += value if isinstance(value, list) else []
            else:
                following.append(value.get(step, MISSING) if isinstance(value, dict) else MISSING)
        found = following
    return found


def _wanted(node, pattern, is_required, out):
    """Collects (pattern, what, test): `test` is a rule that an invalid case must break there, or a predicate of the values
    that some valid case must have there."""
    rules = {"const": ["const"], "enum": ["enum"], "any": []}.get(node.kind, ["type"])
    out += [(pattern, f"a case that breaks {rule}", rule) for rule in rules]
    for rule, limit, measure in (("minimum", node.minimum, lambda v: v), ("maximum", node.maximum, lambda v: v),
                                 ("maxLength", node.max_length, len), ("minItems", node.min_items or None, len)):
        if limit is not None:
            out.append((pattern, f"a case that breaks {rule}", rule))
            out.append((pattern, f"a valid case at the limit of {rule}",
                        lambda v, m=measure, l=limit: v is not MISSING and m(v) == l))
    if node.pattern is not None:
        out.append((pattern, "a case that breaks pattern", "pattern"))
    for text in node.values:
        out.append((pattern, f"a valid case with {text!r}", lambda v, t=text: v == t))
    if not is_required:
        out.append((pattern, "a valid case without it", lambda v: v is MISSING))
    out.append((pattern, "a valid case with it", lambda v: v is not MISSING))
    if node.kind == "object":
        names = {each.wire for each in node.properties}
        if node.is_closed:
            out.append((pattern, "a case with one more member", "additionalProperties"))
        else:
            out.append((pattern, "a valid case with one more member",
                        lambda v, n=names: v is not MISSING and set(v) - n))
    for each in node.properties:
        if each.is_required:
            out.append((f"{pattern}/{each.wire}", "a case without it", "required"))
        _wanted(each.node, f"{pattern}/{each.wire}", each.is_required, out)
    if node.items:
        _wanted(node.items, pattern + "/*", True, out)


def _tries(cases, pattern, test):
    if isinstance(test, str):
        return any(not case["valid"] and case["rule"] == test
                   and re.sub(r"/\d+(?=/|$)", "/*", case["pointer"]) == pattern
                   for case in cases)
    return any(case["valid"] and any(test(value) for value in _found(case["instance"], pattern)) for case in cases)


def missing(message, cases):
    """The rules that no case tries, in words."""
    wanted = []
    _wanted(message.root, "", True, wanted)
    return [f"{pattern or '(the whole)'}: {what}" for pattern, what, test in wanted
            if not _tries(cases, pattern, test)]


def require(model, folder):
    """Refuses a keyword of a field that no case tries."""
    for message in model.messages:
        name = ("" if message.is_event else "client/") + message.name + ".json"
        try:
            cases = json.loads((folder / name).read_text(encoding="utf-8"))["cases"]
        except (OSError, ValueError, KeyError) as error:
            raise Refusal(f"schemas/cases/{name}", f"cannot be read: {error!r}", "every rule of a schema has cases",
                          "write it as schemas/cases/heartbeat.json is written") from None
        gaps = missing(message, cases)
        if gaps:
            raise Refusal(f"schemas/cases/{name}", "nothing tries " + "; ".join(gaps),
                          "a rule that nothing tries is a rule that nobody keeps", "add such cases to this file")
