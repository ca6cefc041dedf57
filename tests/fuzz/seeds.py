#!/usr/bin/env python3
"""Writes the seeds of the corpora that were thought of rather than found: tests/fuzz/corpus/<target>/s*. What long runs found
is beside them, f*. Sources: the examples of RFC 6455 section 5.7 and 1.2, RFC 3629, the schemas' cases, the wire contract."""

import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEY = bytes.fromhex("37fa213d")  # the key of section 5.7


def frame(first, payload=b"", key=KEY):
    """A frame; key None: not masked."""
    mask = 0x80 if key is not None else 0
    if len(payload) < 126:
        head = struct.pack("!BB", first, mask | len(payload))
    elif len(payload) < 65536:
        head = struct.pack("!BBH", first, mask | 126, len(payload))
    else:
        head = struct.pack("!BBQ", first, mask | 127, len(payload))
    if key is None:
        return head + payload
    return head + key + bytes(each ^ key[at % 4] for at, each in enumerate(payload))


def frames():
    hello = b"Hello"
    yield frame(0x81, hello, None)
    yield frame(0x81, hello)
    yield frame(0x01, b"Hel", None) + frame(0x80, b"lo", None)
    yield frame(0x89, hello)
    yield frame(0x8A, hello)
    yield frame(0x82, bytes(256), None)
    yield struct.pack("!BBQ", 0x82, 127, 65536)
    yield struct.pack("!BBQ", 0x82, 255, 2**63 - 1) + KEY
    yield struct.pack("!BBQ", 0x82, 127, 2**63)
    yield struct.pack("!BBH", 0x82, 126, 125)


def messages():
    euro = "\u20ac\U0001f600".encode()
    for payload in ([frame(0x81, b"Hello")], [frame(0x01, euro[:1]), frame(0x89, b"ping"), frame(0x80, euro[1:])],
                    [frame(0x01, b"a"), frame(0x00), frame(0x80, b"\xed\xa0")], [frame(0x82, bytes(range(200)))],
                    [frame(0x89, b"1"), frame(0x8A), frame(0x88, struct.pack("!H", 1000) + b"bye"), frame(0x81, b"late")],
                    [frame(0x88, b"\x03")], [frame(0x80, b"x")], [frame(0x01, b"a"), frame(0x81, b"b")],
                    [frame(0x81, b"\xf4\x90\x80\x80")], [frame(0x02, b"ab")] * 1 + [frame(0x00, b"c")] * 3):
        yield b"\x00\x07" + b"".join(payload)
    yield b"\x01\x02" + frame(0x81, b"Hello", None) + frame(0x88, b"\x03\xe9", None)
    yield b"\x18\x02" + frame(0x81, b"ignored") + frame(0x88, b"\x03\xe9")


SEEDS = {"frame": frames, "message": messages}


def main():
    for target, make in SEEDS.items():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("s*"):
            old.unlink()
        for number, seed in enumerate(make(), 1):
            (folder / f"s{number:02}").write_bytes(seed)


if __name__ == "__main__":
    main()
