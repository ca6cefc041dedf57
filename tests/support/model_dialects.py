"""The dialects of model servers, as tests/support/model_server.py speaks them: each makes bytes of a piece of text, a thought, a tool
call, a progress, an error, and the end."""

import json

TEXT = "Light is scattered: blue more than red. \u5929\u7a7a\u662f\u84dd\u8272\u7684\u3002 \U0001f305 Gr\u00fc\u00dfe!"
WORDS = [word + " " for word in TEXT.split(" ")]
THOUGHT = "The person asks about light."
ARGUMENTS = '{"city": "K\u00f6ln", "days": 3}'


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Lines:
    """Ollama: JSON lines."""
    content_type = "application/x-ndjson"

    def __init__(self, key):
        self.key = key

    def line(self, **members):
        return (compact({"model": "m", "created_at": "2025-08-04T19:22:45.499127Z", **members}) + "\n").encode()

    def message(self, **members):
        if self.key == "chat":
            return self.line(message={"role": "assistant", "content": "", **members}, done=False)
        return self.line(**{"response": "", **{"response" if k == "content" else k: v for k, v in members.items()}}, done=False)

    def text(self, piece):
        return self.message(content=piece)

    def thinking(self, piece):
        return self.message(thinking=piece)

    def call(self):
        return self.message(tool_calls=[{"function": {"name": "weather", "arguments": json.loads(ARGUMENTS)}}])

    def loading(self, fraction):
        return b""

    def progress(self, fraction):
        return b""

    def error(self):
        return b'{"error":"the model runner has unexpectedly stopped"}\n'

    def end(self, reason, tokens):
        last = {"response": ""} if self.key != "chat" else {"message": {"role": "assistant", "content": ""}}
        return self.line(**last, done=True, done_reason="length" if reason == "length" else "stop", total_duration=5_000_000_000,
                         load_duration=1_000_000, prompt_eval_count=26, eval_count=tokens, eval_duration=4_000_000_000)


class Events:
    content_type = "text/event-stream"

    def loading(self, fraction):
        return b""

    @staticmethod
    def event(value, name=None):
        return (f"event: {name}\n" if name else "").encode() + b"data: " + compact(value).encode() + b"\n\n"


class OpenAIChat(Events):
    def chunk(self, delta, finish=None, **more):
        return self.event({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                           "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more})

    def text(self, piece):
        return self.chunk({"content": piece})

    def thinking(self, piece):
        return self.chunk({"reasoning_content": piece})

    def call(self):
        first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
        pieces = [ARGUMENTS[:9], ARGUMENTS[9:]]
        return self.chunk({"tool_calls": [first]}) + b"".join(
            self.chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}) for piece in pieces)

    def progress(self, fraction):
        return b": waiting\n\n"

    def error(self):
        return b'data: {"error":{"message":"the engine died","type":"server_error"}}\n\n'

    def end(self, reason, tokens):
        usage = {"prompt_tokens": 26, "completion_tokens": tokens, "total_tokens": 26 + tokens}
        return (self.chunk({}, {"calls": "tool_calls", "length": "length"}.get(reason, "stop")) +
                self.event({"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [], "usage": usage}) + b"data: [DONE]\n\n")


class OpenAIResponses(Events):
    def typed(self, name, **members):
        return self.event({"type": name, **members}, name)

    def text(self, piece):
        return self.typed("response.output_text.delta", output_index=1, content_index=0, delta=piece)

    def thinking(self, piece):
        return self.typed("response.reasoning_text.delta", output_index=0, content_index=0, delta=piece)

    def call(self):
        item = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "weather", "arguments": ""}
        return (self.typed("response.output_item.added", output_index=2, item=item) +
                self.typed("response.function_call_arguments.delta", output_index=2, item_id="fc_1", delta=ARGUMENTS) +
                self.typed("response.function_call_arguments.done", output_index=2, item_id="fc_1", arguments=ARGUMENTS))

    def progress(self, fraction):
        return self.typed("response.in_progress", response={"id": "resp_1", "object": "response", "status": "in_progress"})

    def error(self):
        return self.typed("error", code="server_error", message="the engine died", param=None)

    def end(self, reason, tokens):
        usage = {"input_tokens": 26, "output_tokens": tokens, "total_tokens": 26 + tokens}
        response = {"id": "resp_1", "object": "response", "status": "completed", "usage": usage}
        if reason != "length":
            return self.typed("response.completed", response=response)
        response.update(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
        return self.typed("response.incomplete", response=response)


class Completion(Events):
    def text(self, piece):
        return self.event({"index": 0, "content": piece, "tokens": [], "stop": False, "id_slot": -1, "tokens_predicted": 1})

    def thinking(self, piece):
        return b""

    def call(self):
        return b""

    def progress(self, fraction):
        return self.event({"index": 0, "content": "", "tokens": [], "stop": False,
                           "prompt_progress": {"total": 100, "cache": 0, "processed": int(100 * fraction), "time_ms": 5}})

    def error(self):
        return b'error: {"code":500,"message":"the slot is gone","type":"server_error"}\n\n'

    def end(self, reason, tokens):
        timings = {"prompt_n": 26, "prompt_ms": 12.5, "predicted_n": tokens, "predicted_ms": 4000.0}
        return self.event({"index": 0, "content": "", "tokens": [], "stop": True, "tokens_predicted": tokens, "tokens_evaluated": 26,
                           "stop_type": "limit" if reason == "length" else "eos", "timings": timings})


class LMStudio(Events):
    def typed(self, name, **members):
        return self.event({"type": name, **members}, name)

    def text(self, piece):
        return self.typed("message.delta", content=piece)

    def thinking(self, piece):
        return self.typed("reasoning.delta", content=piece)

    def call(self):
        return (self.typed("tool_call.start", tool="weather", provider_info={}) +
                self.typed("tool_call.arguments", tool="weather", arguments=json.loads(ARGUMENTS)) +
                self.typed("tool_call.success", tool="weather", arguments=json.loads(ARGUMENTS), output="{}"))

    def loading(self, fraction):
        return self.typed("model_load.progress", progress=fraction)

    def progress(self, fraction):
        return self.typed("prompt_processing.progress", progress=fraction)

    def error(self):
        return self.typed("error", error={"type": "internal_error", "message": "the engine died"})

    def end(self, reason, tokens):
        return self.typed("chat.end", result={"output": [], "stats": {"input_tokens": 26, "total_output_tokens": tokens}})


DIALECTS = {"/api/chat": Lines("chat"), "/api/generate": Lines("generate"), "/v1/chat/completions": OpenAIChat(),
            "/v1/responses": OpenAIResponses(), "/completion": Completion(), "/api/v1/chat": LMStudio()}
