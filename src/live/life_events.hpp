// Events about answers and models beside the token_streams (docs/protocol.md#an-answers-life): error_events of component
// model, in the reliable lane.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "events/events.hpp"
#include "text/json_text.hpp"
#include "text/mend.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// How an answer ends.
enum class answer_end { stop, length, stopped, failed };

/// The state of a model.
enum class loading_stage { loading, ready, unloaded, failed };

/// Code points of a reason that are sent; the message that contains it may have 1000.
constexpr std::size_t max_reason_characters = 800;

/// Figures of an answer that ended well.
struct answer_figures {
  std::uint64_t tokens = 0;
  double seconds = 0;
  double tokens_per_second = 0;
  std::optional<double> seconds_to_first_token;
};

namespace detail {

/// Puts `details` together, member by member.
class details_text {
 public:
  WIRTHFORGE_COLD details_text& add(std::string_view name, std::string_view value) {
    begin(name);
    text::append_json_string(text_, value);
    return *this;
  }
  WIRTHFORGE_COLD details_text& add(std::string_view name, const double& value) {
    begin(name);
    text::append_json_number(text_, value);
    return *this;
  }
  json_object finish() { return json_object::of_valid_text(std::move(text_ += '}')); }

 private:
  void begin(std::string_view name) { append(text_, {text_.size() == 1 ? "\"" : ",\"", name, "\":"}); }
  std::string text_ = "{";
};

WIRTHFORGE_COLD inline error_event life_event(severity how_bad, std::string_view code, std::string message,
                                              json_object details) {
  error_event event;
  event.severity = how_bad;
  event.code = std::string(code);
  event.message = std::move(message);
  event.component = component::model;
  event.details = std::move(details);
  event.recoverable = true;
  return event;
}

inline details_text of_answer(std::string_view session_id, std::string_view model_id) {
  return std::move(details_text().add("sessionId", session_id).add("modelId", model_id));
}

}  // namespace detail

WIRTHFORGE_COLD inline error_event waiting_event(std::string_view session_id, std::string_view model_id,
                                                 std::optional<double> progress) {
  detail::details_text details = detail::of_answer(session_id, model_id);
  if (progress) details.add("progress", *progress);
  return detail::life_event(severity::info, "ANSWER_WAITING", "a prompt is being read", details.finish());
}

/// For every end but `answer_end::stop`. `reason` is used for a failure alone, and must be repaired text.
WIRTHFORGE_COLD inline error_event ending_event(std::string_view session_id, std::string_view model_id, answer_end how,
                                                std::string_view reason) {
  detail::details_text details = detail::of_answer(session_id, model_id);
  if (how == answer_end::length) {
    return detail::life_event(severity::info, "ANSWER_LENGTH", "an answer was cut at a limit", details.finish());
  }
  if (how == answer_end::stopped) {
    return detail::life_event(severity::info, "ANSWER_STOPPED", "an answer was stopped", details.finish());
  }
  details.add("reason", reason);
  return detail::life_event(severity::error, "ANSWER_FAILED", concat({"an answer failed: ", reason}), details.finish());
}

WIRTHFORGE_COLD inline error_event done_event(std::string_view session_id, std::string_view model_id,
                                              const answer_figures& figures) {
  detail::details_text details = detail::of_answer(session_id, model_id);
  details.add("tokens", static_cast<double>(figures.tokens)).add("seconds", figures.seconds);
  details.add("tokensPerSecond", figures.tokens_per_second);
  if (figures.seconds_to_first_token) details.add("secondsToFirstToken", *figures.seconds_to_first_token);
  return detail::life_event(severity::info, "ANSWER_DONE", "an answer is whole", details.finish());
}

/// `reason` is used for a failure alone, and must be repaired text; `progress` for a model that loads.
WIRTHFORGE_COLD inline error_event model_event(std::string_view model_id, loading_stage stage, std::optional<double> progress,
                                               std::string_view reason) {
  static constexpr std::string_view codes[] = {"MODEL_LOADING", "MODEL_READY", "MODEL_UNLOADED", "MODEL_FAILED"};
  static constexpr std::string_view messages[] = {
      "a model is loading: ", "a model is ready: ", "a model was unloaded: ", "a model failed: "};
  const auto index = static_cast<std::size_t>(stage);
  detail::details_text details;
  details.add("modelId", model_id);
  std::string message = concat({messages[index], model_id});
  if (stage == loading_stage::loading && progress) details.add("progress", *progress);
  if (stage == loading_stage::failed) {
    details.add("reason", reason);
    append(message, {": ", reason});
  }
  const severity how_bad = stage == loading_stage::failed ? severity::error : severity::info;
  return detail::life_event(how_bad, codes[index], text::mended(message, 1000), details.finish());
}

}}}  // namespace wirthforge::live
