"""Family 4: opcodes that are reserved (RFC 6455 section 5.2)."""

from cases import Until, failed, family
from wire import frame, ping, raw, text

DATA = range(3, 8)
CONTROL = range(11, 16)


def cases(number):
    groups = []
    for name, codes in (("data", DATA), ("control", CONTROL)):
        alone = [failed(f"opcode {code} without payload", "5.2", [frame(code)], 1002) for code in codes]
        alone += [failed(f"opcode {code} with payload", "5.2", [frame(code, b"reserved")], 1002) for code in codes]
        alone += [failed(f"opcode {code}: the first octet is enough", "5.2", [raw(bytes([0x80 | code]))], 1002)
                  for code in codes]
        alone += [failed(f"opcode {code} without FIN", "5.2", [frame(code, b"x", fin=False)], 1002) for code in codes]
        among = [failed(f"opcode {code} behind a message that is answered", "5.2",
                        [text("Hello"), frame(code, b"x"), ping()], 1002, ['text "Hello"'])
                 for code in codes]
        among += [failed(f"opcode {code} behind a ping that is answered", "5.2", [ping(b"a"), Until(1), frame(code)],
                         1002, ["pong 61"])
                  for code in codes]
        among += [failed(f"opcode {code} inside a message", "5.4", [text("Hel", fin=False), frame(code, b"lo")], 1002)
                  for code in codes]
        groups += [(f"{name}, alone", alone), (f"{name}, among good frames", among)]
    return family(number, "opcodes", groups)
