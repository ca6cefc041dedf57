#!/usr/bin/env python3
"""Which citations the linter follows, and which it refuses. Names that must not be there are put together from pieces, or the
linter would refuse this file."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from citations import Tree, anchors, slug  # noqa: E402

MD = "." + "md"
SH = "." + "sh"
DOC = "docs/contract" + MD
TEXTS = {
    "README.md": "# The house\n",
    DOC: "# Contract\n\n## Lanes and order\n\n## `stop`, and *more*\n\n## Again\n\n## Again\n\n```\n## Not one\n```\n",
    "docs/picture.png": "",
    "src/README.md": "# Source\n",
    "src/live/hub.hpp": "",
    "tests/run.sh": "",
}


def faults(path, text):
    return [(line, what.split(",")[0]) for line, what, why, fix in Tree(TEXTS, TEXTS.get).faults(path, text) if why and fix]


class Citations(unittest.TestCase):
    def refused(self, path, text, *names):
        self.assertEqual([what for _, what in faults(path, text)], ["cites " + name for name in names])

    def test_a_link_to_a_file_that_is_not_there(self):
        self.refused("README.md", f"see [it](docs/none{MD})", f"docs/none{MD}")
        self.refused(DOC, "[up](../README.md) ![picture](picture.png) [folder](../src)")
        self.refused(DOC, "[from the root](docs/picture.png)", "docs/picture.png")
        self.refused("README.md", f"[one]\n\n[one]: docs/none{MD}", f"docs/none{MD}")

    def test_a_link_around_code_and_two_in_a_line(self):
        self.refused("README.md", f"[`hub`](src/live/none.hpp), [b]({DOC}) and [c](d{MD})", "src/live/none.hpp", f"d{MD}")

    def test_an_anchor_that_is_no_heading(self):
        self.refused("README.md", f"[a]({DOC}#lanes-and-order) [b]({DOC}#stop-and-more) [c](#the-house)")
        self.refused("README.md", f"[a]({DOC}#lanes) [b](#house)", f"{DOC}#lanes", "#house")
        self.refused("README.md", f"[a]({DOC}#again-1) [b]({DOC}#not-one)", f"{DOC}#not-one")

    def test_a_link_to_the_web_is_not_followed(self):
        self.refused("README.md", f"[a](https://example.org/none{MD}) <https://example.org/b{MD}> [c](mailto:me@example.org)")

    def test_a_file_named_in_code(self):
        self.refused("README.md", f"run `tests/run.sh -L unit`, see `live/hub.hpp`, not `live/gone.hpp` or ``tests/gone{SH}``",
                     "live/gone.hpp", f"tests/gone{SH}")
        self.refused("README.md", "`/wirthforge.js`, `<asio/post.hpp>`, `corpus/<target>/s*.txt`, `build/tests/x.txt`, `/schemas/<a>.schema.json`")

    def test_a_fenced_block_holds_no_links_but_its_documents_are_there(self):
        self.refused("README.md", f"```md\n[a](b.png)\n```\nand\n~~~~\ndocs/none{MD}\n~~~\n~~~~\n", f"docs/none{MD}")

    def test_a_document_that_code_names(self):
        self.refused("src/live/hub.hpp", f"// As PROTOCOL{MD} has it.\n", f"PROTOCOL{MD}")
        self.refused("src/live/hub.hpp", f"// As {DOC}#lanes-and-order has it, and README.md.\n")
        self.refused("src/live/hub.hpp", f"// {DOC}#order\n", f"{DOC}#order")
        self.refused("a.py", f'"""As docs/none{MD}."""\nprint("\\nREADME.md")\n', f"docs/none{MD}")
        self.refused(DOC, f"As NONE{MD} has it.", f"NONE{MD}")

    def test_a_file_that_a_comment_names(self):
        self.refused("src/live/hub.hpp", f"int a;  // see tests/gone{SH}, tests/run.sh\n", f"tests/gone{SH}")
        self.refused("a.cmake", "# those: tests/gone.cmake\nset(a tests/made.cmake)\n", "tests/gone.cmake")

    def test_the_line_is_named(self):
        self.assertEqual(faults("README.md", f"\n\n[a](b{MD})\n"), [(3, f"cites b{MD}")])

    def test_anchors_are_those_of_github(self):
        self.assertEqual(slug("A connection's life"), "a-connections-life")
        self.assertEqual(slug("`token_stream` & [more](x)"), "token_stream--more")
        self.assertEqual(anchors("# One #\n### Two\n#no\n<a id=\"three\"></a>\n"), {"one", "two", "three"})


if __name__ == "__main__":
    unittest.main()
