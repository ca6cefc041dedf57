"""Family 5: messages in fragments, in every order that is legal and every one that is not (RFC 6455 section 5.4)."""

from cases import Until, answered, failed, family
from table.framing import ascii_of, octets_of
from wire import BINARY, TEXT, binary, close, more, ping, pong, said, text

KINDS = (("text", text, TEXT, ascii_of), ("binary", binary, BINARY, octets_of))


def fragments(make, payload, size):
    """The payload in frames of `size` octets."""
    parts = [payload[at:at + size] for at in range(0, len(payload), size)]
    return [(more if at else make)(part, fin=at == len(parts) - 1) for at, part in enumerate(parts)]


def cases(number):
    legal = []
    for name, make, kind, fill in KINDS:
        for total, size in ((2, 1), (3, 1), (10, 1), (100, 1), (1000, 1), (250, 125), (252, 126), (254, 127),
                            (131072, 65536), (5000, 997)):
            legal.append(answered(f"{name} of {total} octets in fragments of {size}", "5.4",
                                  fragments(make, fill(total), size),
                                  [said(kind, fill(total))]))
        for chop in (1, 3):
            legal.append(answered(f"{name} of 30 octets in fragments of 7, in chops of {chop}", "5.4",
                                  fragments(make, fill(30), 7),
                                  [said(kind, fill(30))], chop=chop))
    legal.append(answered("two messages in fragments, one after the other", "5.4",
                          [text("a", fin=False), more("b"), binary(b"c", fin=False), more(b"d")],
                          ['text "ab"', "binary 63 64"]))
    legal.append(answered("a whole message after one in fragments", "5.4", [text("a", fin=False), more("b"), text("c")],
                          ['text "ab"', 'text "c"']))
    empty = [answered(f"{name}: {title}", "5.4", send, [said(kind, whole)])
             for name, make, kind, _ in KINDS
             for title, whole, send in (
                 ("an empty first fragment", b"a", [make(b"", fin=False), more(b"a")]),
                 ("an empty fragment in the middle", b"ab", [make(b"a", fin=False), more(b"", fin=False), more(b"b")]),
                 ("an empty last fragment", b"a", [make(b"a", fin=False), more(b"")]),
                 ("two fragments, both empty", b"", [make(b"", fin=False), more(b"")]),
                 ("a thousand empty fragments", b"", [make(b"", fin=False), *[more(b"", fin=False)] * 998, more(b"")]))]
    between = [answered(f"{name}: a pong between each two fragments", "5.4",
                        [make(b"a", fin=False), pong(b"x"), more(b"b", fin=False), pong(), more(b"c")],
                        [said(kind, b"abc")])
               for name, make, kind, _ in KINDS]
    between += [answered(f"{name}: a ping before the last fragment is answered before the message", "5.4",
                         [make(b"a", fin=False), more(b"b", fin=False), ping(b"?"), Until(1), more(b"c")],
                         ["pong 3f", said(kind, b"abc")])
                for name, make, kind, _ in KINDS]
    between += [failed(f"a close frame among the fragments of a {name} message ends it all", "5.4",
                       [make(b"a", fin=False), close(1000)], 1000)
                for name, make, _, _ in KINDS]
    illegal = []
    for fin in (True, False):
        way = "" if fin else " without FIN"
        for payload in (b"", b"x"):
            size = len(payload)
            illegal.append(failed(f"a continuation{way} of {size} octets, and nothing to continue", "5.4",
                                  [more(payload, fin=fin)], 1002))
            illegal.append(failed(f"a continuation{way} of {size} octets behind a whole message", "5.4",
                                  [text("Hello"), more(payload, fin=fin)], 1002, ['text "Hello"']))
            illegal.append(failed(f"a continuation{way} of {size} octets behind a message in fragments", "5.4",
                                  [text("Hel", fin=False), more("lo"), more(payload, fin=fin)], 1002, ['text "Hello"']))
            for name, make, _, _ in KINDS:
                for outer, begin, _, _ in KINDS:
                    illegal.append(failed(f"{name}{way} of {size} octets inside a {outer} message", "5.4",
                                          [begin(b"a", fin=False), make(payload, fin=fin)], 1002))
    illegal += [failed(f"{name} inside a message of three fragments", "5.4",
                       [text("a", fin=False), more("b", fin=False), make(b"c")], 1002)
                for name, make, _, _ in KINDS]
    illegal += [failed("a continuation behind a ping, and nothing to continue", "5.4",
                       [ping(b"a"), Until(1), more(b"x")], 1002, ["pong 61"]),
                failed("continuations that continue nothing, octet by octet", "5.4", [more(b"a", fin=False)], 1002,
                       chop=1),
                failed("a fault inside the second message leaves the first answered", "5.4",
                       [text("a", fin=False), more("b"), text("c", fin=False), text("d")], 1002, ['text "ab"'])]
    return family(number, "fragmentation", [
        ("legal orders", legal), ("empty fragments", empty), ("control frames in between", between),
        ("illegal orders", illegal)])
