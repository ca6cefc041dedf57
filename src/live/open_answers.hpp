// The text so far of every answer that is still being written, for a page that is opened or reloaded in the middle of one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <limits>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "base/option_table.hpp"
#include "events/events.hpp"
#include "live/running_sum.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class open_answers {
 public:
  /// `max_bytes` bounds the text of all answers together. Past it the answer that was written to least recently is given up:
  /// nothing of it is kept until it is complete, so that none is ever shown from its middle on.
  explicit open_answers(std::size_t max_bytes = wirthforge::detail::server_default::max_open_answer_bytes) : max_bytes_(max_bytes) {}

  /// An event that was published. The last one of an answer closes it.
  void record(const token_stream& event) {
    auto found = std::find_if(answers_.begin(), answers_.end(), [&](const answer& each) {
      return each.so_far.session_id == event.session_id && each.so_far.model_id == event.model_id;
    });
    if (event.is_complete) {
      if (found != answers_.end()) erase(found);
      else if (!forgotten_.empty()) remember(event);
      return;
    }
    if (found == answers_.end()) {
      if (is_forgotten(event)) return;
      answers_.push_front({token_stream{{std::string()}, false, event.session_id, event.model_id, std::nullopt}, false});
      found = answers_.begin();
      bytes_ += overhead(*found);
    } else {
      answers_.splice(answers_.begin(), answers_, found);  // the newest first
    }
    if (!found->is_given_up) add(*found, event);
    while (bytes_ > max_bytes_) make_room();
  }

  /// Hands each open answer to `take(const token_stream&)`: its whole text as one token. False when there are others that
  /// were given up.
  template <class Take>
  bool each(Take take) const {
    bool all = true;
    for (const answer& open : answers_) {
      if (open.is_given_up) all = false;
      else take(open.so_far);
    }
    return all && forgotten_.empty();
  }

  std::size_t size() const noexcept { return answers_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct answer {
    token_stream so_far;
    bool is_given_up;
  };
  using place = std::list<answer>::iterator;

  void add(answer& to, const token_stream& event) {
    std::string& text = to.so_far.tokens.front();
    const std::size_t before = text.size();
    for (const std::string& token : event.tokens) text += token;
    bytes_ += text.size() - before;
    if (!event.energy_cost) return;
    to.so_far.energy_cost = add_saturated(to.so_far.energy_cost.value_or(0), *event.energy_cost);
  }

  // Empty answers must not be free, or there is no end to them.
  static std::size_t overhead(const answer& each) noexcept {
    return sizeof(answer) + each.so_far.session_id.size() + each.so_far.model_id.size();
  }
  void make_room() {
    for (auto oldest = answers_.rbegin(); oldest != answers_.rend(); ++oldest) {
      if (oldest->is_given_up) continue;
      bytes_ -= oldest->so_far.tokens.front().size();
      oldest->so_far.tokens.front() = std::string();
      oldest->is_given_up = true;
      return;
    }
    forget(std::prev(answers_.end()));
  }

  // There are so many open answers that their names alone are too much. Of each that goes a few bytes stay, or it would be
  // taken for a new one when it goes on. Two names of one hash are as good as one: at worst an answer is left out.
  void forget(place which) {
    if (forgotten_.size() >= std::max<std::size_t>(max_bytes_ / 64, 1)) forgotten_.erase(forgotten_.begin());
    forgotten_.push_back(hash_of(which->so_far));
    erase(which);
  }
  void remember(const token_stream& ended) {
    const auto found = std::find(forgotten_.begin(), forgotten_.end(), hash_of(ended));
    if (found != forgotten_.end()) forgotten_.erase(found);
  }
  bool is_forgotten(const token_stream& event) const {
    return !forgotten_.empty() && std::find(forgotten_.begin(), forgotten_.end(), hash_of(event)) != forgotten_.end();
  }
  static std::size_t hash_of(const token_stream& event) {
    return std::hash<std::string>()(event.session_id) * 31 + std::hash<std::string>()(event.model_id);
  }
  void erase(place which) {
    bytes_ -= which->so_far.tokens.front().size() + overhead(*which);
    answers_.erase(which);
  }

  std::size_t max_bytes_;
  std::list<answer> answers_;
  std::vector<std::size_t> forgotten_;  // the oldest first
  std::size_t bytes_ = 0;
};

}}}  // namespace wirthforge::live
