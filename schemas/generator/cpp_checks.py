"""The C++ checks of the structs: straight code, one comparison a rule."""

from .patterns import Predicates
from .text import BANNER, cpp_double, cpp_string, wrapped


def patterns(model):
    out = [f"// {BANNER}",
           "// The patterns of the schemas as predicates. They are anchored and of ASCII only, so they look at bytes.",
           "#pragma once", "", "#include <cstddef>", "#include <string_view>", "", '#include "events/byte_class.hpp"',
           "",
           "namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {", ""]
    return "\n".join(out + Predicates(model).lines() + ["}}}  // namespace wirthforge::detail", ""])


class Checks:
    def __init__(self, model):
        self.predicates = Predicates(model).names

    def lines(self, node, value, pointer, indent):
        """Lines that return a violation where `value` breaks a rule of `node`. `pointer` is a C++ expression."""
        return getattr(self, "_" + node.kind)(node, value, pointer, indent)

    def members(self, properties, value, pointer, indent):
        out = []
        for prop in properties:
            inner = _joined(pointer, prop.wire)
            target = f"{value}.{prop.member}"
            if prop.is_required:
                out += self.lines(prop.node, target, inner, indent)
                continue
            name, bound = given(prop, target, indent + "  ")
            body = self.lines(prop.node, name, inner, indent + "  ")
            if body:
                out += [f"{indent}if ({target}) {{"] + bound + body + [indent + "}"]
        return out

    @staticmethod
    def _fail(condition, function, arguments, indent):
        line = f"{indent}if ({condition}) return {function}({', '.join(arguments)});"
        if len(line) <= 118:
            return [line]
        head = f"{indent}  return {function}("
        return [f"{indent}if ({condition}) {{"] + wrapped(arguments, head, " " * len(head), ");") + [indent + "}"]

    def _number(self, node, value, pointer, indent):
        low = "no_minimum" if node.minimum is None else cpp_double(node.minimum)
        high = "no_maximum" if node.maximum is None else cpp_double(node.maximum)
        return self._fail(f"!is_within({value}, {low}, {high})", "bad_number", [pointer, value, low, high], indent)

    def _integer(self, node, value, pointer, indent):
        tests = [f"{value} < {node.minimum}"] if node.minimum is not None else []
        tests += [f"{value} > {node.maximum}"] if node.maximum is not None else []
        if not tests:
            return []
        low = "least_integer" if node.minimum is None else str(node.minimum)
        high = "most_integer" if node.maximum is None else str(node.maximum)
        return self._fail(" || ".join(tests), "bad_integer", [pointer, value, low, high], indent)

    def _string(self, node, value, pointer, indent):
        out = []
        if node.pattern is not None:
            out += self._fail(f"!{self.predicates[node.pattern]}({value})", "bad_pattern",
                              [pointer, value, cpp_string(node.pattern)], indent)
        if node.max_length is not None or node.pattern is None:
            most = [] if node.max_length is None else [str(node.max_length)]
            out += self._fail(f"!is_text({', '.join([value] + most)})", "bad_text", [pointer, value] + most, indent)
        return out

    def _enum(self, node, value, pointer, indent):
        return self._fail(f"!is_known({value})", "bad_enumerator",
                          [pointer, f"static_cast<int>({value})", cpp_string(", ".join(node.values))], indent)

    def _boolean(self, *_):
        return []

    def _array(self, node, value, pointer, indent):
        out = []
        if node.min_items:
            out += self._fail(f"{value}.size() < {node.min_items}", "too_few_items",
                              [pointer, f"{value}.size()", str(node.min_items)], indent)
        index = "ijk"[pointer.count("item_pointer")]
        body = self.lines(node.items, f"{value}[{index}]", f"item_pointer({pointer}, {index})", indent + "  ")
        if body:
            out += [f"{indent}for (std::size_t {index} = 0; {index} < {value}.size(); ++{index}) {{"] + body + [indent + "}"]
        return out

    def _object(self, node, value, pointer, indent):
        if node.is_open_object:
            return self._fail(f"{value}.found() != json_object::fault::none", "bad_object",
                              [pointer, f"{value}.found()"], indent)
        return self.members(node.properties, value, pointer, indent)


def given(prop, target, indent):
    """How an optional member is named where it is there, and the lines that give it that name."""
    if prop.node.kind in ("array", "object", "string"):
        name = "given_" + prop.member
        return name, [f"{indent}const auto& {name} = *{target};"]
    return "*" + target, []


def _joined(pointer, wire):
    if pointer.startswith('"') and pointer.endswith('"'):
        return pointer[:-1] + "/" + wire + '"'
    return f'{pointer} + "/{wire}"'


def checks(model):
    out = [f"// {BANNER}", "// The checks of the events, as their schemas say.", "#pragma once", "",
           "#include <cstddef>",
           "#include <optional>", "",
           '#include "base/linkage.hpp"', '#include "events/check_support.hpp"', '#include "events/generated/patterns.hpp"',
           '#include "events/generated/types.hpp"', "", "namespace wirthforge { inline namespace WIRTHFORGE_ABI {", ""]
    generator = Checks(model)
    for message in model.events:
        body = generator.members(message.members(), "event", '"/payload"', "  ")
        out += [f"WIRTHFORGE_INLINE std::optional<violation> check(const {message.name}& event) {{", "  using namespace detail;"]
        out += body + ["  return std::nullopt;", "}", ""]
    return "\n".join(out + ["}}  // namespace wirthforge", ""])
