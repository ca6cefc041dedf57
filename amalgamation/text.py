"""Reading source text strictly, and saying no."""

import re

LITERAL_OR_COMMENT = re.compile(
    r'//[^\n]*|/\*.*?\*/|(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'", re.DOTALL)


class Refusal(Exception):
    """Names what is wrong, why it matters, and the way out."""

    def __init__(self, where, what, why, fix):
        super().__init__(f"{where}: {what}\n  why: {why}\n  fix: {fix}")


def read_text(path, where):
    data = path.read_bytes()
    for number, line in enumerate(data.split(b"\n"), 1):
        if b"\r" in line:
            raise Refusal(f"{where}:{number}", "a CR line end", "the bytes would differ between machines",
                          f"run: sed -i 's/\\r$//' {where}")
        if b"\t" in line:
            raise Refusal(f"{where}:{number}", "a tab", "it is as wide as each reader's settings", "indent by two spaces; "
                          "write \\t in a string")
        odd = next((byte for byte in line if not 32 <= byte < 127), None)
        if odd is not None:
            raise Refusal(f"{where}:{number}", f"byte 0x{odd:02x} is not printable ASCII", "compilers read other bytes by the "
                          "machine's code page", "write ASCII; in a C++ or JavaScript string an escape such as \\u00e7, in HTML "
                          "&#231;, in CSS \\e7")
    return data.decode("ascii")


def lines_inside_literals(text):
    """Numbers of the lines that begin inside a raw string or a comment: what looks like a directive there is none."""
    inside = set()
    for match in LITERAL_OR_COMMENT.finditer(text):
        first = text.count("\n", 0, match.start()) + 1
        inside.update(range(first + 1, first + match.group().count("\n") + 1))
    return inside
