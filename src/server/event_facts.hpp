// The facts that the tap gets of an event beside its text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "live/event_frame.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

/// The members of an event by which taps sort them.
class event_facts {
 public:
  /// Of an event of the server's own.
  WIRTHFORGE_COLD explicit event_facts(const live::event_frame& event) {
    const text::json_view whole(event.text());
    text::json_view part = whole;
    if (whole.find("frameNumber", part)) frame_number_ = static_cast<std::int64_t>(part.as_number());
    if (!whole.find("payload", part)) return;
    if (event.type() == event_type::error_event && !part.find("details", part)) return;
    take(part, "modelId", model_id_);
    take(part, "sessionId", session_id_);
  }

  const std::optional<std::int64_t>& frame_number() const noexcept { return frame_number_; }
  std::string_view model_id() const noexcept { return model_id_; }
  std::string_view session_id() const noexcept { return session_id_; }

 private:
  // `details` are open: what stands there under the name may be anything.
  static void take(const text::json_view& from, std::string_view name, std::string& to) {
    text::json_view found = from;
    if (from.find(name, found) && found.is_string()) to = found.as_string();
  }

  std::optional<std::int64_t> frame_number_;
  std::string model_id_, session_id_;
};

}}}  // namespace wirthforge::detail
