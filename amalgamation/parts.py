"""The parts under src/: what each includes, whether it may, on which side it lies, and in which order the header holds them.

The root has one #if. The parts that it includes outside, and all parts that those include, are the interface: a file sees it with
WIRTHFORGE_WS_SEPARATE_COMPILATION. All else is the implementation.
"""

import re
from pathlib import PurePosixPath

from amalgamation import names
from amalgamation.text import Refusal, lines_inside_literals, read_text

LAYERS = ("base", "text", "rfc6455", "model", "events", "live", "journal", "net", "server")
FIRST_LAYER_WITH = {"asio": "net", "nlohmann": "events"}
ROOT_PART = "wirthforge_ws.hpp"
LONG_TEXTS = ("events/generated/schema_texts.hpp", "net/generated/assets.hpp")  # nobody reads them: they stand last
IMPLEMENTATION_IF = "!defined(WIRTHFORGE_WS_SEPARATE_COMPILATION) || defined(WIRTHFORGE_WS_IMPLEMENTATION)"
PART_SUFFIXES = {".hpp", ".ipp", ".h", ".hh", ".hxx", ".inc", ".inl", ".cpp", ".cc", ".cxx"}

DIRECTIVE = re.compile(r"\s*#\s*(\w+)\s*(.*?)\s*$")
INCLUDE = re.compile(r'(?:<([^>]+)>|"([^"]+)")\s*(?://\s*(.*)|/\*.*)?$')
UNVERSIONED = re.compile(r"\s*namespace wirthforge\b(?! \{ inline namespace WIRTHFORGE_ABI \{)")
STANDARD_NAME = re.compile(r"[a-z0-9_]+")


def library_of(name):
    """`asio` for asio.hpp and asio/post.hpp."""
    return re.split(r"[/.]", name)[0]


class Part:
    """One file under src/. `texts` are all of them, by path; `code` is this one without what stands at the header's top."""

    def __init__(self, path, texts):
        self.path = path
        self.where = "src/" + path
        self.layer = path.split("/")[0] if "/" in path else None
        self.project = []  # (line number, path of another part)
        self.behind = []  # of these, the root's that stand inside its one #if
        self.remarks = {}  # by path of another part, what the root says behind its include: these are read first
        self.system = {}  # names of what is included from outside and outside any #if, with their lines
        self.is_inside_implementation = False
        self._split(texts)

    def refuse(self, line, what, why, fix):
        raise Refusal(f"{self.where}:{line}", what, why, fix)

    def _split(self, texts):
        kept, conditions, once = [], 0, self.path == ROOT_PART  # a file may name the root a second time, to define it all
        inside = lines_inside_literals(texts[self.path])
        for number, line in enumerate(texts[self.path].split("\n"), 1):
            directive = None if number in inside else DIRECTIVE.match(line)
            word, rest = directive.groups() if directive else (None, "")
            if word == "if" and self._opens_implementation(rest):
                self.is_inside_implementation = True
                continue
            if word == "endif" and conditions == 0 and self.is_inside_implementation:
                self.is_inside_implementation = False
                continue
            if word in ("if", "ifdef", "ifndef"):
                conditions += 1
            elif word == "endif":
                conditions -= 1
            elif word == "pragma" and rest.split("//")[0].strip() == "once":
                once = True
                continue
            elif word == "include" and self._include(texts, number, rest, conditions > 0):
                continue
            if line or number in inside or (kept and kept[-1]):  # one blank line where includes stood
                kept.append(line)
        while kept and not kept[-1]:
            kept.pop()
        self.code = kept
        self.text = texts[self.path].split("\n")
        if not once:
            self.refuse(1, "no #pragma once", "with -Isrc the part would be read as often as it is included",
                        "add the line '#pragma once' below the contract comment")

    def _opens_implementation(self, condition):
        return self.path == ROOT_PART and not self.is_inside_implementation and condition == IMPLEMENTATION_IF

    def _include(self, texts, number, rest, is_conditional):
        """Notes an include. True where the header's top takes it over, and its line goes."""
        match = INCLUDE.match(rest)
        if not match:
            self.refuse(number, f"#include {rest} names no file", "the generator cannot follow a macro",
                        "write the file's name")
        angled, quoted, remark = match.groups()
        name = angled or quoted
        self._refuse_too_high(number, name)
        if quoted and name not in texts:
            self._refuse_quoted(texts, number, name)
        if angled and (name in texts or name.split("/")[0] in LAYERS):
            self.refuse(number, f"a part is included as <{name}>", "angle brackets are for what comes from outside, and are "
                        "hoisted to the top of the header", f'write #include "{name}"')
        if quoted and is_conditional:
            self.refuse(number, f'"{name}" is included inside #if', "the header holds every part, whatever is defined",
                        "include it outside, and put the #if inside that part")
        if is_conditional:
            return False
        if quoted:
            self.project.append((number, name))
            if self.is_inside_implementation:
                self.behind.append(name)
            if remark and self.path == ROOT_PART:
                self.remarks[name] = remark
            return True
        if not STANDARD_NAME.fullmatch(name) and library_of(name) not in FIRST_LAYER_WITH:
            self.refuse(number, f"<{name}> comes with neither C++, Asio nor nlohmann/json",
                        "these three are all that an integrator has to have",
                        "use the C++ header (<cstdint> for <stdint.h>), or put a platform's own inside #if")
        self.system.setdefault(name, number)
        return True

    def _refuse_quoted(self, texts, number, name):
        beside = (PurePosixPath(self.path).parent / name).as_posix()
        if beside in texts:
            self.refuse(number, f'"{name}" is found beside this file only', "parts name each other by their path from src/, so "
                        "that a move is a search and replace", f'write #include "{beside}"')
        if STANDARD_NAME.fullmatch(name) or library_of(name) in FIRST_LAYER_WITH:
            self.refuse(number, f'"{name}" is not one of our parts', "quotes are for the parts under src/; what comes from "
                        "outside is hoisted by its angle brackets", f"write #include <{name}>")
        self.refuse(number, f'"{name}" does not exist under src/', "the header would lack it",
                    f"create src/{name}, mend the name, or take the line out")

    def _refuse_too_high(self, number, name):
        first = FIRST_LAYER_WITH.get(library_of(name))
        if first and self.layer and LAYERS.index(self.layer) < LAYERS.index(first):
            self.refuse(number, f"{self.layer}/ includes <{name}>", f"{library_of(name)} starts at {first}/: what lies below "
                        "decides without it, and is tested without it",
                        f"move the file to {first}/ or above, or pass in what it needs")


def own_implementation(header, other):
    """True for server.ipp as seen from server.hpp: its second half, which may include the first again."""
    return other.endswith(".ipp") and header.endswith(".hpp") and other[:-4] == header[:-4]


class Tree:
    """All parts under src/, checked. `generated` are texts, by path from the root, that stand in for what is on disk."""

    def __init__(self, root, generated):
        src = root / "src"
        texts = {path.relative_to(src).as_posix(): None for path in src.rglob("*")
                 if path.suffix in PART_SUFFIXES and path.is_file()}
        texts.update((path[len("src/"):], text) for path, text in generated.items())
        if ROOT_PART not in texts:
            raise Refusal(f"src/{ROOT_PART}:1", "is missing", "it names what the header offers; parts are found from there",
                          "create it: #pragma once and the includes of the public parts")
        for path in sorted(texts):
            if path != ROOT_PART and path.split("/")[0] not in LAYERS:
                raise Refusal(f"src/{path}:1", "lies in no layer", "a folder is a layer, and layers are what keeps the includes "
                              "in order", f"move it into one of {', '.join(layer + '/' for layer in LAYERS)}")
            if texts[path] is None:
                texts[path] = read_text(src / path, f"src/{path}")
        self.parts = {path: Part(path, texts) for path in sorted(texts)}
        self._refuse_code_in_root()
        self._refuse_unversioned(texts)
        self._refuse_upward()
        self._refuse_cycles()
        self._refuse_unreached()
        self.interface = self._reached([name for _, name in self.parts[ROOT_PART].project
                                        if name not in self.parts[ROOT_PART].behind])
        self._refuse_libraries_in_interface()
        root = self.parts[ROOT_PART]
        names.refuse_foreign(self.parts, {name for _, name in root.project if name not in root.behind})
        self.last = {name for name, part in self.parts.items() if name != ROOT_PART and (
            name in LONG_TEXTS or any(other in LONG_TEXTS for _, other in part.project))}
        self._refuse_early_use_of_the_last()

    def _refuse_code_in_root(self):
        root = self.parts[ROOT_PART]
        code = next((line for line in root.code if line and not line.lstrip().startswith("//")), None)
        if code or root.system:
            root.refuse(1, f"holds more than parts' names: {code or next(iter(root.system))}", "the root only names parts, and is no "
                        "part of the header itself", "move it into a part")

    def _refuse_unversioned(self, texts):
        for part in self.parts.values():
            for number, line in enumerate(texts[part.path].split("\n"), 1):
                if UNVERSIONED.match(line):
                    part.refuse(number, "opens a namespace of ours outside the inline namespace of this version", "two versions "
                                "of the header in one process would share what it holds, and crash by the order of linking",
                                "write namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {, and }}} at its end")

    def _refuse_upward(self):
        for part in self.parts.values():
            for number, name in part.project if part.layer else ():
                if "/" not in name or LAYERS.index(name.split("/")[0]) > LAYERS.index(part.layer):
                    part.refuse(number, f'{part.layer}/ includes "{name}", which lies above it', "a layer knows only itself and "
                                f"those below ({' < '.join(LAYERS)}): that is what lets it be read and tested alone",
                                f"move the shared piece down to {part.layer}/ or below, or pass it in from above")

    def _refuse_cycles(self):
        done, path = set(), []

        def visit(name):
            if name in path:
                cycle = path[path.index(name):] + [name]
                number = next(number for number, other in self.parts[cycle[-2]].project if other == name)
                self.parts[cycle[-2]].refuse(
                    number, "a cycle: " + " -> ".join("src/" + step for step in cycle), "whichever part is read first lacks the "
                    "other, so that not each of them compiles alone", "take one of the includes out: forward-declare, or move "
                    f"what both need into a third part, or let src/{ROOT_PART} include the .ipp")
            if name in done:
                return
            path.append(name)
            for _, other in self.parts[name].project:
                if not own_implementation(other, name):
                    visit(other)
            path.pop()
            done.add(name)

        for name in self.parts:
            visit(name)

    def _reached(self, waiting):
        """Names of the parts `waiting` and of all that they include."""
        reached, waiting = set(), list(waiting)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += [other for _, other in self.parts[name].project]
        return reached

    def _refuse_libraries_in_interface(self):
        for name in sorted(self.interface):
            part = self.parts[name]
            for library, line in part.system.items():
                if library_of(library) in FIRST_LAYER_WITH:
                    part.refuse(line, f"is part of the interface and includes <{library}>", "with "
                                "WIRTHFORGE_WS_SEPARATE_COMPILATION every file of an integrator would compile it",
                                f"move what needs it behind the #if of src/{ROOT_PART}: declare here, define in an .ipp")

    def _refuse_early_use_of_the_last(self):
        for name in sorted(self.last & self.interface):
            self.parts[name].refuse(1, "is or includes a long text, and is part of the interface", "such texts stand at the end of the "
                                    "header, behind all that is read", "declare what finds the text here, define it in an .ipp")
        for part in self.parts.values():
            for number, other in part.project:
                if other in self.last and part.path not in self.last and part.path != ROOT_PART:
                    part.refuse(number, f'includes "{other}", which stands behind it at the end of the header', "it is or includes a "
                                "long text", f"include what declares it, and let src/{ROOT_PART} include {other} in its #if")

    def _refuse_unreached(self):
        reached = self._reached([ROOT_PART])
        left = [name for name in self.parts if name not in reached]
        if left:
            raise Refusal(", ".join(f"src/{name}:1" for name in left), f"not reached from src/{ROOT_PART}",
                          "the header would silently lack it", f'add #include "{left[0]}" where it is used, or to '
                          f"src/{ROOT_PART}; or delete it")

    def ordered(self):
        """The interface, then the implementation; in each every part after what it includes: layer by layer, and by name
        where that leaves a choice. The long texts, and what includes them, come last."""
        return [part for is_interface in (True, False) for part in self.side(is_interface)]

    def side(self, is_interface):
        order = {}

        def place(name, layer):
            part = self.parts[name]
            if part.layer != layer or name in order or (name in self.interface) != is_interface:
                return
            for other in sorted(other for _, other in part.project):
                if not own_implementation(name, other):
                    place(other, layer)
            order[name] = part

        for layer in LAYERS:
            for name in self.parts:
                place(name, layer)
        return sorted(order.values(), key=lambda part: part.path in self.last)
