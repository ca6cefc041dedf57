"""Family 6: text that is not UTF-8 fails with 1007 at its first bad octet (RFC 6455 sections 5.6 and 8.1; RFC 3629;
the ranges are those of table 3-7 of the Unicode standard)."""

from cases import Until, answered, echoed, failed, family
from wire import BINARY, TEXT, binary, more, ping, said, text

KOSME = "\u03ba\u1f79\u03c3\u03bc\u03b5"
SAMPLES = ("\u00e4", "\u20ac", "\U0001f525", KOSME, "Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!!",
           "\ufeffx", "e\u0301\u0327")
EDGES = (0x0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x3FFFF,
         0x40000,
         0xFFFFF, 0x100000, 0x10FFFF)
NONCHARACTERS = [plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)] + [0xFDD0, 0xFDEF]

# The fault, its octets, and how many of them a reader can take before it knows.
BAD = [
    ("a continuation octet alone, the first", "80", 0), ("a continuation octet alone, the last", "bf", 0),
    ("two continuation octets", "80bf", 0), ("six continuation octets", "80bf80bf80bf", 0),
    ("a continuation octet too many", "c3a4a4", 2), ("a continuation octet too many behind three", "e282acac", 3),
    ("a continuation octet too many behind four", "f09f94a5a5", 4),
    ("a lead of two before a space", "c320", 1), ("a lead of three before a space", "e220", 1),
    ("a lead of four before a space", "f020", 1),
    ("three octets cut after two", "e28220", 2), ("four octets cut after two", "f09f20", 2),
    ("four octets cut after three", "f09f9420", 3),
    ("a lead where a continuation is due", "c3c3a4", 1), ("a lead in the middle of three", "e2e282ac", 1),
    ("the octet FE", "fe", 0), ("the octet FF", "ff", 0), ("FE FE FF FF", "fefeffff", 0),
    ("a lead of five octets", "f888808080", 0), ("a lead of six octets", "fc8480808080", 0),
    ("a solidus in two octets", "c0af", 0), ("a solidus in three octets", "e080af", 1),
    ("a solidus in four octets", "f08080af", 1),
    ("a solidus in five octets", "f8808080af", 0), ("a solidus in six octets", "fc80808080af", 0),
    ("NUL in two octets", "c080", 0), ("NUL in three octets", "e08080", 1), ("NUL in four octets", "f0808080", 1),
    ("the largest overlong form of two octets", "c1bf", 0), ("the largest overlong form of three octets", "e09fbf", 1),
    ("the largest overlong form of four octets", "f08fbfbf", 1),
    ("the first high surrogate", "eda080", 1), ("the last high surrogate", "edafbf", 1),
    ("the first low surrogate", "edb080", 1),
    ("the last low surrogate", "edbfbf", 1), ("a pair of surrogates", "eda081edb080", 1),
    ("a pair of surrogates, the last", "edafbfedbfbf", 1),
    ("U+110000", "f4908080", 1), ("U+13FFFF", "f4bfbfbf", 1), ("U+140000", "f5808080", 0), ("U+1FFFFF", "f7bfbfbf", 0)]

# A lead octet, and the octets just outside of the range that may follow it.
SECOND = [("c2", "7fc0"), ("df", "7fc0"), ("e0", "7f809fc0"), ("e1", "7fc0"), ("ec", "7fc0"), ("ed", "7fa0bfc0"),
          ("ee", "7fc0"),
          ("ef", "7fc0"), ("f0", "7f808fc0"), ("f1", "7fc0"), ("f3", "7fc0"), ("f4", "7f90bfc0")]
POSITIONS = (0, 1, 2, 3, 6, 7, 8, 9, 15, 16, 17, 30, 31, 32, 33, 62, 63, 64, 65, 123, 124, 125, 126, 127, 254, 255, 256,
             511, 998, 999)


def name(code):
    return f"U+{code:04X}"


def valid():
    whole = [echoed(f"the edge {name(code)}, {len(chr(code).encode())} octets", "5.6", [text(chr(code))])
             for code in EDGES]
    whole += [echoed("all noncharacters: they are characters to UTF-8", "5.6",
                     [text("".join(map(chr, NONCHARACTERS)))])]
    whole += [echoed(f"a sample of {len(each.encode())} octets", "5.6", [text(each)]) for each in SAMPLES]
    whole += [echoed(f"{KOSME.encode().hex()} behind {lead} octets of ASCII", "5.6", [text("x" * lead + KOSME)])
              for lead in
              (1, 7, 8, 29, 30, 31, 32, 33, 60, 114, 115, 116)]
    return whole


def split():
    cases = [answered(f"{sample.encode().hex()} in two fragments, the cut behind octet {cut}", "5.6",
                      [text(sample.encode()[:cut], fin=False), more(sample.encode()[cut:])],
                      [said(TEXT, sample.encode())])
             for sample in (KOSME, "\U0001f525\u20ac\u00e4") for cut in range(1, len(sample.encode()))]
    for sample in SAMPLES:
        octets = sample.encode()
        send = [text(octets[:1], fin=False), *[more(bytes([each]), fin=False) for each in octets[1:-1]],
                more(octets[-1:])]
        cases.append(answered(f"{len(octets)} octets, each a fragment", "5.6", send, [said(TEXT, octets)]))
        cases.append(echoed(f"{len(octets)} octets, octet by octet", "5.6", [text(octets)], chop=1))
    return cases


def invalid():
    cases = [failed(f"{title}: {octets}", "8.1", [text(bytes.fromhex(octets))], 1007) for title, octets, _ in BAD]
    cases += [failed(f"{lead} before {follow[at:at + 2]}", "8.1",
                     [text(bytes.fromhex(lead + follow[at:at + 2]) + b"\x80\x80")], 1007)
              for lead, follow in SECOND for at in range(0, len(follow), 2)]
    cases += [failed(f"{title} behind good text", "8.1", [text(KOSME.encode() + bytes.fromhex(octets) + b"edited")],
                     1007)
              for title, octets, _ in BAD if octets in ("eda080", "c0af", "f4908080", "ff", "80")]
    cases += [failed("the good message before it is answered", "8.1", [text(KOSME), text(b"\xff")], 1007,
                     [said(TEXT, KOSME.encode())])]
    return cases


def positions():
    return [failed(f"FF as octet {at} of 1000", "8.1", [text(b"x" * at + b"\xff" + b"x" * (999 - at))], 1007)
            for at in POSITIONS]


def early():
    """A message of 1000 octets is sent only up to its first bad octet: a server that waits for the rest hangs."""
    cases = [failed(f"{title}: known at octet {known + 1}", "8.1",
                    [text(bytes.fromhex(octets)[:known + 1], length=1000)], 1007)
             for title, octets, known in BAD]
    cases += [failed(f"FF as octet {at} of 1000, and nothing behind it", "8.1",
                     [text(b"x" * at + b"\xff", length=1000)], 1007)
              for at in POSITIONS if at % 3 == 0]
    cases += [failed("in the first of many fragments", "8.1", [text(b"\xff", fin=False)], 1007),
              failed("in the second fragment, in the middle of a character", "8.1",
                     [text(b"\xe2\x82", fin=False), ping(b"a"), Until(1), more(b"x", fin=False)], 1007, ["pong 61"]),
              failed("in a frame whose header is all that came before", "8.1",
                     [ping(b"a"), Until(1), text(b"good \xc0", length=65536)], 1007, ["pong 61"]),
              failed("octet by octet", "8.1", [text(KOSME.encode() + b"\xed\xa0", length=5000)], 1007, chop=1)]
    return cases


def cut_off():
    cases = []
    for sample in ("\u00e4", "\u20ac", "\U0001f525"):
        octets = sample.encode()
        for cut in range(1, len(octets)):
            cases.append(failed(f"{octets.hex()} ends behind octet {cut}", "8.1", [text(octets[:cut])], 1007))
            cases.append(failed(f"{octets.hex()} ends behind octet {cut}, in a last fragment", "8.1",
                                [text(b"x" + octets[:cut], fin=False), more(b"")], 1007))
            cases.append(failed(f"{octets.hex()} ends behind octet {cut} behind 126 of ASCII", "8.1",
                                [text(b"x" * 126 + octets[:cut])], 1007))
            cases.append(answered(f"{octets.hex()} in two, a ping in between proves that none is missed", "8.1",
                                  [text(octets[:cut], fin=False), ping(b"a"), Until(1), more(octets[cut:])],
                                  ["pong 61", said(TEXT, octets)]))
    cases.append(failed("a half character is not ended by the next message", "8.1", [text(b"\xc3"), text(b"\xa4")],
                        1007))
    return cases


def elsewhere():
    return [answered("binary is nobody's text", "5.6", [binary(bytes.fromhex(octets)) for _, octets, _ in BAD],
                     [said(BINARY, bytes.fromhex(octets)) for _, octets, _ in BAD]),
            answered("binary in fragments is nobody's text", "5.6", [binary(b"\xff", fin=False), more(b"\xc3")],
                     ["binary ff c3"]),
            answered("text behind half a character in binary", "5.6", [binary(b"\xc3"), text("\u00e4")],
                     ["binary c3", said(TEXT, b"\xc3\xa4")])]


def cases(number):
    return family(number, "UTF-8", [("valid", valid()), ("split", split()), ("invalid", invalid()),
                                    ("at each position", positions()),
                                    ("failed early", early()), ("cut off at the end", cut_off()),
                                    ("where it does not matter", elsewhere())])
