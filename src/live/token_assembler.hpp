// Turns the pieces that a model emits into token_stream events. Byte-level tokenizers end pieces in the middle of a UTF-8
// character; a browser closes a connection that carries invalid UTF-8. So the tail of a piece waits for its other half, bytes
// that can never become a character become U+FFFD, and many pieces become one event at each beat.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/finite.hpp"
#include "events/events.hpp"
#include "live/running_sum.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class token_assembler {
 public:
  /// Text in one event. A longer burst becomes several events, so that no frame blocks the lane.
  static constexpr std::size_t max_event_bytes = 16384;

  token_assembler(std::string session_id, std::string model_id) {
    event_.session_id = std::move(session_id);
    event_.model_id = std::move(model_id);
  }

  /// A cost that is not finite or not above 0 is ignored.
  void write(std::string_view piece, const double& energy_cost = 0) {
    if (is_finite(energy_cost) && energy_cost > 0) energy_cost_ = add_saturated(energy_cost_, energy_cost);
    std::string joined;
    if (!tail_.empty()) {
      joined.swap(tail_);
      piece = joined.append(piece);
    }
    const std::size_t held = text::incomplete_tail(piece);
    tail_ = piece.substr(piece.size() - held);
    add(piece.substr(0, piece.size() - held));
  }

  /// No more pieces will come: a tail that did not become a character is replaced.
  void finish() {
    add(std::exchange(tail_, {}));
    finished_ = true;
  }

  bool is_dirty() const noexcept { return !pending_.empty() || (finished_ && !final_taken_); }

  /// True when everything has been taken and nothing more can come.
  bool is_over() const noexcept { return final_taken_; }

  /// The next event, or null when all is taken. The one that follows `finish()` last has `is_complete` set. It holds until
  /// the next call.
  const token_stream* take() {
    if (!is_dirty()) return nullptr;
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < pending_.size() && (count == 0 || bytes + pending_[count].size() <= max_event_bytes)) {
      bytes += pending_[count++].size();
    }
    event_.tokens.clear();
    if (count == pending_.size()) {
      event_.tokens.swap(pending_);  // both keep their memory
    } else {
      const auto cut = pending_.begin() + static_cast<std::ptrdiff_t>(count);
      event_.tokens.assign(std::make_move_iterator(pending_.begin()), std::make_move_iterator(cut));
      pending_.erase(pending_.begin(), cut);
    }
    event_.is_complete = finished_ && pending_.empty();
    final_taken_ = event_.is_complete;
    event_.energy_cost.reset();
    if (energy_cost_ > 0) event_.energy_cost = std::exchange(energy_cost_, 0);
    return &event_;
  }

 private:
  void add(std::string_view text) {
    while (!text.empty()) {
      std::size_t size = std::min(text.size(), max_event_bytes);
      size -= size < text.size() ? text::incomplete_tail(text.substr(0, size)) : 0;
      std::string token;
      text::append_repaired(token, text.substr(0, size));
      pending_.push_back(std::move(token));
      text.remove_prefix(size);
    }
  }

  token_stream event_;  // the one that was taken last
  std::vector<std::string> pending_;
  std::string tail_;
  double energy_cost_ = 0;
  bool finished_ = false;
  bool final_taken_ = false;
};

}}}  // namespace wirthforge::live
