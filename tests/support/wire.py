"""The octets of RFC 6455, written as a test needs them: valid, or wrong in exactly one way. Nothing here judges."""

import functools
import hashlib
import json
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NAMES = {TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}
KEY = bytes.fromhex("37fa213d")  # the key of the RFC's own examples (section 5.7)


class Piece:
    """Octets to send, made when they are needed, and their form in a report."""

    def __init__(self, head, payload, key, shown, opcode=None):
        self.head = head
        self.payload = payload
        self.key = key
        self.shown = shown
        self.opcode = opcode

    def __len__(self):
        return len(self.head) + len(self.payload)

    @property
    def octets(self):
        return self.head + (mask(self.payload, self.key) if self.key else self.payload)


@functools.lru_cache(maxsize=256)
def digest(octets):
    return hashlib.sha1(octets).hexdigest()[:8]


def show_octets(octets, as_text=False):
    """A few octets in full, many by their number and digest. Text is quoted where it is text."""
    if len(octets) > 40:
        return f"{len(octets)} octets {digest(octets)}"
    if as_text:
        try:
            return json.dumps(octets.decode("utf-8"))
        except UnicodeDecodeError:
            pass
    return octets.hex(" ") or '""'


def mask(octets, key):
    """XOR with the key, all at once: a loop over 16 MB would take a second."""
    size = len(octets)
    if size == 0 or key == bytes(4):
        return octets
    pad = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(octets, "little") ^ int.from_bytes(pad, "little")).to_bytes(size, "little")


def frame(opcode, payload=b"", fin=True, rsv=0, key=KEY, length=None, form=None, send=None):
    """A client's frame. `length` is announced in place of the payload's own; `form` is 7, 16 or 64 bits for it, the shortest
    by default; `key` None leaves the frame unmasked; `send` cuts it off after that many octets of payload."""
    announced = len(payload) if length is None else length
    if form is None:
        form = 7 if announced < 126 else 16 if announced < 65536 else 64
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    high = 0 if key is None else 0x80
    if form == 7:
        head = bytes([first, high | announced])
    elif form == 16:
        head = bytes([first, high | 126]) + struct.pack(">H", announced)
    else:
        head = bytes([first, high | 127]) + struct.pack(">Q", announced)
    if send is not None:
        payload = payload[:send]
    shown = head.hex() + ("" if key is None else " " + key.hex())
    if announced or payload:
        shown += " " + show_octets(payload, opcode in (TEXT, CONTINUATION))
    return Piece(head + (key or b""), payload, key, f"[{shown}]", opcode)


def text(payload, **how):
    return frame(TEXT, payload.encode() if isinstance(payload, str) else payload, **how)


def binary(payload, **how):
    return frame(BINARY, payload, **how)


def more(payload=b"", **how):
    return frame(CONTINUATION, payload.encode() if isinstance(payload, str) else payload, **how)


def ping(payload=b"", **how):
    return frame(PING, payload, **how)


def pong(payload=b"", **how):
    return frame(PONG, payload, **how)


def close(code=None, reason=b"", **how):
    reason = reason.encode() if isinstance(reason, str) else reason
    return frame(CLOSE, b"" if code is None else struct.pack(">H", code) + reason, **how)


def raw(octets, shown=None):
    """Octets as they are."""
    return Piece(octets, b"", None, shown or f"<{show_octets(octets)}>")


class ServerFrames:
    """Reads a server's frames and writes them in words, one line a message. A fault, which no server may send, is a line that begins
    with `fault`. Strict: a server's frames are unmasked, in the shortest form, with no reserved bit, and its text is UTF-8."""

    def __init__(self, as_events=False):
        self._as_events = as_events  # text in full, for a caller that parses it
        self._buffer = bytearray()
        self._message = None
        self._type = None

    def feed(self, octets):
        self._buffer += octets
        lines = []
        while True:
            line = self._next()
            if line is None:
                return lines
            if line:
                lines.append(line)

    def leftover(self):
        return len(self._buffer)

    def _next(self):
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        short = buffer[1] & 0x7F
        head = 2 + (2 if short == 126 else 8 if short == 127 else 0)
        if len(buffer) < head:
            return None
        length = int.from_bytes(buffer[2:head], "big") if head > 2 else short
        if buffer[1] & 0x80:
            return self._fault("a masked frame")
        if buffer[0] & 0x70:
            return self._fault("a reserved bit")
        if (head == 4 and length < 126) or (head == 10 and length < 65536):
            return self._fault("a length that is not in its shortest form")
        if len(buffer) < head + length:
            return None
        payload = bytes(buffer[head:head + length])
        first = buffer[0]
        del buffer[:head + length]
        return self._take(first & 0x0F, bool(first & 0x80), payload)

    def _fault(self, what):
        self._buffer.clear()
        return f"fault: the server sent {what}"

    def _take(self, opcode, fin, payload):
        if opcode in (CLOSE, PING, PONG):
            if not fin or len(payload) > 125:
                return self._fault("a control frame that is fragmented or too long")
            return self._close(payload) if opcode == CLOSE else f"{NAMES[opcode]} {show_octets(payload)}"
        if opcode not in (CONTINUATION, TEXT, BINARY) or (opcode == CONTINUATION) != (self._message is not None):
            return self._fault("an opcode that fits nothing")
        if opcode != CONTINUATION:
            self._message, self._type = [], opcode
        self._message.append(payload)
        if not fin:
            return ""
        whole, self._message = b"".join(self._message), None
        if self._type == BINARY:
            return f"binary {show_octets(whole)}"
        try:
            whole.decode("utf-8")
        except UnicodeDecodeError:
            return self._fault("text that is not UTF-8")
        return f"event {whole.decode()}" if self._as_events else f"text {show_octets(whole, True)}"

    def _close(self, payload):
        if len(payload) == 0:
            return "close"
        if len(payload) == 1:
            return self._fault("a close frame of one octet")
        try:
            payload[2:].decode("utf-8")
        except UnicodeDecodeError:
            return self._fault("a close reason that is not UTF-8")
        return f"close {struct.unpack('>H', payload[:2])[0]}"


def said(opcode, payload):
    """The line that `ServerFrames` makes of a whole message."""
    return f"{NAMES[opcode]} {show_octets(payload, opcode == TEXT)}"
