#!/usr/bin/env python3
"""What Doxygen is shown of a part: filter.py FILE.

The inline namespace that names a version for the linker is left out, since people write wirthforge::server. Overloads share one
text: a declaration that follows another of the same name directly gets its comment. Specialisations of event_traits are left
out: the template's own comment says what they hold. The values of errc are taken from the table of errors.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT))

from amalgamation import errors  # noqa: E402

NAME = re.compile(r"^ *(?:explicit |static |constexpr |inline )*[\w:<>,&* ]*?\b(~?\w+|operator\W+)\(")
SPECIALISATION = re.compile(r"^template <>\nstruct (?:event_traits|std::\w+)<[^\n]*(?:\{\};$|\{\n.*?^\};)", re.MULTILINE | re.DOTALL)

ERROR_VALUES = re.compile(r"(enum class errc \{\n)#define \w+\(.*\n  WIRTHFORGE_ERRORS\(\w+\)\n#undef \w+\n")


def shown(text):
    text = text.replace("{ inline namespace WIRTHFORGE_ABI {", "{")
    text = text.replace("[[nodiscard]] ", "")
    text = re.sub(r"^\}(\}+)(  // namespace wirthforge)", r"\1\2", text, flags=re.MULTILINE)
    text = ERROR_VALUES.sub(lambda found: f"{found.group(1)}{errors.enumerators(errors.rows(ROOT))}\n\n\n", text)
    text = SPECIALISATION.sub(lambda found: "\n" * found.group().count("\n"), text)  # lines keep their numbers, for the warnings
    return "\n".join(with_shared_comments(text.split("\n")))


def with_shared_comments(lines):
    comment, name, is_in_comment = [], None, False
    for index, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith("///") and not stripped.startswith("///<"):
            comment = (comment if is_in_comment else []) + [stripped[3:].strip()]
            is_in_comment = True
            name = None
            yield line
            continue
        is_in_comment = False
        is_head = stripped.startswith("template <") and stripped.endswith(">")
        declared = lines[index + 1] if is_head and index + 1 < len(lines) else line
        found = NAME.match(declared)
        is_same = found and comment and name == found.group(1) and not declared.rstrip().endswith(("= delete;", "= default;"))
        previous_is_head = index > 0 and lines[index - 1].strip().startswith("template <")
        yield f"/** {' '.join(comment)} */ {line}" if is_same and not previous_is_head else line
        if is_head:
            continue
        if found and (is_same or name is None):
            name = found.group(1)
        elif not stripped or re.match(r"\w.*[;{]$", stripped):
            comment, name = ([], None) if not line.startswith("    ") else (comment, name)


if __name__ == "__main__":
    sys.stdout.write(shown(Path(sys.argv[1]).read_text(encoding="ascii")))
