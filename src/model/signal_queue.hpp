// A queue between a model server's signals and their receiver: passes on a limited number of bytes a beat, in order, and keeps
// the rest. So a server that sends megabytes at once neither fills a log nor blocks a loop. A change from one text to another,
// such as from thinking to the answer, counts as bytes too, since it ends an answer and begins one; so does text after
// progress, since the model is ready then. The time is passed in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/version.hpp"
#include "model/answer.hpp"
#include "model/signal.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

/// The bytes of each beat: 60 beats a second; the first one begins at the first request after a pause.
class beat_allowance {
 public:
  static constexpr nanoseconds beat = nanoseconds(16'666'667);

  explicit beat_allowance(std::size_t bytes) noexcept : bytes_(bytes) {}

  std::size_t left(steady_time now) noexcept {
    if (now - since_ >= beat) {
      since_ = now;
      used_ = 0;
    }
    return bytes_ - used_;
  }
  void use(std::size_t bytes) noexcept { used_ += std::min(bytes, bytes_ - used_); }
  /// When there is room again, once it is used up.
  steady_time next() const noexcept { return since_ + beat; }

 private:
  const std::size_t bytes_;
  std::size_t used_ = 0;
  steady_time since_{};
};

class signal_queue {
 public:
  static constexpr std::size_t bytes_of_change = 1024;

  signal_queue(answer::listener hear, std::size_t max_bytes_per_beat)
      : hear_(std::move(hear)), allowance_(max_bytes_per_beat) {}

  /// Passes the signal on, or as much of it as the beat has room for.
  void take(const model_signal& signal, steady_time now) {
    if (is_over_) return;
    if (!waiting_.empty()) return keep(signal, signal.text);
    const std::size_t told = tell(signal, signal.text, now);
    if (told < signal.text.size()) keep(signal, signal.text.substr(told));
  }
  /// Passes on the waiting signals, as far as the beat has room for them.
  void go_on(steady_time now) {
    while (!waiting_.empty() && !is_over_ && allowance_.left(now) > 0) {
      kept& next = waiting_.front();
      model_signal signal;
      if (next.more) {
        signal = next.more->signal;
        signal.name = next.more->name;
        signal.id = next.more->id;
      }
      signal.what = next.what;
      signal.call = next.call;
      told_of_first_ += tell(signal, std::string_view(next.text).substr(told_of_first_), now);
      if (told_of_first_ < next.text.size()) {
        next.more.reset();  // a name comes once
        return;
      }
      told_of_first_ = 0;
      waiting_.pop_front();
    }
  }
  /// Drops the waiting signals; the end is a failure with this reason, unless there was an end.
  WIRTHFORGE_COLD void cut(std::error_code why) {
    waiting_.clear();
    told_of_first_ = 0;
    if (is_over_) return;
    const std::string reason = why.message();
    model_signal last;
    last.what = model_signal::kind::failed;
    last.error = why;
    last.text = reason;
    is_over_ = true;
    hear_(last);
  }

  /// True once the last signal was passed on.
  bool is_over() const noexcept { return is_over_; }
  bool is_empty() const noexcept { return waiting_.empty(); }
  /// The bytes of memory that the waiting signals take, nearly.
  std::size_t bytes_waiting() const noexcept {
    std::size_t bytes = 0;
    for (const kept& each : waiting_) {
      bytes += sizeof(kept) + (each.text.capacity() > std::string().capacity() ? each.text.capacity() : 0);
      if (each.more) bytes += sizeof(details) + each.more->name.capacity() + each.more->id.capacity();
    }
    return bytes;
  }
  /// True when nothing waits and the beat has room.
  bool has_room(steady_time now) noexcept { return waiting_.empty() && allowance_.left(now) > 0; }
  steady_time next_beat() const noexcept { return allowance_.next(); }

 private:
  using kind = model_signal::kind;
  struct details {
    model_signal signal;
    std::string name, id;
  };
  // One line of a model server may hold hundreds of thousands of pieces that change from one text to the other: each is small.
  struct kept {
    std::string text;
    std::unique_ptr<details> more;  // for a signal that has more than these
    std::uint32_t call;
    kind what;
  };

  void keep(const model_signal& signal, std::string_view text) {
    const bool is_begun = text.size() < signal.text.size();
    const bool is_plain = is_piece(signal.what) && (is_begun || (signal.name.empty() && signal.id.empty()));
    if (is_plain && !waiting_.empty() && waiting_.back().what == signal.what && waiting_.back().call == signal.call) {
      waiting_.back().text += text;  // waiting pieces of one text are joined
      return;
    }
    std::unique_ptr<details> more;
    if (!is_plain) more.reset(new details{signal, std::string(signal.name), std::string(signal.id)});
    waiting_.push_back({std::string(text), std::move(more), static_cast<std::uint32_t>(signal.call), signal.what});
  }
  static bool is_piece(kind what) noexcept { return what == kind::text || what == kind::thinking || what == kind::tool_call; }
  // At most `room` bytes, but one character in any case.
  static std::size_t whole_characters(std::string_view text, std::size_t room) noexcept {
    const std::size_t size = room - text::incomplete_tail(text.substr(0, room));
    if (size > 0) return size;
    const std::string_view first = text.substr(0, 4);
    return first.size() - text::incomplete_tail(first);
  }
  // The size of the text that was passed on. Signals without text, and the last one, take no room.
  std::size_t tell(model_signal signal, std::string_view text, steady_time now) {
    const bool is_last = signal.what == kind::finished || signal.what == kind::failed;
    std::size_t size = text.size();
    if (!is_last && size > 0) {
      const std::size_t left = allowance_.left(now);
      if (left == 0) return 0;
      if (size > left) size = whole_characters(text, left);
      const bool is_change = has_told_ && (told_what_ != signal.what || told_call_ != signal.call);
      allowance_.use(size + (is_change ? bytes_of_change : 0));
    }
    if (size > 0 || signal.what == kind::progress) {
      has_told_ = true;
      told_what_ = signal.what;
      told_call_ = signal.call;
    }
    signal.text = text.substr(0, size);
    is_over_ = is_last;
    hear_(signal);
    return size;
  }

  answer::listener hear_;
  beat_allowance allowance_;
  std::deque<kept> waiting_;
  std::size_t told_of_first_ = 0;  // bytes of its text
  kind told_what_ = kind::text;    // of the text or progress that was passed on last
  std::size_t told_call_ = 0;
  bool has_told_ = false;
  bool is_over_ = false;
};

}}}  // namespace wirthforge::model
