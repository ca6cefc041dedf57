// OpenAI's `/v1/responses`: named server-sent events whose data repeats its `type`, and the single object that comes without
// `stream`. There is no `[DONE]`: the end is `response.completed`, `response.incomplete` or `response.failed`; or an `error`,
// which has the same form in every format, and is read before the format is determined.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/version.hpp"
#include "model/answer.hpp"
#include "model/error_words.hpp"
#include "model/json_line.hpp"
#include "model/openai_chat.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

namespace detail {

inline void read_parts(const std::optional<text::json_view>& parts, bool is_thinking, answer& to) {
  if (!is_array(parts)) return;
  parts->all_elements([&](const text::json_view& part) {
    std::string memory;
    const auto found = find_members<2>(part, {"text", "refusal"});
    const std::string_view words = string_of(is_string(found[0]) ? found[0] : found[1], memory);
    if (is_thinking) to.thinking(words);
    else to.text(words);
    return true;
  });
}

/// A finished item of `output`.
inline void read_output_item(const text::json_view& item, answer& to) {
  const auto found = find_members<7>(item, {"type", "content", "summary", "call_id", "name", "arguments", "input"});
  std::string id, name, memory;
  if (equals(found[0], "message")) {
    read_parts(found[1], false, to);
  } else if (equals(found[0], "reasoning")) {
    read_parts(found[2], true, to);
    read_parts(found[1], true, to);
  } else if (equals(found[0], "function_call") || equals(found[0], "custom_tool_call")) {
    to.new_tool_call(string_of(found[3], id), string_of(found[4], name), string_of(found[5] ? found[5] : found[6], memory));
  }
}

/// The whole response, as it stands in the last event, or alone as a body.
inline void read_whole_response(const text::json_view& response, answer& to) {
  const auto found = find_members<5>(response, {"status", "output", "usage", "error", "incomplete_details"});
  read_openai_usage(found[2], to);
  if (!to.has_content() && is_array(found[1])) {  // no part of it came before
    found[1]->all_elements([&to](const text::json_view& each) {
      read_output_item(each, to);
      return !to.is_over();
    });
  }
  std::string memory;
  const std::string_view status = string_of(found[0], memory);
  if (status == "completed") {
    to.said_end(to.has_tool_calls() ? model_finish::tool_calls : model_finish::stop, status);
    to.finish();
  } else if (status == "incomplete") {
    std::string reason;
    const std::string_view why = string_of(find_member(found[4], "reason"), reason);
    if (why != "max_output_tokens" && why != "max_tokens") {
      return to.fail(errc::model_error, "the model server ended the answer: " + std::string(why.empty() ? status : why));
    }
    to.said_end(model_finish::length, why);
    to.finish();
  } else if (status == "failed" || status == "cancelled") {
    to.fail(errc::model_error, words_of_error(found[3], memory));
  }
}

}  // namespace detail

/// `type`: the event's, if its data has none.
inline void read_openai_responses(const text::json_view& object, std::string_view type, answer& to) {
  const auto found = find_members<6>(object, {"type", "delta", "item", "output_index", "response", "output"});
  std::string type_memory, memory;
  if (is_string(found[0])) type = string_of(found[0], type_memory);
  if (type == "response.output_text.delta" || type == "response.refusal.delta") {
    to.text(string_of(found[1], memory));
  } else if (type == "response.reasoning_text.delta" || type == "response.reasoning_summary_text.delta" ||
             type == "response.reasoning.delta") {
    to.thinking(string_of(found[1], memory));
  } else if (type == "response.output_item.added") {
    std::string id, name;
    const auto item = found[2] ? find_members<4>(*found[2], {"type", "call_id", "name", "arguments"}) : json_members<4>();
    if (!equals(item[0], "function_call") && !equals(item[0], "custom_tool_call")) return;
    to.tool_call(count_of(found[3]), string_of(item[1], id), string_of(item[2], name), string_of(item[3], memory));
  } else if (type == "response.function_call_arguments.delta" || type == "response.custom_tool_call_input.delta") {
    to.tool_call(count_of(found[3]), {}, {}, string_of(found[1], memory));
  } else if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
    if (is_object(found[4])) detail::read_whole_response(*found[4], to);
    if (to.is_over()) return;  // else the response gives no ending, and the event does
    if (type == "response.failed") return to.fail(errc::model_error);
    to.said_end(type == "response.completed" ? model_finish::stop : model_finish::length, {});
    to.finish();
  } else if (type.empty() && is_array(found[5])) {  // a whole body
    detail::read_whole_response(object, to);
  }
}

}}}  // namespace wirthforge::model
