// The events that one client is sent again with its greeting, with the time stamp of its startup_complete: how a client tells them from
// new events, which are always later. They are written as they are sent: a client that does not read shares their content with all
// others, and holds no frame of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/cold.hpp"
#include "live/event_frame.hpp"
#include "live/kept_answer.hpp"
#include "live/resume.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

struct events_again {
  std::vector<error_event_ptr> models;
  std::vector<kept_answer_ptr> answers;
  std::vector<error_event_ptr> waiting;  ///< Answers without text. Behind those that ended: an id may be the same.
  std::size_t next = 0;                  ///< Counted through all three.
  std::int64_t timestamp = 0;
  bool is_whole = true;  ///< Every answer could be kept.

  bool is_over() const noexcept { return next == models.size() + answers.size() + waiting.size(); }
  /// Hands `send(frame_ptr)` as many as one write takes; behind the last one it reports the answers that could not be sent again. False
  /// when there were none.
  template <class Send>
  WIRTHFORGE_COLD bool collect(std::size_t batch_bytes, Send& send) {
    const std::size_t began_at = next;
    for (std::size_t bytes = 0; !is_over() && bytes < batch_bytes; ++next) bytes += send_next(send);
    if (!is_over()) return true;
    if (!is_whole) send(make_frame(gap_event(gap::answer_too_long, 0, timestamp), envelope{timestamp, 0}));
    return next > began_at || !is_whole;
  }

 private:
  template <class Send>
  WIRTHFORGE_COLD std::size_t send_next(Send& send) {
    const envelope outer{timestamp, 0};
    if (next < models.size() || next >= models.size() + answers.size()) {
      error_event_ptr& place = next < models.size() ? models[next] : waiting[next - models.size() - answers.size()];
      send(make_frame(*place, outer));
      const std::size_t bytes = kept_answer::bytes_of(*place);
      place = nullptr;
      return bytes;
    }
    kept_answer_ptr& answer = answers[next - models.size()];
    if (!answer->how_it_ended.code.empty()) send(make_frame(answer->how_it_ended, outer));
    send(make_frame(answer->text, outer));
    const std::size_t bytes = answer->bytes();
    answer = nullptr;
    return bytes;
  }
};

}}}  // namespace wirthforge::live
