"""The C++ declarations: enums, structs, traits, and what can be done with each event."""

from .text import BANNER, comment, cpp_string, rule_text, wrapped


def cpp_type(node):
    kind = node.kind
    if kind == "enum":
        return "wirthforge::" + node.name
    if kind == "array":
        return f"std::vector<{cpp_type(node.items)}>"
    if kind == "object":
        return "json_object" if node.is_open_object else "wirthforge::" + node.name
    return {"string": "std::string", "number": "double", "integer": "std::int64_t", "boolean": "bool"}[kind]


def initializer(prop):
    node = prop.node
    if not prop.is_required:
        return "{}"
    if node.kind == "enum":
        return f" = {cpp_type(node)}::{node.enumerators()[0][0]}"
    return {"number": " = 0", "integer": " = 0", "boolean": " = false"}.get(node.kind, "{}")


def _members(properties):
    out = []
    for prop in properties:
        text = f"`{prop.wire}`, {'' if prop.is_required else 'optional: '}{rule_text(prop.node)}."
        out += comment((text + " " + prop.node.description).strip(), "  ")
        kind = cpp_type(prop.node)
        out.append(f"  {kind if prop.is_required else f'std::optional<{kind}>'} {prop.member}{initializer(prop)};")
    return out


def _enum(node):
    name = node.name
    pairs = node.enumerators()
    out = comment(node.description) if node.description else []
    out += wrapped([each for each, _ in pairs], f"enum class {name} {{ ", "  ", " };")
    texts = [cpp_string(text) for _, text in pairs]
    out += ["namespace detail {"]
    out += wrapped(texts, f"inline constexpr std::string_view {name}_texts[] = {{", "    ", "};")
    out += ["}"]
    return out + _enum_functions(name)


def _enum_functions(name):
    out = []
    for meaning, head, body in (
            ("True for one of the enumerators.", f"[[nodiscard]] inline bool is_known({name} value)",
             f"is_index_of(value, detail::{name}_texts)"),
            ("As on the wire; empty for a value that is none of them.", f"[[nodiscard]] inline std::string_view to_string({name} value)",
             f"text_in(value, detail::{name}_texts)"),
            ("False where the text is none of them; `value` then stays as it was.",
             f"[[nodiscard]] inline bool from_string(std::string_view text, {name}& value)", f"find_in(text, value, detail::{name}_texts)")):
        out.append(f"/// {meaning}")
        line = f"{head} noexcept {{ return detail::{body}; }}"
        out += [line] if len(line) <= 118 else [f"{head} noexcept {{", f"  return detail::{body};", "}"]
    return out + [""]


def timestamp_prefix(message):
    return f'{{"type":"{message.name}","channel":"{message.channel}","timestamp":'


def _traits(message):
    name = message.name
    return [
        "template <>", f"struct event_traits<{name}> {{",
        f"  static constexpr event_type type = event_type::{name};",
        f"  static constexpr channel channel_ = channel::{message.channel};",
        f'  static constexpr std::string_view name = "{name}";',
        f"  static constexpr bool has_frame_number = {'true' if message.has_frame_number else 'false'};",
        f"  static constexpr std::size_t timestamp_offset = {len(timestamp_prefix(message))};",
        f'  static std::string_view schema() noexcept {{ return schema_text("{name}"); }}',
        "};", ""]


def types(model):
    out = [
        f"// {BANNER}",
        "// The events as C++: one struct for each, with the payload's members in the order of its schema, and what can be done",
        "// with it. A member that the schema fixes to one value is written but is no member here. Standard library only.",
        "#pragma once", "",
        "#include <cstddef>", "#include <cstdint>", "#include <optional>", "#include <string>",
        "#include <string_view>",
        "#include <variant>", "#include <vector>", "",
        '#include "events/enum_text.hpp"', '#include "events/json_object.hpp"', '#include "events/schemas.hpp"',
        '#include "events/violation.hpp"', "", "namespace wirthforge { inline namespace WIRTHFORGE_ABI {", ""]
    event_names = [each.name for each in model.events]
    out += ["/// The events, in the order of docs/protocol.md."]
    out += wrapped(event_names, "enum class event_type { ", "  ", " };")
    out += ["namespace detail {"]
    out += wrapped([cpp_string(each) for each in event_names],
                   "inline constexpr std::string_view event_type_texts[] = {",
                   "    ", "};")
    out += ["}"] + _enum_functions("event_type")
    for node in model.enums.values():
        out += _enum(node)
    out += ["/// The members of an event around its payload, beside its type and channel.",
            "struct envelope {",
            "  /// `timestamp`, Unix time in milliseconds; written as 0...9999999999999.",
            "  std::int64_t timestamp = 0;",
            "  /// `frameNumber`, at least 0; only the events that have one write it.",
            "  std::int64_t frame_number = 0;",
            "};", ""]
    for node in model.structs.values():
        out += comment(node.description) if node.description else []
        out += [f"struct {node.name} {{"] + _members(node.properties) + ["};", ""]
    for message in model.events:
        out += comment(f"{message.description} On the wire `{message.name}`, channel {message.channel}.")
        out += [f"struct {message.name} {{"] + _members(message.members()) + ["};", ""]
    out += ["/// The compile-time properties of an event's type. `timestamp_offset` is where the 13 characters of the timestamp",
            "/// begin in the text that `write` appends; `schema()` is the schema's text, complete in itself;",
            "/// `type`, `channel_`, `name` and `has_frame_number` are the values that its schema fixes.",
            "template <class Event>", "struct event_traits;", ""]
    for message in model.events:
        out += _traits(message)
    out += ["/// Any of the events.", "using any_event = std::variant<" + ", ".join(event_names[:5]) + ",",
            "                               " + ", ".join(event_names[5:]) + ">;", ""]
    out += ["/// The first rule of its schema that the event breaks, or nothing. Allocates only where there is one."]
    out += [f"[[nodiscard]] std::optional<violation> check(const {name}& event);" for name in event_names]
    out += ["",
            "/// Appends the event's JSON text. Preconditions: `check(event)` found nothing, `outer.frame_number` is not negative."]
    out += [f"void write(std::string& out, const {name}& event, const envelope& outer);" for name in event_names]
    out += ["", "}}  // namespace wirthforge", ""]
    return "\n".join(out)


def schema_texts(model, served):
    out = [f"// {BANNER}", "// The schemas as they are handed out: Draft-07, each complete in itself.",
           "#pragma once", "",
           "#include <string_view>", "", '#include "base/version.hpp"', "",
           "namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace schema_texts {", ""]
    for message in model.messages:
        text = served(message)
        out += [f"inline constexpr std::string_view {message.name} ="]
        pieces, line = [], ""
        for token in _tokens(text):
            if line and len(line) + len(token) > 100:
                pieces.append(line)
                line = ""
            line += token
        pieces.append(line)
        out += [f'    R"json({piece})json"' for piece in pieces[:-1]] + [f'    R"json({pieces[-1]})json";', ""]
    out += ["}}}  // namespace wirthforge::schema_texts", "", "namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {", "",
            "struct named_schema {", "  std::string_view name;", "  std::string_view text;", "};",
            "inline constexpr named_schema all_schemas[] = {"]
    out += [f'    {{"{each.name}", schema_texts::{each.name}}},' for each in model.messages]
    out += ["};", "", "}}}  // namespace wirthforge::detail", ""]
    return "\n".join(out)


def _tokens(text):
    """Cut after each comma, so that a line ends where a reader would end it."""
    start = 0
    for index, letter in enumerate(text):
        if letter == "," or (letter == " " and index - start > 80):
            yield text[start: index + 1]
            start = index + 1
    yield text[start:]


def control_types(model):
    out = [f"// {BANNER}", "// The messages of clients, as C++. A member that may have any value is left out here.",
           "#pragma once", "",
           "#include <string_view>", "#include <variant>", "#include <vector>", "",
           '#include "events/generated/types.hpp"', "", "namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {", ""]
    for message in model.controls:
        out += comment(message.description)
        members = _members(message.members())
        out += [f"struct {message.name} {{"] + members + ["};", ""] if members else [f"struct {message.name} {{}};",
                                                                                     ""]
    out += ["/// Any of them.",
            "using control_message = std::variant<" + ", ".join(each.name for each in model.controls) + ">;",
            ""]
    out += wrapped([cpp_string(each.name) for each in model.controls],
                   "inline constexpr std::string_view control_message_texts[] = {", "    ", "};")
    out += ["", "}}}  // namespace wirthforge::tools", ""]
    return "\n".join(out)
