"""Builds the racers, and measures the cost of building: the compiler's CPU seconds and the size of the stripped program."""

import os
import resource
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from racers import ASIO, BIN, CXX, EPOLL, FLAGS, HERE, OURS, OUT, PEERS, ROOT

# The base of the targets: the two dependencies, each used a little, as any program that includes them does.
BASE = "Asio and nlohmann/json used a little"
USED_A_LITTLE = """#include <iostream>
#include <asio.hpp>
#include <nlohmann/json.hpp>
int main(int count, char** words) {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  acceptor.async_accept([](std::error_code, asio::ip::tcp::socket) {});
  if (count > 1) std::cout << nlohmann::json::parse(words[1]).dump();
  io.run();
}
"""
NO_PAGE = "#define WIRTHFORGE_WS_NO_DASHBOARD\n"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow"]


def build(racers, say, quick):
    """Through ccache where it is there; a racer whose source is no C++ needs nothing. A short run's figures mean nothing, and
    most of its time would be the optimizer's."""
    BIN.mkdir(parents=True, exist_ok=True)
    ccache = [shutil.which("ccache")] if shutil.which("ccache") else []
    level = ["-O0"] if quick else []

    def build_one(racer):
        say(f"building {racer.label}")
        unit = BIN / f"{racer.name}.o"
        subprocess.run([*ccache, CXX, *FLAGS, *WARNINGS, *racer.flags, *level, "-c", str(HERE / racer.source), "-o", str(unit)],
                       check=True)
        subprocess.run([CXX, str(unit), *racer.link, "-o", str(BIN / racer.name)], check=True)

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(build_one, [racer for racer in racers if racer.source]))


def tree_of(commit):
    """The folder with the files of a commit of this repository."""
    commit = subprocess.run(["git", "rev-parse", f"{commit}^{{commit}}"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    folder = OUT / "beside" / commit
    if not (folder / "wirthforge_ws.hpp").exists():
        folder.mkdir(parents=True, exist_ok=True)
        files = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(folder)], input=files, check=True)
    return folder


def cost_of(source, flags, link):
    """Of a compiler call that no cache helps."""
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "program")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {**os.environ, "CCACHE_DISABLE": "1"}
        subprocess.run([CXX, *FLAGS, *flags, str(source), *link, "-o", program], check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["strip", program], check=True)
        return {"cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
                "kb": Path(program).stat().st_size / 1000}


def hello_of(tree):
    return (tree / "README.md").read_text().split("```cpp\n", 1)[1].split("```", 1)[0]


def hello_sources(folder):
    """The programs whose cost is compared with the peers': README's hello, and the two dependencies alone."""
    hello = hello_of(ROOT)
    sources = {
        "Asio and nlohmann/json included": "#include <asio.hpp>\n#include <nlohmann/json.hpp>\nint main() {}\n",
        BASE: USED_A_LITTLE,
        "hello": hello,
        "hello, no page": NO_PAGE + hello,
        "hello, server.start() only": '#include "wirthforge_ws.hpp"\nint main() {\n  wirthforge::server server;\n'
                                      "  server.run();\n}\n",
        "including the header alone": '#include "wirthforge_ws.hpp"\nint main() {}\n',
    }
    if "WIRTHFORGE_WS_SEPARATE_COMPILATION" in (ROOT / "wirthforge_ws.hpp").read_text():
        sources["another file, separate compilation"] = "#define WIRTHFORGE_WS_SEPARATE_COMPILATION\n" + hello
    for name, text in sources.items():
        yield name, written_to(folder, name, text), ROOT


def written_to(folder, name, text):
    path = Path(folder) / f"{len(name)}_{abs(hash(name))}.cpp"
    path.write_text(text)
    return path


def other_hello_sources(folder, tree, label):
    """hello as it was at another commit, named as ours with its label."""
    for name, first in [("hello", ""), ("hello, no page", NO_PAGE)]:
        yield f"{name}, {label}", written_to(folder, f"{name}, {label}", first + hello_of(tree)), tree


def costs(say, quick, other_tree=None, other_label=""):
    """Name -> CPU seconds and stripped KB. `other_tree`: the files of another commit, whose hello is compiled in turns with ours."""
    found = {}
    rounds = {} if quick else {BASE: 3, "hello": 3, f"hello, {other_label}": 3}  # a target is their ratio, and the compiler's time wavers by a tenth
    with tempfile.TemporaryDirectory() as folder:
        sources = [*hello_sources(folder), *(other_hello_sources(folder, other_tree, other_label) if other_tree else [])]
        sources = [each for each in sources if each[0] == BASE or not quick]
        for turn in range(max(rounds.values(), default=1)):
            for name, path, tree in sources:
                if turn >= rounds.get(name, 1):
                    continue
                say(f"compiling: {name}")
                cost = object_cost(path) if name.startswith("another file") else cost_of(path, [f"-I{tree}"], ["-pthread"])
                found.setdefault(name, []).append(cost)
    found = {name: {figure: median(cost[figure] for cost in costs) for figure in costs[0]} for name, costs in found.items()}
    for racer in [] if quick else [EPOLL, ASIO, OURS, *PEERS]:
        if racer.source:
            say(f"compiling: the {racer.label} racer")
            found[f"racer {racer.label}"] = cost_of(HERE / racer.source, racer.flags, racer.link)
    return found


def object_cost(source):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder) / "unit.o"
        subprocess.run([CXX, *FLAGS, f"-I{ROOT}", "-c", str(source), "-o", str(unit)], check=True,
                       env={**os.environ, "CCACHE_DISABLE": "1"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {"cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
                "kb": unit.stat().st_size / 1000}
