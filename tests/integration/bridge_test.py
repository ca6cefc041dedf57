#!/usr/bin/env python3
"""From a model server to a client: every dialect with every fault through a bridge, then the live example with a model or a pipe."""

import json
import subprocess
import sys
import unittest
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import client  # noqa: E402
import model_server  # noqa: E402
import servers  # noqa: E402

PATHS = list(model_server.DIALECTS)
WHOLE = "".join(model_server.WORDS)
HALF = "".join(model_server.WORDS[:3])


class Models:
    """The model server of tests/support, as a program."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([sys.executable, str(ROOT / "tests/support/model_server.py"), *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def go(self):
        urllib.request.urlopen(self.url("/go"), data=b"{}", timeout=client.PATIENCE).close()

    def seen(self):
        with urllib.request.urlopen(self.url("/seen"), timeout=client.PATIENCE) as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Page(client.WebSocket):
    """A client that records each answer."""

    def __init__(self, port, path="/ws"):
        super().__init__(port, path)
        self.text, self.ended, self.codes, self.reasons, self.everything = {}, set(), {}, {}, ""

    def until(self, is_true):
        while not is_true():
            line = self.next()
            if line in (None, "end"):
                raise AssertionError(f"nothing more came: {self.text} {self.codes}")
            if not line.startswith("event "):
                continue
            self.everything += line
            event = json.loads(line[6:])
            payload = event["payload"]
            if event["type"] == "token_stream":
                session = payload["sessionId"]
                self.text[session] = self.text.get(session, "") + "".join(payload["tokens"])
                if payload["isComplete"]:
                    self.ended.add(session)
            elif event["type"] == "error_event":
                details = payload.get("details", {})
                session = details.get("sessionId", details.get("modelId"))
                self.codes.setdefault(session, []).append(payload["code"])
                if "reason" in details:
                    self.reasons[session] = details["reason"]

    def until_ended(self, session):
        self.until(lambda: session in self.ended)
        return self.text[session], self.codes[session][-1]


class Bridge(servers.Server):
    def __init__(self, *arguments):
        super().__init__("bridge_target", "--port", "0", *arguments, stdin=subprocess.PIPE)

    def ask(self, session, url, fault):
        body = {"model": fault, "prompt": fault, "stream": True, "note": "THE-PROMPT-THAT-NOBODY-ELSE-SEES"}
        self.process.stdin.write(f"ask {session} {url} {json.dumps(body)}\n".encode())
        self.process.stdin.flush()

    def stop(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()  # the program ends with its input
            try:
                self.process.wait(timeout=client.PATIENCE)
            except subprocess.TimeoutExpired:
                pass
        return super().stop()


class TheBridge(unittest.TestCase):
    def setUp(self):
        self.models = self.enterContext(Models())
        self.bridge = self.enterContext(Bridge("--silence-ms", "60000"))
        self.page = self.enterContext(Page(self.bridge.port))

    def enterContext(self, context):  # of Python 3.11
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def ask_all(self, fault, paths=PATHS):
        """The text and the last word for each dialect."""
        for number, path in enumerate(paths):
            self.bridge.ask(f"{fault}-{number}", self.models.url(path), fault)
        for number, path in enumerate(paths):
            yield path, f"{fault}-{number}", *self.page.until_ended(f"{fault}-{number}")

    def test_text_arrives_byte_for_byte_however_it_is_cut(self):
        for fault in ("well", "unicode", "waits"):
            for path, _, text, code in self.ask_all(fault):
                self.assertEqual((path, text, code), (path, WHOLE, "ANSWER_DONE"))
        self.assertNotIn("THE-PROMPT", self.page.everything)

    def test_thinking_is_an_answer_of_its_own(self):
        paths = [path for path in PATHS if path != "/completion"]
        for path, session, text, code in self.ask_all("thinks", paths):
            self.assertEqual((path, text, code), (path, WHOLE, "ANSWER_DONE"))
            self.assertEqual(self.page.text[session + ":thinking"], model_server.THOUGHT + " ")
            self.assertIn(session + ":thinking", self.page.ended)

    def test_tool_calls_are_answers_of_their_own(self):
        paths = [path for path in PATHS if path not in ("/completion", "/api/generate")]
        for path, session, text, code in self.ask_all("calls", paths):
            self.assertEqual((path, text, code), (path, WHOLE, "ANSWER_DONE"))
            call = self.page.text[session + ":tool:1"]
            self.assertTrue(call.startswith("weather{"), call)
            self.assertEqual(json.loads(call[7:]), json.loads(model_server.ARGUMENTS))

    def test_a_limit_is_said(self):
        paths = [path for path in PATHS if path != "/api/v1/chat"]  # which says no reason
        for path, _, text, code in self.ask_all("length", paths):
            self.assertEqual((path, text, code), (path, HALF, "ANSWER_LENGTH"))

    def test_an_answer_that_breaks_off_has_failed_and_keeps_its_text(self):
        for fault in ("dies", "error-line", "wrong-length"):
            for path, _, text, code in self.ask_all(fault):
                self.assertEqual((fault, path, text, code), (fault, path, HALF, "ANSWER_FAILED"))
        for path, _, text, code in self.ask_all("resets"):  # a reset may overtake what was said
            self.assertEqual((path, code), (path, "ANSWER_FAILED"))
            self.assertTrue(HALF.startswith(text), text)
        for path, session, text, code in self.ask_all("refuses"):
            self.assertEqual((path, text, code), (path, "", "ANSWER_FAILED"))
            self.assertIn("the context is too short", self.page.reasons[session])

    def test_a_model_that_loads_is_asked_again(self):
        for path, _, text, code in self.ask_all("loads", ["/v1/chat/completions", "/completion"]):
            self.assertEqual((path, text, code), (path, WHOLE, "ANSWER_DONE"))
        self.assertIn("MODEL_LOADING", self.page.codes["loads"])

    def test_a_stop_from_the_page_closes_the_socket(self):
        for fault in ("stalls", "silent", "slow", "floods"):
            self.bridge.ask(fault, self.models.url("/v1/chat/completions"), fault)
            if fault in ("stalls", "floods"):
                self.page.until(lambda: self.page.text.get(fault, ""))  # pylint: disable=cell-var-from-loop
            else:
                self.page.until(lambda: "ANSWER_WAITING" in self.page.codes.get(fault, []))  # pylint: disable=cell-var-from-loop
            self.page.say(json.dumps({"type": "stop", "payload": {"sessionId": fault}}))
            self.assertEqual(self.page.until_ended(fault)[1], "ANSWER_STOPPED")
        for _ in range(client.PATIENCE * 100):
            ends = [each["ended"] for each in self.models.seen()]
            if None not in ends:
                break
        self.assertEqual(ends, ["was left"] * 4)

    def test_one_that_stalls_and_one_that_floods_hold_up_no_other(self):
        self.bridge.ask("stalls", self.models.url("/api/chat"), "stalls")
        self.bridge.ask("floods", self.models.url("/api/chat"), "floods")
        self.page.until(lambda: self.page.text.get("floods"))
        for path, _, text, code in self.ask_all("well"):
            self.assertEqual((path, text, code), (path, WHOLE, "ANSWER_DONE"))
        self.assertNotIn("floods", self.page.ended)

    def test_a_server_that_stops_ends_what_it_asks(self):
        self.bridge.ask("stalls", self.models.url("/api/chat"), "stalls")
        self.page.until(lambda: self.page.text.get("stalls") == HALF)
        self.assertEqual(self.bridge.stop(), 0, self.bridge.errors())
        self.assertEqual(self.page.until_ended("stalls"), (HALF, "ANSWER_FAILED"))


class Live(servers.Server):
    """The live example."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL):
        super().__init__("live", "--port", "0", *arguments, stdin=stdin)

    def pipe(self, text):
        self.process.stdin.write(text if isinstance(text, bytes) else text.encode())
        self.process.stdin.flush()

    def stop(self):
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        return super().stop()


class TheExample(unittest.TestCase):
    def test_it_finds_out_what_a_model_server_is_and_shows_a_council(self):
        for be, path in (("ollama", "/api/chat"), ("llama", "/v1/chat/completions"), ("openai", "/v1/chat/completions"),
                         ("lmstudio", "/api/v1/chat")):
            with self.subTest(be), Models("--be", be, "--fault", "slow") as models:
                url = models.url()
                with Live("--model", url, "--model", url, "why is the sky blue") as live, Page(live.port, "/ws?replay=open") as page:
                    for _ in range(2 * len(model_server.WORDS)):
                        models.go()
                    for session in ("answer-1", "answer-2"):
                        page.until(lambda: session in page.ended)  # pylint: disable=cell-var-from-loop
                        self.assertEqual(page.text[session], WHOLE)
                    asked = [each for each in models.seen() if each["path"] == path]
                    self.assertEqual(len(asked), 2)
                    self.assertIn("why is the sky blue", json.dumps(asked[0]["body"]))

    def test_without_a_model_server_it_says_so_in_one_line(self):
        for arguments, words in ((["--model", "http://127.0.0.1:1", "hello"], "no model server at http://127.0.0.1:1: asked /api/tags"),
                                 (["--model", "http://example.com", "hello"], "not http://example.com"),
                                 (["--model", "gpt:5", "hello"], "--model takes ollama:NAME"),
                                 (["--model", "llama"], "--model needs a prompt")):
            said = subprocess.run([servers.BIN / "live", "--port", "0", *arguments], capture_output=True, text=True, check=False,
                                  stdin=subprocess.DEVNULL, timeout=60)
            self.assertEqual((said.returncode, said.stdout), (1, ""))
            self.assertIn(words, said.stderr)
            self.assertEqual(said.stderr.count("\n"), 1)

    def test_a_model_servers_stream_is_recognized_by_its_first_bytes(self):
        for name in ("/api/chat", "/v1/chat/completions", "/v1/responses", "/api/v1/chat", "/completion"):
            dialect = model_server.DIALECTS[name]
            with self.subTest(name), Live(stdin=subprocess.PIPE) as live, Page(live.port) as page:
                for _ in range(2):  # one answer after the other
                    for word in model_server.WORDS:
                        live.pipe(dialect.text(word))
                    live.pipe(dialect.end("stop", 7))
                live.pipe(dialect.text("half"))
                live.process.stdin.close()
                for session in ("stdin-1", "stdin-2"):
                    self.assertEqual(page.until_ended(session), (WHOLE, "ANSWER_DONE"))
                self.assertEqual(page.until_ended("stdin-3"), ("half", "ANSWER_FAILED"))
                self.assertTrue(live.is_running())  # a pipe that ends keeps the page

    def test_plain_text_arrives_as_it_is_written(self):
        chinese = "\u5929\u7a7a\u662f\u84dd\u8272\u7684"
        family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
        with Live("--exit-with-pipe", stdin=subprocess.PIPE) as live, Page(live.port) as page:
            for character in chinese:
                live.pipe(character)
                page.until(lambda: page.text.get("stdin", "").endswith(character))  # pylint: disable=cell-var-from-loop
            for byte in (family + "!").encode():
                live.pipe(bytes([byte]))
            live.process.stdin.close()
            self.assertEqual(page.until_ended("stdin")[0], chinese + family + "!")
            self.assertEqual(live.process.wait(timeout=client.PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
