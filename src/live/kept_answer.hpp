// An answer as it is sent again: its whole text in one event, and how it ended if that was published
// (docs/protocol.md#answers-told-again).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "events/events.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

struct kept_answer {
  token_stream text;         ///< With one token.
  error_event how_it_ended;  ///< Without a code where no such event came.
  std::uint64_t began = 0;   ///< The numbers, in the order of events, of its first event and of its last.
  std::uint64_t ended = 0;
  bool is_given_up = false;  ///< Part of it is unknown, so that none of it is shown.

  std::size_t bytes() const noexcept {
    return sizeof(kept_answer) + text.tokens.front().size() + text.session_id.size() + text.model_id.size() +
           bytes_of(how_it_ended);
  }
  static std::size_t bytes_of(const error_event& event) noexcept {
    return event.code.size() + event.message.size() + (event.details ? event.details->text().size() : 0);
  }
};
/// Which answer, and how long it is, with what was said of its end: whoever has less of it has not all.
struct answer_size {
  static constexpr std::size_t unknown = static_cast<std::size_t>(-1);  ///< Of an answer that was given up.
  std::string session_id;
  std::string model_id;
  std::size_t bytes = 0;
};
inline answer_size size_of(const kept_answer& each) {
  return {each.text.session_id, each.text.model_id,
          each.is_given_up ? answer_size::unknown : each.text.tokens.front().size() + kept_answer::bytes_of(each.how_it_ended)};
}
inline bool operator==(const answer_size& left, const answer_size& right) noexcept {
  return left.session_id == right.session_id && left.model_id == right.model_id && left.bytes == right.bytes;
}

using kept_answer_ptr = std::shared_ptr<const kept_answer>;
using error_event_ptr = std::shared_ptr<const error_event>;

/// True for an event that says how an answer ended; it is published directly before the answer's last one.
inline bool says_how_it_ended(const error_event& event) noexcept {
  if (event.component != component::model || event.code.compare(0, 7, "ANSWER_") != 0) return false;
  const std::string_view how = std::string_view(event.code).substr(7);
  return how == "LENGTH" || how == "STOPPED" || how == "FAILED" || how == "DONE";
}

/// True for an event that says that the prompt of an answer is being read.
inline bool says_that_it_waits(const error_event& event) noexcept {
  return event.component == component::model && event.code == "ANSWER_WAITING";
}
/// True for an event that says the state of a model.
inline bool says_model_state(const error_event& event) noexcept {
  if (event.component != component::model || event.code.compare(0, 6, "MODEL_") != 0) return false;
  const std::string_view state = std::string_view(event.code).substr(6);
  return state == "LOADING" || state == "READY" || state == "UNLOADED" || state == "FAILED";
}
/// True for an event that says the state of an answer or of a model: it counts until the next one, also for a client that connects
/// between the two.
inline bool says_a_state(const error_event& event) noexcept {
  return says_how_it_ended(event) || says_that_it_waits(event) || says_model_state(event);
}

/// A member of such an event's details; empty where that is no string, or missing.
WIRTHFORGE_COLD inline std::string text_in_details(const error_event& event, std::string_view name) {
  if (!event.details || event.details->found() != json_object::fault::none) return {};
  const text::json_view details(event.details->text());
  text::json_view member = details;
  return details.find(name, member) && member.is_string() ? member.as_string() : std::string();
}
/// The session of the answer that such an event is about; empty where it names none.
inline std::string session_of(const error_event& event) { return text_in_details(event, "sessionId"); }

/// True where `side` is the thinking or a tool call of the model on its way to the answer `whole`.
inline bool is_side_of(std::string_view side, std::string_view whole) noexcept {
  if (side.size() <= whole.size() || side.substr(0, whole.size()) != whole) return false;
  const std::string_view rest = side.substr(whole.size());
  return rest == ":thinking" || rest.substr(0, 6) == ":tool:";
}

}}}  // namespace wirthforge::live
