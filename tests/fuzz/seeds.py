#!/usr/bin/env python3
"""Writes the seeds of the corpora that were written by hand: tests/fuzz/corpus/<target>/s*. The findings of long runs
are beside them, f*. Sources: the examples of RFC 6455 section 5.7 and 1.2, RFC 3629, the schemas' cases, the wire contract."""

import json
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEY = bytes.fromhex("37fa213d")  # the key of section 5.7


def frame(first, payload=b"", key=KEY):
    """A frame; key None: not masked."""
    mask = 0x80 if key is not None else 0
    if len(payload) < 126:
        head = struct.pack("!BB", first, mask | len(payload))
    elif len(payload) < 65536:
        head = struct.pack("!BBH", first, mask | 126, len(payload))
    else:
        head = struct.pack("!BBQ", first, mask | 127, len(payload))
    if key is None:
        return head + payload
    return head + key + bytes(each ^ key[at % 4] for at, each in enumerate(payload))


def frames():
    hello = b"Hello"
    yield frame(0x81, hello, None)
    yield frame(0x81, hello)
    yield frame(0x01, b"Hel", None) + frame(0x80, b"lo", None)
    yield frame(0x89, hello)
    yield frame(0x8A, hello)
    yield frame(0x82, bytes(256), None)
    yield struct.pack("!BBQ", 0x82, 127, 65536)
    yield struct.pack("!BBQ", 0x82, 255, 2**63 - 1) + KEY
    yield struct.pack("!BBQ", 0x82, 127, 2**63)
    yield struct.pack("!BBH", 0x82, 126, 125)


def messages():
    euro = "\u20ac\U0001f600".encode()
    for payload in ([frame(0x81, b"Hello")], [frame(0x01, euro[:1]), frame(0x89, b"ping"), frame(0x80, euro[1:])],
                    [frame(0x01, b"a"), frame(0x00), frame(0x80, b"\xed\xa0")], [frame(0x82, bytes(range(200)))],
                    [frame(0x89, b"1"), frame(0x8A), frame(0x88, struct.pack("!H", 1000) + b"bye"), frame(0x81, b"late")],
                    [frame(0x88, b"\x03")], [frame(0x80, b"x")], [frame(0x01, b"a"), frame(0x81, b"b")],
                    [frame(0x81, b"\xf4\x90\x80\x80")], [frame(0x02, b"ab")] * 1 + [frame(0x00, b"c")] * 3):
        yield b"\x00\x07" + b"".join(payload)
    yield b"\x01\x02" + frame(0x81, b"Hello", None) + frame(0x88, b"\x03\xe9", None)
    yield b"\x18\x02" + frame(0x81, b"ignored") + frame(0x88, b"\x03\xe9")


WS = [b"Upgrade: websocket", b"Connection: keep-alive, Upgrade", b"Sec-WebSocket-Version: 13",
      b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
HOST = b"Host: 127.0.0.1:8145"
TOKEN = b"0123456789abcdef0123456789abcdef"


def head(line, *fields):
    return b"".join(each + b"\r\n" for each in (line, *fields)) + b"\r\n"


def requests():
    ws = b"GET /ws HTTP/1.1"
    yield b"\x00\x02" + head(b"GET / HTTP/1.1", HOST)
    yield b"\x00\x03" + head(ws, HOST, *WS)
    yield b"\x00\x04" + head(ws, b"Host: [::1]:8145", b"Origin: http://localhost:8145", *WS, b"Sec-WebSocket-Protocol: a, wirthforge.v1")
    yield b"\x04\x05" + head(ws, HOST, *WS, b"Sec-WebSocket-Protocol: wirthforge.v1, wirthforge.token." + TOKEN)
    yield b"\x04\x06" + head(b"GET /metrics HTTP/1.1", HOST, b"Authorization: Bearer " + TOKEN)
    yield b"\x06\x07" + head(ws, HOST, b"Origin: null", *WS)
    yield b"\x01\x08" + head(b"HEAD /health HTTP/1.0", b"host: LOCALHOST", b"Origin: https://app.example:444")
    yield b"\x00\x09" + head(b"GET / HTTP/1.1", HOST, b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: no-cors", b"Sec-Fetch-Dest: image")
    yield b"\x00\x0a" + head(b"POST / HTTP/1.1", HOST, b"Content-Length: 5")
    yield b"\x00\x0b" + head(ws, HOST, WS[0], WS[1], b"Sec-WebSocket-Version: 8", WS[3])
    yield b"\x00\x0c" + head(ws, HOST, HOST)
    yield b"\x00\x0d" + head(b"GET /ws?epoch=" + TOKEN + b"&since=5 HTTP/1.1", HOST, *WS)
    yield b"\x00\x0e" + head(b"HTTP/1.1 101 Switching Protocols", WS[0], b"Connection: Upgrade",
                             b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", b"Sec-WebSocket-Protocol: wirthforge.v1")
    yield b"\x00\x07" + head(ws, HOST, b"Origin: null", *WS)
    yield b"\x00\x13" + head(ws, HOST, b"Upgrade: ,websocket", b"Connection: , Upgrade,", *WS[2:], b"Sec-WebSocket-Protocol:",
                             b"Sec-WebSocket-Protocol: , wirthforge.v1,")
    yield b"\x00\x14" + head(ws, HOST, *WS, b"Sec-WebSocket-Protocol: " + b"," * 33)
    yield b"\x00\x15" + head(ws, HOST, b'Upgrade: h2c;a="b, websocket, c"', *WS[1:])
    yield b"\x00\x16" + head(b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket,", b"Connection: ,Upgrade",
                             b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", b"Sec-WebSocket-Extensions: ,")
    yield b"\x00\x07" + head(ws, HOST, b"Cookie: " + b"c" * 2048)
    yield b"\x00\x07" + head(ws, *[b"a:"] * 101)
    yield b"\x00\x0f" + b"https://app.example:444"
    yield b"\x00\x10" + b"http://[::1]:80"
    for origin in (b"HTTP://User@LocalHost:080/x", b"http://0x7f.1:3000", b"http://[0:0:0:1::127.0.0.1]", b"wss://h:443", b"file:///a",
                   b"tauri://localhost"):
        yield b"\x00\x17" + origin
    yield b"\x06\x07" + head(ws, HOST, b"Origin: file://", *WS, b"Sec-WebSocket-Protocol: wirthforge.token." + TOKEN)
    yield b"\x00\x11" + b"\x16\x03\x01"
    yield b"\x00\x12" + b"GET / HTTP/1.1\nHost: a\n\n"
    yield b"\x00\x04" + head(ws, b"Host: [::1]:8145", b"Origin: http://localhOst:8145", *WS)


def control():
    yield from cases("client/*.json")
    for each in (b'{"type":"heartbeat_response","payload":{"sequence":7}}', b'{"type":"sub\\u0073cribe","payload":{"channels":[]}}',
                 b'[1,-0.5e3,true,null,"\\ud83d\\ude00\\u00e9\\n"]', b"[" * 60, b'{"a":1,"a":{"b":[{}]}}', b"1e309", b'"\\ud800"'):
        yield each


def cases(pattern):
    """The first valid and the first invalid instance of each schema."""
    for path in sorted((HERE.parents[1] / "schemas" / "cases").glob(pattern)):
        known = [each for each in json.loads(path.read_text())["cases"] if "instance" in each]
        for is_valid in (True, False):
            for each in [each for each in known if each["valid"] is is_valid][:1]:
                yield json.dumps(each["instance"], separators=(",", ":")).encode()


def events():
    yield from cases("*.json")
    meeting = json.loads(next(cases("interference_event.json")))
    meeting["payload"]["coherenceScore"] = -0.0  # written as -0 it would be read as an integer
    yield json.dumps(meeting, separators=(",", ":")).encode()
    beat = json.loads(next(cases("heartbeat.json")))
    beat["payload"]["frameRate"] = 5334335149826506748  # an integer that a double rounds
    yield json.dumps(beat, separators=(",", ":")).encode()


def journals():
    lines = list(cases("*.json"))
    yield b"\x03" + b"".join(line + b"\n" for line in lines[::2])
    yield b"\x04" + lines[0] + b"\n\nno event\n" + lines[2][:40]
    details = {"timestamp": 1, "frameNumber": 2, "events": 3, "badLines": 0, "models": [{"modelId": "m", "totalEnergy": 1.5, "tokensGenerated": 4}]}
    remark = {"type": "error_event", "channel": "system", "timestamp": 5, "payload": {
        "severity": "info", "code": "JOURNAL_OPENED", "message": "m", "component": "orchestrator", "details": details}}
    energy = next(cases("energy_update.json")) + b"\n"
    yield b"\x05" + json.dumps(remark).encode() + b"\n" + energy
    for damaged in (-5, -8e18, 8e18):  # in place of numbers that only grow
        model = {"modelId": json.loads(energy)["payload"]["modelId"], "totalEnergy": 0, "tokensGenerated": damaged}
        details.update(events=damaged, badLines=damaged, models=[model])
        yield b"\x06" + json.dumps(remark).encode() + b"\n" + energy
    details.update(events=4, badLines=8e18, models=[])  # more than a double tells apart
    yield b"\x06" + json.dumps(remark).encode() + b"\nno event\n"
    yield b"\x07" + b"".join(b"\xef\xbb\xbf" + line + b"\r\n" for line in lines[:2]) + b"\xef\xbb\xbf\xef\xbb\xbf" + lines[2] + b"\n\xef\xbb"
    for damaged in (b'{"type":"energy_field","channer":120,"payload":{"modelId":"m"}}', b'{"type":"nothing","timestamp":5,"payload":{}}'):
        yield b"\x03" + damaged + b"\n"  # a run that wrote what is no event


def resumes():
    epoch = b"epoch=" + TOKEN
    yield from (b"", epoch + b"&since=12", epoch + b"&since=12&frame=3", epoch + b"&since=0&frames=a:12,b%3a11%2Cc:1&began=3",
                b"replay=open", b"since=1", epoch + b"&since=01", epoch + b"&since=1&since=1", epoch + b"&since=999999999999999999", b"x=1&&=")
    yield epoch + b"&since=12&began=3&frames=" + b",".join(b"m:%d" % number for number in range(65))


def texts():
    for each in ("Hello", "\u20ac\U0001f600\ud7ff\ue000", "\x00\x1f\"\\\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffff", "a" * 70 + "\u00e9"):
        yield b"\x02" + each.encode()
    yield b"\x00\xe2\x82a\xf0\x9f\x98\xed\xa0\x80\xc0\xaf\xf4\x90\x80\x80"
    yield b"\x02dGhlIHNhbXBsZSBub25jZQ=="
    for number in (0.1, 16.67, 1e22, 5e-324, 1.7976931348623157e308):
        yield b"\x02" + struct.pack("!d", number)
    for cuts in (b"\x00", b"\x02"):
        yield cuts + "a line\r\u0301b\n\u200d\U0001f3fd\u200d\r\n\ufe0f end".encode()


def programs():
    """Operations as `step` in engine.cpp reads them: the number in the low half, the connection in the high one."""
    join, wait_1s, reward, tokens = b"\x01\x00", b"\x56", b"\x0a\x02\x05\x00", b"\x0a\x04\x20\x00"
    request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8145\r\n\r\n"
    yield b"\x00" + join + wait_1s + reward + b"\x0a\x00\x01\x01" + b"\x03\x88\x02\x03\xe8"
    yield b"\x00" + join + join + reward * 3 + b"\x05\x00" + reward + b"\x01\x02\x01" + b"\x01\x03\x02\x01" + wait_1s
    yield b"\x03" + join + b"\x0c\x00" + tokens * 20 + wait_1s + b"\x0c\xff" + wait_1s  # it lags
    yield b"\x20" + join + wait_1s + b"\x0b\x0e" + wait_1s  # not ready at first
    yield b"\x00" + b"\x00\x02" + bytes([len(request)]) + request + wait_1s
    yield b"\x08" + join + b"\x01\x08" + b"\x13\x89\x02hi" + b"\xff" + wait_1s  # with a token; stop
    yield b"\x00" + join + b"\x0a\x05\x00\x00" + b"\x0a\x06\x08\x00ab" + b"\x26" + b"\x01\x01" + b"\x0a\x07\x00\x00" + wait_1s
    yield b"\x00" + join + b"\x04\x80" + reward + tokens + b"\x03\x81\x02{}" + b"\x03\x82\x01x" + b"\x03\x89\x00" * 110
    yield b"\x10" + join + b"\x0d\x00\x00" + reward + b"\x0d\xff\xff" + reward + b"\x66" + b"\x76"
    stop_a, stop_raw_a, stop_unknown = b"\x04\xc0", b"\x04\xc8", b"\x04\xc5"
    yield (b"\x00" + join + b"\x0a\x05\x00\x00" + b"\x0a\x06\x08\x00ab" + stop_a + b"\x0a\x17\x00\x00" + stop_a  # a writer's answer
           + tokens + stop_raw_a + stop_unknown + b"\x0a\x0c\x20\x00" + stop_raw_a + wait_1s)  # one that is published
    yield bytes.fromhex(  # answers that ended, beside those that are open and a full log
        "0301000c000a0420000a0420000a0420000a0c000a04ffffff0c20000a0420000a0420000a0420000a0469730a"
        "070000436f6d700a0420000a0420000a040420000a0420000a046973436f6d700a0420000a0420000a045b000a"
        "0420000a0420000a0420000a0420000c000a0420000a0420000a0420000a0420000a0420000a042000560cff56")


def responses():
    ok, chunks = b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked"
    yield b"\x00\x02" + head(ok, b"Content-Length: 5") + b"hello"
    yield b"\x00\x03" + head(ok, chunks) + b"5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\n\r\n"
    yield b"\x00\x04" + head(ok, chunks) + b"00a ; x=\"y\"\r\n0123456789\r\n0\r\nExpires: never\r\n\r\nmore"
    yield b"\x00\x05" + head(ok) + b"until the end"
    yield b"\x00\x06" + head(b"HTTP/1.1 103 Early Hints", b"Link: </a>") + head(b"HTTP/1.1 204 ", b"Content-Length: 3") + b"abc"
    yield b"\x00\x07" + head(ok, b"Content-Length: 5", chunks)
    yield b"\x00\x08" + head(ok, b"Content-Length: 5", b"Content-Length: 5")
    yield b"\x00\x09" + head(b"HTTP/1.0 503", b"Content-Encoding: gzip")
    yield b"\x00\x0a" + head(ok, b"Transfer-Encoding: gzip, chunked")
    yield b"\x00\x0b" + head(ok, chunks) + b"FFFFFFFFFFFFFFFFF\r\n"
    yield b"\x00\x0c" + head(ok, b"A: b", b" folded")
    yield b"\x03\x01\x05" + bytes([200]) + b"a" * 40 + b"\x48" + b"b" * 9 + b"\x03abcd"


def streams():
    def sse(*objects, end=b"data: [DONE]\n\n"):
        return b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in objects) + end

    def named(*objects):
        return b"".join(b"event: %s\ndata: %s\n\n" % (each["type"].encode(), json.dumps(each).encode()) for each in objects)

    def choice(reason=None, **delta):
        return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    yield b"\x00\x02" + b"".join(json.dumps(each).encode() + b"\n" for each in (
        {"response": "Gr\u00fc\u00df", "done": False}, {"response": "", "thinking": "Hm", "done": False},
        {"response": "!", "done": True, "done_reason": "stop", "total_duration": 5, "eval_count": 2}))
    yield b"\x00\x03" + b"".join(json.dumps(each).encode() + b"\r\n" for each in (
        {"message": {"content": "a", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}, "done": False}, {"error": "broke"}))
    yield b"\x10\x04" + sse(choice(role="assistant", content=None), choice(content="Hel"), choice(content="lo"), choice("length"),
                           {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}})
    yield b"\x00\x05" + sse(*({"choices": [{"delta": {"content": each}}]} for each in ("a", "\U0001f525", "\n")))
    yield b"\x00\x06" + sse(choice(reasoning_content="Hm"), choice(tool_calls=[call]), choice("tool_calls"))
    yield b"\x00\x07" + sse({"choices": [{"text": "a", "index": 0, "finish_reason": "content_filter"}]})
    yield b"\x00\x08" + sse({"content": "a", "stop": False, "prompt_progress": {"total": 2, "processed": 1}},
                           {"content": "", "stop": True, "stop_type": "limit", "tokens_predicted": 1, "timings": {"predicted_ms": 1.5}}, end=b"")
    yield b"\x10\x09" + sse({"content": "a", "stop": False}, end=b'error: {"code":500,"message":"no"}\n\ndata: [DONE]')
    yield b"\x00\x0a" + named({"type": "response.output_text.delta", "delta": "a"},
                             {"type": "response.output_item.added", "output_index": 1, "item": {"type": "function_call", "call_id": "c", "name": "f"}},
                             {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "{}"},
                             {"type": "response.completed", "response": {"status": "completed", "usage": {"input_tokens": 1}}})
    yield b"\x00\x0b" + named({"type": "response.failed", "response": {"status": "failed", "error": {"message": "no"}}})
    yield b"\x00\x0c" + named({"type": "chat.start"}, {"type": "model_load.progress", "progress": 0.5}, {"type": "reasoning.delta", "content": "Hm"},
                             {"type": "tool_call.start", "tool": "t"}, {"type": "tool_call.arguments", "arguments": {"a": 1}},
                             {"type": "message.delta", "content": "Hi"}, {"type": "chat.end", "result": {"output": [], "stats": {"input_tokens": 1}}})
    yield b"\x00\x0d" + b'{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[' \
                       b'{"type":"message","content":[{"text":"a"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]}'
    yield b"\x00\x0e" + b'{\n"model_instance_id":"m",\n"output":[{"type":"message","content":"a"},{"type":"tool_call","tool":"t","arguments":{}}],"stats":{}\n}'
    yield b"\x03\x0f" + b'{"error":{"message":"not found"}}'
    yield b"\x04\x10" + b'{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}'
    yield b"\x10\x11" + b'{"response":"a\\ud83d","p":-Infinity,"done":false}\n{"response":"\\udd25\xe2\x82","done":false}\n{"response":"\xac\t","done":true}'
    yield b"\x10\x12" + b"\xef\xbb\xbfdata: a\r\rdata\r\n: c\n\nid: 1\nretry: 5\nfoo\n\xed\xa0\xbd\xed\xb4\xa5\xed\xa0"
    yield b"\x00\x13<html>no</html>\n"


SEEDS = {"frame": frames, "message": messages, "http": requests, "control": control, "event": events, "journal": journals,
         "resume": resumes, "text": texts, "engine": programs, "response": responses, "stream": streams}


def main():
    for target, make in SEEDS.items():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("s*"):
            old.unlink()
        for number, seed in enumerate(make(), 1):
            (folder / f"s{number:02}").write_bytes(seed)


if __name__ == "__main__":
    main()
