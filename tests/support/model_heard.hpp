// Records the signals of a model_stream: texts joined, calls as they grew, the one end.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wirthforge_ws.hpp"

namespace model_tests {

struct heard_call {
  std::string id, name, arguments;
};

struct heard {
  std::string text, thinking;
  std::vector<heard_call> calls;
  std::vector<std::string> progress;  ///< As `loading 0.50` or `prompt ?`.
  std::optional<wirthforge::model_usage> usage;
  std::string end;  ///< `finished stop`, or `failed` and the error's message.
  std::string words;
  std::error_code error;
  int status = 0;
  std::size_t ends = 0;
  std::size_t after_end = 0;
  bool is_utf8 = true;

  void take(const wirthforge::model_signal& signal) {
    using kind = wirthforge::model_signal::kind;
    using wirthforge::model_finish;
    after_end += ends;
    for (const std::string_view each : {signal.text, signal.name, signal.id})
      is_utf8 = is_utf8 && wirthforge::text::is_utf8(each);
    switch (signal.what) {
      case kind::text: text += signal.text; break;
      case kind::thinking: thinking += signal.text; break;
      case kind::tool_call:
        if (signal.call >= calls.size()) calls.resize(signal.call + 1);
        if (!signal.id.empty()) calls[signal.call].id += signal.id;
        calls[signal.call].name += signal.name;
        calls[signal.call].arguments += signal.text;
        break;
      case kind::progress: {
        std::string line = signal.stage == wirthforge::model_stage::loading ? "loading " : "prompt ";
        line += signal.progress ? std::to_string(*signal.progress).substr(0, 4) : "?";
        progress.push_back(line);
        break;
      }
      case kind::usage: usage = signal.usage; break;
      case kind::finished: {
        constexpr const char* names[] = {"stop", "length", "tool_calls", "loaded", "unloaded"};
        end = std::string("finished ") + names[static_cast<int>(signal.finish)];
        words = signal.text;
        ++ends;
        break;
      }
      case kind::failed:
        end = "failed " + signal.error.message();
        error = signal.error;
        words = signal.text;
        status = signal.status;
        ++ends;
        break;
    }
  }
  /// All of it in one text, to compare.
  std::string summary() const {
    std::string all = "text[" + text + "] thinking[" + thinking + "]";
    for (const heard_call& each : calls) all += " call[" + each.id + "|" + each.name + "|" + each.arguments + "]";
    for (const std::string& each : progress) all += " " + each;
    if (usage) {
      const auto put = [&all](const auto& value) { all += value ? std::to_string(*value) + "," : std::string("-,"); };
      const auto put_time = [&all](const auto& value) {
        all += value ? std::to_string(value->count()) + "," : std::string("-,");
      };
      all += " usage[";
      put(usage->prompt_tokens), put(usage->answer_tokens), put(usage->thinking_tokens);
      put_time(usage->load_time), put_time(usage->prompt_time), put_time(usage->answer_time), put_time(usage->total_time);
      all += "]";
    }
    all += " " + end + " (" + words + ")";
    if (status != 0) all += " " + std::to_string(status);
    if (ends != 1 || after_end != 0) all += " AND NOT ONE END";
    if (!is_utf8) all += " AND BROKEN UTF-8";
    return all;
  }
};

/// A body in pieces: the first of `first_piece` bytes, the others of `piece`; each in memory of its own.
inline heard hear(std::string_view body, std::size_t first_piece, std::size_t piece, bool was_clean = true,
                  const wirthforge::model_stream_options& options = {}, int status = 0, std::string_view type = {}) {
  heard result;
  wirthforge::model_stream stream([&result](const wirthforge::model_signal& signal) { result.take(signal); }, options);
  if (status != 0) stream.head(status, type);
  std::size_t size = first_piece;
  while (!body.empty()) {
    const std::string copy(body.substr(0, size));
    body.remove_prefix(copy.size());
    size = piece;
    if (!stream.feed(copy)) break;
  }
  stream.end(was_clean);
  return result;
}

}  // namespace model_tests
