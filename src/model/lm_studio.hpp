// LM Studio's own `/api/v1/chat`: named server-sent events from `chat.start` to `chat.end`, and the single object that comes
// without `stream`. It loads the model, reads the prompt and calls tools by itself, and reports each. After an `error` a
// `chat.end` follows with the answer so far; the answer has still failed. An error has the same form in every format, and is
// read before the format is determined.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/version.hpp"
#include "model/answer.hpp"
#include "model/json_line.hpp"
#include "model/ollama.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

namespace detail {

inline std::optional<std::chrono::nanoseconds> seconds_of(const std::optional<double>& seconds) {
  if (!seconds || !(*seconds >= 0) || *seconds > 1e9) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*seconds * 1e9));
}

inline void read_lm_studio_stats(const std::optional<text::json_view>& stats, answer& to) {
  if (!is_object(stats)) return;
  const auto found = find_members<6>(*stats, {"input_tokens", "total_output_tokens", "reasoning_output_tokens",
                                              "tokens_per_second", "time_to_first_token_seconds", "model_load_time_seconds"});
  model_usage& usage = to.usage();
  usage.prompt_tokens = count_of(found[0]);
  usage.answer_tokens = count_of(found[1]);
  usage.thinking_tokens = count_of(found[2]);
  usage.prompt_time = seconds_of(number_of(found[4]));
  usage.load_time = seconds_of(number_of(found[5]));
  const std::optional<double> rate = number_of(found[3]);
  if (usage.answer_tokens && rate && *rate > 0) {
    usage.answer_time = seconds_of(static_cast<double>(*usage.answer_tokens) / *rate);
  }
}

inline void read_lm_studio_result(const text::json_view& result, answer& to) {
  const auto found = find_members<2>(result, {"output", "stats"});
  if (!to.has_content() && is_array(found[0])) {  // no part of it came before
    found[0]->all_elements([&to](const text::json_view& each) {
      const auto item = find_members<4>(each, {"type", "content", "tool", "arguments"});
      std::string name, memory;
      if (equals(item[0], "message")) to.text(string_of(item[1], memory));
      else if (equals(item[0], "reasoning")) to.thinking(string_of(item[1], memory));
      else if (equals(item[0], "tool_call")) to.new_tool_call({}, string_of(item[2], name), arguments_text(item[3], memory));
      return !to.is_over();
    });
  }
  if (to.is_over()) return;
  read_lm_studio_stats(found[1], to);
  to.said_end(model_finish::stop, {});
  to.finish();
}

}  // namespace detail

/// `type`: the event's, if its data has none.
inline void read_lm_studio(const text::json_view& object, std::string_view type, answer& to) {
  const auto found = find_members<7>(object, {"type", "content", "progress", "tool", "arguments", "result", "output"});
  std::string type_memory, memory;
  if (is_string(found[0])) type = string_of(found[0], type_memory);
  if (type == "message.delta") return to.text(string_of(found[1], memory));
  if (type == "reasoning.delta") return to.thinking(string_of(found[1], memory));
  if (type == "model_load.start") return to.progress(model_stage::loading, 0.0);
  if (type == "model_load.progress") return to.progress(model_stage::loading, number_of(found[2]));
  if (type == "model_load.end") return to.progress(model_stage::loading, 1.0);
  if (type == "prompt_processing.start") return to.progress(model_stage::prompt, 0.0);
  if (type == "prompt_processing.progress") return to.progress(model_stage::prompt, number_of(found[2]));
  if (type == "prompt_processing.end") return to.progress(model_stage::prompt, 1.0);
  if (type == "tool_call.start") return to.new_tool_call({}, string_of(found[3], memory), {});
  if (type == "tool_call.arguments") return to.more_arguments(detail::arguments_text(found[4], memory));
  if (type == "chat.end" && is_object(found[5])) return detail::read_lm_studio_result(*found[5], to);
  if (type.empty() && is_array(found[6])) detail::read_lm_studio_result(object, to);  // a whole body
}

}}}  // namespace wirthforge::model
