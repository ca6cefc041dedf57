"""Family 3: a reserved bit means an extension, and none was negotiated (RFC 6455 section 5.2)."""

from cases import Until, failed, family
from wire import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame, ping, raw, text

KINDS = (("text", TEXT), ("binary", BINARY), ("ping", PING), ("pong", PONG), ("close", CLOSE))
BITS = range(1, 8)


def bits(number):
    return "+".join(name for name, bit in (("RSV1", 4), ("RSV2", 2), ("RSV3", 1)) if number & bit)


def cases(number):
    whole = [failed(f"{name} with {bits(rsv)}", "5.2", [frame(kind, b"\x03\xe8", rsv=rsv)], 1002) for name,
             kind in KINDS for rsv in BITS]
    inside = [failed(f"continuation with {bits(rsv)}", "5.2",
                     [text("Hel", fin=False), frame(CONTINUATION, b"lo", rsv=rsv)], 1002)
              for rsv in BITS]
    inside += [failed(f"{name} with {bits(rsv)} among fragments", "5.2",
                      [text("Hel", fin=False), frame(kind, b"x", rsv=rsv)], 1002)
               for name, kind in (("ping", PING), ("pong", PONG)) for rsv in (4, 2, 1)]
    first = [failed(f"{bits(rsv)}: the first octet is enough", "5.2", [raw(bytes([0x81 | rsv << 4]))], 1002)
             for rsv in BITS]
    behind = [failed(f"{bits(rsv)} behind a message that is answered", "5.2", [text("Hello"), text("Hello", rsv=rsv)],
                     1002, ['text "Hello"'])
              for rsv in BITS]
    behind += [failed(f"{bits(rsv)} behind a ping that is answered", "5.2",
                      [ping(b"a"), Until(1), text("Hello", rsv=rsv)], 1002, ["pong 61"])
               for rsv in (4, 2, 1)]
    behind += [failed(f"{bits(rsv)}, octet by octet", "5.2", [text("Hello"), text("Hello", rsv=rsv)], 1002,
                      ['text "Hello"'], chop=1)
               for rsv in (4, 2, 1)]
    return family(number, "reserved bits",
                  [("whole frames", whole), ("inside a message", inside), ("at once", first),
                   ("after good frames", behind)])
