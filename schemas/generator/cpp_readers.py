"""The C++ tables for judging JSON from outside, and the readers that turn it into structs."""

from .patterns import Predicates
from .text import BANNER, cpp_double, cpp_string, wrapped


class Tables:
    def __init__(self, model):
        self.predicates = Predicates(model).names
        self.out = []

    def node(self, node, name):
        """Writes the table of a node, after those that it points to."""
        fields = [f"node.kind = json_kind::{self._kind(node)};"]
        if node.kind == "object":
            fields += self._object(node, name)
        elif node.kind == "array":
            self.node(node.items, name + "_item")
            fields += [f"node.items = &{name}_item;"]
            fields += [f"node.min_items = {node.min_items};"] if node.min_items else []
        elif node.kind == "enum" or (node.kind == "const" and isinstance(node.const, str)):
            values = node.values or [node.const]
            self.out += wrapped([cpp_string(each) for each in values],
                                f"inline constexpr std::string_view {name}_values[] = {{", "    ", "};")
            fields += [f"node.values = {name}_values;", f"node.value_count = {len(values)};"]
            fields += ["node.is_const = true;"] if node.kind == "const" else []
        elif node.kind == "const":
            fields += ["node.is_const = true;"] + [f"node.{end} = {cpp_double(node.const)};"
                                                   for end in ("minimum", "maximum")]
        elif node.kind == "string":
            fields += [f"node.max_length = {node.max_length};"] if node.max_length is not None else []
            if node.pattern is not None:
                fields += [f"node.matches = {self.predicates[node.pattern]};",
                           f"node.pattern = {cpp_string(node.pattern)};"]
        else:
            fields += [f"node.minimum = {cpp_double(node.minimum)};"] if node.minimum is not None else []
            fields += [f"node.maximum = {cpp_double(node.maximum)};"] if node.maximum is not None else []
        self.out += [f"inline constexpr schema_node {name} = [] {{", "  schema_node node;"]
        self.out += ["  " + each for each in fields] + ["  return node;", "}();"]

    @staticmethod
    def _kind(node):
        if node.kind == "enum" or (node.kind == "const" and isinstance(node.const, str)):
            return "string"
        return "number" if node.kind == "const" else node.kind

    def _object(self, node, name):
        for prop in node.properties:
            self.node(prop.node, f"{name}_{prop.member}")
        fields = ["node.is_closed = true;"] if node.is_closed else []
        if node.properties:
            self.out += [f"inline constexpr schema_property {name}_properties[] = {{"]
            self.out += [f"    {{{cpp_string(each.wire)}, &{name}_{each.member}, {'true' if each.is_required else 'false'}}},"
                         for each in node.properties]
            self.out += ["};"]
            fields += [f"node.properties = {name}_properties;", f"node.property_count = {len(node.properties)};"]
        return fields


def tables(model):
    generator = Tables(model)
    out = [f"// {BANNER}", "// The schemas as tables, for `check_json`.", "#pragma once", "",
           "#include <string_view>", "",
           '#include "events/generated/patterns.hpp"', '#include "events/schema_node.hpp"', "",
           "namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail::schema_tables {", ""]
    for message in model.messages:
        generator.out = []
        generator.node(message.root, message.name)
        out += generator.out + [""]
    out += ["/// In the order of event_type.", "inline constexpr const schema_node* events[] = {"]
    out += [f"    &{each.name}," for each in model.events] + ["};", ""]
    out += ["/// In the order of control_message.", "inline constexpr const schema_node* controls[] = {"]
    out += [f"    &{each.name}," for each in model.controls] + ["};", ""]
    return "\n".join(out + ["}}}  // namespace wirthforge::detail::schema_tables", ""])


def _read_members(properties, pointer):
    return [f'  if (auto bad = read_member(from, "{pointer}", "{each.wire}", event.{each.member})) return bad;'
            for each in properties]


def readers(model):
    out = [f"// {BANNER}", "// Turns JSON values that `check_json` passed into structs.", "#pragma once", "",
           "#include <optional>", "",
           "#include <nlohmann/json.hpp>", "", '#include "events/generated/control_types.hpp"',
           '#include "events/generated/types.hpp"', '#include "events/read_support.hpp"',
           '#include "events/view_support.hpp"', "",
           "namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {", ""]
    for node in model.structs.values():
        out += ["template <>", f"struct member_reader<{node.name}> {{", "  template <class Json>",
                f"  static bool read(const Json& from, {node.name}& value) {{"]
        out += ["    return " + " &&\n           ".join(f'get_member(from, "{each.wire}", value.{each.member})' for each in node.properties) + ";"]
        out += ["  }", "};", ""]
    for message in model.messages:
        members = message.members()
        if not members:
            out += [f"template <class Json>", f"found_violation read_payload(const Json&, {message.name}&) {{",
                    "  return std::nullopt;", "}", ""]
            continue
        out += [f"template <class Json>", f"found_violation read_payload(const Json& from, {message.name}& event) {{"]
        out += _read_members(members, "/payload") + ["  return std::nullopt;", "}", ""]
    return "\n".join(out + ["}}}  // namespace wirthforge::detail", ""])
