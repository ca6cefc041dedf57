#!/usr/bin/env python3
"""Peers that others wrote and that need no npm package: curl, and Python's `websockets` where an interpreter has it."""

import json
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))

from servers import Server  # noqa: E402
from wire import ServerFrames  # noqa: E402

UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")


def interpreter_with_websockets():
    """This interpreter, or the system's own, which has Debian's python3-websockets."""
    for each in (sys.executable, "/usr/bin/python3"):
        if Path(each).exists() and subprocess.run([each, "-c", "import websockets"], capture_output=True,
                                                  check=False).returncode == 0:
            return each
    return None


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.echo = Server("echo_server", "0")
        cls.hello = Server("hello", "--port", "0")

    @classmethod
    def tearDownClass(cls):
        cls.echo.stop()
        cls.hello.stop()

    def command(self, *arguments, path="/ws", host="127.0.0.1"):
        fields = [part for each in arguments for part in ("-H", each)]
        return ["curl", "--noproxy", "*", "--silent", "--include", "--no-buffer", "--max-time", "120", *fields,
                f"http://{host}:{self.hello.port}{path}"]

    def curl(self, *arguments, **where):
        """The head and the bytes that curl received."""
        ended = subprocess.run(self.command(*arguments, **where), capture_output=True, timeout=150, check=False)
        head, _, rest = ended.stdout.partition(b"\r\n\r\n")
        return head.decode(), rest

    @unittest.skipUnless(shutil.which("curl"), "there is no curl")
    def test_curl_upgrades_and_receives_the_stream(self):
        """It reads no WebSocket frames here, so it is ended when enough of them have come through it."""
        process = subprocess.Popen(self.command(*UPGRADE), stdout=subprocess.PIPE)
        octets, events, frames = b"", [], ServerFrames(as_events=True)
        try:
            while b"\r\n\r\n" not in octets and (more := process.stdout.read1()):
                octets += more
            head, _, stream = octets.partition(b"\r\n\r\n")
            self.assertTrue(head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n"), head)
            self.assertIn(b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head)
            while events.count("energy_update") <= 20 and (stream or (stream := process.stdout.read1())):
                events += [json.loads(line[6:])["type"] for line in frames.feed(stream)]
                stream = b""
        finally:
            process.kill()
            process.communicate()
        self.assertEqual(events[:2], ["startup_complete", "heartbeat"])
        self.assertGreater(events.count("energy_update"), 20)

    @unittest.skipUnless(shutil.which("curl"), "there is no curl")
    def test_curl_reads_pages_and_is_refused_as_any_other(self):
        for path, host in (("/", "127.0.0.1"), ("/health", "localhost"), ("/metrics", "[::1]")):
            head, body = self.curl(path=path, host=host)
            self.assertTrue(head.startswith("HTTP/1.1 200 OK"), head)
            self.assertGreater(len(body), 50)
        self.assertTrue(self.curl("Host: evil.test")[0].startswith("HTTP/1.1 403 "))
        self.assertTrue(self.curl(*UPGRADE, "Origin: https://evil.test")[0].startswith("HTTP/1.1 403 "))
        self.assertTrue(self.curl()[0].startswith("HTTP/1.1 426 "))

    def test_websockets_of_python_talks_to_both(self):
        python = interpreter_with_websockets()
        if python is None:
            self.skipTest("no interpreter here has websockets (Debian: python3-websockets)")
        ended = subprocess.run([python, str(HERE / "with_websockets.py"), str(self.echo.port), str(self.hello.port)],
                               capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertRegex(ended.stdout, r"^websockets \d")


if __name__ == "__main__":
    unittest.main()
