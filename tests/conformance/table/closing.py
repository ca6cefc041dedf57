"""Family 7: how a conversation ends (RFC 6455 sections 5.5.1, 7.1 and 7.4; the registry of close codes at IANA)."""

from cases import FIN, Case, Until, failed, family
from wire import BINARY, CLOSE, binary, close, frame, more, ping, pong, raw, said, text

REGISTERED = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014)
PRIVATE = (3000, 3001, 3999, 4000, 4001, 4999)
# "MUST NOT be set as a status code in a Close control frame by an endpoint" (1005, 1006, 1015); 1004 is reserved without a
# meaning; below 1000 "not used"; 1016 to 2999 are for revisions of the protocol and extensions; from 5000 on nothing is defined.
FORBIDDEN = (0, 1, 100, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1100, 1999, 2000, 2999, 5000, 5001, 9999, 32767, 32768,
             65534, 65535)
REASON = "it was \u03ba\u1f79\u03c3\u03bc\u03b5"


def closed(title, section, send, code, before=(), **how):
    """The server answers the closing handshake, and is the first to end the stream (section 7.1.1)."""
    return Case(title, section, send, [*before, "close" if code is None else f"close {code}", "end"], **how)


def lost(title, send, before=()):
    """The client ends the stream without a closing handshake: the server sends nothing more."""
    return Case(title, "7.1.5", [*send, FIN], [*before, "end"])


def cases(number):
    codes = [closed(f"{code} with{'' if reason else 'out'} a reason", "7.4", [close(code, reason)], code)
             for code in REGISTERED + PRIVATE for reason in ("", REASON)]
    forbidden = [failed(f"{code} with{'' if reason else 'out'} a reason", "7.4", [close(code, reason)], 1002)
                 for code in FORBIDDEN for reason in ("", "why")]
    payload = [closed("no payload is answered with none", "5.5.1", [close()], None),
               closed("no payload, octet by octet", "5.5.1", [close()], None, chop=1),
               closed("a code, octet by octet", "5.5.1", [close(1001, "bye")], 1001, chop=1),
               failed("a payload of one octet", "5.5.1", [frame(CLOSE, b"\x03")], 1002),
               failed("a payload of one octet that is no code's beginning", "5.5.1", [frame(CLOSE, b"\xff")], 1002),
               failed("a payload of one octet behind a message", "5.5.1", [text("a"), frame(CLOSE, b"\x03")], 1002,
                      ['text "a"'])]
    payload += [closed(f"a reason of {size} octets", "5.5.1", [close(1000, "r" * size)], 1000)
                for size in (1, 2, 62, 122, 123)]
    payload += [failed(f"a reason of {size} octets{way}", "5.5", [close(1000, "r" * size, **how)], 1002)
                for size in (124, 125, 65533, 65534) for way, how in (("", {}), (", its header alone", {"send": 0}))]
    payload += [closed(f"a reason of 41 characters of {len(each.encode())} octets", "5.5.1",
                       [close(1000, each * (123 // len(each.encode())))], 1000)
                for each in ("\u00e4", "\u20ac", "\U0001f525")]
    payload += [failed("a close frame without FIN", "5.5", [close(1000, fin=False)], 1002),
                failed("a close frame without FIN or payload", "5.5", [close(fin=False)], 1002)]
    reasons = [failed(f"the reason is no UTF-8: {octets}", "5.5.1", [close(1000, bytes.fromhex(octets))], 1007)
               for octets in ("ff", "80", "c0af", "eda080", "f4908080", "cebaedbfbf", "61e282", "c3", "f09f94")]
    reasons += [failed("the reason ends inside a character at octet 123", "5.5.1", [close(1000, b"r" * 122 + b"\xc3")],
                       1007),
                failed("a code that is forbidden and a reason that is no UTF-8", "7.4", [close(999, b"\xff")], 1002)]
    after = [closed(f"{name} behind the close frame is not looked at", "5.5.1", [close(1000), piece], 1000)
             for name, piece in (("text", text("late")), ("binary", binary(b"late")), ("a ping", ping(b"late")),
                                 ("a pong", pong(b"late")),
                                 ("a second close frame", close(1001)),
                                 ("a close frame of one octet", frame(CLOSE, b"x")),
                                 ("a frame with a reserved bit", text("late", rsv=4)),
                                 ("an unmasked frame", text("late", key=None)),
                                 ("text that is no UTF-8", text(b"\xff")),
                                 ("a message too big", text("", length=2**62)),
                                 ("half a header", raw(b"\x81")), ("an HTTP request", raw(b"GET / HTTP/1.1\r\n\r\n")))]
    after += [closed("a megabyte behind the close frame", "5.5.1", [close(1000), binary(bytes(1 << 20))], 1000),
              closed("text behind a close frame without payload", "5.5.1", [close(), text("late")], None),
              closed("text before and behind the close frame", "5.5.1", [text("early"), close(1000), text("late")],
                     1000, ['text "early"']),
              closed("text behind the close frame, when the server has answered it", "5.5.1",
                     [close(1000), Until(1), text("late")], 1000),
              closed("the close frame of an unfinished message", "5.5.1",
                     [text("Hel", fin=False), close(1000), more("lo")], 1000),
              closed("the client's FIN right behind its close frame", "7.1.1", [close(1000), FIN], 1000),
              closed("100 messages are answered before the close frame", "5.5.1", [*[text("x")] * 100, close(1000)],
                     1000, ['text "x"'] * 100),
              closed("256 KiB are answered before the close frame", "5.5.1", [binary(bytes(1 << 18)), close(1000)],
                     1000,
                     [said(BINARY, bytes(1 << 18))])]
    failing = [failed(f"{name} behind what failed the connection is not looked at", "7.1.7", [text("x", rsv=4), piece],
                      1002)
               for name, piece in (("text", text("late")), ("a ping", ping(b"late")), ("a close frame", close(1000)),
                                   ("another fault", text("x", key=None)))]
    ends = [lost("at once", []), lost("behind a message", [text("a"), Until(1)], ['text "a"']),
            lost("behind a ping", [ping(b"a"), Until(1)], ["pong 61"]),
            lost("behind the first octet of a header", [raw(b"\x81")]),
            lost("in front of the mask", [raw(b"\x81\x85")]),
            lost("in the middle of the mask", [raw(b"\x81\x85\x37\xfa")]),
            lost("in the middle of a payload", [text("Hello", send=3)]),
            lost("between two fragments", [text("Hel", fin=False)]),
            lost("in the middle of a ping", [ping(b"Hello", send=2)]),
            lost("in the middle of a close frame", [close(1000, "bye", send=3)]),
            lost("in the middle of a large message", [binary(bytes(1 << 16), length=1 << 20)])]
    return family(number, "closing", [
        ("codes that may be sent", codes), ("codes that may not", forbidden), ("payloads", payload),
        ("reasons", reasons),
        ("behind the close frame", after), ("behind a failure", failing), ("the stream ends without it", ends)])
