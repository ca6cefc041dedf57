"""The C++ writers: the constant text between the values is joined into as few pieces as possible."""

from .cpp_checks import given
from .cpp_types import timestamp_prefix
from .text import BANNER, cpp_string

NUMBER, INTEGER, BOOLEAN = 24, 20, 5


class Writer:
    """Collects constant text and code; `room` adds up what needs no look at the event."""

    def __init__(self, literals="", indent="  "):
        self.pending = literals
        self.indent = indent
        self.code = []
        self.room = 0
        self.room_code = []

    def literal(self, text):
        self.pending += text
        self.room += len(text)

    def flush(self):
        if len(self.pending) == 1:
            self.code.append(f"{self.indent}*to++ = '{self.pending}';")
        elif self.pending:
            self.code.append(f"{self.indent}to = put(to, {cpp_string(self.pending)});")
        self.pending = ""

    def statement(self, line):
        self.flush()
        self.code.append(self.indent + line)

    def block(self, head, fill):
        """`head { ... }`: what fill writes, with its share of the room. Returns what the block took."""
        self.flush()
        inner = Writer(indent=self.indent + "  ")
        fill(inner)
        inner.flush()
        self.code += [self.indent + head + " {"] + inner.code + [self.indent + "}"]
        return inner

    def bind(self, lines):
        self.code += [self.indent + each for each in lines]

    # Values.

    def value(self, node, expr):
        if node.kind == "number":
            self.room += NUMBER
            self.statement(f"to = put_number(to, {expr});")
        elif node.kind == "integer":
            self.room += INTEGER
            self.statement(f"to = put_integer(to, {expr});")
        elif node.kind == "boolean":
            self.room += BOOLEAN
            self.statement(f'to = put(to, {expr} ? std::string_view("true") : std::string_view("false"));')
        elif node.kind == "const":
            self.literal(f'"{node.const}"' if isinstance(node.const, str) else str(node.const))
        elif node.kind == "enum":
            self.room += max(len(each) for each in node.values)
            self.literal('"')
            self.statement(f"to = put(to, to_string({expr}));")
            self.literal('"')
        elif node.kind == "string":
            self._string(node, expr)
        elif node.kind == "array":
            self._array(node, expr)
        elif node.is_open_object:
            self.room_code.append(f"room += {expr}.text().size();")
            self.statement(f"to = put(to, {expr}.text());")
        else:
            self.literal("{")
            self.members(node.properties, expr)

    def _string(self, node, expr):
        if node.pattern is not None and '"' not in node.pattern and "\\\\" not in node.pattern:
            # A text that matches a pattern of plain characters needs no escape.
            self.room_code.append(f"room += {expr}.size();")
            self.literal('"')
            self.statement(f"to = put(to, {expr});")
            self.literal('"')
        else:
            self.room_code.append(f"room += json_string_size({expr});")
            self.statement(f"to = put_json_string(to, {expr});")

    def _array(self, node, expr):
        self.literal("[")
        inner = self.block(f"for (const auto& each : {expr})", lambda w: (w.value(node.items, "each"), w.literal(",")))
        self.statement("to = close_list(to, ']');")
        self.room += 1
        if inner.room_code:
            self.room_code.append(f"for (const auto& each : {expr}) {{")
            self.room_code += [f"  room += {inner.room};"] + ["  " + line for line in inner.room_code] + ["}"]
        else:
            self.room_code.append(f"room += {inner.room} * {expr}.size();")

    def members(self, properties, expr):
        """Members and the closing brace. Where none must come, each is followed by a comma and the last one taken back."""
        leads = bool(properties) and properties[0].is_required
        for index, prop in enumerate(properties):
            name = f'"{prop.wire}":'
            before, after = (("," if index else ""), "") if leads else ("", ",")
            target = f"{expr}.{prop.member}"
            if prop.is_required or prop.node.kind == "const":
                self.literal(before + name)
                self.value(prop.node, target)
                self.literal(after)
                continue
            name_of, bound = given(prop, target, "")
            inner = self.block(f"if ({target})", lambda w: (w.bind(bound), w.literal(before + name),
                                                            w.value(prop.node, name_of), w.literal(after)))
            self.room += inner.room
            if inner.room_code:
                inside = ["  " + each for each in bound + inner.room_code]
                self.room_code += [f"if ({target}) {{"] + inside + ["}"]
        if leads:
            self.literal("}")
        else:
            self.statement("to = close_list(to, '}');")
            self.room += 1


def writers(model):
    out = [f"// {BANNER}",
           "// Writes the events as JSON text: `room` is the greatest number of bytes, `fill` writes into that much room and returns",
           "// the end. Long members are measured first, so no bounds are checked later. `write` does the same for strings.",
           "#pragma once", "", "#include <cstddef>", "#include <string>", "#include <string_view>", "",
           '#include "base/linkage.hpp"', '#include "events/generated/types.hpp"', '#include "events/write_support.hpp"', "",
           "namespace wirthforge { inline namespace WIRTHFORGE_ABI {", ""]
    for message in model.events:
        writer = Writer()
        writer.literal(timestamp_prefix(message))
        writer.statement("to = put_timestamp(to, outer.timestamp);")
        writer.room += 13
        if message.has_frame_number:
            writer.room += INTEGER
            writer.literal(',"frameNumber":')
            writer.statement("to = put_integer(to, outer.frame_number);")
        writer.literal(',"payload":{')
        writer.members(message.payload.properties, "event")
        writer.literal("}")
        writer.flush()
        unused = "" if writer.room_code else "/*event*/"
        out += ["template <>", f"struct tools::event_writer<{message.name}> {{",
                f"static std::size_t room(const {message.name}& {unused or 'event'}) noexcept {{"]
        if writer.room_code:
            out += ["  using namespace text;", f"  std::size_t room = {writer.room};"]
            out += ["  " + line for line in writer.room_code] + ["  return room;"]
        else:
            out += [f"  return {writer.room};"]
        out += ["}", f"static char* fill(char* to, const {message.name}& event, const envelope& outer) {{",
                "  using namespace detail;", "  using namespace text;"]
        out += writer.code + ["  return to;", "}", "};",
                              f"WIRTHFORGE_INLINE void write(std::string& out, const {message.name}& event, const envelope& outer) {{",
                              "  detail::append_event(out, event, outer);", "}", ""]
    return "\n".join(out + ["}}  // namespace wirthforge", ""])
