"""The server's own table of routes, so that a new route is tried as every other is."""

import subprocess
from collections import namedtuple

from servers import BIN

Route = namedtuple("Route", "path is_prefix is_public is_shared example")


def _read():
    listed = subprocess.run([str(BIN / "attack_target"), "--routes"], capture_output=True, text=True, timeout=60, check=True)
    rows = [line.split(" ") for line in listed.stdout.splitlines()]
    return tuple(Route(path, kind == "prefix", access == "public", reader == "shared", example)
                 for path, kind, access, reader, example in rows)


ROUTES = _read()
assert len(ROUTES) >= 9, "the table was not read"
