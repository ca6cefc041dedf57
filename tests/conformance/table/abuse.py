"""Family 10: cases that the field's standard suite leaves out (RFC 6455 sections 5.1, 5.2): frames without a mask, lengths that are
not in their shortest form, lengths of 64 bits."""

from cases import Until, echoed, failed, family
from table.framing import octets_of
from wire import BINARY, CLOSE, PING, PONG, TEXT, binary, frame, more, ping, raw, text

KINDS = (("text", TEXT), ("binary", BINARY), ("ping", PING), ("pong", PONG), ("close", CLOSE))


def cases(number):
    unmasked = [failed(f"{name} of {size} octets without a mask", "5.1", [frame(kind, octets_of(size), key=None)], 1002)
                for name, kind in KINDS for size in (0, 2, 125)]
    unmasked += [failed(f"{name} of {size} octets without a mask", "5.1", [frame(kind, b"x" * size, key=None)], 1002)
                 for name, kind in KINDS[:2] for size in (126, 65535, 65536)]
    unmasked += [failed(f"{name} without a mask: two octets are enough", "5.1", [raw(bytes([0x80 | kind, 0x05]))], 1002)
                 for name, kind in KINDS]
    unmasked += [failed("without a mask behind a masked message", "5.1", [text("a"), text("b", key=None)], 1002,
                        ['text "a"']),
                 failed("a continuation without a mask", "5.1", [text("a", fin=False), more("b", key=None)], 1002),
                 failed("a ping without a mask among fragments", "5.1", [text("a", fin=False), ping(b"b", key=None)],
                        1002),
                 failed("without a mask and not UTF-8: the mask comes first", "5.1", [text(b"\xff", key=None)], 1002),
                 failed("without a mask, octet by octet", "5.1", [text("Hello", key=None)], 1002, chop=1),
                 echoed("a mask of zeros is a mask", "5.3", [text("Hello", key=bytes(4)), binary(b"", key=bytes(4))])]
    long_forms = [failed(f"{name} of {size} octets in {form} bits{way}", "5.2",
                         [frame(kind, b"x" * size, form=form, **how)], 1002)
                  for name, kind in KINDS[:2] for form,
                  sizes in ((16, (0, 1, 124, 125)), (64, (0, 1, 125, 126, 65534, 65535)))
                  for size in sizes for way, how in (("", {}), (", its header alone", {"send": 0}))]
    long_forms += [failed(f"{name} of {size} octets in {form} bits", "5.5", [frame(kind, b"\x03\xe8", form=form)], 1002)
                   for name, kind in KINDS[2:] for form in (16, 64) for size in (2,)]
    long_forms += [failed("a continuation of 3 octets in 16 bits", "5.2", [text("a", fin=False), more("abc", form=16)],
                          1002),
                   failed("126 octets in 64 bits, octet by octet", "5.2", [text("x" * 126, form=64)], 1002, chop=1),
                   echoed("the shortest that 16 and 64 bits are for", "5.2",
                          [text("x" * 126, form=16), text("x" * 65536, form=64)])]
    high = [failed(f"{name}, {title}", "5.2", [frame(kind, b"", length=length)], 1002)
            for name, kind in KINDS[:2] for title,
            length in (("2^63", 2**63), ("2^63 and one", 2**63 + 1), ("2^64 - 1", 2**64 - 1),
                                                              ("2^63 and 5", 2**63 + 5))]
    high += [failed("the highest bit, known at the third octet", "5.2", [raw(bytes.fromhex("82ff80"))], 1002),
             failed("the highest bit in a continuation", "5.2", [text("a", fin=False), more(b"", length=2**63)], 1002),
             failed("the highest bit behind a ping that is answered", "5.2",
                    [ping(b"a"), Until(1), binary(b"", length=2**63 + 5)], 1002,
                    ["pong 61"]),
             failed("2^63 - 1: well-formed, and too big", "7.4.1", [binary(b"", length=2**63 - 1)], 1009),
             failed("two faults in one header: the first octet's is told", "5.2", [raw(bytes.fromhex("f100"))], 1002)]
    strangers = [failed(f"{name} in place of a frame", "5.2", [raw(octets)], code) for name, octets, code in (
        ("an HTTP request", b"GET / HTTP/1.1\r\n\r\n", 1002), ("a TLS hello", bytes.fromhex("160301020001"), 1002),
        ("zeros", bytes(16), 1002), ("ones", b"\xff" * 16, 1002),
        ("a server's hello", bytes.fromhex("810548656c6c6f"), 1002))]
    return family(number, "beyond the suite",
                  [("without a mask", unmasked), ("longer forms", long_forms), ("64 bits", high),
                                               ("strangers", strangers)])
