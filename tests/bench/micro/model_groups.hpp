// The cost of reading a model server's response: 1000 tokens as llama-server and Ollama stream them, HTTP's framing included,
// beside parsing each object with nlohmann/json alone. GB/s; and ns for each token, in whole streams.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "harness.hpp"
#include "wirthforge_ws.hpp"

namespace micro {

inline constexpr int model_tokens = 1000;

/// A response in chunks, one object each.
struct model_response {
  std::string bytes;
  std::vector<std::string> objects;
  void add(std::string_view before, const std::string& object, std::string_view behind) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", before.size() + object.size() + behind.size());
    bytes.append(size).append(before).append(object).append(behind).append("\r\n");
    objects.push_back(object);
  }
};

inline model_response model_head(std::string_view type) {
  model_response made;
  made.bytes.append("HTTP/1.1 200 OK\r\nContent-Type: ").append(type).append("\r\nTransfer-Encoding: chunked\r\n\r\n");
  return made;
}
inline model_response chat_response() {
  model_response made = model_head("text/event-stream");
  const auto chunk = [](const std::string& choice) {
    return R"({"choices":[{)" + choice +
           R"(}],"created":1795748031,"id":"chatcmpl-Rvw8UvwUs7mbRbluJJz2SIvqBrzb0H9F","model":"tiny",)"
           R"("system_fingerprint":"b0-unknown","object":"chat.completion.chunk"})";
  };
  for (int token = 0; token < model_tokens; ++token) {
    made.add("data: ", chunk(R"("finish_reason":null,"index":0,"delta":{"content":" primarily"})"), "\n\n");
  }
  made.add("data: ", chunk(R"("finish_reason":"stop","index":0,"delta":{})"), "\n\n");
  made.bytes += "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
  return made;
}
inline model_response ollama_response() {
  model_response made = model_head("application/x-ndjson");
  const std::string
      before = R"({"model":"qwen3:4b","created_at":"2025-08-04T19:22:45.499127Z","message":{"role":"assistant","content":")";
  for (int token = 0; token < model_tokens; ++token) made.add("", before + " primarily\"},\"done\":false}", "\n");
  made.add("", before + "\"},\"done\":true,\"done_reason\":\"stop\",\"eval_count\":1000}", "\n");
  made.bytes += "0\r\n\r\n";
  return made;
}

/// In pieces of `piece` bytes, as a socket hands them out.
inline void read_model_response(std::string_view bytes, std::size_t piece) {
  std::size_t text = 0;
  bool has_finished = false;
  wirthforge::model_stream stream([&](const wirthforge::model_signal& signal) {
    text += signal.text.size();
    has_finished = signal.what == wirthforge::model_signal::kind::finished;
  });
  wirthforge::model::response_reader reader;
  using step = wirthforge::model::response_reader::step;
  while (!bytes.empty()) {
    const std::string_view some = bytes.substr(0, piece);
    bytes.remove_prefix(some.size());
    const char* first = some.data();
    for (step found = step::body; found == step::body || found == step::head;) {
      std::string_view body;
      found = reader.receive(first, some.data() + some.size(), body);
      if (found == step::head) stream.head(reader.head().status, reader.head().content_type());
      if (found == step::body) stream.feed(body);
    }
  }
  keep(text);
  if (!has_finished) std::abort();
}

inline void model_group(const std::string& name, const model_response& response, pace how) {
  const auto parse_all = [&response] {
    for (const std::string& each : response.objects) keep(nlohmann::json::parse(each));
  };
  const double bytes = static_cast<double>(response.bytes.size());
  group(name, how, "GB/s", bytes)
      .add("64 KiB a read", [&response] { read_model_response(response.bytes, 65536); })
      .add("a token a read", [&response] { read_model_response(response.bytes, response.bytes.size() / model_tokens); })
      .add("nlohmann parse alone", parse_all)
      .run();
  group(name + ", for 1000 tokens", how)
      .add("64 KiB a read", [&response] { read_model_response(response.bytes, 65536); })
      .add("a token a read", [&response] { read_model_response(response.bytes, response.bytes.size() / model_tokens); })
      .run();
}

inline void model_groups(pace how) {
  model_group("a chat stream of llama-server", chat_response(), how);
  model_group("a chat stream of Ollama", ollama_response(), how);
}

}  // namespace micro
