#!/usr/bin/env python3
"""The first of the two commands, in a copy of the clone from an unusual folder and environment: examples/run.sh builds, serves, streams
piped text, and stops at Ctrl-C."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLONED = ("CMakeLists.txt", "README.md", "LICENSE", "cmake", "examples", "scripts", "src", "schemas", "wirthforge_ws.hpp",
          "wirthforge_ws.cpp", "meson.build")
HANDSHAKE = ("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")


def receive_until(connection, wanted, seconds=60):
    """All bytes up to `wanted`; the server's frames are not masked, so that text shows in them."""
    received, deadline = b"", time.monotonic() + seconds
    while wanted not in received and time.monotonic() < deadline:
        received += connection.recv(65536)
    return received


def copied_clone(folder):
    """A clone that was copied after a build, with the files that CMake had left in it."""
    clone = folder / "a copy \u00fc"
    clone.mkdir()
    for name in CLONED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, clone / name)
    cache = clone / "build/live/CMakeCache.txt"
    cache.parent.mkdir(parents=True)
    cache.write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={ROOT}\nCMAKE_CACHEFILE_DIR:INTERNAL={ROOT}/build/live\n"
                     "CMAKE_GENERATOR:INTERNAL=Unix Makefiles\n", encoding="utf-8")
    return clone


class ExamplesRun(unittest.TestCase):
    def test_help_is_said(self):
        said = subprocess.run([ROOT / "examples/run.sh", "--help"], capture_output=True, text=True, check=True, cwd="/")
        for word in ("--port", "--allow-origin", "Ctrl-C"):
            self.assertIn(word, said.stdout)

    def test_piped_text_reaches_a_client_as_it_arrives(self):
        with tempfile.TemporaryDirectory() as folder:
            link = Path(folder) / "run"
            link.symlink_to(copied_clone(Path(folder).resolve()) / "examples/run.sh")
            environment = {**os.environ, "CDPATH": f"{folder}:/", "CMAKE_GENERATOR": "Ninja", "MAKEFLAGS": "-n", "CXXFLAGS": "-O0",
                           "POSIXLY_CORRECT": "1", "TMPDIR": "/nowhere", "BASH_FUNC_cd%%": "() { echo hijacked; }"}
            process = subprocess.Popen([link, "--port", "0"], cwd="/", env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            try:
                first = process.stdout.readline()
                found = re.search(rb"http://127\.0\.0\.1:(\d+)/", first)
                self.assertIsNotNone(found, first)
                self.talk_to(process, int(found.group(1)))
            finally:
                process.kill()
                process.stdin.close()
                process.stdout.close()
                process.wait()

    def talk_to(self, process, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as health:
            self.assertEqual(health.status, 200)
            json.load(health)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as page:
            self.assertIn(b"<!doctype html>", page.read().lower())
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(HANDSHAKE.format(port=port).encode())
            self.assertIn(b"startup_complete", receive_until(connection, b"startup_complete"))
            process.stdin.write(b"some quicksilver words\n")
            process.stdin.flush()
            self.assertIn(b"quicksilver", receive_until(connection, b"quicksilver"))
        process.send_signal(signal.SIGINT)
        self.assertIsNotNone(process.wait(timeout=60))


if __name__ == "__main__":
    unittest.main()
