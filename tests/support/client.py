"""A client for tests in Python: raw octets, HTTP, or WebSocket; every wait is bounded."""

import json
import socket
import time

import wire

PATIENCE = 60
SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def upgrade_head(port, path="/ws", more="", host=None):
    host = f"127.0.0.1:{port}" if host is None else host
    return (f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {SAMPLE_KEY}\r\n{more}\r\n").encode("latin-1")


def get_head(port, path="/health", method="GET", more="", host=None):
    host = f"127.0.0.1:{port}" if host is None else host
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode("latin-1")


class Answer:
    """A whole HTTP answer; status 0 when none came."""

    def __init__(self, octets):
        self.octets = octets
        head, _, self.body = octets.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1]) if lines[0].startswith("HTTP/1.1 ") else 0
        self.fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}


class Line:
    """A TCP connection."""

    def __init__(self, port, host="127.0.0.1", receive_buffer=0):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, octets):
        """False when the peer has closed the connection."""
        try:
            self.socket.sendall(octets)
            return True
        except (BrokenPipeError, ConnectionError):
            return False

    def receive(self, seconds=PATIENCE):
        """Some octets; none at the end of the stream, however it ended; None when nothing came in time."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            return self.socket.recv(1 << 18)
        except socket.timeout:
            return None
        except ConnectionError:
            return b""

    def receive_all(self, seconds=PATIENCE):
        deadline, parts = time.monotonic() + seconds, []
        while time.monotonic() < deadline:
            got = self.receive(deadline - time.monotonic())
            if not got:
                break
            parts.append(got)
        return b"".join(parts)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(port, octets, seconds=PATIENCE, host="127.0.0.1"):
    """One HTTP exchange, whole. For an upgrade that is granted, its head alone."""
    with Line(port, host) as line:
        line.send(octets)
        got = b""
        while not (got.startswith(b"HTTP/1.1 101") and b"\r\n\r\n" in got):
            more = line.receive(seconds)
            if not more:
                break
            got += more
        return Answer(got)


class WebSocket(Line):
    """A client after its opening handshake. `next` gives the server's messages, as lines of `wire.ServerFrames`."""

    def __init__(self, port, path="/ws", more="", receive_buffer=0):
        super().__init__(port, receive_buffer=receive_buffer)
        self._frames = wire.ServerFrames(as_events=True)
        self._lines = []
        self.send(upgrade_head(port, path, more))
        got = b""
        while b"\r\n\r\n" not in got:
            part = self.receive()
            if not part:
                break
            got += part
        head, _, rest = got.partition(b"\r\n\r\n")
        self.answer = Answer(head + b"\r\n\r\n")
        self._lines += self._frames.feed(rest)

    def say(self, text):
        return self.send(wire.text(text).octets)

    def next(self, seconds=PATIENCE):
        """One line; `end` at the end of the stream; None when none came in time."""
        deadline = time.monotonic() + seconds
        while not self._lines:
            got = self.receive(deadline - time.monotonic())
            if got is None:
                return None
            self._lines += self._frames.feed(got) if got else ["end"]
        return self._lines.pop(0)

    def next_event(self, wanted, seconds=PATIENCE):
        """The next event of that type, parsed; None when it does not come in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            line = self.next(deadline - time.monotonic())
            if line is None or line == "end":
                return None
            if line.startswith("event "):
                event = json.loads(line[6:])
                if event["type"] == wanted:
                    return event
        return None

    def close_code(self, seconds=PATIENCE):
        """The code that the server closes with, 1005 for none; 1006 when the stream just ends; None when it goes on."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            line = self.next(deadline - time.monotonic())
            if line is None:
                return None
            if line == "end":
                return 1006
            if line.split(" ")[0] == "close":
                return int(line[6:] or 1005)
        return None


def numbers_of(port):
    """The server's own counters."""
    return json.loads(ask(port, get_head(port, "/api/metrics")).body)
