#!/usr/bin/env python3
"""The header's guides for a reader: its contents, its banners, and long texts at the end."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from generator_sandbox import PAGES, TREE, GeneratorTest  # noqa: E402


class Contents(GeneratorTest):
    def test_the_contents_name_the_parts_to_read_first_and_each_part_under_its_layer(self):
        root = TREE["src/wirthforge_ws.hpp"].replace('"base/b.hpp"', '"base/b.hpp"  // the one to begin with')
        self.put("src/wirthforge_ws.hpp", root)
        self.generate()
        header = self.read("wirthforge_ws.hpp")
        contents = header[header.index("Do as you like."):header.index("#ifndef WIRTHFORGE_WS_HPP_INCLUDED")]
        self.assertIn("//   ---- begin src/base/b.hpp  the one to begin with\n", contents)
        self.assertIn("//   ==== interface: base/ ====\n//     z.hpp, b.hpp, version.hpp\n"
                      "//   ==== implementation: net/ ====\n//     asset.hpp, socket.hpp\n"
                      "//   ==== texts ====\n//     net/generated/assets.hpp\n", contents)

    def test_a_banner_stands_before_each_layer_and_says_what_it_is_for(self):
        self.generate()
        header = self.read("wirthforge_ws.hpp")
        at = [header.index(text) for text in (
            "\n// ==== interface: base/ ==== the base of it\n", "begin src/base/z.hpp", "\n// ==== implementation: net/ ==== the net of it\n",
            "begin src/net/asset.hpp", "\n// ==== texts ==== ", "begin src/net/generated/assets.hpp")]
        self.assertEqual(at, sorted(at))
        self.assertEqual(header.count("==== interface: base/ ===="), 2)
        self.assertNotIn("live/ ====", header)

    def test_the_contents_do_not_change_where_a_part_grows(self):
        self.generate()
        before = self.read("wirthforge_ws.hpp").split("#ifndef")[0]
        self.put("src/base/z.hpp", TREE["src/base/z.hpp"] + "int y();\n" * 50)
        self.generate()
        self.assertEqual(self.read("wirthforge_ws.hpp").split("#ifndef")[0], before)

    def test_long_texts_stand_last_with_the_code_that_finds_them(self):
        self.put("src/events/generated/schema_texts.hpp", "#pragma once\ninline const char* text = \"\";\n")
        self.put("src/events/schemas.ipp", '#pragma once\n#include "events/generated/schema_texts.hpp"\ninline int find() { return *text; }\n')
        self.put("src/wirthforge_ws.hpp", TREE["src/wirthforge_ws.hpp"].replace(PAGES, PAGES + '#include "events/schemas.ipp"\n'))
        self.generate()
        self.assertEqual(self.run_generator("--list")[1].split()[-4:], [
            "src/net/socket.hpp", "src/events/generated/schema_texts.hpp", "src/events/schemas.ipp", "src/net/generated/assets.hpp"])

    def test_a_long_text_before_the_end_of_the_header(self):
        self.put("src/base/b.ipp", "#pragma once\n" + PAGES.replace("net/", "events/").replace("assets", "schema_texts"))
        self.put("src/events/generated/schema_texts.hpp", "#pragma once\n")
        self.assert_refused("src/base/b.ipp:2", "which lies above it", "move")  # of another kind, and told first
        (self.root / "src/base/b.ipp").unlink()
        self.put("src/events/find.ipp", '#pragma once\n#include "events/generated/schema_texts.hpp"\n')
        self.put("src/net/socket.hpp", TREE["src/net/socket.hpp"] + '#include "events/find.ipp"\n')
        self.assert_refused("src/net/socket.hpp:8", "stands behind it at the end", "include what declares it")
        self.put("src/net/socket.hpp", TREE["src/net/socket.hpp"])
        self.put("src/wirthforge_ws.hpp", '#include "events/find.ipp"\n' + TREE["src/wirthforge_ws.hpp"])
        self.assert_refused("src/events/find.ipp:1", "part of the interface", "define it in an .ipp")

    def test_a_layer_that_nobody_explains(self):
        self.put("src/README.md", TREE["src/README.md"].replace("`net/`", "`nets/`"))
        self.assert_refused("src/README.md:1", "no row for net/", "| `net/` |")


if __name__ == "__main__":
    unittest.main()
