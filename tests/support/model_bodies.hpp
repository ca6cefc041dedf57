// Bodies as model servers stream them, read whole, byte by byte and cut at each byte.
#pragma once

#include <cstddef>
#include <string>

#include "catch.hpp"
#include "support/model_heard.hpp"
#include "wirthforge_ws.hpp"

namespace model_tests {

using wirthforge::errc;
using wirthforge::make_error_code;

inline heard each_way(const std::string& body, bool was_clean = true) {
  const heard whole = hear(body, body.size(), 1, was_clean);
  const std::string summary = whole.summary();
  CHECK(hear(body, 1, 1, was_clean).summary() == summary);
  for (std::size_t cut = 1; cut < body.size(); ++cut) {
    const std::string other = hear(body, cut, body.size(), was_clean).summary();
    if (other == summary) continue;
    INFO("cut at " << cut);
    CHECK(other == summary);
    break;
  }
  return whole;
}
inline std::string failed(errc error, const std::string& words = {}) {
  const std::string message = make_error_code(error).message();
  return "failed " + message + " (" + (words.empty() ? message : words) + ")";
}
inline std::string end_of(const heard& what) { return what.end + " (" + what.words + ")"; }

// Lines of Ollama.
inline std::string line(const std::string& members) {
  return "{\"model\":\"qwen3:4b\",\"created_at\":\"2025-08-04T19:22:45.499127Z\"," + members + "}\n";
}
// Events of OpenAI and of those that name theirs.
inline std::string chunk(const std::string& choices, const std::string& more = {}) {
  return R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1694268190,"model":"m","choices":)" + choices +
         more + "}\n\n";
}
inline std::string delta(const std::string& members, const std::string& finish = "null") {
  return chunk("[{\"index\":0,\"delta\":{" + members + "},\"logprobs\":null,\"finish_reason\":" + finish + "}]");
}
inline const std::string done = "data: [DONE]\n\n";
inline std::string event(const std::string& type, const std::string& members) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + (members.empty() ? "" : "," + members) + "}\n\n";
}

}  // namespace model_tests
