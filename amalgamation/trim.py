"""Takes from a page what nobody misses who is served it: indentation, blank lines, and comments with lines of their own.

Whole lines and the blanks before them, nothing more, so that what is served still reads as what is in client/. Where a line
could be more than it seems, the file stays as it is.
"""

import re

MODULE = "wirthforge.js"  # people read it where it is served, and npm has the same bytes
BLOCK_COMMENT = re.compile(r"^ */\*(?:(?!\*/).)*\*/ *$\n?", re.DOTALL | re.MULTILINE)
OPENS_BEHIND_CODE = re.compile(r"^ *[^ /\n][^\n]*/\*(?!.*\*/)", re.MULTILINE)


def trimmed(name, text):
    if name.endswith(".html"):
        keeps_blanks = any(mark in text for mark in ("<pre", "<textarea", "<script>", "<style", "<!--"))
        return text if keeps_blanks else _without_blanks(text)
    if name == MODULE or not name.endswith((".js", ".css")) or OPENS_BEHIND_CODE.search(text):
        return text
    if name.endswith(".css"):
        return _without_blanks(BLOCK_COMMENT.sub("", text))
    # A template literal over several lines begins and ends on lines with an odd number of marks.
    if any(line.count("`") % 2 for line in text.split("\n")):
        return text
    return _without_blanks("\n".join(line for line in BLOCK_COMMENT.sub("", text).split("\n")
                                     if not line.lstrip().startswith("//") or "*/" in line))


def _without_blanks(text):
    return "".join(line.lstrip() + "\n" for line in text.split("\n") if line.strip())
