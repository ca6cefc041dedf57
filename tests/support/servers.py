"""Starts the programs that tests in Python talk to, and ends exactly those."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("WIRTHFORGE_BIN_DIR") or ROOT / "build/tests/bin")


class Server:
    """A program of the build that prints its address, and serves until it is stopped."""

    def __init__(self, name, *arguments, stdin=subprocess.DEVNULL):
        self._said = tempfile.TemporaryFile()
        self._last_words = None
        self.process = subprocess.Popen([str(BIN / name), *arguments], stdout=subprocess.PIPE, stderr=self._said,
                                        stdin=stdin)
        first = self.process.stdout.readline().decode()
        found = re.search(r"127\.0\.0\.1:(\d+)/", first)
        if not found:
            self.stop()
            raise RuntimeError(f"{name} does not say its address: {first!r} {self.errors()!r}")
        self.port = int(found.group(1))

    def is_running(self):
        return self.process.poll() is None

    def errors(self):
        """Its output on stderr so far."""
        if self._last_words is None:
            self._said.seek(0)
            return self._said.read().decode("utf-8", "replace")
        return self._last_words

    def stop(self):
        """Ends it, by force if it must be; its exit code."""
        if self.is_running():
            self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self._last_words is None:
            self._last_words = self.errors()
            self._said.close()
            self.process.stdout.close()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
