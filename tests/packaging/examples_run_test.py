#!/usr/bin/env python3
"""The first of the two commands: examples/run.sh builds, serves, streams piped text, and stops at Ctrl-C."""

import json
import re
import signal
import socket
import subprocess
import time
import unittest
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = str(ROOT / "examples/run.sh")
HANDSHAKE = ("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")


def receive_until(connection, wanted, seconds=20):
    """All bytes up to `wanted`; the server's frames are not masked, so that text shows in them."""
    received, deadline = b"", time.monotonic() + seconds
    while wanted not in received and time.monotonic() < deadline:
        received += connection.recv(65536)
    return received


class ExamplesRun(unittest.TestCase):
    def test_help_answers_without_building(self):
        started = time.monotonic()
        said = subprocess.run([RUN, "--help"], capture_output=True, text=True, check=True, cwd="/")
        self.assertLess(time.monotonic() - started, 5)
        for word in ("--port", "--allow-origin", "Ctrl-C"):
            self.assertIn(word, said.stdout)

    def test_piped_text_reaches_a_client_as_it_arrives(self):
        process = subprocess.Popen([RUN, "--port", "0"], cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            port = int(re.search(rb"http://127\.0\.0\.1:(\d+)/", process.stdout.readline()).group(1))
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as health:
                self.assertEqual(health.status, 200)
                json.load(health)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                self.assertIn(b"<!doctype html>", page.read().lower())
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(HANDSHAKE.format(port=port).encode())
                self.assertIn(b"startup_complete", receive_until(connection, b"startup_complete"))
                process.stdin.write(b"some quicksilver words\n")
                process.stdin.flush()
                self.assertIn(b"quicksilver", receive_until(connection, b"quicksilver"))
            process.send_signal(signal.SIGINT)
            self.assertIsNotNone(process.wait(timeout=10))
        finally:
            process.kill()
            process.stdin.close()
            process.stdout.close()
            process.wait()


if __name__ == "__main__":
    unittest.main()
