#!/usr/bin/env python3
"""The two commands of the README, and the scripts beside them, from unusual shells, folders and environments.

They run in a copy of the scripts alone with stand-ins for CMake, CTest, npm and Node, which write down how they were called.
examples_run_test.py builds for real."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("examples/run.sh", "tests/run.sh", "tests/fuzz/run.sh", "tests/coverage.sh", "tests/valgrind.sh", "tests/bench/run.sh",
           ".ci/run", "scripts/format.sh", "scripts/api_docs.sh")
PREAMBLE = re.compile(r"^case \$- in .*?^source \"\$root/scripts/surroundings\.sh\"\n", re.MULTILINE | re.DOTALL)
WANTED = ("c++", "g++", "clang++", "ninja", "make", "meson", "ccache", "git", "pkg-config", "curl", "chromium", "firefox-esr", "a-peer",
          "its-sanitizers", "a-second-library", "other-locales", "shellcheck", "doxygen", "clang-format")
HEADERS = ("asio.hpp", "nlohmann/json.hpp", "catch2/catch.hpp")
STAND_INS = {
    # Makes the files of CMake that the scripts look at, and fails where CMake would.
    "cmake": r"""#!/bin/bash
printf '%s|' cmake "$PWD" "$@" >>"$STAND_IN_LOG"; printf 'CXXFLAGS=%s\n' "${CXXFLAGS:-}" >>"$STAND_IN_LOG"
if [ "$1" = --build ]; then
  mkdir -p "$2/bin"
  printf '#!/bin/bash\nprintf "live"; printf " <%%s>" "$PWD" "$@"; echo\n' >"$2/bin/live"
  chmod +x "$2/bin/live"
  exit 0
fi
while [ $# -gt 0 ]; do case $1 in -S) source=$2; shift ;; -B) build=$2; shift ;; -G) generator=$2; shift ;; esac; shift; done
generator=${generator:-${CMAKE_GENERATOR:-Unix Makefiles}}
if [ -e "$build/CMakeCache.txt" ]; then
  grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$source" "$build/CMakeCache.txt" || { echo "CMake Error: another source" >&2; exit 1; }
  grep -qxF "CMAKE_GENERATOR:INTERNAL=$generator" "$build/CMakeCache.txt" || { echo "CMake Error: another generator" >&2; exit 1; }
fi
mkdir -p "$build"
printf '%s\n' "CMAKE_HOME_DIRECTORY:INTERNAL=$source" "CMAKE_CACHEFILE_DIR:INTERNAL=$build" "CMAKE_GENERATOR:INTERNAL=$generator" \
  >"$build/CMakeCache.txt"
""",
    "ctest": r"""#!/bin/bash
printf ctest; printf " <%s>" "$PWD" "$@"
echo " PYTHONOPTIMIZE=${PYTHONOPTIMIZE:-} NODE_OPTIONS=${NODE_OPTIONS:-} GIT_DIR=${GIT_DIR:-} MAKEFLAGS=${MAKEFLAGS:-}"
""",
    "npm": "#!/bin/bash\nprintf '%s|' npm \"$@\" >>\"$STAND_IN_LOG\"; echo \"${npm_config_omit:-}${NODE_ENV:-}\" >>\"$STAND_IN_LOG\"\n",
    "node": "#!/bin/bash\n[ -z \"${NODE_OPTIONS:-}\" ] || exit 9\necho 22\n",
    **{name: "#!/bin/bash\ncat >/dev/null\n" for name in WANTED}}


def write(path, text, executable=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if executable:
        path.chmod(0o755)


class Stage(unittest.TestCase):
    """A folder with a clone of the scripts and with the stand-ins."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="scripts_test ")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        for name, text in STAND_INS.items():
            write(self.folder / "bin" / name, text, executable=True)
        for header in HEADERS:
            write(self.folder / "include" / header, "")
        write(self.folder / "hook", "alias cd=false\nshopt -s expand_aliases\nset -uC\nCDPATH=/\ncd() { builtin cd / && echo no; }\n")
        self.clone = self.clone_at("clone")
        self.environment = {"PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder),
                            "CPATH": str(self.folder / "include"), "STAND_IN_LOG": str(self.folder / "log")}

    def clone_at(self, name):
        clone = self.folder / name
        for path in (*SCRIPTS, "scripts/surroundings.sh", "scripts/install_missing.sh", "tests/browser/package-lock.json"):
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, clone / path)
        return clone

    def run_it(self, command, cwd=None, **environment):
        """A command's output; a None in the environment removes a name."""
        names = {name: value for name, value in {**self.environment, **environment}.items() if value is not None}
        ran = subprocess.run([str(word) for word in command], cwd=cwd or self.clone, env=names, capture_output=True, text=True,
                             stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran

    def assert_works(self, prefix=(), cwd=None, clone=None, example=None, tests=None, **environment):
        """Both commands find their clone, build in it and hand their arguments on."""
        clone = clone or self.clone
        said = self.run_it([*prefix, example or clone / "examples/run.sh", "--port", "0"], cwd, **environment).stdout
        self.assertEqual(said, f"live <{clone}> <--port> <0>\n")
        said = self.run_it([*prefix, tests or clone / "tests/run.sh", "-L", "a b"], cwd, **environment).stdout
        self.assertRegex(said, rf"ctest <{re.escape(str(clone / 'build/tests'))}> <--parallel> <\d+> <-L> <a b> "
                               r"PYTHONOPTIMIZE= NODE_OPTIONS= GIT_DIR= MAKEFLAGS=\n$")

    def log(self):
        return Path(self.environment["STAND_IN_LOG"]).read_text(encoding="utf-8")


class Surroundings(Stage):
    def test_an_exported_cdpath_broke_both_scripts(self):
        for relative in ("examples/run.sh", "tests/run.sh"):
            self.assertIn(str(self.clone), self.run_it([relative], CDPATH=f".:{self.clone}:/").stdout)
        self.assert_works(CDPATH=f"{self.clone}:{self.folder}")

    def test_a_symbolic_link_to_a_script_did_not_find_its_clone(self):
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        for name, target in (("absolute", str(self.clone)), ("relative", "../clone")):
            os.symlink(f"{target}/examples/run.sh", elsewhere / name)
            os.symlink(f"{target}/tests/run.sh", elsewhere / f"{name}-tests")
        os.symlink("absolute", elsewhere / "twice")
        os.symlink("relative-tests", elsewhere / "twice-tests")
        os.symlink(self.clone, self.folder / "other name")
        for name in ("absolute", "relative", "twice"):
            for cwd in (elsewhere, "/", self.clone):
                with self.subTest(name=name, cwd=cwd):
                    self.assert_works(cwd=cwd, example=elsewhere / name, tests=elsewhere / f"{name}-tests")
        self.assert_works(cwd=elsewhere, example="./relative", tests="./relative-tests")
        self.assert_works(example=self.folder / "other name/examples/run.sh", tests=self.folder / "other name/.ci/run")

    def test_every_script_begins_alike(self):
        preambles = {}
        for script in SCRIPTS:
            found = PREAMBLE.search((ROOT / script).read_text(encoding="ascii"))
            self.assertIsNotNone(found, f"{script} has no preamble")
            preambles.setdefault(found.group(0), []).append(script)
            self.assertTrue(os.stat(ROOT / script).st_mode & stat.S_IXUSR, f"{script} is not executable")
        self.assertEqual(len(preambles), 1, f"copy it from one to the others: {list(preambles.values())}")

    def test_other_shells_hand_over_to_bash(self):
        for shell in ("sh", "dash", "bash", "zsh", "ksh", "mksh", "yash"):
            if shutil.which(shell):
                with self.subTest(shell=shell):
                    self.assert_works(prefix=[shell])
        for options in (["-u"], ["-eC"], ["-o", "posix"], ["-f"], ["--norc", "-x"]):
            with self.subTest(options=options):
                self.assert_works(prefix=["bash", *options])

    def test_unusual_folders(self):
        for name in ("with blanks  in it", "with-\u00fc\u00f1\u00ee \u2713", "-dash", "*", "a'b\"c", "$HOME", "a;b&c", "(x)", "a\\b"):
            with self.subTest(name=name):
                clone = self.clone_at(name)
                self.assert_works(clone=clone, cwd=self.folder, example=f"./{name}/examples/run.sh", tests=f"./{name}/tests/run.sh")
                self.assert_works(clone=clone, cwd=clone / "tests", example="../examples/run.sh", tests="./run.sh")
                self.assert_works(prefix=["bash"], clone=clone, cwd=clone / "tests", example="../examples/run.sh", tests="run.sh")
        self.assert_works(prefix=["sh", "--"], clone=self.folder / "-dash", cwd=self.folder, example="-dash/examples/run.sh",
                          tests="-dash/tests/run.sh")

    def test_a_working_folder_that_is_gone(self):
        gone = self.folder / "gone"
        gone.mkdir()
        for script, said in (("examples/run.sh", "live <"), ("tests/run.sh", "ctest <")):
            ran = self.run_it(["bash", "-c", f'cd "$1" && rmdir "$1" && "$2"; code=$?; mkdir "$1"; exit $code', "-", gone,
                               self.clone / script])
            self.assertIn(said, ran.stdout, ran.stderr)
        self.assertNotIn("|gone|", self.log())

    def test_unusual_environments(self):
        function = "() { builtin cd / ; echo hijacked; }"
        for environment in (
                {"BASH_ENV": str(self.folder / "hook"), "ENV": str(self.folder / "hook")}, {"BASH_FUNC_cd%%": function},
                {"BASH_FUNC_dirname%%": function, "BASH_FUNC_pwd%%": function, "BASH_FUNC_source%%": function},
                {"IFS": "/"}, {"IFS": "u"}, {"SHELLOPTS": "noclobber:nounset:noglob"}, {"BASHOPTS": "nullglob:failglob"}, {"GLOBIGNORE": "*"},
                {"POSIXLY_CORRECT": "1"}, {"GREP_OPTIONS": "-v --color=always"}, {"GREP_COLORS": "mt=01;31", "CLICOLOR_FORCE": "1"},
                {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": "C"}, {"LANG": None, "LC_ALL": None}, {"LC_ALL": "nowhere"},
                {"HOME": None}, {"HOME": ""}, {"HOME": "/nowhere"}, {"TMPDIR": "/nowhere"}, {"TMPDIR": ""}, {"TMPDIR": "/etc/passwd"},
                {"TMPDIR": str(self.folder / "with blanks")}, {"MAKEFLAGS": "-j"}, {"MAKEFLAGS": "n", "MFLAGS": "-n"},
                {"CMAKE_GENERATOR": "Ninja"}, {"CMAKE_GENERATOR": "Unix Makefiles"}, {"CMAKE_GENERATOR": "Xcode"},
                {"CMAKE_GENERATOR_TOOLSET": "ClangCL"}, {"CMAKE_BUILD_TYPE": "Debug"}, {"NODE_OPTIONS": "--require /nowhere.js"},
                {"NODE_ENV": "production", "npm_config_omit": "dev", "NPM_CONFIG_OMIT": "dev"}, {"PYTHONDONTWRITEBYTECODE": "1"},
                {"PYTHONOPTIMIZE": "2"}, {"PYTHONHOME": "/nowhere"}, {"PYTHONPATH": "/nowhere"}, {"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/"},
                {"PS4": "$(echo hijacked >&2)"}, {"TERM": "dumb"}, {"TERM": None}, {"COLUMNS": "3"}, {"PWD": "/nowhere"}, {"OLDPWD": "/nowhere"},
                {"root": "/nowhere", "link": "x", "build": "/nowhere", "log": "/nowhere"}):
            with self.subTest(environment=environment):
                (self.folder / "with blanks").mkdir(exist_ok=True)
                self.assert_works(**environment)
                self.assert_works(cwd="/", **environment)
        self.assertNotIn("dev", self.log())
        self.assertNotIn("production", self.log())

    def test_the_variables_of_a_build_are_kept(self):
        self.assert_works(CXXFLAGS="-march=native")
        self.assertIn("CXXFLAGS=-march=native", self.log())

    def test_a_narrow_umask_and_a_path_without_sbin(self):
        umask = ["bash", "-c", 'umask 077; exec "$@"', "-"]
        self.assert_works(prefix=umask)
        said = self.run_it(["bash", "-c", f'root="{self.clone}"; source scripts/surroundings.sh; command -v ldconfig dpkg || true; echo "$PATH"'])
        self.assertIn("/sbin", said.stdout)

    def test_help_is_said_without_building(self):
        for script in ("examples/run.sh", "tests/run.sh", "tests/bench/run.sh", "tests/fuzz/run.sh"):
            self.assertIn("run.sh", self.run_it([self.clone / script, "--help"], cwd="/", CDPATH="/").stdout)
        self.assertFalse((self.clone / "build").exists())


class Copies(Stage):
    def copy(self, how=shutil.copytree):
        copied = self.folder / "copied clone"
        how(self.clone, copied)
        return copied

    def test_a_clone_that_was_copied_after_a_build_is_built_anew(self):
        self.assert_works()
        (self.clone / "build/live/stale").touch()
        copied = self.copy()
        self.assert_works(clone=copied)
        self.assertFalse((copied / "build/live/stale").exists())
        self.assertTrue((self.clone / "build/live/stale").exists())

    def test_a_clone_that_was_moved_after_a_build_is_built_anew(self):
        self.assert_works()
        self.clone = self.copy(os.rename)
        self.assert_works()

    def test_a_build_of_another_generator_is_built_anew_and_one_in_order_is_kept(self):
        self.assert_works()
        kept = self.clone / "build/live/kept"
        kept.touch()
        self.assert_works(CMAKE_GENERATOR="Ninja")
        self.assertTrue(kept.exists())
        os.symlink(self.clone, self.folder / "by another way")
        self.assert_works(example=self.folder / "by another way/examples/run.sh", tests=self.folder / "by another way/tests/run.sh")
        self.assertTrue(kept.exists())
        cache = self.clone / "build/live/CMakeCache.txt"
        cache.write_text(cache.read_text(encoding="utf-8").replace("Unix Makefiles", "Ninja"), encoding="utf-8")
        self.assert_works()
        self.assertFalse(kept.exists())

    def test_a_folder_that_is_built_without_cmake_records_its_clone_too(self):
        def own(clone):
            folder = clone / "build/fuzz/bin"
            self.run_it(["bash", "-euc", f"root='{clone}'; source \"$root/scripts/surroundings.sh\"; own_folder '{folder}'"])
            return folder
        program = own(self.clone) / "program"
        program.touch()
        own(self.clone)
        self.assertTrue(program.exists())
        copied = self.copy()
        self.assertFalse((own(copied) / "program").exists())
        self.assertTrue(program.exists())


class Packages(Stage):
    """What apt-get is asked for on a machine that has nothing: no name may be lost or broken."""

    CALL = re.compile(r"\binstall_missing ([^\n;|&{}]+)")
    POLICY = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # of Debian, 5.6.1

    def wanted(self):
        """Each CHECK:PACKAGE[,PACKAGE...] of the repository: {script: [packages]}."""
        found = {}
        for path in (*(ROOT / script for script in SCRIPTS), *(ROOT / "tests/platforms").glob("*.sh")):
            text = re.sub(r"^ *#.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
            calls = [*self.CALL.findall(text), *re.findall(r"^\S+ *\| *\d+ \|([^|]*:[^|]*)\|", text, re.MULTILINE)]
            words = [word.strip('"') for call in calls for word in call.split()]
            packages = [word.partition(":")[2] for word in words if ":" in word and "$(" not in word]
            if packages:
                found[str(path.relative_to(ROOT))] = packages
        return found

    def test_apt_get_is_asked_for_each_package_by_its_whole_name(self):
        wanted = self.wanted()
        self.assertIn("g++-mingw-w64-x86-64-posix", wanted["tests/run.sh"])
        self.assertIn("g++-i686-linux-gnu", wanted["tests/platforms/run.sh"])
        write(self.folder / "bin/apt-get", "#!/bin/bash\nprintf '%s\\n' \"$@\" >>\"$STAND_IN_LOG\"\n", executable=True)
        write(self.folder / "bin/id", "#!/bin/bash\necho 0\n", executable=True)
        for script, packages in wanted.items():
            with self.subTest(script=script):
                write(self.folder / "log", "")
                self.run_it(["bash", "-euc", 'source scripts/install_missing.sh; install_missing "$@"', "-",
                             *(f"not-there-{number}:{names}" for number, names in enumerate(packages))])
                asked = self.log().split("--no-install-recommends\n")[1].split()
                self.assertEqual(asked, [name for names in packages for name in names.split(",")])
                for name in asked:
                    self.assertIsNotNone(self.POLICY.fullmatch(name), name)


class Shape(unittest.TestCase):
    def test_shellcheck_finds_nothing(self):
        checker = shutil.which("shellcheck")
        if checker is None:
            self.skipTest("there is no shellcheck (Debian: shellcheck)")
        scripts = [*SCRIPTS, *(str(path.relative_to(ROOT)) for folder in ("scripts", "tests/packaging") for path in (ROOT / folder).glob("*.sh"))]
        ran = subprocess.run([checker, "-x", *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout)


if __name__ == "__main__":
    unittest.main()
