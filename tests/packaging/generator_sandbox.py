"""A small tree of parts that tests of the generator may change."""

import contextlib
import io
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(REPOSITORY))

import single_include_gen  # noqa: E402
from amalgamation.parts import LAYERS  # noqa: E402

VERSION = """\
// The version.
#pragma once
#define WIRTHFORGE_WS_VERSION_MAJOR 1
#define WIRTHFORGE_WS_VERSION_MINOR 2
#define WIRTHFORGE_WS_VERSION_PATCH 3
inline constexpr const char* library_version = "1.2.3";
"""
SIDES = "#if !defined(WIRTHFORGE_WS_SEPARATE_COMPILATION) || defined(WIRTHFORGE_WS_IMPLEMENTATION)\n%s#endif\n"
PAGES = '#include "net/generated/assets.hpp"\n'
TREE = {
    "LICENSE": "MIT License\n\nDo as you like.\n",
    "src/README.md": "# The house\n\n| layer | may use | what lives there |\n|---|---|---|\n"
                     + "".join(f"| `{layer}/` | std | the {layer} of it |\n" for layer in LAYERS),
    "src/base/version.hpp": VERSION,
    "src/base/b.hpp": '// B.\n#pragma once\n\n#include <vector>\n#include <string>\n\n#include "base/z.hpp"\n\nint b();\n',
    "src/base/z.hpp": "// Z.\n#pragma once\n#include <string>\nint z();\n",
    "src/net/socket.hpp": '// S.\n#pragma once\n#include <asio/post.hpp>\n#include <nlohmann/json.hpp>\n#include "base/b.hpp"\n'
                          '#include "net/asset.hpp"\nint s();\n',
    "src/net/asset.hpp": (REPOSITORY / "src/net/asset.hpp").read_text(encoding="ascii"),
    "src/wirthforge_ws.hpp": '// Root.\n#include "base/version.hpp"\n#include "base/b.hpp"\n\n'
                             + SIDES % (PAGES + '#include "net/socket.hpp"\n'),
    "client/dashboard.html": "<!doctype html>\n<title>page</title>\n",
    "client/wirthforge.js": "export const one = 1;\n",
}


class GeneratorTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for path, text in TREE.items():
            self.put(path, text)

    def put(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))

    def read(self, path):
        return (self.root / path).read_text(encoding="ascii")

    def run_generator(self, *arguments):
        """(exit code, stdout, stderr)"""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = single_include_gen.main(["--root", str(self.root), *arguments])
        return code, out.getvalue(), err.getvalue()

    def generate(self):
        code, out, err = self.run_generator()
        self.assertEqual((code, err), (0, ""))
        return out

    def assert_refused(self, where, what, fix, *arguments):
        code, _, err = self.run_generator(*arguments)
        self.assertEqual(code, 1)
        first, why, how = err.split("\n  why: ")[0], err.split("\n  why: ")[1].split("\n  fix: ")[0], err.split("\n  fix: ")[1]
        self.assertIn(where, first)
        self.assertIn(what, first)
        self.assertTrue(why.strip())
        self.assertIn(fix, how)
