"""The racers: each with its source, its flags and its command. A racer is one program with two modes, `echo` and `fanout`, and
prints `port N` when it listens on 127.0.0.1. Same options for all: -O2, one thread for the sockets, TCP_NODELAY, no
compression."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]
OUT = ROOT / "build" / "bench"
BIN = OUT / "bin"
CXX = "g++"
FLAGS = ["-std=c++17", "-O2", f"-I{HERE / 'servers'}"]


@dataclass
class Racer:
    name: str
    label: str
    source: str = ""                              # a C++ file under tests/bench
    flags: list = field(default_factory=list)     # for the compiler
    link: list = field(default_factory=list)
    interpreter: list = field(default_factory=list)
    most_clients: int = 1000                      # past that most are saturated, and the time is better spent

    def command(self, mode):
        return [*self.interpreter, *([] if self.interpreter else [str(BIN / self.name)]), *mode]


OURS = Racer("ours", "ours", "servers/ours.cpp", [f"-I{ROOT}"], ["-pthread"], most_clients=4000)
EPOLL = Racer("epoll_floor", "epoll floor", "servers/epoll_floor.cpp", [f"-I{ROOT / 'src'}"], most_clients=4000)
ASIO = Racer("asio_floor", "Asio floor", "servers/asio_floor.cpp", [f"-I{ROOT / 'src'}"], ["-pthread"],
             most_clients=4000)
FLOORS = [EPOLL, ASIO]
PEERS = [
    Racer("libwebsockets", "libwebsockets", "servers/libwebsockets.cpp", [], ["-lwebsockets"]),
    Racer("beast", "Beast", "servers/beast.cpp", [], ["-pthread"]),
    Racer("websocketpp", "websocketpp", "servers/websocketpp.cpp", [], ["-pthread"]),
    Racer("ws", "npm ws", interpreter=[shutil.which("node") or "node", str(HERE / "servers/ws.mjs")]),
    Racer("fastapi", "FastAPI/uvicorn", interpreter=["/usr/bin/python3", str(HERE / "servers/fastapi_server.py")]),
]
# Tools of the measurement, which do not race.
# Aligned: otherwise the same function takes up to 1.4 times as long in another program, since its loops lie across other cache lines.
MICRO = Racer("micro", "micro benchmarks", "micro/micro.cpp",
              [f"-I{ROOT}", "-falign-functions=64", "-falign-loops=32", "-falign-jumps=16"], ["-pthread"])
TOOLS = [Racer("load", "load generator", "load/load.cpp"), MICRO]


def at_commit(racer, name, commit, tree):
    """A racer or a tool that includes our header, as it was at a commit whose files are in the folder `tree`."""
    return replace(racer, name=name, label=f"{racer.label} at {commit}", source=str(tree / "tests/bench" / racer.source),
                   flags=[f"-I{tree}" if each == f"-I{ROOT}" else each for each in racer.flags])
