// A model server's stream: lines, server-sent events, JSON that is not quite valid, text that was cut, five formats.
// covers: model/line_reader.hpp model/event_reader.hpp model/json_line.hpp model/text_mender.hpp model/answer.hpp model/first_bytes.hpp
// covers: model/stream_reader.hpp model/ollama.hpp model/openai_chat.hpp model/openai_responses.hpp model/llama_completion.hpp
// covers: model/lm_studio.hpp model/error_words.hpp model/model_stream.ipp
//
// The input: a byte that says how, a byte that seeds the cuts, and a body. Oracles: cut anywhere it is the same answer, and
// however it ends there is one end, behind which nothing comes; all text is valid UTF-8 by RFC 3629's own grammar; events are
// those of a plain reader of the standard; a body whose objects nlohmann/json can read has just the text that they hold; text that
// was valid is as it was.
#include "model/model_stream.ipp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/utf8.hpp"

namespace fuzz::stream_target {
namespace {

namespace model = wirthforge::model;
using nlohmann::json;
using wirthforge::model_signal;

constexpr std::size_t max_line = 600;

bool is_sound(std::string_view text) {
  const utf8_answer answer = plain_utf8(text);
  return answer.is_sound && answer.open == 0;
}

struct heard {
  std::string all;  // all signals, in order, with their texts joined
  std::string text, thinking, calls;
  std::size_t ends = 0;
  std::error_code error;
  wirthforge::model_dialect dialect = wirthforge::model_dialect::unknown;
};

heard hear(std::string_view body, unsigned seed, int status, bool was_clean) {
  heard result;
  wirthforge::model_stream_options options;
  options.max_line_bytes = max_line;
  options.max_body_bytes = 3000;
  wirthforge::model_stream stream(
      [&result](const model_signal& signal) {
        require(result.ends == 0, "data after the end");
        require(is_sound(signal.text) && is_sound(signal.name) && is_sound(signal.id), "text that is not UTF-8");
        switch (signal.what) {
          case model_signal::kind::text: result.text += signal.text; return;
          case model_signal::kind::thinking: result.thinking += signal.text; return;
          case model_signal::kind::tool_call:
            require(signal.call < 128, "too many calls");
            result.calls += std::to_string(signal.call).append(":").append(signal.id).append(":").append(signal.name) + ":";
            result.calls += signal.text;
            return;
          case model_signal::kind::progress:
            require(!signal.progress || (*signal.progress >= 0 && *signal.progress <= 1), "progress out of its range");
            result.all += "p";
            return;
          case model_signal::kind::usage: result.all += "u"; return;
          case model_signal::kind::finished: result.all += "finished " + std::to_string(static_cast<int>(signal.finish)); break;
          case model_signal::kind::failed:
            require(static_cast<bool>(signal.error) && !signal.text.empty() && signal.text.size() <= 1000,
                    "a failure without a reason");
            for (const char each : signal.text)
              require(static_cast<unsigned char>(each) >= 0x20 && each != 0x7F, "a reason of more than a line");
            result.error = signal.error;
            result.all += std::string(signal.text);
            break;
        }
        ++result.ends;
      },
      options);
  if (status != 0) stream.head(status, status % 2 == 0 ? "text/event-stream" : "application/json");
  in_pieces(body, seed, [&](exact_copy& piece) { return stream.feed(piece.view()); });
  stream.end(was_clean);
  require(result.ends == 1 && stream.is_over(), "an answer without an end");
  result.dialect = stream.dialect();
  return result;
}

// Events by the standard's own steps, of a whole text: `type|data` or `name=value`.
std::vector<std::string> plain_events(std::string_view bytes) {
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  std::vector<std::string> lines, events;
  std::string line;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] != '\r' && bytes[at] != '\n') {
      line += bytes[at];
      continue;
    }
    if (bytes[at] == '\r' && at + 1 < bytes.size() && bytes[at + 1] == '\n') ++at;
    lines.push_back(line);
    line.clear();
  }
  lines.push_back(line);
  lines.emplace_back();  // the last event counts
  std::string type, data;
  bool has_data = false;
  for (const std::string& each : lines) {
    if (each.empty()) {
      if (has_data) events.push_back(type + "|" + data.substr(0, data.size() - 1));
      type = data = "";
      has_data = false;
      continue;
    }
    const std::size_t colon = std::min(each.find(':'), each.size());
    const std::string name = each.substr(0, colon);
    std::string value = colon < each.size() ? each.substr(colon + 1) : "";
    if (value.substr(0, 1) == " ") value.erase(0, 1);
    if (name == "data") data += value + "\n", has_data = true;
    else if (name == "event") type = value;
    else if (!name.empty() && name != "id" && name != "retry") events.push_back(name + "=" + value);
  }
  return events;
}
std::vector<std::string> our_events(std::string_view bytes, unsigned seed) {
  model::event_reader reader(5000);
  std::vector<std::string> events;
  const auto take = [&](model::event_reader::step found) {
    using step = model::event_reader::step;
    require(found != step::failed, "an event within all limits that is refused");
    if (found == step::event) events.push_back(std::string(reader.type()).append("|").append(reader.data()));
    if (found == step::field) events.push_back(std::string(reader.field_name()).append("=").append(reader.field_value()));
    return found != step::need_more;
  };
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    const char* first = piece.begin();
    while (take(reader.next(first, piece.end()))) {}
    require(first == piece.end(), "bytes that are left over");
    return true;
  });
  while (take(reader.end())) {}
  return events;
}

std::string mended(std::string_view bytes, unsigned seed) {
  model::text_mender mender;
  std::string text;
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    const std::string_view got = mender.take(piece.view());
    require(is_sound(got), "mended text that is not UTF-8");
    text += got;
    return true;
  });
  return text.append(mender.finish());
}

void check_json(std::string_view bytes) {
  const exact_copy copy(bytes);
  std::string memory;
  std::optional<wirthforge::text::json_view> value;
  const std::error_code error = model::read_json(copy.view(), memory, value);
  require(static_cast<bool>(error) != value.has_value(), "a value beside an error");
  const json plain = bytes.find('\0') != std::string_view::npos || bytes.substr(0, 1) == "\xEF"
                         ? json(json::value_t::discarded)
                         : json::parse(bytes, nullptr, false);
  if (!plain.is_discarded()) require(!error || error == wirthforge::errc::json_too_deep, "JSON that is refused");
  if (!value) return;
  std::string again;
  std::optional<wirthforge::text::json_view> twice;
  require(!model::read_json(value->own(), again, twice) && again.empty(), "mended once it had to be mended again");
  if (plain.is_discarded() || !plain.is_object()) return;
  for (const auto& [name, its] : plain.items()) {
    std::string characters;
    const auto found = model::find_member(value, name);
    require(found.has_value(), "a member that is not found");
    if (its.is_string()) require(model::string_of(found, characters) == its.get<std::string>(), "another string");
    if (its.is_number_unsigned() && its < (1ULL << 53U))
      require(model::count_of(found) == its.get<std::uint64_t>(), "another count");
  }
}

// The text of a body whose objects are all sound JSON, by nlohmann/json; nothing where this reader would have to know more.
std::optional<std::string> plain_text(std::string_view body) {
  std::string text;
  const bool is_lines = body.substr(0, 2) == "{\"";
  std::vector<std::string> objects;
  if (is_lines) {
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t end = std::min(body.find('\n', at), body.size());
      objects.emplace_back(body.substr(at, end - at));
      at = end + 1;
    }
  } else if (body.substr(0, 7) == "data: {") {
    for (const std::string& each : plain_events(body)) {
      if (each[0] != '|') return std::nullopt;
      objects.push_back(each.substr(1));
    }
  } else {
    return std::nullopt;
  }
  std::string first_kind;
  for (const std::string& each : objects) {
    if (each == "[DONE]") return text;
    if (each.size() > max_line) return std::nullopt;
    const json object = json::parse(each, nullptr, false);
    if (object.is_discarded() || !object.is_object() || object.contains("error") || object.contains("type") ||
        object.contains("object") || each.find('\0') != std::string::npos) {
      return std::nullopt;
    }
    const std::string kind = object.contains("choices")                               ? "chat"
                             : object.contains("done") && object["done"].is_boolean() ? "ollama"
                                                                                      : "";
    if (kind.empty() || (!first_kind.empty() && kind != first_kind)) return std::nullopt;
    first_kind = kind;
    if (kind == "ollama") {
      if (object.contains("tool_calls") || object.contains("message")) return std::nullopt;
      if (object.contains("response") && object["response"].is_string()) text += object["response"].get<std::string>();
      if (object["done"].get<bool>()) return text;
      continue;
    }
    for (const json& choice : object["choices"]) {
      if (!choice.is_object() || choice.contains("index") || choice.contains("finish_reason") || choice.contains("message") ||
          choice.contains("text")) {
        return std::nullopt;
      }
      if (!choice.contains("delta") || !choice["delta"].is_object()) return std::nullopt;
      const json& delta = choice["delta"];
      if (delta.contains("refusal") || delta.contains("tool_calls") ||
          (delta.contains("content") && delta["content"].is_array()))
        return std::nullopt;
      if (delta.contains("content") && delta["content"].is_string()) text += delta["content"].get<std::string>();
    }
  }
  return text;
}

}  // namespace

void fuzz_one(std::string_view input) {
  source choices(input);
  const unsigned how = choices.byte();
  const unsigned cuts = choices.byte();
  const std::string_view body = choices.rest();
  constexpr int statuses[] = {0, 200, 201, 404, 503, 0, 0, 0};
  const int status = statuses[how % 8];
  const bool was_clean = (how & 8U) == 0;

  const heard single = hear(body, 0, status, was_clean);
  const heard cut = hear(body, cuts, status, was_clean);
  require(single.all == cut.all && single.dialect == cut.dialect, "the answer depends on the cuts");
  require(single.text == cut.text && single.thinking == cut.thinking && single.calls == cut.calls,
          "the text depends on the cuts");
  if (status == 0 && body.size() <= 3000) {
    if (const auto expected = plain_text(body)) require(single.text == *expected, "another text");
  }
  if ((how & 16U) != 0) {
    require(our_events(body, cuts) == plain_events(body), "other events");
    const std::string text = mended(body, cuts);
    require(text == mended(body, 0), "mended text that depends on the cuts");
    if (is_sound(body)) require(text == body, "sound text that was mended");
    check_json(body);
  }
}

}  // namespace fuzz::stream_target
