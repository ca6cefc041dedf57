// Every recording of a real llama-server, cut at each of its bytes: the answer is the expected one, byte for byte. The
// expected text comes from other code: the framing removed line by line, nlohmann/json for each event.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "support/model_heard.hpp"
#include "support/rounds.hpp"
#include "wirthforge_ws.hpp"

namespace model_fixtures_test {

using namespace wirthforge;
using model_tests::heard;

namespace {

std::string file(const std::string& name) {
  std::ifstream stream(std::string(WIRTHFORGE_SOURCE_DIR) + "/tests/fixtures/llama-server/" + name, std::ios::binary);
  REQUIRE(stream);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A whole response, read as a bridge would: HTTP, then the stream. `cut`: where the first piece ends.
heard respond(std::string_view bytes, std::size_t cut, std::size_t piece) {
  heard result;
  model_stream stream([&result](const model_signal& signal) { result.take(signal); });
  model::response_reader reader;
  using step = model::response_reader::step;
  step found = step::need_more;
  std::size_t size = cut;
  while (!bytes.empty() && found != step::done && found != step::failed) {
    const std::string copy(bytes.substr(0, size));
    bytes.remove_prefix(copy.size());
    size = piece;
    const char* first = copy.data();
    do {
      std::string_view body;
      found = reader.receive(first, copy.data() + copy.size(), body);
      if (found == step::head) stream.head(reader.head().status, reader.head().content_type());
      if (found == step::body) stream.feed(body);
    } while (found == step::head || found == step::body);
  }
  if (found == step::need_more) found = reader.end_of_stream();
  if (found == step::failed) stream.fail(reader.error());
  else stream.end(true);
  return result;
}

// The plain reference.
std::string without_framing(const std::string& raw) {
  const std::size_t end = raw.find("\r\n\r\n");
  std::string body = raw.substr(end + 4);
  if (raw.substr(0, end).find("chunked") == std::string::npos) return body;
  std::string plain;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t line = body.find("\r\n", at);
    const auto size = std::strtoul(body.substr(at, line - at).c_str(), nullptr, 16);
    plain += body.substr(line + 2, size);
    at = line + 2 + size + 2;
    if (size == 0) break;
  }
  return plain;
}
std::string meant_by(const nlohmann::json& object) {
  if (object.contains("content")) return object["content"];
  std::string text;
  if (!object.contains("choices")) return text;
  for (const auto& choice : object["choices"]) {
    for (const char* name : {"delta", "message"}) {
      if (choice.contains(name) && choice[name].contains("content")) text += choice[name]["content"].get<std::string>();
    }
    if (choice.contains("text")) text += choice["text"].get<std::string>();
  }
  return text;
}
std::string meant_text(const std::string& raw) {
  const std::string body = without_framing(raw);
  if (body[0] == '{') return meant_by(nlohmann::json::parse(body));
  std::string text;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    const std::string line = body.substr(at, end - at);
    if (line.rfind("data: {", 0) == 0) text += meant_by(nlohmann::json::parse(line.substr(6)));
    at = end + 1;
  }
  return text;
}

// How each ends, read off the recordings by eye.
const std::map<std::string, std::string>& ends() {
  static const std::string refused = "failed " + make_error_code(errc::model_status).message() + " ";
  static const std::string said_error = "failed " + make_error_code(errc::model_error).message() + " ";
  static const std::string cut_off = "failed " + make_error_code(errc::body_cut_off).message() + " ";
  static const std::string unknown = "failed " + make_error_code(errc::model_stream_unknown).message() + " ";
  static const std::string loading = "failed " + make_error_code(errc::model_loading).message() + " (Loading model) 503";
  static const std::map<std::string, std::string> known = {
      {"chat-length.raw", "finished length (length)"},
      {"chat-not-streamed.raw", "finished length (length)"},
      {"chat-origin.raw", "finished length (length)"},
      {"chat-stop.raw", "finished stop (stop)"},
      {"chat-usage.raw", "finished length (length)"},
      {"chat.raw", "finished length (length)"},
      {"client-abort.raw", cut_off + "(the connection ended before the response did)"},
      {"completion-not-streamed.raw", "finished length (limit)"},
      {"completion-probs.raw", "finished length (limit)"},
      {"completion-timings.raw", "finished length (limit)"},
      {"completion.raw", "finished length (limit)"},
      {"cut-characters.raw", "finished length (limit)"},
      {"ends-at-once.raw", "finished stop (eos)"},
      {"error-loading.raw", loading},
      {"error-mid-stream-chat.raw", said_error + "(context shift is disabled)"},
      {"error-mid-stream.raw", said_error + "(context shift is disabled)"},
      {"error-no-key.raw", refused + "(Invalid API Key) 401"},
      {"error-no-messages.raw", refused + "([json.exception.out_of_range.403] key 'messages' not found) 500"},
      {"error-not-found.raw", refused + "(File Not Found) 404"},
      {"error-not-json.raw",
       refused + "([json.exception.parse_error.101] parse error at line 1, column 13: syntax error while parsing value"
                 " - unexpected end of input; expected '[', '{', or a literal) 500"},
      {"error-prompt-too-long.raw", said_error +
                                        "(the request exceeds the available context size. try increasing the context size or "
                                        "enable context shift)"},
      {"health-loading.raw", loading},
      {"health.raw",
       unknown + "(" + make_error_code(errc::model_stream_unknown).message() + ": it begins with: {\"status\":\"ok\"})"},
      {"server-killed.raw", cut_off + "(the connection ended before the response did)"},
      {"unicode-chat.raw", "finished stop (stop)"},
      {"unicode.raw", "finished stop (eos)"},
      {"v1-completions.raw", "finished length (length)"}};
  return known;
}

}  // namespace

TEST_CASE("every recording, cut at each byte, is read as the expected answer", "[model][fixtures]") {
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(WIRTHFORGE_SOURCE_DIR) + "/tests/fixtures/llama-server")) {
    if (entry.path().extension() != ".raw") continue;
    const std::string name = entry.path().filename().string();
    INFO(name);
    ++files;
    const std::string raw = file(name);
    const heard whole = respond(raw, raw.size(), raw.size());
    const bool is_refusal = raw.substr(9, 1) != "2" || name == "health.raw" || name == "models.raw";
    CHECK(whole.text == (is_refusal ? std::string() : meant_text(raw)));
    CHECK(whole.thinking.empty());
    const std::string summary = whole.summary();
    if (name == "models.raw") CHECK(whole.error == errc::model_stream_unknown);
    else CHECK(summary.substr(summary.size() - std::min(summary.size(), ends().at(name).size())) == ends().at(name));
    CHECK(respond(raw, 1, 1).summary() == summary);
    std::size_t differ = 0;
    const auto compare = [&](std::size_t cut, std::size_t piece) {
      const bool same = respond(raw, cut, piece).summary() == summary;
      if (!same && differ++ == 0) CHECK("cut at " + std::to_string(cut) == "as whole");
    };
    // The pieces are shorter than an event, and every byte of the recording is the first of one.
    constexpr std::size_t short_piece = 97;
    for (std::size_t cut = 1; cut <= std::min(short_piece, raw.size()); ++cut) compare(cut, short_piece);
    if (raw.size() < 2000)  // in two, at each byte
      for (std::size_t cut = 1; cut < raw.size(); cut += test::step_of(13)) compare(cut, raw.size());
    CHECK(differ == 0);
  }
  CHECK(files == 28);
}

TEST_CASE("recordings with an expected text decode to it", "[model][fixtures]") {
  std::string expected = file("unicode.expected.txt");
  REQUIRE_FALSE(expected.empty());
  for (const char* name : {"unicode.raw", "unicode-chat.raw"}) {
    const std::string raw = file(name);
    CHECK(respond(raw, raw.size(), raw.size()).text == expected);
  }
}

// A connection that breaks: the text is a beginning of the expected one, and the answer has failed.
TEST_CASE("a recording that breaks off at any byte has failed, or its answer was complete before", "[model][fixtures]") {
  for (const char* name : {"chat.raw", "completion.raw", "unicode.raw", "chat-not-streamed.raw"}) {
    INFO(name);
    const std::string raw = file(name);
    const heard whole = respond(raw, raw.size(), raw.size());
    std::size_t finished = 0;
    const std::size_t some = test::step_of(13);
    constexpr std::size_t first_and_last = 1000;  // bytes; those between are events like those before
    for (std::size_t size = 0; size < raw.size();) {
      const heard part = respond(std::string_view(raw).substr(0, size), 1000, 1000);
      const bool is_beginning = whole.text.compare(0, part.text.size(), part.text) == 0;
      const bool is_honest = part.ends == 1 && (part.error || (part.text == whole.text && part.end == whole.end));
      if (!is_beginning || !is_honest) CHECK("broken off at " + std::to_string(size) == part.summary());
      finished += part.error ? 0 : 1;
      size += size < first_and_last || size + first_and_last > raw.size() ? some : 7 * some;
    }
    CHECK(finished < 700);  // only after the stream's own end
  }
}

TEST_CASE("figures of the recordings are the server's counts", "[model][fixtures]") {
  const auto usage_of = [](const char* name) {
    const std::string raw = file(name);
    return *respond(raw, raw.size(), raw.size()).usage;
  };
  const model_usage chat = usage_of("chat.raw");
  CHECK(chat.prompt_tokens == 28U);
  CHECK(chat.answer_tokens == 24U);
  CHECK(chat.prompt_time == std::chrono::nanoseconds(2103000));
  CHECK(chat.answer_time == std::chrono::nanoseconds(42148000));
  const model_usage completion = usage_of("completion-not-streamed.raw");
  CHECK(completion.prompt_tokens == 1U);
  CHECK(completion.answer_tokens == 8U);
  CHECK(completion.answer_time == std::chrono::nanoseconds(6376000));
  CHECK(usage_of("completion-timings.raw").answer_tokens == 6U);
}

}  // namespace model_fixtures_test
