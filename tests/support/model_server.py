#!/usr/bin/env python3
"""A model server for tests: speaks each dialect, with each fault, on 127.0.0.1.

The path chooses the dialect, the name of the model in the request (for llama.cpp, which has none: the prompt) the fault:

    /api/chat  /api/generate           Ollama            /completion    llama.cpp
    /v1/chat/completions               OpenAI chat       /api/v1/chat   LM Studio
    /v1/responses                      OpenAI Responses

    well         an answer with all its figures          dies          closes the connection in the middle
    thinks       thinks first                            resets        as dies, by a TCP reset
    calls        calls a tool                            stalls        says half of it, then nothing
    length       ends at a limit                         silent        takes the request and says nothing
    loads        503 three times, then well              floods        says no end of text, as fast as it is read
    waits        reports its progress, then well           error-line    status 200, then an error in the middle
    unicode      text in every script, cut in characters wrong-length  promises more bytes than come
    slow         a word at a time, until it is told      refuses       status 400
    loading      503 until it is told, then well         creeps        as waits, each step until it is told

`GET /seen` tells as JSON what was asked and how each connection ended, for tests to look at: prompts that came, and for each
question `ended`: "said all", "was left" (the client closed first), "died". `POST /go` lets one that waits to be told go on by a step.
Also answered, for programs that ask what this is: /api/tags, /api/version, /props, /v1/models, /health, by --be.
Prints its port in the first line.
"""

import argparse
import json
import select
import socket
import socketserver
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

from model_dialects import ARGUMENTS, DIALECTS, THOUGHT, WORDS, compact

FAULTS = ("well thinks calls length loads waits unicode slow dies resets stalls silent floods error-line wrong-length refuses loading "
          "creeps").split()
ABOUT = {"ollama": {"/api/tags": {"models": [{"name": "any", "model": "any"}]}, "/api/version": {"version": "0.11.0"},
                    "/v1/models": {"object": "list", "data": [{"id": "any", "object": "model"}]}},
         "llama": {"/props": {"default_generation_settings": {}, "total_slots": 1}, "/health": {"status": "ok"},
                   "/v1/models": {"object": "list", "data": [{"id": "any", "object": "model", "owned_by": "llamacpp"}]}},
         "openai": {"/v1/models": {"object": "list", "data": [{"id": "any", "object": "model"}]}},
         "lmstudio": {"/api/v1/models": {"models": [{"key": "any", "type": "llm"}]},
                      "/v1/models": {"object": "list", "data": [{"id": "any", "object": "model"}]}}}


class Seen:
    """The requests so far, and whether slow answers and loads may go on."""

    def __init__(self):
        self.lock = threading.Lock()
        self.questions = []
        self.loads = {}
        self.gate = threading.Semaphore(0)

    def add(self, entry):
        with self.lock:
            self.questions.append(entry)
            return entry


class Left(Exception):
    """The client closed first."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "model-server-for-tests"

    def log_message(self, *_):
        pass

    def answer_json(self, value, status=200):
        body = compact(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:  # without a word of it, a client sends its next request on a connection that is being closed
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/seen":
            with self.server.seen.lock:
                return self.answer_json(self.server.seen.questions)
        known = ABOUT[self.server.options.be].get(self.path)
        if known is None:
            return self.answer_json({"error": {"message": "not found", "code": 404}}, 404)
        return self.answer_json(known)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.close_connection = True
        if self.path == "/go":
            self.server.seen.gate.release()
            return self.answer_json({})
        dialect = DIALECTS.get(self.path)
        if dialect is None:
            return self.answer_json({"error": "not found"}, 404)
        asked = json.loads(body)
        names = [asked.get("model"), asked.get("prompt"), self.server.options.fault]
        fault = next((name for name in names if name in FAULTS), "well")
        entry = self.server.seen.add({"path": self.path, "fault": fault, "body": asked, "ended": None})
        try:
            entry["ended"] = self.tell(dialect, fault)
        except (Left, BrokenPipeError, ConnectionResetError):
            entry["ended"] = "was left"
        return None

    # Pieces, as a chunked body.
    def begin(self, dialect):
        self.send_response(200)
        self.send_header("Content-Type", dialect.content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()

    def say(self, data):
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def await_leaving(self):
        """Waits until the client closes; says nothing meanwhile."""
        select.select([self.connection], [], [], 120)
        raise Left

    def is_left(self, seconds):
        readable, _, _ = select.select([self.connection], [], [], seconds)
        return bool(readable) and not self.connection.recv(1)

    def await_go(self):
        while not self.server.seen.gate.acquire(timeout=0.02):
            if self.is_left(0):
                raise Left

    def cut(self, is_reset):
        self.wfile.flush()
        if is_reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        return "died"

    def tell(self, dialect, fault):
        if fault == "silent":
            self.await_leaving()
        if fault == "refuses":
            self.answer_json({"error": {"message": "the context is too short", "type": "invalid_request_error"}}, 400)
            return "said all"
        if fault == "loads":
            with self.server.seen.lock:
                self.server.seen.loads[self.path] = self.server.seen.loads.get(self.path, 0) + 1
                is_loading = self.server.seen.loads[self.path] <= 3
            if is_loading:
                self.answer_json({"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, 503)
                return "said all"
        if fault == "loading" and not self.server.seen.gate.acquire(blocking=False):
            self.answer_json({"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, 503)
            return "said all"
        if fault == "wrong-length":
            data = b"".join(map(dialect.text, WORDS[:3]))
            self.send_response(200)
            self.send_header("Content-Type", dialect.content_type)
            self.send_header("Content-Length", str(len(data) + 1000))
            self.end_headers()
            self.wfile.write(data)
            return self.cut(False)
        self.begin(dialect)
        return self.tell_body(dialect, fault)

    def tell_body(self, dialect, fault):
        tokens = 0
        if fault == "waits":
            for fraction in (0.0, 0.5, 1.0):
                self.say(dialect.loading(fraction) + dialect.progress(fraction))
        if fault == "creeps":
            for step in (dialect.loading(0.4), dialect.loading(0.8), dialect.progress(0.5)):
                self.say(step)
                self.await_go()
        if fault == "thinks":
            for word in THOUGHT.split(" "):
                self.say(dialect.thinking(word + " "))
        if fault == "calls":
            self.say(dialect.call())
        if fault == "floods":
            piece = dialect.text("flood " * 200) * 50
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                self.say(piece)
            return "said all"
        if fault == "unicode":  # each byte by itself
            for byte in b"".join(map(dialect.text, WORDS)):
                self.say(bytes([byte]))
            words = []
        else:
            words = WORDS[:3] if fault in ("dies", "resets", "stalls", "error-line", "length") else WORDS
        for word in words:
            if fault == "slow":
                self.await_go()
            self.say(dialect.text(word))
            tokens += 1
        if fault in ("dies", "resets"):
            return self.cut(fault == "resets")
        if fault == "stalls":
            self.await_leaving()
        if fault == "error-line":
            self.say(dialect.error())
        else:
            self.say(dialect.end(fault, tokens))
        self.wfile.write(b"0\r\n\r\n")
        return "said all"


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--be", choices=sorted(ABOUT), default="ollama", help="the model server whose pages it has")
    parser.add_argument("--fault", choices=FAULTS, default="well", help="where the request names none")
    options = parser.parse_args()
    with Server(("127.0.0.1", options.port), Handler) as server:
        server.options = options
        server.seen = Seen()
        print(server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()  # until the program that started it closes the pipe


if __name__ == "__main__":
    main()
