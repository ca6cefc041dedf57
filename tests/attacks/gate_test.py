#!/usr/bin/env python3
"""The gate: Host and Origin are judged before everything else, the refusal is the same for every request, and headers
keep a hostile page from reading or framing a reply."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from client import Line, WebSocket, ask, get_head, upgrade_head  # noqa: E402
from routes import ROUTES  # noqa: E402
from servers import Server  # noqa: E402

PATHS = tuple(sorted({each.path for each in ROUTES} | {each.example for each in ROUTES})) + (
    "/nothing", "/ws/", "/..%2f", "/?x=1", "/ws?epoch=1", "/" + "a" * 2000)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "X")
INVITED = "http://localhost:3000"
MARK = "Zx9MARKq7"


class Gate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("attack_target", f"allowed_origins={INVITED}", "no_twins=1")
        cls.port = cls.server.port

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def status(self, octets):
        return ask(self.port, octets).status

    def upgrade(self, origin, host=None):
        more = "" if origin is None else f"Origin: {origin}\r\n"
        return self.status(upgrade_head(self.port, more=more, host=host))

    def get(self, origin, host=None):
        more = "" if origin is None else f"Origin: {origin}\r\n"
        return self.status(get_head(self.port, more=more, host=host))

    def assert_refused(self, origin, host=None, status=403):
        with self.subTest(origin=origin, host=host):
            self.assertEqual(self.upgrade(origin, host), status)
            self.assertEqual(self.get(origin, host), status)

    def test_pages_of_other_sites_are_refused(self):
        port = self.port
        for origin in ("https://evil.test", "http://evil.test", f"http://evil.test:{port}",
                       f"http://localhost.evil.test:{port}",
                       f"http://127.0.0.1.evil.test:{port}", "http://localhost.evil.test",
                       f"http://evil.test/127.0.0.1:{port}",
                       f"http://127.0.0.1:{port}.evil.test", f"http://127.0.0.1:{port}@evil.test",
                       f"http://evil.test#127.0.0.1:{port}",
                       f"http://xlocalhost:{port}", f"http://localhostx:{port}", f"https://127.0.0.1:{port}",
                       f"ws://127.0.0.1:{port}",
                       f"ftp://127.0.0.1:{port}", f"127.0.0.1:{port}", f"//127.0.0.1:{port}",
                       f"http://127.0.0.1:{port}/",
                       f"http://127.0.0.1:{port} http://evil.test", f"http://evil.test, http://127.0.0.1:{port}",
                       f"http://127.0.0.1:{port}\thttp://evil.test", "chrome-extension://abcdefghijklmnop", "file://",
                       "", "*", "http://",
                       f"http://0.0.0.0:{port}", f"http://[::]:{port}", f"http://2130706433:{port}",
                       f"http://127.1:{port}"):
            self.assert_refused(origin)

    def test_a_page_of_another_local_port_is_refused_unless_it_is_invited(self):
        for origin in ("http://localhost:3001", "http://127.0.0.1:3000", "http://localhost", "http://127.0.0.1",
                       "https://localhost:3000",
                       "http://localhost:30000", "http://localhost:3000/", "http://LOCALHOST:3000",
                       "http://localhost:03000"):
            self.assert_refused(origin)
        self.assertEqual(self.upgrade(INVITED), 101)
        self.assertEqual(self.get(INVITED), 200)
        for host in ("127.0.0.1", "localhost", "[::1]"):
            self.assertEqual(self.upgrade(f"http://{host}:{self.port}"), 101)
            self.assertEqual(self.get(f"http://{host}:{self.port}"), 200)

    def test_an_origin_that_agrees_with_a_foreign_host_proves_nothing(self):
        for host in (f"evil.test:{self.port}", f"rebound.evil.test:{self.port}", "evil.test"):
            self.assert_refused(f"http://{host}", host)
            self.assert_refused(f"http://127.0.0.1:{self.port}", host)
            self.assert_refused(None, host)

    def test_only_the_three_literal_hosts_are_taken(self):
        port = self.port
        tricks = ["127.1", "127.0.1", "0177.0.0.1", "0177.0.0.01", "2130706433", "0x7f000001", "0x7f.1", "017700000001",
                  "127.0.0.01",
                  "127.0.0.1.", "127.0.0.2", "127.255.255.254", "10.0.2.555", "0.0.0.0", "0", "localhost6",
                  "localhost.", "localhost.localdomain",
                  "localhost.evil.test", "xlocalhost", "ip6-localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
                  "[0:0:0:0:0:0:0:1]",
                  "[::1%lo]", "[::1%25lo]", "[::]", "::1", "[::0001]", "[::1", "user@127.0.0.1", "user:pass@localhost",
                  "127.0.0.1@evil.test",
                  "evil.test@127.0.0.1", "127.0.0.1%00.evil.test", "127.0.0.1/", "127.0.0.1/evil.test", "127.0.0.1#",
                  "127.0.0.1?x", "127%2e0.0.1",
                  "127.0.0.1,evil.test", "evil.test,127.0.0.1", "127.0.0.1 evil.test", "localhost\\evil.test",
                  "\xe2\x93\x9bocalhost", "127\xef\xbc\x8e0.0.1",
                  "http://127.0.0.1"]
        for name in tricks:
            self.assert_refused(None, f"{name}:{port}")
            self.assert_refused(None, name)
            self.assert_refused(f"http://{name}:9000", f"{name}:9000")
        for host in ("127.0.0.1:", f"127.0.0.1:0{port}", f"127.0.0.1:+{port}",
                     f"127.0.0.1: {port}",
                     f"127.0.0.1 :{port}", f"127.0.0.1:{port}:{port}", "127.0.0.1:0", "127.0.0.1:99999",
                     f"127.0.0.1:{port + 65536}",
                     f"127.0.0.1:{port}/", f"127.0.0.1:{port}.", f":{port}", "",
                     f"127.0.0.1:{port}@evil.test"):
            self.assert_refused(None, host)
        for host in ("127.0.0.1", "localhost", "LocalHost", "[::1]"):
            self.assertEqual(self.get(None, f"{host}:{port}"), 200)
            self.assertEqual(self.upgrade(None, f"{host}:{port}"), 101)

    def test_any_port_behind_the_three_hosts_is_taken_with_exactly_that_origin_and_no_other(self):
        for host in ("127.0.0.1", "localhost", "[::1]", "localhost:9000", "127.0.0.1:1", "[::1]:65535"):
            self.assertEqual(self.get(None, host), 200)
            self.assertEqual(self.upgrade(None, host), 101)
            self.assertEqual(self.get(f"http://{host}", host), 200)
            self.assertEqual(self.upgrade(f"http://{host}", host), 101)
            self.assertEqual(self.upgrade(INVITED, host), 101)
        for origin in ("http://localhost:9001", "https://localhost:9000", "http://localhost", "http://127.0.0.1:9000",
                       f"http://localhost:{self.port}", "http://localhost:9000/", "http://localhost:90000", "null",
                       "http://evil.test:9000", "ws://localhost:9000", "localhost:9000"):
            self.assert_refused(origin, "localhost:9000")
        self.assert_refused("http://localhost:9000")

    def test_an_invited_origin_reads_what_the_table_shares_and_nothing_else(self):
        for route in ROUTES:
            for method in METHODS:
                for origin in (INVITED, "http://localhost:3001", f"http://127.0.0.1:{self.port}", None):
                    more = "" if origin is None else f"Origin: {origin}\r\n"
                    answer = ask(self.port, get_head(self.port, route.example, method, more))
                    expected = INVITED if origin == INVITED and route.is_shared and answer.status != 400 else None
                    with self.subTest(path=route.example, method=method, origin=origin):
                        self.assertEqual(answer.fields.get("access-control-allow-origin"), expected)
                        self.assertEqual(answer.fields.get("vary"), expected and "Origin")

    def test_a_host_with_a_control_character_is_no_head(self):
        for octet in ("\0", "\x01", "\x0b", "\x1b", "\x7f", "\n", "\r"):
            self.assert_refused(None, f"127.0.0.1:{self.port}{octet}", 400)
            self.assert_refused(None, f"127.0.0.1{octet}:{self.port}", 400)

    def test_no_host_two_hosts_and_two_origins_are_refused(self):
        ours, origin = f"Host: 127.0.0.1:{self.port}\r\n", f"Origin: http://127.0.0.1:{self.port}\r\n"
        self.assertEqual(self.status(b"GET /health HTTP/1.1\r\n\r\n"), 400)
        self.assertEqual(self.status(b"GET /health HTTP/1.0\r\n\r\n"), 400)
        for second in (ours, "Host: evil.test\r\n", "host:\r\n", "HOST: localhost\r\n"):
            self.assertEqual(self.status(get_head(self.port, more=second)), 400)
            self.assertEqual(self.status(upgrade_head(self.port, more=second)), 400)
        for second in (origin, "Origin: https://evil.test\r\n", "origin: null\r\n", "ORIGIN:\r\n"):
            self.assertEqual(self.status(get_head(self.port, more=origin + second)), 400)
            self.assertEqual(self.status(upgrade_head(self.port, more=second + origin)), 400)

    def test_origin_null_is_refused(self):
        for origin in ("null", "Null", "NULL"):
            self.assert_refused(origin)

    def test_a_client_without_an_origin_is_let_in(self):
        self.assertEqual(self.upgrade(None), 101)
        self.assertEqual(self.get(None), 200)

    def test_loads_by_a_page_of_another_site_are_refused_even_without_an_origin(self):
        def fetched(site, mode, destination):
            more = f"Sec-Fetch-Site: {site}\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: {destination}\r\n"
            return self.status(get_head(self.port, more=more))
        for site in ("cross-site", "same-site"):
            for mode, destination in (("no-cors", "script"), ("no-cors", "image"), ("no-cors", "style"),
                                      ("no-cors", "empty"),
                                      ("navigate", "iframe"), ("navigate", "object"), ("navigate", "embed"),
                                      ("websocket", "empty")):
                self.assertEqual(fetched(site, mode, destination), 403, (site, mode, destination))
        self.assertEqual(fetched("none", "navigate", "document"), 200)
        self.assertEqual(fetched("same-origin", "no-cors", "script"), 200)

    def test_every_path_and_method_gets_the_same_refusal_before_routing(self):
        for more, host in (("", f"evil.test:{self.port}"), ("Origin: https://evil.test\r\n", None),
                           ("Origin: null\r\n", None)):
            refusals, of_head = set(), set()
            for path in PATHS:
                for method in METHODS:
                    answer = ask(self.port, get_head(self.port, path, method, more, host))
                    self.assertEqual(answer.status, 403, (path, method))
                    (of_head if method == "HEAD" else refusals).add(answer.octets)
                refusals.add(ask(self.port, upgrade_head(self.port, path, more, host)).octets)
            self.assertEqual(len(refusals), 1, "a refusal tells what is there and what is not")
            self.assertEqual(len(of_head), 1)
            (refusal,), (head,) = refusals, of_head
            self.assertEqual(refusal.partition(b"\r\n\r\n")[0], head.partition(b"\r\n\r\n")[0])
            self.assertTrue(head.endswith(b"\r\n\r\n"))

    def requests(self):
        """Requests that end in every kind of answer there is, with a mark wherever a client can put one."""
        port = self.port
        everywhere = f"Cookie: {MARK}\r\nX-{MARK}: {MARK}\r\nUser-Agent: {MARK}\r\nReferer: http://{MARK}/\r\nAccept: {MARK}\r\n"
        for path in PATHS:
            for method in ("GET", "HEAD", "POST", "OPTIONS", MARK):
                yield get_head(port, f"{path}{'&' if '?' in path else '?'}{MARK}", method, everywhere)
        yield get_head(port, f"/{MARK}", more=everywhere)
        yield get_head(port, f"/<script>{MARK}</script>", more=everywhere)
        yield get_head(port, host=f"{MARK}.test:{port}", more=everywhere)
        yield get_head(port, more=f"Origin: http://{MARK}.test\r\n")
        yield get_head(port, more=f"Origin: {INVITED}\r\n" + everywhere)
        yield get_head(port, "/ws", "OPTIONS", f"Origin: {INVITED}\r\nAccess-Control-Request-Method: {MARK}\r\n")
        yield get_head(port, "/ws", "OPTIONS",
                       "Origin: https://evil.test\r\nAccess-Control-Request-Private-Network: true\r\n")
        yield get_head(port, more="Content-Length: 9\r\n") + MARK.encode()
        yield upgrade_head(port, f"/ws?{MARK}", more=everywhere + f"Sec-WebSocket-Protocol: {MARK}\r\n")
        yield upgrade_head(port, more=f"Sec-WebSocket-Protocol: {MARK},,\r\n")
        yield upgrade_head(port, more=f"Sec-WebSocket-Extensions: {MARK}\r\n")
        yield upgrade_head(port).replace(b"Version: 13", b"Version: " + MARK.encode())
        yield upgrade_head(port).replace(b"dGhlIHNhbXBsZSBub25jZQ==", MARK.encode())
        yield f"{MARK}\r\n\r\n".encode()
        yield f"GET /{MARK} HTTP/9.9\r\n\r\n".encode()
        yield f"GET / HTTP/1.1\r\nHost: a\r\n{MARK}\r\n\r\n".encode()
        yield f"GET / HTTP/1.1\r\nX: {MARK * 2000}\r\n\r\n".encode()
        yield get_head(port, more=f"{MARK}: x\r\n" * 120)

    def test_no_answer_may_be_read_framed_sniffed_or_cached_and_none_reflects(self):
        statuses = set()
        for octets in self.requests():
            answer = ask(self.port, octets)
            statuses.add(answer.status)
            with self.subTest(request=octets[:80]):
                self.assertNotIn(MARK.lower().encode(), answer.octets.lower())
                is_shared = f"Origin: {INVITED}\r\n".encode() in octets and answer.status != 101
                self.assertEqual({name: value for name, value in answer.fields.items() if name.startswith("access-control-")},
                                 {"access-control-allow-origin": INVITED} if is_shared else {})
                self.assertNotIn("set-cookie", answer.fields)
                self.assertNotIn("server", answer.fields)
                if answer.status == 101:
                    continue
                self.assertIn("frame-ancestors 'none'", answer.fields["content-security-policy"])
                self.assertIn("default-src 'none'", answer.fields["content-security-policy"])
                self.assertNotIn("unsafe", answer.fields["content-security-policy"])
                self.assertEqual(answer.fields["x-frame-options"], "DENY")
                self.assertEqual(answer.fields["x-content-type-options"], "nosniff")
                self.assertEqual(answer.fields["cross-origin-resource-policy"], "same-origin")
                self.assertEqual(answer.fields["referrer-policy"], "no-referrer")
                self.assertEqual(answer.fields["cache-control"], "no-store")
        self.assertEqual(statuses, {101, 200, 400, 403, 404, 405, 413, 426, 431, 505})

    def test_a_second_request_on_the_line_is_not_looked_at(self):
        with Line(self.port) as line:
            line.send(get_head(self.port) + get_head(self.port, "/metrics") + get_head(self.port, host="evil.test"))
            self.assertEqual(line.receive_all().count(b"HTTP/1.1 "), 1)

    def test_a_refusal_names_its_cause_and_the_log_the_value_and_the_option(self):
        with Server("attack_target") as server:  # of its own: refusals are logged ten times a second at most
            answer = ask(server.port, get_head(server.port, more="Origin: https://shown-in-the-log.test\r\n"))
            self.assertEqual(answer.body, b"Origin is not invited\n")
            answer = ask(server.port, get_head(server.port, host="shown-too.test:1"))
            self.assertEqual(answer.body, b"Host is not this machine's loopback address and port\n")
            with WebSocket(server.port) as client:
                self.assertIsNotNone(client.next_event("heartbeat"))  # the log is written by another thread
            for _ in range(100):
                log = server.errors()
                if "shown-too.test" in log:
                    break
                WebSocket(server.port).close()
            self.assertRegex(log, r"'https://shown-in-the-log\.test'.*server_options::allowed_origins")
            self.assertRegex(log, r"'shown-too\.test:1'.*no option permits it")


class Log(unittest.TestCase):
    def test_a_head_is_logged_in_printable_characters_and_not_at_length(self):
        with Server("attack_target") as server:
            ask(server.port, get_head(server.port, host="\x9b2J\xff" + "h" * 5000))
            ask(server.port, get_head(server.port, more="Origin: \x9b2J\xff" + "o" * 5000 + "\r\n"))
            with WebSocket(server.port) as client:
                self.assertIsNotNone(client.next_event("heartbeat"))
            server.stop()
            lines = [line for line in server.errors().splitlines() if "refused" in line]
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertTrue(line.isascii() and line.isprintable(), line)
            self.assertLess(len(line), 400)


if __name__ == "__main__":
    unittest.main()
