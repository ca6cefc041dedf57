"""The names directly in namespace wirthforge: an integrator's, and no others. A public part is one that the root includes above its #if;
it may declare such names, and any other part only define what these have declared. Tools lie in namespaces within."""

import re

COMMENT_OR_LITERAL = re.compile(
    r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.DOTALL | re.MULTILINE)
NAMESPACE = re.compile(r"(?:\binline\s+)?\bnamespace\s+([\w:]+)\s*$")
OWN = ["wirthforge", "WIRTHFORGE_ABI"]
TYPE = re.compile(r"^(?:enum\s+)?(?:class|struct|union|enum)\s+(?:WIRTHFORGE_\w+\s+)?([\w:]+)")
ALIAS = re.compile(r"^using\s+(\w+)\s*=")
CALLABLE = re.compile(r"([\w:~]+|[\w:]*operator\s*\S+?)\s*\(")
VARIABLE = re.compile(r"([\w:]+)\s*(?:\[[^\]]*\]\s*)*(?:=.*|\{)?$", re.DOTALL)


def blanked(text):
    """The text without comments, literals and directives, and with its line ends."""
    def blank(found):
        said = found.group()
        return ("''" if said[0] == "'" else '""' if said[0] in '"R' else " ") + "\n" * said.count("\n")
    return COMMENT_OR_LITERAL.sub(blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "", text))


def statements(text):
    """(line, text) of what stands directly in the namespace, bodies left out."""
    text = blanked(text)
    stack, begin = [], 0
    for at, letter in enumerate(text):
        if letter not in "{};":
            continue
        said = text[begin:at]
        if letter == "{":
            namespace = NAMESPACE.search(said)
            if not namespace and stack == OWN:
                yield from statement(text, begin, said)
            stack.append(namespace.group(1) if namespace else None)
        elif letter == "}":
            stack = stack[:-1]
        elif stack == OWN:
            yield from statement(text, begin, said)
        begin = at + 1


def statement(text, begin, said):
    if said.strip():
        yield text[:begin + len(said) - len(said.lstrip())].count("\n") + 1, said.strip()


def without_templates(said):
    """Without `template <...>` before it and other lists in angle brackets."""
    said = re.sub(r"\boperator\s*[<>]+=?", "operator_", said)
    while re.search(r"<[^<>]*>", said):
        said = re.sub(r"\s*<[^<>]*>", "", said)
    return re.sub(r"^(?:template\s*)+", "", said).strip()


def declared(said):
    """The name that a statement declares; None where it declares none here, as `using namespace`, a member's definition, or another
    namespace's."""
    said = re.sub(r"\bWIRTHFORGE_\w+\b(?:\([^()]*\))?", " ", without_templates(said)).strip()
    said = re.sub(r"\[\[.*?\]\]", " ", said).strip()
    if not said or said.startswith(("using namespace", "friend ", "static_assert", "extern template", "=", ")", ",")):
        return None
    alias, kind, call = ALIAS.match(said), TYPE.match(said), CALLABLE.search(said.split("=")[0] if "operator" not in said else said)
    name = alias.group(1) if alias else call.group(1) if call else kind.group(1) if kind else None
    if name is None:
        variable = VARIABLE.search(said)
        name = variable.group(1) if variable else None
    return None if name is None or "::" in name or name.startswith(("operator", "~")) else name


def refuse_foreign(parts, public):
    """`parts` by path; `public` are the paths of those that the root names as the interface."""
    known = set()
    found = {path: [(line, name) for line, said in statements("\n".join(part.text)) for name in [declared(said)] if name]
             for path, part in parts.items()}
    for path in public:
        known.update(name for _, name in found[path])
    for path, names in found.items():
        for line, name in names:
            if path not in public and name not in known:
                parts[path].refuse(line, f"declares wirthforge::{name}", "whoever writes `using namespace wirthforge` gets that name, "
                                   "and their own of that name is then ambiguous",
                                   "put it into namespace detail, namespace tools or its layer's own; or, where integrators should use it, "
                                   "name the part in src/wirthforge_ws.hpp above the #if")
