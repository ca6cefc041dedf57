"""The contents of the header, and a banner for each layer. They have names to search for and no line numbers, which
would change with every edit. A layer's purpose is taken from the table in src/README.md; the list of parts to read first, from the
comments behind the root's includes."""

import re
import textwrap

from amalgamation.parts import LAYERS, ROOT_PART
from amalgamation.text import Refusal, read_text

README = "src/README.md"
COLUMNS = 118
RULE = "// " + "=" * (COLUMNS - 3)
SIDES = {True: "interface", False: "implementation"}
TEXTS = "texts"  # what stands last, whichever layer it is of
TEXTS_ARE = "what the server hands out as it is: the schemas, the dashboard and the client module"


def mark(side, layer):
    """The text that a reader searches for; it is in the contents and at its place."""
    return f"==== {side}: {layer}/ ====" if layer != TEXTS else f"==== {TEXTS} ===="


def layers_of(root):
    """The purpose of each layer."""
    path = root / README
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = dict(re.findall(r"^\| `(\w+)/` \|.*\| (.+?) \|$", text, re.MULTILINE))
    missing = [layer for layer in LAYERS if layer not in found]
    if missing:
        raise Refusal(f"{README}:1", f"has no row for {missing[0]}/ in its table of layers", "the header's contents and banners "
                      "say what a layer is for", f"add | `{missing[0]}/` | what it may use | what lives there |")
    return found


def wrapped(text, first, rest):
    return textwrap.wrap(text, COLUMNS, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False,
                         break_long_words=False)


def sections(tree, layers):
    """(side, layer, what it is for, its parts) in the header's order."""
    for is_interface, side in SIDES.items():
        parts = [part for part in tree.side(is_interface) if part.path not in tree.last]
        for layer in LAYERS:
            of_layer = [part for part in parts if part.layer == layer]
            if of_layer:
                yield side, layer, layers[layer], of_layer
    last = [part for part in tree.side(False) if part.path in tree.last]
    if last:
        yield SIDES[False], TEXTS, TEXTS_ARE, last


def banner(side, layer, text):
    return [RULE, *wrapped(text, f"// {mark(side, layer)} ", "// "), RULE, ""]


def contents(tree, layers):
    lines = ["// CONTENTS", "//", "// Line numbers would change with every edit: search for what is named here.", "//"]
    first = tree.parts[ROOT_PART].remarks
    if first:
        lines.append("// Read first:")
        width = max(len(name) for name in first)
        lines += [f"//   ---- begin src/{name:<{width}}  {text}" for name, text in first.items()]
        lines.append("//")
    lines += ["// A part, such as src/base/version.hpp, stands between \"---- begin src/base/version.hpp\" and \"---- end \" with the same",
              "// name. It opens with what it promises. Its definitions may stand in an .ipp of its name, in the implementation.", "//",
              "// The layers, each of which uses only itself and those before it. A program that defines",
              "// WIRTHFORGE_WS_SEPARATE_COMPILATION sees the interface alone.", "//"]
    for side, layer, _, parts in sections(tree, layers):
        names = [part.path if layer == TEXTS else part.path.split("/", 1)[1] for part in parts]
        lines += [f"//   {mark(side, layer)}", *wrapped(", ".join(names), "//     ", "//     ")]
    return lines
