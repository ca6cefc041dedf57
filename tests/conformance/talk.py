"""Sends one case to a server over a socket of its own, and writes down the answers, line by line. Bounded in time: a server
that waits for more is a line `hang`."""

import asyncio
import base64
import hashlib
import itertools
import json
import socket

from cases import FIN, Until, UntilSaid
from wire import Piece, ServerFrames

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HEAD = ("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n")
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SECURITY = {"x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin", "connection": "close",
            "cache-control": "no-store"}


def accept_for(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def judge_head(head, body, request):
    """One line for the head of a reply, and one for each fault that no reply may have."""
    lines = head.decode("latin-1").split("\r\n")
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields.setdefault(name.lower(), []).append(value.strip())
    status = lines[0].split(" ")[1] if lines[0].startswith("HTTP/1.1 ") else "no status"
    faults = [f"fault: {name} is given twice" for name, values in fields.items() if len(values) > 1]
    if "access-control-allow-origin" in fields:
        faults.append("fault: another origin is let in")
    if status == "101":
        key = next((line.split(":", 1)[1].strip() for line in request.split("\r\n")
                    if line.lower().startswith("sec-websocket-key:")), "")
        if fields.get("sec-websocket-accept") != [accept_for(key)]:
            faults.append("fault: Sec-WebSocket-Accept is wrong")
        if [each.lower() for each in fields.get("upgrade",
                                                [])] != ["websocket"] or fields.get("connection") != ["Upgrade"]:
            faults.append("fault: Upgrade or Connection is wrong")
        if "sec-websocket-extensions" in fields:
            faults.append("fault: an extension is negotiated")
        return [f"101 {fields.get('sec-websocket-protocol', [''])[0]}".strip(), *faults]
    for name, value in SECURITY.items():
        if value not in fields.get(name, [""])[0]:
            faults.append(f"fault: {name} is not {value}")
    if "frame-ancestors 'none'" not in fields.get("content-security-policy", [""])[0]:
        faults.append("fault: it may be framed")
    size = 0 if request.startswith("HEAD ") else int(fields.get("content-length", ["-1"])[0])
    if len(body) != size:
        faults.append(f"fault: {len(body)} octets of body, announced {size}")
    if status == "426" and fields.get("sec-websocket-version") != ["13"]:
        faults.append("fault: 426 does not say which version is spoken")
    if status == "405" and "GET" not in fields.get("allow", [""])[0]:
        faults.append("fault: 405 does not say what is allowed")
    return [status, *faults]


class Talk:
    def __init__(self, case, port):
        self._case = case
        self._port = port
        self._frames = ServerFrames(as_events=case.at == "hello")
        self._head = bytearray()
        self._wants_head = True
        self._is_upgraded = False
        self._request = ""
        self._greeted = set()
        self._changed = asyncio.Event()
        self._is_over = False
        self.lines = []

    async def run(self, seconds):
        self._loop = asyncio.get_running_loop()
        with socket.socket() as line:
            self._socket = line
            line.setblocking(False)
            reader = None
            try:
                await asyncio.wait_for(self._loop.sock_connect(line, ("127.0.0.1", self._port)), seconds)
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                reader = asyncio.create_task(self._read())
                await asyncio.wait_for(self._converse(), seconds)
            except asyncio.TimeoutError:
                self.lines.append("hang")
            except OSError:
                self.lines.append("no connection")
            finally:
                if reader:
                    reader.cancel()
                    await asyncio.gather(reader, return_exceptions=True)
        return self._case.accepts(self.lines)

    async def _converse(self):
        if self._case.subject == "frames":
            self._request = HEAD.format(path="/ws" if self._case.at == "hello" else "/echo", port=self._port)
            await self._send(self._request.encode(), None)
            await self._until(lambda: not self._wants_head)
            if self.lines and self.lines[0] == "101":
                self.lines.pop(0)
        # Pieces without a wait between them are one stream: they go out in one write, or in chops across their borders.
        for is_piece, run in itertools.groupby(self._case.send, lambda step: isinstance(step, Piece)):
            if is_piece and not self._is_over:
                await self._send(b"".join(map(self._octets, run)), self._case.chop)
            elif not is_piece:
                await self._take_steps(run)
        await self._until(lambda: False)

    async def _take_steps(self, steps):
        for step in steps:
            if isinstance(step, Until):
                await self._until(lambda count=step.lines: len(self.lines) >= count)
            elif isinstance(step, UntilSaid):
                await self._until(lambda line=step.line: line in self.lines)
            elif step is FIN:
                self._shut_down()

    def _octets(self, piece):
        octets = piece.octets
        if self._case.subject != "head" or piece.opcode is not None:
            return octets
        octets = octets.replace(b"{port}", str(self._port).encode())
        self._request = self._request or octets.decode("latin-1")
        return octets

    def _shut_down(self):
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    async def _send(self, octets, chop):
        view = memoryview(octets)
        try:
            if not chop:
                return await self._loop.sock_sendall(self._socket, view)
            for at in range(0, len(view), chop):
                part = view[at:at + chop]
                try:
                    sent = self._socket.send(part)
                except BlockingIOError:
                    sent = 0
                if sent < len(part):
                    await self._loop.sock_sendall(self._socket, part[sent:])
                if at // chop % 16 == 15:
                    await asyncio.sleep(0)
        except OSError:
            pass  # the server has closed the connection; the reader notes how

    async def _until(self, is_true):
        while not is_true() and not self._is_over:
            self._changed.clear()
            await self._changed.wait()

    async def _read(self):
        try:
            while octets := await self._loop.sock_recv(self._socket, 1 << 18):
                self._take(octets)
                self._changed.set()
            self._end("end")
        except OSError:
            self._end("reset")

    def _end(self, how):
        if self._wants_head and self._head:
            self._take_head(len(self._head))
        if self._frames.leftover():
            self.lines.append("fault: the stream ended inside a frame")
        self.lines.append(how)
        self._is_over = True
        self._changed.set()

    def _take(self, octets):
        if self._wants_head:
            self._head += octets
            end = self._head.find(b"\r\n\r\n")
            if end < 0 or not self._head.startswith(b"HTTP/1.1 101"):
                return  # an answer that is no 101 ends with the stream
            octets = bytes(self._head[end + 4:])
            self._take_head(end + 4)
        self._hear(self._frames.feed(octets))

    def _take_head(self, size):
        self._wants_head = False
        head, _, body = bytes(self._head[:size]).partition(b"\r\n\r\n")
        self.lines += judge_head(head, body, self._request)

    def _hear(self, lines):
        """The library's server sends events without end. Only events that come once, and errors, are noted."""
        if self._case.at != "hello":
            self.lines += lines
            return
        for line in lines:
            if line.startswith("event "):
                event = json.loads(line[6:])
                line = event["type"]
                if line == "error_event":
                    line += " " + event["payload"]["code"]
                elif line in self._greeted or line == "energy_update":
                    continue
                self._greeted.add(line)
            self.lines.append(line)
