"""Family 1: whole messages of every form of length, however the stream is cut (RFC 6455 sections 5.2, 5.3, 5.6)."""

from cases import Until, answered, echoed, expected_echo, family
from wire import PONG, binary, more, ping, raw, said, text

SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 124, 125, 126, 127, 128, 129, 255, 256, 257,
         1000, 4095,
         4096, 4097, 32767, 32768, 65534, 65535, 65536, 65537, 65538, 131072)
EDGES = (0, 1, 125, 126, 127, 128, 65535, 65536)
MASKS = ("00000000", "ffffffff", "01000000", "00000080", "80808080", "0a0d0a0d")


def ascii_of(size):
    return bytes(0x20 + at % 95 for at in range(size))


def octets_of(size):
    return bytes((at * 167 + 13) & 0xFF for at in range(size))


def cut_in_header(size, head):
    """The header in two parts, the cut behind each of its octets: the server has read one part before the other comes, since it
    has answered the ping in front of it."""
    whole = text(ascii_of(size))
    for cut in range(1, head):
        first, rest = whole.octets[:cut], whole.octets[cut:]
        yield answered(f"text of {size} octets, cut behind octet {cut} of its header", "5.2",
                       [ping(b"a"), Until(1), raw(first), raw(rest)], [said(PONG, b"a"), *expected_echo([whole])],
                       chop=max(cut, 8))


def cases(number):
    whole_text = [echoed(f"text of {size} octets", "5.6", [text(ascii_of(size))]) for size in SIZES]
    whole_binary = [echoed(f"binary of {size} octets", "5.6", [binary(octets_of(size))]) for size in SIZES]
    by_octet = [echoed(f"{name} of {size} octets, octet by octet", "5.2", [make(fill(size))], chop=1)
                for name, make, fill in (("text", text, ascii_of), ("binary", binary, octets_of)) for size in EDGES[:7]]
    chopped = [echoed(f"text of {size} octets in chops of {chop}", "5.2", [text(ascii_of(size))], chop=chop)
               for size in (127, 65536) for chop in (2, 3, 5, 7, 13, 997) if chop * 20000 > size]
    cuts = [case for size, head in ((5, 6), (126, 8), (65536, 14)) for case in cut_in_header(size, head)]
    masks = [echoed(f"masked with {key}", "5.3", [text(ascii_of(size), key=bytes.fromhex(key)),
                                                  binary(octets_of(size), key=bytes.fromhex(key))])
             for key in MASKS for size in (9, 300)]
    several = [echoed(f"{count} messages in one write", "5.2",
                      [(text if at % 2 else binary)(f"{at}".encode()) for at in range(count)])
               for count in (2, 3, 10, 100)]
    several += [echoed(f"10 messages of {size} octets, a new key for each", "5.3",
                       [text(ascii_of(size), key=bytes([at, 255 - at, 7 * at, 99])) for at in range(10)])
                for size in EDGES]
    several.append(echoed("10 empty messages octet by octet", "5.2", [text("")] * 10, chop=1))
    several.append(answered("the RFC's own frames, masked", "5.7", [text("Hello"), text("Hel", fin=False), more("lo")],
                            ['text "Hello"'] * 2))
    return family(number, "framing", [
        ("text", whole_text), ("binary", whole_binary), ("octet by octet", by_octet), ("chops", chopped),
        ("a header cut in two", cuts), ("masks", masks), ("several messages", several)])
