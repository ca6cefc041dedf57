// Ollama's native formats: JSON lines of `/api/chat` (`message`) and `/api/generate` (`response`), and the single object that
// comes without `stream`. Its end is `done: true`. Counts and durations (nanoseconds) that are 0 are left out.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/version.hpp"
#include "model/answer.hpp"
#include "model/json_line.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

namespace detail {

/// The text of an arguments object, or of a string that holds one.
inline std::string_view arguments_text(const std::optional<text::json_view>& arguments, std::string& memory) {
  if (is_string(arguments)) return string_of(arguments, memory);
  return is_object(arguments) || is_array(arguments) ? arguments->own() : std::string_view();
}

inline void read_ollama_calls(const std::optional<text::json_view>& calls, answer& to) {
  if (!is_array(calls)) return;
  calls->all_elements([&to](const text::json_view& each) {
    std::string name, id, memory;
    const auto function = find_member(each, "function");
    to.new_tool_call(string_of(find_member(each, "id"), id), string_of(find_member(function, "name"), name),
                     arguments_text(find_member(function, "arguments"), memory));
    return !to.is_over();
  });
}

inline void read_ollama_figures(const text::json_view& object, model_usage& usage) {
  const auto found = find_members<6>(object, {"prompt_eval_count", "eval_count", "load_duration", "prompt_eval_duration",
                                              "eval_duration", "total_duration"});
  const auto time = [](const std::optional<text::json_view>& value) {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(count_of(value).value_or(0)));
  };
  usage.prompt_tokens = count_of(found[0]).value_or(0);
  usage.answer_tokens = count_of(found[1]).value_or(0);
  usage.load_time = time(found[2]);
  usage.prompt_time = time(found[3]);
  usage.answer_time = time(found[4]);
  usage.total_time = time(found[5]);
}

inline model_finish ollama_finish(std::string_view word, bool has_calls) {
  if (word == "length") return model_finish::length;
  if (word == "load") return model_finish::loaded;
  if (word == "unload") return model_finish::unloaded;
  return has_calls ? model_finish::tool_calls : model_finish::stop;
}

}  // namespace detail

inline void read_ollama(const text::json_view& object, answer& to) {
  const auto found = find_members<7>(object, {"message", "response", "thinking", "tool_calls", "done", "done_reason",
                                              "total_duration"});
  const auto message = find_members<3>(found[0].value_or(object), {"thinking", "content", "tool_calls"});
  std::string memory;
  to.thinking(string_of(is_object(found[0]) ? message[0] : found[2], memory));
  to.text(string_of(is_object(found[0]) ? message[1] : found[1], memory));
  detail::read_ollama_calls(is_object(found[0]) ? message[2] : found[3], to);
  if (!is_true(found[4]) || to.is_over()) return;
  if (found[6]) detail::read_ollama_figures(object, to.usage());
  const std::string_view word = string_of(found[5], memory);
  to.said_end(detail::ollama_finish(word, to.has_tool_calls()), word);
  to.finish();
}

}}}  // namespace wirthforge::model
