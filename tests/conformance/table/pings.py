"""Family 2: pings and pongs (RFC 6455 sections 5.5, 5.5.2, 5.5.3)."""

from cases import GOODBYE, Case, Until, UntilSaid, answered, failed, family
from table.framing import octets_of
from wire import PONG, binary, more, ping, pong, said, text

ZERO_TO_NINE = [f"{at}".encode() for at in range(10)]


def back(payload):
    return said(PONG, payload)


def in_turn(payloads):
    """Each ping after the pong of the one before."""
    for at, payload in enumerate(payloads, 1):
        yield ping(payload)
        yield Until(at)


def cases(number):
    sizes = [answered(f"ping of {size} octets", "5.5.2", [ping(octets_of(size))], [back(octets_of(size))])
             for size in (0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 123, 124, 125)]
    sizes += [answered(f"ping of {size} octets, octet by octet", "5.5.2", [ping(octets_of(size))],
                       [back(octets_of(size))], chop=1)
              for size in (0, 1, 125)]
    sizes += [answered("the payload of a ping is no text", "5.5.2", [ping(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff")],
                       [back(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff")])]
    too_long = [failed(f"{name} of {size} octets{way}", "5.5", [make(octets_of(size), **how)], 1002)
                for name, make in (("ping", ping), ("pong", pong)) for size in (126, 127, 65535, 65536)
                for way, how in (("", {}), (", its header alone", {"send": 0}))]
    too_long += [failed(f"{name} of 126 octets behind a message", "5.5", [text("Hello"), make(octets_of(126))], 1002,
                        ['text "Hello"']) for name, make in (("ping", ping), ("pong", pong))]
    cut = [failed(f"{name} without FIN, of {size} octets", "5.5", [make(octets_of(size), fin=False)], 1002)
           for name, make in (("ping", ping), ("pong", pong)) for size in (0, 5, 125)]
    cut += [failed("a ping is not continued", "5.5", [ping(b"a", fin=False), more(b"b")], 1002)]
    unasked = [answered(f"a pong that nobody asked for, of {size} octets", "5.5.3",
                        [pong(octets_of(size)), ping(b"after")],
                        [back(b"after")]) for size in (0, 5, 125)]
    unasked += [answered("100 pongs that nobody asked for", "5.5.3", [*[pong(b"x")] * 100, text("after")],
                         ['text "after"']),
                answered("a pong with what will be the next ping's payload", "5.5.3", [pong(b"a"), ping(b"a")],
                         [back(b"a")])]
    many = [answered(f"{count} pings, each after the other's pong", "5.5.2",
                     [*in_turn([f"{at}".encode() for at in range(count)])],
                     [back(f"{at}".encode()) for at in range(count)]) for count in (2, 10, 100)]
    many += [answered(f"10 pings, each after the other's pong, in chops of {chop}", "5.5.2", [*in_turn(ZERO_TO_NINE)],
                      [back(each) for each in ZERO_TO_NINE], chop=chop) for chop in (1, 3)]
    many += [answered(f"{count} pings in one write are answered in their order", "5.5.2",
                      [ping(f"{at}".encode()) for at in range(count)], [back(f"{at}".encode()) for at in range(count)])
             for count in (2, 10, 100)]
    many += [answered("10 pings, octet by octet", "5.5.2", [*map(ping, ZERO_TO_NINE)], [*map(back, ZERO_TO_NINE)], chop=1),
             Newest("1000 pings of 100 octets in one write: the newest is answered, those before it may be",
                    [f"{at}".encode().zfill(100) for at in range(1000)])]
    many += [answered("an empty ping after a long one is answered with nothing in it", "5.5.2",
                      [ping(octets_of(125)), Until(1), ping()], [back(octets_of(125)), back(b"")])]
    among = [answered(f"a ping between two fragments of a {name} message", "5.4",
                      [make(b"Hel", fin=False), ping(b"now"), Until(1), more(b"lo")],
                      [back(b"now"), said(kind, b"Hello")])
             for name, make, kind in (("text", text, 1), ("binary", binary, 2))]
    among += [answered("a ping between each two of five fragments", "5.4",
                       [text("0", fin=False), ping(b"a"), Until(1), more("1", fin=False), ping(b"b"), Until(2),
                        more("2", fin=False),
                        ping(b"c"), Until(3), more("3", fin=False), ping(b"d"), Until(4), more("4")],
                       [*map(back, (b"a", b"b", b"c", b"d")), 'text "01234"']),
              answered("a ping in the middle of a character", "5.4",
                       [text(b"\xce", fin=False), ping(b"\xba"), Until(1), more(b"\xba")],
                       [back(b"\xba"), 'text "\\u03ba"']),
              answered("a pong between two fragments", "5.4", [text("Hel", fin=False), pong(b"x"), more("lo")],
                       ['text "Hello"']),
              answered("pings before, between and after messages", "5.5.2",
                       [ping(b"a"), Until(1), text("b"), Until(2), ping(b"c"), Until(3), binary(b"d"), Until(4),
                        ping(b"e")],
                       [back(b"a"), 'text "b"', back(b"c"), "binary 64", back(b"e")])]
    return family(number, "pings and pongs", [
        ("payloads", sizes), ("longer than 125", too_long), ("without FIN", cut), ("pongs unasked for", unasked),
        ("many pings", many), ("among fragments", among)])


class Newest(Case):
    """Section 5.5.3: a server "MAY elect to send a Pong frame for only the most recently processed Ping frame"."""

    def __init__(self, title, payloads):
        last = back(payloads[-1])
        super().__init__(title, "5.5.3", [*map(ping, payloads), UntilSaid(last), GOODBYE], [last, "close 1000", "end"])
        self.optional = [back(each) for each in payloads[:-1]]

    def accepts(self, got):
        """The lines that came, without the optional pongs, as long as these came in order and before the last."""
        if self.back[0] not in got:
            return got
        at = got.index(self.back[0])
        early, rest = got[:at], iter(self.optional)
        return got[at:] if all(each in rest for each in early) else got
