// llama.cpp's own `/completion`: `content` in server-sent events, and the single object that comes without `stream`. Its end
// is `stop: true`, with `stop_type`, or with `stopped_limit` and `truncated` from builds before December 2024.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/version.hpp"
#include "model/answer.hpp"
#include "model/json_line.hpp"
#include "model/openai_chat.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

inline void read_llama_completion(const text::json_view& object, answer& to) {
  const auto found = find_members<8>(object, {"content", "stop", "stop_type", "stopped_limit", "tokens_predicted",
                                              "tokens_evaluated", "timings", "prompt_progress"});
  std::string memory;
  detail::read_prompt_progress(found[7], to);
  to.text(string_of(found[0], memory));
  if (!is_true(found[1]) || to.is_over()) return;
  detail::read_timings(found[6], to);
  if (const auto tokens = count_of(found[5])) to.usage().prompt_tokens = tokens;
  if (const auto tokens = count_of(found[4])) to.usage().answer_tokens = tokens;
  const std::string_view word = string_of(found[2], memory);
  to.said_end(word == "limit" || is_true(found[3]) ? model_finish::length : model_finish::stop, word);
  to.finish();
}

}}}  // namespace wirthforge::model
