// OpenAI's `/v1/chat/completions` and `/v1/completions`, as llama.cpp, vLLM, LM Studio, Ollama and others speak them: chunks
// in server-sent events, and the single object that comes without `stream`. The end is a `finish_reason` or `[DONE]`.
//
// Of several choices the one with index 0 is the answer. `choices` may be empty or null, beside `usage`, or not; a `content`
// null.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/version.hpp"
#include "model/answer.hpp"
#include "model/json_line.hpp"
#include "model/ollama.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

namespace detail {

/// Milliseconds, as llama.cpp sends them.
inline std::optional<std::chrono::nanoseconds> milliseconds_of(const std::optional<text::json_view>& value) {
  const std::optional<double> number = number_of(value);
  if (!number || !(*number >= 0) || *number > 1e12) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*number * 1e6));
}

/// llama.cpp's `timings`, in any of its formats. `prompt_n` does not count the whole prompt: it leaves out cached tokens.
inline void read_timings(const std::optional<text::json_view>& timings, answer& to) {
  if (!is_object(timings)) return;
  const auto found = find_members<3>(*timings, {"prompt_ms", "predicted_ms", "predicted_n"});
  model_usage& usage = to.usage();
  if (const auto time = milliseconds_of(found[0])) usage.prompt_time = time;
  if (const auto time = milliseconds_of(found[1])) usage.answer_time = time;
  if (const auto tokens = count_of(found[2])) usage.answer_tokens = tokens;
}

/// llama.cpp's `prompt_progress`, in any of its formats: the tokens of the prompt that were read, and all of its tokens.
inline void read_prompt_progress(const std::optional<text::json_view>& progress, answer& to) {
  if (!is_object(progress)) return;
  const auto found = find_members<2>(*progress, {"processed", "total"});
  const auto processed = number_of(found[0]);
  const auto total = number_of(found[1]);
  const bool is_known = processed && total && *total > 0;
  to.progress(model_stage::prompt, is_known ? std::optional<double>(*processed / *total) : std::nullopt);
}

/// `usage` of chat completions (`prompt_tokens`) and of Responses (`input_tokens`).
inline void read_openai_usage(const std::optional<text::json_view>& usage, answer& to) {
  if (!is_object(usage)) return;
  const auto found = find_members<6>(*usage, {"prompt_tokens", "completion_tokens", "completion_tokens_details", "input_tokens",
                                              "output_tokens", "output_tokens_details"});
  const auto prompt = count_of(found[0] ? found[0] : found[3]);
  const auto tokens = count_of(found[1] ? found[1] : found[4]);
  const auto thinking = count_of(find_member(found[2] ? found[2] : found[5], "reasoning_tokens"));
  if (prompt) to.usage().prompt_tokens = prompt;
  if (tokens) to.usage().answer_tokens = tokens;
  if (thinking) to.usage().thinking_tokens = thinking;
}

/// A string, or the `text` of each part of a list (Mistral's form).
inline void read_content(const std::optional<text::json_view>& content, answer& to) {
  std::string memory;
  to.text(string_of(content, memory));
  if (!is_array(content)) return;
  content->all_elements([&](const text::json_view& each) {
    to.text(string_of(find_member(each, "text"), memory));
    return true;
  });
}

inline void read_openai_calls(const std::optional<text::json_view>& calls, answer& to) {
  if (!is_array(calls)) return;
  calls->all_elements([&to](const text::json_view& each) {
    std::string name, id, memory;
    const auto found = find_members<3>(each, {"index", "id", "function"});
    const auto function = found[2];
    to.tool_call(count_of(found[0]), string_of(found[1], id), string_of(find_member(function, "name"), name),
                 arguments_text(find_member(function, "arguments"), memory));
    return !to.is_over();
  });
}

/// False for a reason that means that the answer is incomplete.
inline bool openai_finish(std::string_view reason, model_finish& finish) {
  if (reason == "content_filter" || reason == "abort" || reason == "error") return false;
  if (reason == "length" || reason == "max_tokens") finish = model_finish::length;
  else if (reason == "tool_calls" || reason == "function_call") finish = model_finish::tool_calls;
  else finish = model_finish::stop;
  return true;
}

inline void read_choice(const text::json_view& choice, answer& to) {
  const auto found = find_members<5>(choice, {"index", "delta", "message", "text", "finish_reason"});
  if (count_of(found[0]).value_or(0) != 0) return;
  std::string memory;
  if (const auto message = is_object(found[1]) ? found[1] : found[2]; is_object(message)) {
    // A server may send its reasoning under the older and the newer name at once.
    const auto said = find_members<5>(*message, {"reasoning_content", "reasoning", "content", "refusal", "tool_calls"});
    to.thinking(string_of(is_string(said[0]) ? said[0] : said[1], memory));
    read_content(said[2], to);
    to.text(string_of(said[3], memory));
    read_openai_calls(said[4], to);
  }
  to.text(string_of(found[3], memory));  // /v1/completions
  const std::string_view reason = string_of(found[4], memory);
  if (reason.empty() || to.is_over()) return;
  model_finish finish = model_finish::stop;
  if (openai_finish(reason, finish)) to.said_end(finish, reason);
  else to.fail(errc::model_error, "the model server ended the answer: " + std::string(reason));
}

}  // namespace detail

/// A chunk, or a whole body. After a `finish_reason` figures may follow: `answer::finish` is called at `[DONE]` or the end.
inline void read_openai_chat(const text::json_view& object, answer& to) {
  const auto found = find_members<4>(object, {"choices", "usage", "timings", "prompt_progress"});
  detail::read_timings(found[2], to);
  detail::read_openai_usage(found[1], to);
  detail::read_prompt_progress(found[3], to);
  if (!is_array(found[0])) return;
  found[0]->all_elements([&to](const text::json_view& each) {
    detail::read_choice(each, to);
    return !to.is_over();
  });
}

}}}  // namespace wirthforge::model
