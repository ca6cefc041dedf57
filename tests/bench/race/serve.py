"""Starts a racer on its core and the load generator on the other one."""

import json
import os
import resource
import select
import subprocess
import time
from contextlib import contextmanager

from racers import BIN

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[-1]
LOAD_CORE = CORES[0]


def allow_many_files():
    """Raises the limit to what the machine permits; returns it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Failure(Exception):
    pass


@contextmanager
def running(racer, *mode, cores=None):
    """Yields (pid, port). The process and no other is ended afterwards."""
    cores = cores or {SERVER_CORE}
    process = subprocess.Popen(racer.command(mode), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               preexec_fn=lambda: os.sched_setaffinity(0, cores))
    try:
        ready, _, _ = select.select([process.stdout], [], [], 20)
        line = process.stdout.readline() if ready else ""
        if not line.startswith("port "):
            raise Failure(f"{racer.label} did not say where it listens")
        yield process.pid, int(line.split()[1])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def load(server, seconds, *mode, cores=None, limit=30):
    """One run of the load generator against (pid, port); what it printed."""
    pid, port = server
    cores = cores or {LOAD_CORE}
    command = [str(BIN / "load"), str(pid), str(port), "/ws", str(seconds), *map(str, mode)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + limit,
                              preexec_fn=lambda: os.sched_setaffinity(0, cores))
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(map(str, mode))}: not done after {seconds + limit} s") from None
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, mode))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


@contextmanager
def saturated(core, seconds):
    """A program that does nothing but take the core; it ends by itself."""
    spin = f"import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"
    process = subprocess.Popen(["python3", "-c", spin], preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    try:
        time.sleep(0.3)
        yield
    finally:
        process.kill()
        process.wait()
