"""Citations: links in Markdown, files that Markdown names in `code`, and documents that any text names, with their anchors.

A name is looked up from the folder of the file that cites it, from the root, and from src/. It must be a file that is committed
or about to be: files that a build makes do not exist for a reader.
"""

import posixpath
import re

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^()\s<>]+(?:\([^()\s]*\))?)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]^]+\]:\s*<?([^\s<>]+)>?")
SPAN = re.compile(r"(`+)(.+?)\1(?!`)")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
SUFFIXES = "cc|cmake|cpp|css|d.ts|hpp|html|ipp|js|json|mjs|png|py|sh|supp|ts|tsx|txt"
FILE = re.compile(rf"(?<![\w./<>$*{{}}-])((?:[\w-][\w.-]*|\.\.?)(?:/[\w.-]+)+\.(?:{SUFFIXES}))(?![\w/<>*-])")
DOCUMENT = re.compile(r"(?<![\w./<>$*{}-])((?:(?:[\w-][\w.-]*|\.\.?)/)*[\w-]+\.md)(#[\w-]*)?(?![\w/])")
COMMENT = {True: re.compile(r"(?:^\s*\*|(?:^|\s)//)\s(.*)"), False: re.compile(r"(?:^|\s)#\s(.*)")}
SLASHED = (".cc", ".cpp", ".css", ".hpp", ".ipp", ".js", ".mjs", ".ts")  # where comments begin with slashes
WRITTEN = {"build", "node_modules"}  # folders whose files are made, not committed
MADE = {"table.md"}  # tests/bench/run.sh writes it into build/


def slug(heading):
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip())
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def unfenced(text):
    """(number, line, whether it stands inside a fenced block) of each line of a Markdown text."""
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        mark = re.match(r" {0,3}(`{3,}|~{3,})(.*)", line)
        if mark and not fence:
            fence = mark.group(1)
            yield number, line, True
        elif mark and mark.group(1)[0] == fence[0] and len(mark.group(1)) >= len(fence) and not mark.group(2).strip():
            fence = ""
            yield number, line, True
        else:
            yield number, line, bool(fence)


def anchors(text):
    found, seen = set(), {}
    for _, line, is_code in unfenced(text):
        heading = None if is_code else re.match(r" {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$", line)
        if heading:
            name = slug(heading.group(1))
            again = seen.get(name, 0)
            seen[name] = again + 1
            found.add(f"{name}-{again}" if again else name)
        found.update(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", line))
    return found


class Tree:
    """The files that may be cited. `read(path)` gives the text of one."""

    def __init__(self, paths, read):
        self._paths = set(paths)
        self._folders = {"."}
        self._tops = {path.split("/")[0] for path in self._paths if "/" in path}
        self._read = read
        self._anchors = {}
        for path in self._paths:
            while "/" in path:
                path = path.rsplit("/", 1)[0]
                self._folders.add(path)

    def faults(self, path, text):
        """(line, what, why, fix) of each citation that leads nowhere."""
        for number, line, is_code in unfenced(text) if path.endswith(".md") else (
                (number, line, False) for number, line in enumerate(text.split("\n"), 1)):
            for target, is_link in self._cited(path, line, is_code):
                fault = self._fault(path, target, is_link)
                if fault:
                    yield (number, *fault)

    def _cited(self, path, line, is_code):
        """(cited name, whether it is a link) of each citation in a line."""
        is_markdown = path.endswith(".md")
        if is_markdown and not is_code:
            links = LINK.findall(SPAN.sub(lambda span: "x" * len(span.group()), line)) + REFERENCE.findall(line)
            for target in links:
                if not SCHEME.match(target):
                    yield target, True
            for span in SPAN.finditer(line):
                for name in FILE.findall(span.group(2)):
                    yield name, False
            line = REFERENCE.sub("", LINK.sub("", line))
        elif not is_markdown:
            line = re.sub(r"\\[nt]", "  ", line)  # of a string
            comment = COMMENT[path.endswith(SLASHED)].search(line)
            for name in FILE.findall(comment.group(1)) if comment else ():
                if name.split("/")[0] in self._tops:
                    yield name, False
        for name, anchor in DOCUMENT.findall(line):
            yield name + anchor, False

    def _fault(self, path, target, is_link):
        name, _, anchor = target.partition("#")
        if {*name.split("/")} & WRITTEN or name in MADE:
            return None
        beside = posixpath.dirname(path)
        places = [beside] if is_link else [beside, "", "src"]
        found = [path] if not name else [there for there in (
            posixpath.normpath(posixpath.join(place, name)) for place in places)
            if there in self._paths or (is_link and there in self._folders)]
        if not found:
            return (f"cites {target}, which is not there", "a reader who follows it finds nothing",
                    "name a file that is committed" + (f", from {beside or 'the root'}" if is_link else
                                                       ", from the root or from the folder of this file"))
        if "#" in target and found[0].endswith(".md"):
            if found[0] not in self._anchors:
                self._anchors[found[0]] = anchors(self._read(found[0]))
            if anchor not in self._anchors[found[0]]:
                return (f"cites {target}, and {found[0]} has no such heading", "a reader lands at the top of the page",
                        "one of: " + ", ".join("#" + each for each in sorted(self._anchors[found[0]])))
        return None
