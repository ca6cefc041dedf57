"""Family 9: the opening handshake (RFC 6455 section 4.2; RFC 9110 and 9112 for the head it is made of). `{port}` is the server's.

Most cases go to `hello`, the library's own server, at /ws; those with bytes right behind a head, to the echo."""

import wire
from cases import FIN, Case, Until, family
from wire import close, raw, text

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # the RFC's own
FIELDS = {"Host": "127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": KEY,
          "Sec-WebSocket-Version": "13"}
GREETING = ["startup_complete", "heartbeat"]


def head(line="GET /ws HTTP/1.1", without=(), more="", **fields):
    """A valid head with the named changes: fields left out, changed (dashes as underscores), or lines added."""
    changed = {name.replace("_", "-").lower(): value for name, value in fields.items()}
    lines = [line] + [f"{name}: {changed.get(name.lower(), value)}" for name, value in FIELDS.items()
                      if name not in without]
    return "\r\n".join(lines) + "\r\n" + more + "\r\n"


def shown(octets):
    """A head in a title: its differences from the usual head."""
    words = octets.decode("latin-1").replace("\r\n", " / ").encode("unicode_escape").decode()
    return f"<{words[:300]}{'...' if len(words) > 300 else ''}>"


def said(octets):
    octets = octets.encode("latin-1") if isinstance(octets, str) else octets
    return raw(octets, shown(octets))


def taken(title, octets, section="4.2.1", chop=None, subprotocol=None):
    first = "101" + (f" {subprotocol}" if subprotocol else "")
    return Case(title, section, [said(octets), Until(3), close(1000)], [first, *GREETING, "close 1000", "end"],
                at="hello", chop=chop,
                subject="head")


def refused(title, octets, status, section="4.2.1", chop=None, at="hello"):
    return Case(title, section, [said(octets)], [str(status), "end"], at=at, chop=chop, subject="head")


def capitals(octets):
    first, *fields = octets.split("\r\n")
    return "\r\n".join([first, *[each.partition(":")[0].upper() + "".join(each.partition(":")[1:]) for each in fields]])


def plain():
    cases = [taken("the RFC's own request", head()), taken("octet by octet", head(), chop=1)]
    cases += [taken(f"in chops of {chop}", head(), chop=chop) for chop in (2, 3, 7, 64)]
    cases += [taken("names of fields in capitals", capitals(head())),
              taken("names of fields in small letters", head().replace("Host", "host").replace("Upgrade:", "upgrade:")
                    .replace("Connection", "connection").replace("Sec-WebSocket", "sec-websocket"))]
    cases += [taken(f"Upgrade: {value}", head(upgrade=value))
              for value in ("WebSocket", "WEBSOCKET", "h2c, websocket", "websocket, h2c", " websocket\t", "websocket,",
                            ", ,websocket")]
    cases += [taken(f"Connection: {value}", head(connection=value)) for value in
              ("upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade, keep-alive", "close ,\tUpgrade", ",Upgrade,", "Upgrade" + "," * 32)]
    cases += [taken("Connection in two lines", head(more="Connection: keep-alive\r\n")),
              taken("Upgrade in two lines", head(more="Upgrade: h2c\r\n")),
              taken("no blank behind the colons", head().replace(": ", ":")),
              taken("many blanks around the values",
                    head().replace(": ", ": \t  ").replace("\r\n", "  \r\n").replace("HTTP/1.1  ", "HTTP/1.1")
                    .rstrip() + "\r\n\r\n"),
              taken("fields in the opposite order", "GET /ws HTTP/1.1\r\n" +
                    "".join(line + "\r\n" for line in reversed(head().strip().split("\r\n")[1:]))
                    + "\r\n"),
              taken("fields of no concern",
                    head(more="User-Agent: a test\r\nCookie: a=b\r\nX-Empty:\r\nAccept-Language: de, en;q=0.5\r\n")),
              taken("octets above 127 in a value", head(more="X-Name: caf\xe9\r\n")),
              taken("a query", head("GET /ws?colour=blue&x HTTP/1.1")),
              taken("a body of no octets", head(more="Content-Length: 0\r\n")),
              taken("Host: localhost", head(host="localhost:{port}")),
              taken("Host: LOCALHOST", head(host="LOCALHOST:{port}")),
              taken("Host: [::1]", head(host="[::1]:{port}")),
              taken("the server's own origin", head(more="Origin: http://127.0.0.1:{port}\r\n")),
              taken("an extension is offered in vain",
                    head(more="Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"), "9.1")]
    return cases


def subprotocols():
    def offer(*lists):
        return head(more="".join(f"Sec-WebSocket-Protocol: {each}\r\n" for each in lists))
    one, other = "wirthforge.v1", "wirthforge-v1"
    cases = [taken(f"{', then '.join(lists)}", offer(*lists), "4.2.2", subprotocol=chosen) for lists, chosen in (
        ((one,), one), ((other,), other), ((f"{one}, {other}",), one), ((f"{other}, {one}",), other),
        ((f"chat, {one}",), one),
        (("chat", other), other), (("chat",), None), (("chat, superchat",), None), (("WIRTHFORGE.V1",), None),
        ((f"{one}x",), None),
        ((f"\t{one} ,chat",), one))]
    cases += [refused(f"a list that is none: '{value}'", offer(value), 400) for value in
              ("a b", "a/b", f'"{one}"', f'"{one}', "a;q=1", f"{one}, a b")]
    # The empty lists that Python's websockets and libsoup send, and those that remain when programs merge lists.
    cases += [taken(f"nothing is offered: '{value}'", offer(value), "RFC 9110 5.6.1.2") for value in
              ("", ",", ", ,\t,", "chat,")]
    cases += [taken(f"empty elements: '{value}'", offer(value), "RFC 9110 5.6.1.2", subprotocol=one) for value in
              (f"{one},", f",{one}", f"{one},,{other}")]
    cases += [taken("an empty line and one that is not", offer("", one), "RFC 9110 5.6.1.2", subprotocol=one),
              taken("32 empty elements", offer(one + "," * 32), "RFC 9110 5.6.1.2", subprotocol=one),
              refused("33 empty elements", offer(one + "," * 33), 400, "RFC 9110 5.6.1.2")]
    return cases


def required():
    cases = [refused(f"without {name}", head(without=(name,)), status) for name, status in
             (("Host", 400), ("Upgrade", 426), ("Connection", 400), ("Sec-WebSocket-Key", 400),
              ("Sec-WebSocket-Version", 426))]
    cases += [refused(f"two of {name}, alike", head(more=f"{name}: {FIELDS[name]}\r\n"), status) for name, status in
              (("Host", 400), ("Sec-WebSocket-Key", 400), ("Sec-WebSocket-Version", 426))]
    cases += [refused("two of Origin, alike", head(more="Origin: http://127.0.0.1:{port}\r\n" * 2), 400),
              refused("a plain GET", head(without=("Upgrade", "Connection", "Sec-WebSocket-Key",
                                                   "Sec-WebSocket-Version")), 426)]
    cases += [refused(f"Upgrade: {value}", head(upgrade=value), 426)
              for value in ("", ",", "websockets", "web socket", "h2c", "websocket/13", "websocket;q=1",
                            'h2c;a="b, websocket, c"')]
    cases += [refused("Upgrade with 33 empty elements", head(upgrade="websocket" + "," * 33), 400, "RFC 9110 5.6.1.2"),
              refused("Connection with 33 empty elements", head(connection="Upgrade" + "," * 33), 400, "RFC 9110 5.6.1.2")]
    cases += [refused(f"Connection: {value}", head(connection=value), 400)
              for value in ("", ",", "keep-alive", "close", "Upgraded", "Up grade", "upgrade;q=1", '"Upgrade"')]
    cases += [refused(f"version '{value}'", head(sec_websocket_version=value), 426, "4.4") for value in
              ("", "0", "7", "8", "12", "14", "013", "+13", "13.0", "0x0d", "13, 8", "8, 13", "255", "thirteen", "13;")]
    return cases


def keys():
    bad = (("of no octets", ""), ("of 15 octets", "AAAAAAAAAAAAAAAAAAAA"), ("of 17 octets", "AAAAAAAAAAAAAAAAAAAAAAA="),
           ("of 12 octets", "AAAAAAAAAAAAAAAA"), ("of 18 octets", "A" * 24), ("of 1000 octets", "A" * 1000),
           ("without padding", KEY[:-2]),
           ("with one sign of padding", KEY[:-1]), ("with three signs of padding", KEY + "="), ("of padding", "=" * 24),
           ("with a bit set that belongs to no octet", KEY[:-3] + "R=="),
           ("in the alphabet for addresses", "_-" * 11 + "=="),
           ("with a blank inside", "dGhlIHNhbXBsZSBu b25jZQ="), ("with a comma", KEY + "," + KEY),
           ("in quotes", f'"{KEY}"'),
           ("with an octet above 127", KEY[:-3] + "\xe9=="), ("of words", "this is no base64 at all"))
    cases = [refused(f"a key {title}", head(sec_websocket_key=value), 400) for title, value in bad]
    cases += [taken(f"a key {title}", head(sec_websocket_key=value)) for title, value in
              (("of zeros", "AAAAAAAAAAAAAAAAAAAAAA=="), ("of ones", "/////////////////////w=="),
               ("with a plus", "+" * 21 + "w=="))]
    return cases


def request_lines():
    cases = [refused(f"{method}", head(f"{method} /ws HTTP/1.1"), 405) for method in
             ("POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "GETT")]
    cases += [refused(f"{version}", head(f"GET /ws {version}"), status) for version, status in
              (("HTTP/1.0", 505), ("HTTP/1.2", 505), ("HTTP/2.0", 505), ("HTTP/0.9", 505), ("HTTP/3.0", 505),
               ("HTTP/1.10", 400),
               ("HTTP/11", 400), ("http/1.1", 400), ("HTTP/1.1 ", 400), ("HTTP/1,1", 400), ("HTTP/a.b", 400),
               ("HTCPCP/1.1", 400), ("", 400))]
    # RFC 9112 lets a client name its target a second time; then there are two hosts to judge, so this server refuses the request.
    cases += [refused(f"the target {target}", head(f"GET {target} HTTP/1.1"), 400, "own rule") for target in
              ("http://127.0.0.1:{port}/ws", "ws://127.0.0.1:{port}/ws", "http://evil.test/ws", "*",
               "127.0.0.1:{port}")]
    cases += [refused(f"the target {target}", head(f"GET {target} HTTP/1.1"), 400) for target in
              ("ws", "/ws#top", "/ws /ws", "/w\xe9", "?/ws")]
    cases += [refused(f"nothing is at {target}", head(f"GET {target} HTTP/1.1"), 404) for target in
              ("/ws/", "/WS", "//ws", "/./ws", "/x/../ws", "/%77s", "/ws%00", "/ws;a", "/wss", "/ws%3Fx")]
    cases += [refused("no version at all", head("GET /ws"), 400), refused("two blanks", head("GET  /ws HTTP/1.1"), 400),
              refused("a tab for a blank", head("GET\t/ws HTTP/1.1"), 400),
              refused("a blank in front", " " + head(), 400),
              refused("an empty line in front", "\r\n" + head(), 400), refused("no method", head(" /ws HTTP/1.1"), 400)]
    return cases


def lines():
    cases = [refused(title, octets, 400, "RFC 9112") for title, octets in (
        ("a folded field", head(more="X-A: one\r\n two\r\n")),
        ("a field folded with a tab", head(more="X-A: one\r\n\ttwo\r\n")),
        ("folding in front of the first field", head().replace("\r\nHost", "\r\n Host")),
        ("lines that end with LF alone", head().replace("\r\n", "\n")),
        ("one line that ends with LF alone", head(more="X-A: b\n")),
        ("the blank line is LF alone", head()[:-2] + "\n"),
        ("lines that end with CR alone", head().replace("\r\n", "\r")),
        ("a CR in a value", head(more="X-A: b\rc\r\n")), ("CR CR LF", head(more="X-A: b\r\r\n")),
        ("a NUL in a value", head(more="X-A: b\0c\r\n")), ("a NUL in a name", head(more="X\0A: b\r\n")),
        ("a NUL in the target", head("GET /ws\0 HTTP/1.1")), ("a NUL in the Host", head(host="127.0.0.1:{port}\0")),
        ("a DEL in a value", head(more="X-A: b\x7fc\r\n")), ("an escape in a value", head(more="X-A: \x1b[2J\r\n")),
        ("a blank in front of a colon", head().replace("Host:", "Host :")),
        ("a tab in front of a colon", head().replace("Host:", "Host\t:")),
        ("a blank in a name", head(more="X A: b\r\n")), ("a field without a colon", head(more="X-A\r\n")),
        ("a field without a name", head(more=": b\r\n")), ("a name in brackets", head(more="(X): b\r\n")),
        ("a name above 127", head(more="X-\xe9: b\r\n")))]
    cases += [refused(f"{title}: refused at once", octets, 400, "RFC 9112") for title, octets in
              (("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), ("the first octet is NUL", b"\0"),
               ("a bare LF", "GET /ws HTTP/1.1\n"),
               ("an SSH greeting's second octet is fine, its LF is not", "SSH-2.0-OpenSSH\n"),
               ("a frame in place of a head", b"\x81\x80\0\0\0\0"))]
    cases += [refused("a body is announced", head(more="Content-Length: 5\r\n"), 413),
              refused("a body in chunks", head(more="Transfer-Encoding: chunked\r\n"), 413),
              refused("a negative length", head(more="Content-Length: -1\r\n"), 413),
              refused("two lengths", head(more="Content-Length: 0\r\nContent-Length: 5\r\n"), 413)]
    return cases


def sizes():
    def padded(size):
        bare = head(more="X: \r\n").replace("{port}", "12345")
        # The port is five digits on every system that chooses it; a shorter one would make the head smaller than meant.
        return head(more="X: " + "x" * (size - len(bare)) + "\r\n")
    return [taken("a head of 8192 octets", padded(8192)), refused("a head of 8193 octets", padded(8193), 431),
            refused("a head of 8193 octets, octet by octet", padded(8193), 431, chop=1),
            refused("8193 octets without an end: refused without waiting", "GET /ws HTTP/1.1\r\nX: " +
                    "x" * (8193 - 21), 431),
            refused("a megabyte of a name", "GET /ws HTTP/1.1\r\n" + "x" * (1 << 20), 431),
            taken("100 fields", head(more="X: x\r\n" * 95)), refused("101 fields", head(more="X: x\r\n" * 96), 431)]


def gate():
    cases = [refused(f"Host: {value}", head(host=value), 403, "10.2")
             for value in ("evil.test:{port}", "127.0.0.1:", "0.0.0.0:{port}", "127.0.0.1:65536", "")]
    cases += [taken(f"Host: {value}", head(host=value)) for value in ("127.0.0.1:1", "localhost")]  # behind a forwarded port
    cases += [taken(f"Origin: http://{value}, of that Host", head(host=value, more=f"Origin: http://{value}\r\n"))
              for value in ("127.0.0.1:1", "localhost")]
    cases += [refused("Origin: http://localhost:2, of Host: localhost:1", head(host="localhost:1", more="Origin: http://localhost:2\r\n"),
                      403, "10.2")]
    cases += [refused(f"Origin: {value}", head(more=f"Origin: {value}\r\n"), 403, "10.2") for value in
              ("https://evil.test", "null", "http://127.0.0.1", "https://127.0.0.1:{port}", "http://127.0.0.1:{port}/",
               "")]
    return cases


def behind():
    """Frames in the same write as the head: the reader of heads must not swallow them (section 4.2.2)."""
    echo = head("GET /echo HTTP/1.1").encode()

    def case(title, pieces, back, chop=None):
        return Case(title, "4.2.2", [said(echo), *pieces], ["101", *back], subject="head", chop=chop)
    return [case("a message", [text("early"), Until(2), close(1000)], ['text "early"', "close 1000", "end"]),
            case("a hundred messages", [*[text("early")] * 100, Until(101), close(1000)],
                 [*['text "early"'] * 100, "close 1000", "end"]),
            case("a message, octet by octet", [text("early"), Until(2), close(1000)],
                 ['text "early"', "close 1000", "end"], chop=1),
            case("70000 octets", [text("x" * 70000), Until(2), close(1000)],
                 [wire.said(wire.TEXT, b"x" * 70000), "close 1000", "end"]),
            case("a close frame", [close(1001)], ["close 1001", "end"]),
            case("a fault", [text("x", key=None)], ["close 1002", "end"]),
            case("the end of the stream", [FIN], ["end"])]


def unfinished():
    return [Case(title, "4.2.1", [*pieces, FIN], ["end"], at="hello", subject="head") for title, pieces in
            (("nothing at all", []), ("a method", [said("GET")]),
             ("a head without its blank line", [said(head()[:-2])]),
             ("half of the blank line", [said(head()[:-1])]))]


def cases(number):
    return family(number, "opening handshake", [
        ("in order", plain()), ("subprotocols", subprotocols()), ("required fields", required()), ("keys", keys()),
        ("request lines", request_lines()), ("lines of a head", lines()), ("sizes", sizes()), ("the gate", gate()),
        ("frames right behind the head", behind()), ("heads that end early", unfinished())])
