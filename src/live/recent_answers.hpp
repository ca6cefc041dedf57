// The answers that ended recently, for a page that is opened or reloaded after them. They have the same bounds as the log.
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "live/event_log.hpp"
#include "live/kept_answer.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class recent_answers {
 public:
  explicit recent_answers(log_limits limits = {}) : limits_(limits) {}

  /// An answer has ended. An answer that was given up, or has no room, is left out, and this is remembered for as long.
  WIRTHFORGE_COLD void add(kept_answer ended, steady_time now) {
    trim(now);
    if (ended.is_given_up || ended.bytes() > limits_.max_bytes || limits_.max_events == 0) return note_left_out(now);
    const auto place = place_of(ended);
    const steady_time when = place == answers_.end() ? now : place->ended_at;
    bytes_ += ended.bytes();
    answers_.insert(place, {std::make_shared<const kept_answer>(std::move(ended)), when});
    while (bytes_ > limits_.max_bytes || answers_.size() > limits_.max_events) {
      note_left_out(answers_.front().ended_at);
      drop_oldest();
    }
  }

  /// Drops old answers.
  WIRTHFORGE_COLD void trim(steady_time now) {
    while (!answers_.empty() && now - answers_.front().ended_at > limits_.max_age) drop_oldest();
    if (left_out_at_ && now - *left_out_at_ > limits_.max_age) left_out_at_.reset();
  }

  /// Hands each to `take(const kept_answer_ptr&)`: the oldest first, side answers before their answer. False when there are
  /// others that were left out. Precondition: trimmed.
  template <class Take>
  bool each(Take take) const {
    for (const entry& one : answers_) take(one.answer);
    return !left_out_at_;
  }

  /// When the last of those ended that were left out, and would be here else. Precondition: trimmed.
  const std::optional<steady_time>& left_out_at() const noexcept { return left_out_at_; }
  /// They were made from a log of which the beginning may be gone: what is not among these, in their order, is not whole.
  /// `left_out`: as it was when they were counted.
  WIRTHFORGE_COLD void confirm(const std::vector<answer_size>& whole, const std::optional<steady_time>& left_out,
                               steady_time now) {
    auto left = whole.rbegin();
    std::list<entry> kept;
    for (auto each = answers_.rbegin(); each != answers_.rend(); ++each) {
      const auto found = std::find(left, whole.rend(), size_of(*each->answer));
      if (found == whole.rend()) {
        bytes_ -= each->answer->bytes();
        continue;
      }
      left = std::next(found);
      kept.push_front(*each);
    }
    answers_ = std::move(kept);
    if (left_out) note_left_out(*left_out);
    if (answers_.size() < whole.size()) note_left_out(now);
  }

  std::size_t size() const noexcept { return answers_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct entry {
    kept_answer_ptr answer;
    steady_time ended_at;
  };

  // After all others, except that a side answer comes before its answer if that has already ended. One that began after that
  // end belongs to the next answer of that name.
  WIRTHFORGE_COLD std::list<entry>::const_iterator place_of(const kept_answer& side) const {
    const auto is_whole = [&](const entry& each) {
      return side.began < each.answer->ended && is_side_of(side.text.session_id, each.answer->text.session_id);
    };
    return std::find_if(answers_.begin(), answers_.end(), is_whole);
  }
  void note_left_out(steady_time when) noexcept { left_out_at_ = std::max(left_out_at_.value_or(when), when); }
  WIRTHFORGE_COLD void drop_oldest() {
    bytes_ -= answers_.front().answer->bytes();
    answers_.pop_front();
  }

  log_limits limits_;
  std::list<entry> answers_;
  std::optional<steady_time> left_out_at_;
  std::size_t bytes_ = 0;
};

}}}  // namespace wirthforge::live
