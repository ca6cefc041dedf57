// Turns the pieces that a model emits into token_stream events. Byte-level tokenizers end pieces in the middle of a UTF-8
// character; a browser drops a connection that carries broken UTF-8. So the tail of a piece waits for its other half, what
// can never become a character becomes U+FFFD, and many pieces become one event when the beat comes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "events/events.hpp"
#include "text/utf8.hpp"

namespace wirthforge::live {

class token_assembler {
 public:
  /// Text in one event. A longer burst becomes several events, so that no frame holds up the lane.
  static constexpr std::size_t max_event_bytes = 16384;

  token_assembler(std::string session_id, std::string model_id) {
    pending_.session_id = std::move(session_id);
    pending_.model_id = std::move(model_id);
  }

  void write(std::string_view piece, double energy_cost = 0) {
    energy_cost_ += energy_cost;
    std::string text = std::move(tail_);
    text += piece;
    const std::size_t held = text::incomplete_tail(text);
    tail_ = text.substr(text.size() - held);
    text.resize(text.size() - held);
    add(text);
  }

  /// No more pieces will come: a tail that never became a character is replaced.
  void finish() {
    add(std::exchange(tail_, {}));
    finished_ = true;
  }

  bool is_dirty() const noexcept { return !pending_.tokens.empty() || (finished_ && !final_taken_); }

  /// True when everything has been taken and nothing more can come.
  bool is_over() const noexcept { return final_taken_; }

  /// The next event, or nothing when all is taken. The one that follows `finish()` last has `is_complete` set.
  std::optional<token_stream> take() {
    if (!is_dirty()) return std::nullopt;
    token_stream event;
    event.session_id = pending_.session_id;
    event.model_id = pending_.model_id;
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < pending_.tokens.size() && (count == 0 || bytes + pending_.tokens[count].size() <= max_event_bytes)) {
      bytes += pending_.tokens[count++].size();
    }
    const auto cut = pending_.tokens.begin() + static_cast<std::ptrdiff_t>(count);
    event.tokens.assign(std::make_move_iterator(pending_.tokens.begin()), std::make_move_iterator(cut));
    pending_.tokens.erase(pending_.tokens.begin(), cut);
    event.is_complete = finished_ && pending_.tokens.empty();
    final_taken_ = event.is_complete;
    if (energy_cost_ > 0) event.energy_cost = std::exchange(energy_cost_, 0);
    return event;
  }

 private:
  void add(std::string_view text) {
    while (!text.empty()) {
      std::size_t size = std::min(text.size(), max_event_bytes);
      size -= size < text.size() ? text::incomplete_tail(text.substr(0, size)) : 0;
      std::string token;
      text::append_repaired(token, text.substr(0, size));
      pending_.tokens.push_back(std::move(token));
      text.remove_prefix(size);
    }
  }

  token_stream pending_;
  std::string tail_;
  double energy_cost_ = 0;
  bool finished_ = false;
  bool final_taken_ = false;
};

}  // namespace wirthforge::live
