"""Turns the patterns of the schemas into C++ predicates.

Only patterns that are anchored at both ends and need no backtracking: a sequence of character classes, each once or with a
plus, where a class with a plus shares no character with the one after it. Everything else is refused.
"""

from .model import Refusal
from .text import comment

DIGITS = frozenset(range(ord("0"), ord("9") + 1))


def _class(pattern, at, where):
    """The set of bytes that the element at `at` matches, and where the next one begins."""
    def refuse(what):
        raise Refusal(where, f"pattern {pattern!r}: {what}", "the C++ check would not be the schema's",
                      "use ^...$ with literals, \\d and [...], each once or with +, or extend generator/patterns.py")

    def escaped(index):
        if pattern[index: index + 1] == "d":
            return DIGITS
        if pattern[index: index + 1] and pattern[index] in ".\\-/[](){}^$*+?|":
            return frozenset([ord(pattern[index])])
        refuse("an escape that is not known here")

    letter = pattern[at]
    if letter == "\\":
        return escaped(at + 1), at + 2
    if letter != "[":
        if letter in ".^$*+?()|{}]" or ord(letter) > 126:
            refuse(f"{letter!r} is not known here")
        return frozenset([ord(letter)]), at + 1
    result, at = set(), at + 1
    if pattern[at: at + 1] == "^":
        refuse("a negated class also matches what is not ASCII")
    while at < len(pattern) and pattern[at] != "]":
        if pattern[at] == "\\":
            result |= escaped(at + 1)
            at += 2
        elif pattern[at + 1: at + 2] == "-" and pattern[at + 2: at + 3] not in ("]", ""):
            result |= set(range(ord(pattern[at]), ord(pattern[at + 2]) + 1))
            at += 3
        else:
            result.add(ord(pattern[at]))
            at += 1
    if at >= len(pattern) or not result or max(result) > 126:
        refuse("a class that is empty, open or not ASCII")
    return frozenset(result), at + 1


def elements(pattern, where):
    """[(bytes, has a plus)] of an anchored pattern."""
    def refuse(what):
        raise Refusal(where, f"pattern {pattern!r}: {what}", "the C++ check would not be the schema's",
                      "anchor it with ^ and $, or extend schemas/generator/patterns.py")

    if not (pattern.startswith("^") and pattern.endswith("$") and len(pattern) > 2 and not pattern.endswith("\\$")):
        refuse("it is not anchored at both ends, so it would match in the middle of anything")
    found, at, end = [], 1, len(pattern) - 1
    while at < end:
        members, at = _class(pattern[:end], at, where)
        plus = pattern[at] == "+" and at < end
        found.append((members, plus))
        at += plus
    for (members, plus), (following, _) in zip(found, found[1:]):
        if plus and members & following:
            refuse("a repetition that needs backtracking")
    return found


def _ranges(members):
    ordered, ranges = sorted(members), []
    for byte in ordered:
        if ranges and byte == ranges[-1][1] + 1:
            ranges[-1][1] = byte
        else:
            ranges.append([byte, byte])
    return ranges


class Predicates:
    """Names a predicate for each pattern, and writes them all."""

    def __init__(self, model):
        self.names = {}
        for message in model.messages:
            self._collect(message.root, "")
        self.names = dict(sorted(self.names.items(), key=lambda item: item[1]))

    def _collect(self, node, wire):
        if node.pattern is not None and node.pattern not in self.names:
            found = elements(node.pattern, node.where)
            name = "id" if node.pattern == "^[a-zA-Z0-9_-]+$" else node.where.rsplit("/", 1)[1].lower()
            while f"matches_{name}" in self.names.values():
                name += "_"
            self.names[node.pattern] = f"matches_{name}"
            assert found
        for each in node.properties:
            self._collect(each.node, each.wire)
        if node.items:
            self._collect(node.items, wire)

    def lines(self):
        out = []
        for pattern, name in self.names.items():
            out += comment(f"`{pattern}`", mark="//")
            out += [f"inline bool {name}(std::string_view text) noexcept {{"]
            found = elements(pattern, name)
            for index, (members, _) in enumerate(found):
                out += self._table(index, members)
            if len(found) == 1 and found[0][1]:
                out += ["  for (const char each : text) {", "    if (!class_0.has(each)) return false;", "  }",
                        "  return !text.empty();"]
            else:
                out += ["  std::size_t at = 0;"]
                for index, (_, plus) in enumerate(found):
                    out += [f"  if (at == text.size() || !class_{index}.has(text[at])) return false;"]
                    out += [f"  while (++at < text.size() && class_{index}.has(text[at])) {{",
                            "  }"] if plus else ["  ++at;"]
                out += ["  return at == text.size();"]
            out += ["}", ""]
        return out

    @staticmethod
    def _table(index, members):
        pairs = ", ".join(f"{{{low}, {high}}}" for low, high in _ranges(members))
        return [f"  static constexpr byte_class class_{index}{{{{{pairs}}}}};"]
