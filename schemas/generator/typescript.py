"""The TypeScript types: what a browser's code may rely on."""

from .text import BANNER, rule_text


def _pascal(name):
    return "".join(part.capitalize() for part in name.split("_"))


def _literal(value):
    return f'"{value}"' if isinstance(value, str) else str(value)


def _type(node, indent):
    if node.kind == "const":
        return _literal(node.const)
    if node.kind == "enum":
        return _pascal(node.name)
    if node.kind == "array":
        inner = _type(node.items, indent)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if node.kind == "object" and not node.properties:
        return "{ [name: string]: unknown }"
    if node.kind == "object":
        return _body(node, indent)
    return {"string": "string", "number": "number", "integer": "number", "boolean": "boolean",
            "any": "unknown"}[node.kind]


def _body(node, indent):
    lines = ["{"]
    for each in node.properties:
        note = each.node.description if each.node.kind in ("object", "any") and each.node.properties else \
            (rule_text(each.node) + ". " + each.node.description).strip()
        if each.node.kind != "const" and note:
            lines.append(f"{indent}  /** {note[:1].upper() + note[1:]} */")
        lines.append(f"{indent}  {each.wire}{'' if each.is_required else '?'}: {_type(each.node, indent + '  ')};")
    if node.properties and not node.is_closed:
        lines.append(f"{indent}  [name: string]: unknown;")
    return "\n".join(lines + [indent + "}"])


def typescript(model):
    out = [f"// {BANNER}",
           "// The messages of the wire, for TypeScript and for editors that read types of JavaScript.", ""]
    for node in model.enums.values():
        if node.description:
            out.append(f"/** {node.description} */")
        out += [f"export type {_pascal(node.name)} = " + " | ".join(_literal(each) for each in node.values) + ";", ""]
    for message in model.messages:
        out += [f"/** {message.description} */",
                f"export interface {_pascal(message.name)} {_body(message.root, '')}", ""]
    out += ["/** Every event by its type name. */", "export interface WirthforgeEventMap {"]
    out += [f"  {each.name}: {_pascal(each.name)};" for each in model.events] + ["}", ""]
    out += ["/** Any event; `type` tells which. */",
            "export type WirthforgeEvent = WirthforgeEventMap[keyof WirthforgeEventMap];", "",
            "/** The messages of a client. */",
            "export type WirthforgeClientMessage = " + " | ".join(_pascal(each.name)
                                                                  for each in model.controls) + ";", ""]
    return "\n".join(out)
