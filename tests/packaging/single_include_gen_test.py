#!/usr/bin/env python3
"""The generator of the header, on small trees: its output, and its refusals."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from generator_sandbox import PAGES, REPOSITORY, SIDES, TREE, VERSION, GeneratorTest  # noqa: E402

from amalgamation.trim import trimmed  # noqa: E402


class Output(GeneratorTest):
    def test_parts_stand_in_layer_order_after_their_includes(self):
        self.generate()
        code, out, _ = self.run_generator("--list")
        self.assertEqual(code, 0)
        order = ["src/base/z.hpp", "src/base/b.hpp", "src/base/version.hpp", "src/net/asset.hpp", "src/net/socket.hpp",
                 "src/net/generated/assets.hpp"]
        self.assertEqual(out.split(), order)
        header = self.read("wirthforge_ws.hpp")
        at = [header.index(f"// ---- begin {part}\n") for part in order]
        self.assertEqual(at, sorted(at))
        for part in order:
            self.assertEqual(header.count(f"// ---- begin {part}\n"), 1)
            self.assertEqual(header.count(f"// ---- end {part}\n"), 1)

    def test_includes_are_hoisted_sorted_and_said_once(self):
        self.generate()
        header = self.read("wirthforge_ws.hpp")
        includes = [line for line in header.splitlines() if line.startswith("#include")]
        self.assertEqual(includes, ["#include <string>", "#include <vector>", "#include <array>", "#include <cstddef>",
                                    "#include <string_view>", "#include <asio/post.hpp>", "#include <nlohmann/json.hpp>"])
        self.assertLess(header.index("#define ASIO_STANDALONE"), header.index("#include <asio/"))
        self.assertNotIn("#pragma once", header)

    def test_an_include_inside_a_condition_stays_where_it_is(self):
        self.put("src/base/z.hpp", "#pragma once\n#if defined(_WIN32)\n#include <windows.h>\n#endif\n")
        self.generate()
        self.assertIn("#if defined(_WIN32)\n#include <windows.h>\n#endif\n", self.read("wirthforge_ws.hpp"))

    def test_text_like_an_include_inside_a_literal_or_comment_is_none(self):
        text = ('// Z.\n#pragma once\n/*\n#include "no/such.hpp"\n*/\ninline const char* z = R"x(\n#include "no/such.hpp"\n\n\n'
                '  )x";\ninline int apostrophe = 1\'000;\n')
        self.put("src/base/z.hpp", text)
        self.generate()
        self.assertIn(text.split("#pragma once\n")[1], self.read("wirthforge_ws.hpp"))

    def test_the_banner_names_version_licence_and_command(self):
        self.generate()
        top = self.read("wirthforge_ws.hpp").split("#ifndef")[0]
        for said in ("SPDX-License-Identifier: MIT", "1.2.3", "GENERATED", "./single_include_gen.py", "Do as you like."):
            self.assertIn(said, top)

    def test_a_second_run_writes_nothing_and_a_copy_gives_the_same_bytes(self):
        self.assertEqual(self.generate(), "wrote src/net/generated/assets.hpp\nwrote wirthforge_ws.hpp\n")
        first = (self.root / "wirthforge_ws.hpp").read_bytes()
        self.assertEqual(self.generate(), "")
        elsewhere = self.root / "elsewhere"
        for path in reversed(TREE):  # files made in another order
            (elsewhere / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.root / path, elsewhere / path)
        command = [sys.executable, str(REPOSITORY / "single_include_gen.py"), "--root", str(elsewhere)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"})
        self.assertEqual((elsewhere / "wirthforge_ws.hpp").read_bytes(), first)

    def test_implementation_parts_are_parts_like_others(self):
        self.put("src/server/server.hpp", '#pragma once\n#include "net/socket.hpp"\nint f();\n\n#include "server/server.ipp"\n')
        self.put("src/server/server.ipp", '#pragma once\n#include "server/server.hpp"\n#include "server/a.hpp"\ninline int f() '
                                          "{ return a; }\n")
        self.put("src/server/a.hpp", "#pragma once\ninline int a = 1;\n")
        self.put("src/wirthforge_ws.hpp", '#include "base/version.hpp"\n' + SIDES % (PAGES + '#include "server/server.hpp"\n'))
        self.generate()
        self.assertEqual(self.run_generator("--list")[1].split()[-3:],
                         ["src/server/server.hpp", "src/server/server.ipp", "src/net/generated/assets.hpp"])

    def test_the_interface_stands_before_the_if_and_the_rest_behind_it(self):
        self.put("src/net/socket.hpp", TREE["src/net/socket.hpp"].replace("b.hpp", "b.ipp"))
        self.put("src/base/b.ipp", '#pragma once\n#include <string>\n#include <deque>\n#include "base/b.hpp"\nint in_b();\n')
        self.generate()
        header = self.read("wirthforge_ws.hpp")
        at = [header.index(text) for text in (
            "#define WIRTHFORGE_WS_HPP_INCLUDED", "#include <string>", "#include <vector>", "int z();", "int b();", "#endif",
            "#if (!defined(WIRTHFORGE_WS_SEPARATE_COMPILATION) || defined(WIRTHFORGE_WS_IMPLEMENTATION)) && \\\n",
            "#define WIRTHFORGE_WS_HPP_IMPLEMENTED", "#include <deque>", "#include <asio/post.hpp>", "int in_b();", "int s();",
            "#endif  // WIRTHFORGE_WS_HPP_IMPLEMENTED")]
        self.assertEqual(at, sorted(at))
        self.assertEqual(header.count("#include <string>"), 1)

    def test_both_ways_of_naming_the_root_give_the_same_program(self):
        self.put("src/base/z.hpp", "#pragma once\n#include <string>\n"
                 "#ifdef WIRTHFORGE_WS_SEPARATE_COMPILATION\n#define LINKAGE\n#else\n#define LINKAGE inline\n#endif\nint z();\n")
        self.put("src/base/z.ipp", '#pragma once\n#include "base/z.hpp"\nLINKAGE int z() { return 7; }\n')
        self.put("src/wirthforge_ws.hpp", '#include "base/version.hpp"\n#include "base/z.hpp"\n'
                 + SIDES % (PAGES + '#include "base/z.ipp"\n#include "net/socket.hpp"\n'))
        self.put("src/net/socket.hpp", TREE["src/net/socket.hpp"].replace("#include <asio/post.hpp>\n#include <nlohmann/json.hpp>\n", ""))
        self.generate()
        self.put("use.cpp", '#include "wirthforge_ws.hpp"\n#include "wirthforge_ws.hpp"\nint main() { return z() - 7; }\n')
        self.put("all.cpp", '#include "wirthforge_ws.hpp"\n#define WIRTHFORGE_WS_IMPLEMENTATION\n#include "wirthforge_ws.hpp"\n')
        compiler = os.environ.get("CXX", "c++")
        for folder in "-Isrc", "-I.":
            for how in (["use.cpp"], ["-DWIRTHFORGE_WS_SEPARATE_COMPILATION", "use.cpp", "all.cpp"]):
                subprocess.run([compiler, "-std=c++17", folder, *how, "-o", "use"], cwd=self.root, check=True)
                subprocess.run(["./use"], cwd=self.root, check=True)

    def test_the_pages_come_out_of_a_program_as_they_went_in(self):
        script = "".join(f"const line{index} = `)page\" \\n \\\\ ${{{index}}}`; // ??/ )\" R\"(\n" for index in range(900))
        script += "x" * 40000 + "\n\n\n  last line without end"
        self.put("client/wirthforge.js", script)
        self.put("client/dashboard.css", "a { b: c }\n")
        self.put("client/README.md", "not served\n")
        self.generate()
        assets = self.read("src/net/generated/assets.hpp")
        for literal in assets.split('R"')[1:]:
            self.assertLess(len(literal.split('",')[0]), 15000)
        self.put("main.cpp", '#include "net/generated/assets.hpp"\n#include <fstream>\n#include <iostream>\nint main() {\n'
                 "  for (const auto& file : wirthforge::net::assets) {\n"
                 '    std::cout << file.path << " " << file.content_type << "\\n";\n'
                 '    std::ofstream("out" + std::to_string(file.text().size()), std::ios::binary) << file.text();\n  }\n}\n')
        compiler = os.environ.get("CXX", "c++")
        for define, listed in ((), [
                "/dashboard.css text/css; charset=utf-8", "/ text/html; charset=utf-8",
                "/wirthforge.js text/javascript; charset=utf-8"]), (("-DWIRTHFORGE_WS_NO_DASHBOARD",), []):
            subprocess.run([compiler, "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *define, "-Isrc", "main.cpp",
                            "-o", "main"], cwd=self.root, check=True)
            out = subprocess.run(["./main"], cwd=self.root, check=True, capture_output=True, text=True).stdout
            self.assertEqual(out.splitlines(), listed)
        self.assertEqual(self.read(f"out{len(script)}"), script)
        self.assertEqual(self.read("out11"), "a { b: c }\n")

    def test_pages_are_trimmed_by_whole_lines(self):
        script = ("// A page.\n/*\n * More.\n */\nlet a = `x // ${1}`; // stays\n\n  // goes\n  if (a) {\n    a = '//';\n  }\n"
                  "/* stays */ b();\n")
        self.assertEqual(trimmed("a.js", script), "let a = `x // ${1}`; // stays\nif (a) {\na = '//';\n}\n/* stays */ b();\n")
        self.assertEqual(trimmed("a.css", "/* A. */\na {\n  b: c; /* d */\n}\n\n"), "a {\nb: c; /* d */\n}\n")
        self.assertEqual(trimmed("a.html", "<p>\n\n  one <b>two</b>\n</p>"), "<p>\none <b>two</b>\n</p>\n")
        for kept in ("a = `\n  // text\n`;\n", "  a(); /* one\n  two */\n", "/* one\n// two */ a();\n"):
            self.assertEqual(trimmed("a.js", kept).split(), kept.split())
        for name, kept in ("wirthforge.js", script), ("a.html", "<pre>\n  a\n</pre>\n"), ("a.svg", "  <svg/>\n"):
            self.assertEqual(trimmed(name, kept), kept)

    def test_check_passes_on_fresh_output(self):
        self.generate()
        self.assertEqual(self.run_generator("--check"), (0, "", ""))

    def test_check_names_the_first_line_that_differs(self):
        self.generate()
        header = self.read("wirthforge_ws.hpp")
        line = header.split("\n").index("int b();") + 1
        self.put("wirthforge_ws.hpp", header.replace("int b();", "int c();"))
        self.assert_refused(f"wirthforge_ws.hpp:{line}", "is:        int c();\n  should be: int b();", "./single_include_gen.py",
                            "--check")
        self.put("wirthforge_ws.hpp", header + "\n")
        self.assert_refused("wirthforge_ws.hpp:", "should be: (the end)", "./single_include_gen.py", "--check")

    def test_check_sees_a_changed_page_and_a_missing_output_and_writes_nothing(self):
        self.generate()
        self.put("client/wirthforge.js", "export const two = 2;\n")
        self.assert_refused("src/net/generated/assets.hpp:", "export const two", "./single_include_gen.py", "--check")
        self.put("client/wirthforge.js", TREE["client/wirthforge.js"])
        (self.root / "wirthforge_ws.hpp").unlink()
        self.assert_refused("wirthforge_ws.hpp:1", "is missing", "./single_include_gen.py", "--check")
        self.assertFalse((self.root / "wirthforge_ws.hpp").exists())


class Refused(GeneratorTest):
    def refuse_part(self, path, text, where, what, fix):
        """The same tree with one part changed is refused; then the part is as before."""
        self.put("src/" + path, text)
        self.assert_refused(f"src/{path}:{where}", what, fix)
        self.put("src/" + path, TREE["src/" + path]) if "src/" + path in TREE else (self.root / "src" / path).unlink()

    def test_an_include_of_a_higher_layer(self):
        self.refuse_part("base/z.hpp", '#pragma once\n#include "net/socket.hpp"\n', 2, '"net/socket.hpp", which lies above it',
                         "move the shared piece down")

    def test_a_cycle(self):
        self.put("src/base/z.hpp", '#pragma once\n#include "base/b.hpp"\n')
        self.assert_refused("src/base/", "cycle: src/base/b.hpp -> src/base/z.hpp -> src/base/b.hpp", "third part")

    def test_a_cycle_through_an_implementation_part(self):
        self.put("src/base/b.ipp", '#pragma once\n#include "base/z.hpp"\n')
        self.put("src/base/b.hpp", '#pragma once\n#include "base/b.ipp"\n')
        self.put("src/base/z.hpp", '#pragma once\n#include "base/b.hpp"\n')
        self.assert_refused("src/base/", "a cycle", "include the .ipp")

    def test_a_part_that_nothing_reaches(self):
        self.refuse_part("text/lost.hpp", "#pragma once\n", 1, "not reached from src/wirthforge_ws.hpp",
                         '#include "text/lost.hpp"')

    def test_macros_of_other_headers_are_set_aside_and_given_back(self):
        self.generate()
        lines = self.read("wirthforge_ws.hpp").split("\n")
        for name in ("min", "max", "move"):
            aside, back = lines.index(f'#pragma push_macro("{name}")'), lines.index(f'#pragma pop_macro("{name}")')
            self.assertEqual(lines[aside + 1], f"#undef {name}")
            includes = [number for number, line in enumerate(lines) if line.startswith("#include")]
            self.assertTrue(all(aside < number < back for number in includes))

    def test_asio_below_net(self):
        self.refuse_part("base/z.hpp", "#pragma once\n#include <asio.hpp>\n", 2, "base/ includes <asio.hpp>", "move the file to net/")
        self.refuse_part("base/z.hpp", "#pragma once\n#if 1\n#include <asio/post.hpp>\n#endif\n", 3, "<asio/post.hpp>", "net/")

    def test_nlohmann_below_events(self):
        self.refuse_part("base/z.hpp", "#pragma once\n#include <nlohmann/json.hpp>\n", 2, "<nlohmann/json.hpp>",
                         "move the file to events/")

    def test_a_file_that_does_not_exist(self):
        self.refuse_part("base/z.hpp", '#pragma once\n#include "base/none.hpp"\n', 2, "does not exist", "src/base/none.hpp")

    def test_a_part_named_from_beside_it(self):
        self.refuse_part("base/b.hpp", '#pragma once\n#include "z.hpp"\n', 2, "beside this file only", '#include "base/z.hpp"')

    def test_a_part_in_angle_brackets(self):
        self.refuse_part("base/b.hpp", "#pragma once\n#include <base/z.hpp>\n", 2, "<base/z.hpp>", '#include "base/z.hpp"')

    def test_a_foreign_header_in_quotes(self):
        self.refuse_part("base/z.hpp", '#pragma once\n#include "vector"\n', 2, "not one of our parts", "#include <vector>")
        self.refuse_part("net/socket.hpp", '#pragma once\n#include "asio/post.hpp"\n', 2, "not one of our parts",
                         "#include <asio/post.hpp>")

    def test_a_library_that_integrators_do_not_have(self):
        self.refuse_part("base/z.hpp", "#pragma once\n#include <boost/any.hpp>\n", 2, "<boost/any.hpp>", "inside #if")
        self.refuse_part("base/z.hpp", "#pragma once\n#include <unistd.h>\n", 2, "<unistd.h>", "inside #if")

    def test_a_part_included_inside_a_condition(self):
        self.refuse_part("base/b.hpp", '#pragma once\n#ifdef X\n#include "base/z.hpp"\n#endif\n', 3, "inside #if", "outside")

    def test_an_include_by_macro(self):
        self.refuse_part("base/z.hpp", "#pragma once\n#include NAME\n", 2, "NAME", "write the file's name")

    def test_a_namespace_outside_the_versioned_one(self):
        self.put("src/base/z.hpp", "#pragma once\n\nnamespace wirthforge::base {\n}\n")
        self.assert_refused("src/base/z.hpp:3", "outside the inline namespace", "inline namespace WIRTHFORGE_ABI")

    def test_a_part_without_pragma_once(self):
        self.refuse_part("base/z.hpp", "int z();\n", 1, "no #pragma once", "#pragma once")

    def test_bytes_that_are_not_ascii(self):
        self.refuse_part("base/z.hpp", "#pragma once\n// caf\u00e9\n", 2, "0xc3", "write ASCII")
        self.put("client/wirthforge.js", 'one\n"\u2026"\n')
        self.assert_refused("client/wirthforge.js:2", "0xe2", "escape")

    def test_cr_line_ends_and_tabs(self):
        self.refuse_part("base/z.hpp", "#pragma once\r\n", 1, "CR", "sed -i 's/\\r$//' src/base/z.hpp")
        self.refuse_part("base/z.hpp", "#pragma once\n\tint z();\n", 2, "a tab", "two spaces")

    def test_a_file_in_no_layer(self):
        self.refuse_part("loose.hpp", "#pragma once\n", 1, "in no layer", "base/")
        self.refuse_part("helpers/x.hpp", "#pragma once\n", 1, "in no layer", "base/")

    def test_a_library_in_the_interface(self):
        self.put("src/wirthforge_ws.hpp", '#include "base/version.hpp"\n#include "net/socket.hpp"\n' + SIDES % PAGES)
        self.assert_refused("src/net/socket.hpp:3", "part of the interface and includes <asio/post.hpp>", "define in an .ipp")

    def test_another_condition_in_the_root(self):
        for wrong in "#ifdef X\n#endif\n", SIDES % "#else\n", SIDES.replace("||", "&&") % "":
            self.refuse_part("wirthforge_ws.hpp", TREE["src/wirthforge_ws.hpp"] + wrong, 1, "more than parts' names: #", "into a part")

    def test_code_in_the_root(self):
        self.refuse_part("wirthforge_ws.hpp", TREE["src/wirthforge_ws.hpp"] + "int x;\n", 1, "int x;", "into a part")

    def test_a_missing_root_and_versions_that_disagree(self):
        self.put("src/base/version.hpp", VERSION.replace("PATCH 3", "PATCH 4"))
        self.assert_refused("src/base/version.hpp:1", "one version", "agree")
        (self.root / "src/wirthforge_ws.hpp").unlink()
        self.assert_refused("src/wirthforge_ws.hpp:1", "is missing", "create it")


if __name__ == "__main__":
    unittest.main()
