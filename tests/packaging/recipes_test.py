#!/usr/bin/env python3
"""The recipes in packaging/: they agree with the header and with each other, and each runs as far as it can without its tool."""

import configparser
import hashlib
import importlib.util
import json
import py_compile
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import types
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
ADDRESS = "https://github.com/wirthforge/wirthforge_ws"
sys.dont_write_bytecode = True


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def run(*command, cwd=ROOT):
    done = subprocess.run([str(word) for word in command], cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class AgreementTest(unittest.TestCase):
    def test_every_recipe_names_the_headers_version(self):
        run(sys.executable, PACKAGING / "stamp.py", "--check")

    def test_a_recipe_of_another_version_is_told_and_stamped(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder)
            for name in ("packaging", "client", "src/base"):
                shutil.copytree(ROOT / name, copy / name)
            shutil.copy(ROOT / "meson.build", copy)
            header = copy / "src/base/version.hpp"
            header.write_text(re.sub(r'(library_version = ")[\d.]+', r"\g<1>7.8.9", header.read_text(encoding="ascii")))
            stamp = [sys.executable, copy / "packaging/stamp.py"]
            done = subprocess.run([*stamp, "--check"], check=False, capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            for name in ("vcpkg.json", "config.yml", "conandata.yml", "wirthforge_ws.wrap", "metadata.json", "xmake.lua",
                         "changelog", "meson.build", "package.json", "fix: run packaging/stamp.py"):
                self.assertIn(name, done.stderr)
            archive = copy / "archive"
            archive.write_bytes(b"the files of a release")
            run(*stamp, "--archive", archive)
            run(*stamp, "--check")
            self.assertTrue((copy / "packaging/bazel/modules/wirthforge_ws/7.8.9/source.json").is_file())
            sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
            for name in ("conan/recipes/wirthforge_ws/all/conandata.yml", "meson/wirthforge_ws.wrap",
                         "xmake/packages/w/wirthforge_ws/xmake.lua"):
                text = (copy / "packaging" / name).read_text(encoding="utf-8")
                self.assertIn(sha256, text)
                self.assertIn("7.8.9", text)

    def test_all_ask_for_the_same_oldest_dependencies(self):
        for asio, json_ in (("cmake/dependencies.cmake", "cmake/dependencies.cmake"), ("meson.build", "meson.build"),
                            ("src/net/asio_version.hpp", "src/events/json_version.hpp"),
                            ("packaging/conan/recipes/wirthforge_ws/all/conanfile.py",) * 2,
                            ("packaging/debian/control",) * 2, ("packaging/xmake/packages/w/wirthforge_ws/xmake.lua",) * 2,
                            ("docs/install.md",) * 2, ("README.md",) * 2):
            self.assertIn("1.18.2", read(asio), asio)
            self.assertIn("3.7.3", read(json_), json_)

    def test_all_name_one_address(self):
        for path in [*PACKAGING.rglob("*"), ROOT / "client/package.json"]:
            if path.is_file() and "__pycache__" not in path.parts:
                found = re.findall(r"github(?:\.com/|:)[\w.-]+/wirthforge[\w-]*", path.read_text(encoding="utf-8"))
                for each in found:
                    self.assertEqual(re.sub(r"github(\.com/|:)", "https://github.com/", each), ADDRESS, path)

    def test_each_says_mit(self):
        for path in ("vcpkg/ports/wirthforge-ws/vcpkg.json", "conan/recipes/wirthforge_ws/all/conanfile.py",
                     "xmake/packages/w/wirthforge_ws/xmake.lua"):
            self.assertRegex((PACKAGING / path).read_text(encoding="utf-8"), r'(?i)license\W+"?MIT')


class VcpkgTest(unittest.TestCase):
    def test_the_port_is_called_as_the_registry_wants_it(self):
        port = PACKAGING / "vcpkg/ports/wirthforge-ws"
        manifest = json.loads((port / "vcpkg.json").read_text(encoding="ascii"))
        self.assertEqual(manifest["name"], port.name)
        self.assertRegex(manifest["name"], r"^[a-z0-9]+(-[a-z0-9]+)*$")
        names = [each if isinstance(each, str) else each["name"] for each in manifest["dependencies"]]
        self.assertEqual(names, sorted(names))
        self.assertNotIn("\r", (port / "portfile.cmake").read_text(encoding="ascii"))

    def test_the_port_installs_the_files_that_it_names(self):
        with tempfile.TemporaryDirectory() as work:
            run("cmake", f"-DPORT_DIR={PACKAGING / 'vcpkg/ports/wirthforge-ws'}", f"-DROOT={ROOT}", f"-DWORK={work}", "-P",
                ROOT / "tests/packaging/vcpkg_port.cmake")
            project = Path(work) / "project"
            project.mkdir()
            (project / "CMakeLists.txt").write_text(
                "cmake_minimum_required(VERSION 3.16)\nproject(p LANGUAGES CXX)\nfind_package(wirthforge_ws CONFIG REQUIRED)\n"
                "get_target_property(where wirthforge::ws INTERFACE_INCLUDE_DIRECTORIES)\n"
                'if(NOT EXISTS "${where}/wirthforge_ws.hpp" OR NOT TARGET wirthforge::ws_compiled)\n'
                '  message(FATAL_ERROR "${where}")\nendif()\n', encoding="ascii")
            run("cmake", "-S", project, "-B", Path(work) / "uses", f"-DCMAKE_PREFIX_PATH={work}/packages")


class ConanTest(unittest.TestCase):
    RECIPE = PACKAGING / "conan/recipes/wirthforge_ws/all"

    def test_the_recipe_is_python(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in (self.RECIPE / "conanfile.py", self.RECIPE / "test_package/conanfile.py"):
                py_compile.compile(str(path), cfile=folder + "/out", doraise=True)

    def recipe(self, calls):
        """The recipe's class, with stand-ins for the few names of Conan that it uses; `calls` notes what they are asked."""
        def note(name):
            return lambda *arguments, **named: calls.append((name, arguments[1:], named))
        names = {"conan": {"ConanFile": object}, "conan.tools": {},
                 "conan.tools.build": {"check_min_cppstd": note("check_min_cppstd"), "can_run": lambda _: True},
                 "conan.tools.files": {"copy": note("copy"), "get": note("get")},
                 "conan.tools.layout": {"basic_layout": note("basic_layout")}}
        for name, members in names.items():
            module = types.ModuleType(name)
            vars(module).update(members)
            sys.modules[name] = module
            self.addCleanup(sys.modules.pop, name)
        spec = importlib.util.spec_from_file_location("recipe", self.RECIPE / "conanfile.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.WirthforgeWsConan()

    def test_the_recipe_packs_and_links_the_files_of_the_tree(self):
        calls = []
        recipe = self.recipe(calls)
        recipe.requires = lambda what: calls.append(("requires", (what,), {}))
        recipe.source_folder, recipe.package_folder = str(ROOT), "/package"
        recipe.requirements()
        recipe.validate()
        recipe.package()
        self.assertIn(("check_min_cppstd", (17,), {}), calls)
        self.assertEqual([what for name, (what, *_), _ in calls if name == "requires"],
                         ["asio/[>=1.18.2 <2]", "nlohmann_json/[>=3.7.3 <4]"])
        packed = {arguments[0]: arguments[2] for name, arguments, _ in calls if name == "copy"}
        self.assertEqual(packed["wirthforge_ws.hpp"], "/package/include")
        for name in packed:
            self.assertTrue((ROOT / name).is_file(), name)
        for system, libraries in (("Linux", ["pthread"]), ("Windows", ["ws2_32", "mswsock"]), ("Macos", [])):
            properties = {}
            recipe.settings = types.SimpleNamespace(os=system)
            recipe.cpp_info = types.SimpleNamespace(system_libs=[], set_property=properties.__setitem__)
            recipe.package_info()
            self.assertEqual(recipe.cpp_info.system_libs, libraries)
            self.assertEqual(properties["cmake_target_name"], "wirthforge::ws")


class MesonTest(unittest.TestCase):
    @unittest.skipUnless(shutil.which("meson"), "no meson")
    def test_the_wrap_brings_a_dependency(self):
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "project"
            shutil.copytree(ROOT / "tests/packaging/consumer_meson", project)
            shutil.copy(ROOT / "tests/packaging/consumer.cpp", project)
            wrap = configparser.ConfigParser()
            wrap.read(PACKAGING / "meson/wirthforge_ws.wrap")
            cache = project / "subprojects/packagecache"
            cache.mkdir(parents=True)
            archive = cache / wrap["wrap-file"]["source_filename"]
            with tarfile.open(archive, "w:gz") as tar:  # the archive that the address would serve
                for name in ("meson.build", "meson_options.txt", "wirthforge_ws.hpp", "wirthforge_ws.cpp"):
                    tar.add(ROOT / name, arcname=wrap["wrap-file"]["directory"] + "/" + name)
            wrap["wrap-file"]["source_hash"] = hashlib.sha256(archive.read_bytes()).hexdigest()
            with open(project / "subprojects/wirthforge_ws.wrap", "w", encoding="ascii") as file:
                wrap.write(file)
            self.assertIn("wirthforge_ws_compiled found: YES", run("meson", "setup", "build", cwd=project))


class OthersTest(unittest.TestCase):
    def test_bazels_entry_holds_together(self):
        module = PACKAGING / "bazel/modules/wirthforge_ws"
        for version in json.loads((module / "metadata.json").read_text(encoding="ascii"))["versions"]:
            folder = module / version
            self.assertEqual((folder / "MODULE.bazel").read_bytes(), (folder / "overlay/MODULE.bazel").read_bytes())
            build = (folder / "overlay/BUILD.bazel").read_text(encoding="ascii")
            for name in re.findall(r'(?:srcs|hdrs) = \["([^"]+)"\]', build) + re.findall(r'exports_files\(\["([^"]+)', build):
                self.assertTrue((ROOT / name).is_file(), name)
            for name in re.findall(r'"@(\w+)[/"]', build):
                if name != "platforms":
                    self.assertIn(f'bazel_dep(name = "{name}"', (folder / "MODULE.bazel").read_text(encoding="ascii"))

    @unittest.skipUnless(shutil.which("luac") or shutil.which("luac5.4") or shutil.which("luac5.3"), "no luac")
    def test_xmakes_recipe_is_lua(self):
        luac = shutil.which("luac") or shutil.which("luac5.4") or shutil.which("luac5.3")
        run(luac, "-p", PACKAGING / "xmake/packages/w/wirthforge_ws/xmake.lua")

    @unittest.skipUnless(shutil.which("dpkg-parsechangelog"), "no dpkg-dev")
    def test_debians_changelog_is_one(self):
        said = run("dpkg-parsechangelog", "-l", PACKAGING / "debian/changelog")
        self.assertIn("Source: wirthforge-ws\n", said)
        self.assertIn("Distribution: unstable\n", said)

    def test_npm_can_say_where_a_package_was_built(self):
        package = json.loads(read("client/package.json"))
        self.assertEqual(package["repository"], {"type": "git", "url": f"git+{ADDRESS}.git", "directory": "client"})
        self.assertEqual(package["publishConfig"], {"access": "public", "provenance": True})
        self.assertTrue(package["homepage"].startswith(ADDRESS))
        self.assertEqual(package["bugs"], {"url": ADDRESS + "/issues"})


if __name__ == "__main__":
    unittest.main()
