"""Family 8: each limit, and one past it. Three servers: an echo that takes 16 MiB a message, one (`small`) that takes
1000 octets and 10 fragments, and the library's own server (`hello`) with its defaults of 65536 octets and 1024 fragments."""

import functools

from cases import Case, Until, answered, echoed, failed, family
from table.framing import ascii_of, octets_of
from table.fragmentation import fragments
from wire import BINARY, TEXT, binary, more, ping, said, text

MIB = 1 << 20
MOST = 16 * MIB
BAD_MESSAGE = "error_event CLIENT_MESSAGE_MALFORMED"
GREETING = ["startup_complete", "heartbeat"]
STOP = '{"type":"stop","payload":{"sessionId":%s}}'


@functools.lru_cache
def ascii_block(size):
    return (ascii_of(1000) * (size // 1000 + 1))[:size]


def round_trips(size, count):
    payload = octets_of(size)
    steps = []
    for at in range(1, count + 1):
        steps += [binary(payload), Until(at)]
    return answered(f"{count} round trips of {size} octets", "5.6", steps, [said(BINARY, payload)] * count)


def cases(number):
    sizes = [echoed(f"{name} of {size // 1024} KiB", "5.6", [make(ascii_block(size))])
             for name, make in (("text", text), ("binary", binary)) for size in (MIB // 4, MIB, 4 * MIB, MOST)]
    chops = [echoed(f"binary of {size // MIB} MiB in chops of {chop}", "5.6", [binary(ascii_block(size))], chop=chop)
             for size, chop in ((MOST, 64), (MOST, 128), (MOST, 256), (MOST, 1024), (MOST, 4096), (MOST, 65536),
                                (4 * MIB, 2048))]
    chops += [echoed("text of 16 MiB in chops of 1024", "5.6", [text(ascii_block(MOST))], chop=1024)]
    parts = [answered(f"{name} of {size // MIB} MiB in fragments of {part}", "5.4",
                      fragments(make, ascii_block(size), part),
                      [said(kind, ascii_block(size))])
             for name, make, kind, size, part in (
                 ("text", text, TEXT, MIB, 64), ("text", text, TEXT, 4 * MIB, 256),
                 ("binary", binary, BINARY, 4 * MIB, 1024),
                 ("text", text, TEXT, MOST, 4096), ("binary", binary, BINARY, MOST, 65536),
                 ("text", text, TEXT, MOST, MIB))]
    trips = [round_trips(size, 200) for size in (0, 16, 64, 256, 1024, 4096, 16384)]

    def big(title, send, before=(), **how):
        return failed(title, "7.4.1", send, 1009, before, **how)

    past = [big("16 MiB and one octet: the header is enough", [binary(b"", length=MOST + 1)]),
            big("16 MiB and one octet of text: the header is enough", [text(b"", length=MOST + 1)])]
    past += [big(f"{name}: the header is enough", [binary(b"", length=length)]) for name, length in
             (("2^31 - 1 octets", 2**31 - 1), ("2^31 octets", 2**31), ("2^32 - 1 octets", 2**32 - 1),
              ("2^32 octets", 2**32),
              ("2^32 and one octet", 2**32 + 1), ("2^63 - 1 octets", 2**63 - 1))]
    past += [big("16 MiB in one fragment, one octet more in the next: its header is enough",
                 [binary(ascii_block(MOST), fin=False), more(b"", length=1, fin=False)]),
             big("two fragments whose lengths would overflow 64 bits together",
                 [text("x", fin=False), more(b"", length=2**63 - 1)])]
    small = [echoed(f"{name} of {size} octets", "5.6", [make(ascii_of(size))], at="small")
             for name, make in (("text", text), ("binary", binary)) for size in (999, 1000)]
    small += [big(f"{name} of 1001 octets{way}", [make(ascii_of(1001), **how)], at="small")
              for name, make in (("text", text), ("binary", binary)) for way,
              how in (("", {}), (", its header alone", {"send": 0}))]
    small += [answered("1000 octets in two fragments", "5.4", fragments(text, ascii_of(1000), 500),
                       [said(TEXT, ascii_of(1000))], at="small"),
              answered("1000 octets in ten fragments, the most there may be", "5.4",
                       fragments(text, ascii_of(1000), 100),
                       [said(TEXT, ascii_of(1000))], at="small"),
              answered("1000 octets and an empty fragment", "5.4", [text(ascii_of(1000), fin=False), more()],
                       [said(TEXT, ascii_of(1000))], at="small"),
              big("500 octets, and the header of 501", [text(ascii_of(500), fin=False), more(b"", length=501)],
                  at="small"),
              big("1000 octets, and the header of one", [text(ascii_of(1000), fin=False), more(b"", length=1)],
                  at="small"),
              big("a message at the limit is answered, one past it is not",
                  [text(ascii_of(1000)), text(ascii_of(1001))],
                  [said(TEXT, ascii_of(1000))], at="small"),
              answered("control frames do not count", "5.4",
                       [text(ascii_of(999), fin=False), ping(octets_of(125)), Until(1), more("x")],
                       ["pong " + said(BINARY, octets_of(125))[7:], said(TEXT, ascii_of(999) + b"x")], at="small"),
              answered("twenty messages at the limit", "5.6", [text(ascii_of(1000))] * 20,
                       [said(TEXT, ascii_of(1000))] * 20, at="small"),
              failed("the eleventh fragment", "7.4.1", [text("0", fin=False), *[more("x", fin=False)] * 9, more("x")],
                     1008, at="small"),
              failed("the eleventh fragment, all empty", "7.4.1", [text("", fin=False), *[more("", fin=False)] * 10],
                     1008, at="small"),
              answered("two messages of ten fragments", "5.4", fragments(text, b"0123456789", 1) * 2,
                       ['text "0123456789"'] * 2, at="small")]
    hello = [answered("65536 octets are read, and are no message of ours", "5.6", [text(ascii_of(65536))],
                      [*GREETING, BAD_MESSAGE], at="hello"),
             answered("1024 fragments are read, and are no message of ours", "5.4", fragments(text, ascii_of(1024), 1),
                      [*GREETING, BAD_MESSAGE], at="hello"),
             answered("a binary message is told that it is none", "5.6", [binary(b"x")],
                      [*GREETING, "error_event BINARY_NOT_ACCEPTED"], at="hello"),
             answered("a stop of an answer that nobody knows is passed over: what follows is told of first", "5.6",
                      [text(STOP % '"nobody-knows-it"'), text("x")], [*GREETING, BAD_MESSAGE], at="hello"),
             answered("a stop in pieces, a ping among them", "5.4",
                      [text((STOP % '"a"')[:20], fin=False), ping(b"now"), more((STOP % '"a"')[20:])], [*GREETING, "pong 6e 6f 77"], at="hello"),
             answered("a stop that names no answer", "5.6", [text('{"type":"stop","payload":{}}')], [*GREETING, BAD_MESSAGE],
                      at="hello"),
             answered("a stop whose answer is a number", "5.6", [text(STOP % "1")], [*GREETING, BAD_MESSAGE], at="hello"),
             answered("a stop that says more: it is a closed object", "5.6", [text(STOP % '"a","more":true')],
                      [*GREETING, BAD_MESSAGE], at="hello"),
             failed("65537 octets: the header is enough", "7.4.1", [Until(2), text(b"", length=65537)], 1009, GREETING,
                    at="hello"),
             failed("the 1025th fragment", "7.4.1", [Until(2), text("0", fin=False), *[more("x", fin=False)] * 1024],
                    1008, GREETING, at="hello"),
             Case("a flood: 150 messages at once, of which 100 a second are allowed", "7.4.1",
                  [Until(2), *[text('{"type":"heartbeat_response"}')] * 150], [*GREETING, "close 1008", "end"],
                  at="hello"),
             Case("a flood of stops: they count as messages", "7.4.1", [Until(2), *[text(STOP % '"a"')] * 150],
                  [*GREETING, "close 1008", "end"], at="hello"),
             Case("a flood of pings: they count as messages", "7.4.1", [Until(2), *[ping()] * 150],
                  [*GREETING, "close 1008", "end"], at="hello",
                  may=('pong ""',))]
    return family(number, "limits", [("sizes", sizes), ("chops", chops), ("fragments", parts), ("round trips", trips),
                                     ("past 16 MiB", past), ("at 1000 octets", small), ("the server's own", hello)])
