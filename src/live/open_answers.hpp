// The text so far of every answer that is still being written, for a page that is opened or reloaded in the middle of one; that its
// prompt is being read, up to its first text; and how it ended, from that event to its last one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/option_table.hpp"
#include "events/events.hpp"
#include "live/kept_answer.hpp"
#include "live/running_sum.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class open_answers {
 public:
  /// `max_bytes` bounds the text of all answers together. Past it the answer with the oldest last write is given up:
  /// none of its text is kept until it is complete, so that no answer is ever shown from its middle on.
  explicit open_answers(std::size_t max_bytes = wirthforge::detail::server_default::max_open_answer_bytes)
      : max_bytes_(max_bytes) {}

  /// An event that was published. The last event of an answer closes it, and returns it whole.
  std::optional<kept_answer> record(const token_stream& event) {
    ++sequence_;
    kept_answer ended;
    if (!states_.empty()) ended.is_given_up = !take_state(event.session_id, ended.how_it_ended);
    auto found = std::find_if(answers_.begin(), answers_.end(), [&](const kept_answer& each) {
      return each.text.session_id == event.session_id && each.text.model_id == event.model_id;
    });
    if (event.is_complete) return close(found, event, std::move(ended));
    if (found == answers_.end()) {
      if (is_forgotten(event)) return std::nullopt;
      answers_.push_front({empty(event), {}, sequence_, 0, false});
      found = answers_.begin();
      bytes_ += overhead(*found);
    } else {
      answers_.splice(answers_.begin(), answers_, found);  // the newest first
    }
    if (!found->is_given_up) bytes_ += append(*found, event);
    while (bytes_ > max_bytes_) make_room();
    return std::nullopt;
  }

  /// An event that says how an answer ended, and the answer's last event follows; or that its prompt is being read.
  WIRTHFORGE_COLD void record(const error_event& event) {
    constexpr std::size_t most = 64;
    std::string session = session_of(event);
    error_event before;
    take_state(session, before);
    const std::size_t room = max_bytes_ / 4;
    const bool fits = session.size() + kept_answer::bytes_of(event) <= room;
    if (says_that_it_waits(event) && (!fits || has(session))) return;
    states_.push_back({std::move(session), fits ? event : error_event()});
    bytes_ += bytes_of(states_.back());
    states_bytes_ += bytes_of(states_.back());
    while (!states_.empty() && (states_bytes_ > room || states_.size() > most)) drop_state(states_.begin());
    while (bytes_ > max_bytes_) make_room();
  }

  /// Hands the event of each answer whose prompt is being read to `take(const error_event&)`, the oldest first.
  template <class Take>
  void each_waiting(Take take) const {
    for (const state& each : states_) {
      if (says_that_it_waits(each.event)) take(each.event);
    }
  }

  /// Hands each open answer to `take(const kept_answer&)`: its whole text as one token, the oldest first, side answers before
  /// their answer. False when there are others that were given up.
  template <class Take>
  bool each(Take take) const {
    for (const kept_answer* const open : in_order()) take(*open);
    const auto is_given_up = [](const kept_answer& open) { return open.is_given_up; };
    return forgotten_.empty() && std::none_of(answers_.begin(), answers_.end(), is_given_up);
  }

  /// Hands each to `take(const kept_answer&)`, also those that were given up: somebody waits for the end of each.
  template <class Take>
  void every(Take take) const {
    for (const kept_answer& open : answers_) take(open);
  }

  /// They were made from a log of which the beginning may be gone: what is not among these is not whole, and is not shown. Returns all,
  /// whole or not.
  WIRTHFORGE_COLD std::vector<token_stream> confirm(const std::vector<answer_size>& whole) {
    std::vector<token_stream> all;
    for (kept_answer& each : answers_) {
      all.push_back(empty(each.text));
      if (each.is_given_up || std::find(whole.begin(), whole.end(), size_of(each)) != whole.end()) continue;
      bytes_ -= each.text.tokens.front().size();
      each.text.tokens.front() = std::string();
      each.is_given_up = true;
    }
    for (const answer_size& each : whole) {
      const auto is_it = [&](const token_stream& other) {
        return other.session_id == each.session_id && other.model_id == each.model_id;
      };
      if (std::any_of(all.begin(), all.end(), is_it)) continue;
      all.push_back({{std::string()}, false, each.session_id, each.model_id, std::nullopt});
      answers_.push_back({all.back(), {}, 0, 0, true});
      bytes_ += overhead(answers_.back());
    }
    while (bytes_ > max_bytes_) make_room();
    return all;
  }

  /// True if an answer of that session is known to be open.
  bool has(std::string_view session_id) const noexcept {
    return std::any_of(answers_.begin(), answers_.end(),
                       [&](const kept_answer& each) { return each.text.session_id == session_id; });
  }
  std::size_t size() const noexcept { return answers_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct state {
    std::string session_id;
    error_event event;  // without a code where it was too large to be kept
  };
  using place = std::list<kept_answer>::iterator;

  WIRTHFORGE_COLD std::vector<const kept_answer*> in_order() const {
    std::vector<const kept_answer*> all;
    for (const kept_answer& open : answers_) {
      if (!open.is_given_up) all.push_back(&open);
    }
    std::sort(all.begin(), all.end(), [](const auto* left, const auto* right) { return left->began < right->began; });
    for (std::size_t index = 1; index < all.size(); ++index) {
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(index);
      const auto whole = std::find_if(all.begin(), end, [&](const kept_answer* each) {
        return is_side_of(all[index]->text.session_id, each->text.session_id);
      });
      std::rotate(whole, end, end + 1);
    }
    return all;
  }

  WIRTHFORGE_COLD static token_stream empty(const token_stream& like) {
    return {{std::string()}, like.is_complete, like.session_id, like.model_id, std::nullopt};
  }
  static std::size_t append(kept_answer& to, const token_stream& event) {
    std::string& text = to.text.tokens.front();
    const std::size_t before = text.size();
    for (const std::string& token : event.tokens) text += token;
    if (event.energy_cost) to.text.energy_cost = add_saturated(to.text.energy_cost.value_or(0), *event.energy_cost);
    return text.size() - before;
  }
  WIRTHFORGE_COLD kept_answer close(place found, const token_stream& event, kept_answer ended) {
    if (found == answers_.end()) {
      ended.text = empty(event);
      ended.began = sequence_;
      ended.is_given_up = remember(event) || ended.is_given_up;
    } else {
      bytes_ -= found->text.tokens.front().size() + overhead(*found);
      ended.text = std::move(found->text);
      ended.text.is_complete = true;
      ended.began = found->began;
      ended.is_given_up = ended.is_given_up || found->is_given_up;
      answers_.erase(found);
    }
    ended.ended = sequence_;
    if (!ended.is_given_up) append(ended, event);
    if (overhead(ended) + ended.text.tokens.front().size() > max_bytes_) ended.is_given_up = true;
    return ended;
  }

  // Text of an answer, or of a side answer of it, ends the reading of its prompt. The stored ending of an answer counts if the next event
  // is the last one. False if it was not kept.
  WIRTHFORGE_COLD bool take_state(const std::string& session_id, error_event& ending) {
    bool is_kept = true;
    for (auto each = states_.begin(); each != states_.end();) {
      const auto at = each++;
      const bool waits = says_that_it_waits(at->event);
      if (at->session_id != session_id && !(waits && is_side_of(session_id, at->session_id))) continue;
      if (!waits) {
        ending = at->event;
        is_kept = !ending.code.empty();
      }
      drop_state(at);
    }
    return is_kept;
  }
  WIRTHFORGE_COLD void drop_state(std::list<state>::iterator which) {
    bytes_ -= bytes_of(*which);
    states_bytes_ -= bytes_of(*which);
    states_.erase(which);
  }
  static std::size_t bytes_of(const state& each) noexcept {
    return sizeof(state) + each.session_id.size() + kept_answer::bytes_of(each.event);
  }

  // Empty answers must count too, or their number would have no limit.
  static std::size_t overhead(const kept_answer& each) noexcept {
    return sizeof(kept_answer) + each.text.session_id.size() + each.text.model_id.size();
  }
  WIRTHFORGE_COLD void make_room() {
    for (auto oldest = answers_.rbegin(); oldest != answers_.rend(); ++oldest) {
      if (oldest->is_given_up) continue;
      bytes_ -= oldest->text.tokens.front().size();
      oldest->text.tokens.front() = std::string();
      oldest->is_given_up = true;
      return;
    }
    forget(std::prev(answers_.end()));
  }

  // There are so many open answers that their names alone are too much. A few bytes stay of each forgotten answer; otherwise
  // its next event would look like a new answer. Two names with one hash are treated as one: at worst an answer is left out.
  WIRTHFORGE_COLD void forget(place which) {
    if (forgotten_.size() >= std::max<std::size_t>(max_bytes_ / 64, 1)) forgotten_.erase(forgotten_.begin());
    forgotten_.push_back(hash_of(which->text));
    erase(which);
  }
  // True if it had been forgotten.
  WIRTHFORGE_COLD bool remember(const token_stream& ended) {
    const auto found = std::find(forgotten_.begin(), forgotten_.end(), hash_of(ended));
    if (found == forgotten_.end()) return false;
    forgotten_.erase(found);
    return true;
  }
  bool is_forgotten(const token_stream& event) const {
    return !forgotten_.empty() && std::find(forgotten_.begin(), forgotten_.end(), hash_of(event)) != forgotten_.end();
  }
  static std::size_t hash_of(const token_stream& event) {
    return std::hash<std::string>()(event.session_id) * 31 + std::hash<std::string>()(event.model_id);
  }
  WIRTHFORGE_COLD void erase(place which) {
    bytes_ -= which->text.tokens.front().size() + overhead(*which);
    answers_.erase(which);
  }

  std::size_t max_bytes_;
  std::list<kept_answer> answers_;
  std::list<state> states_;  // published, but the answer's first text or its last event is still to come; the oldest first
  std::size_t states_bytes_ = 0;
  std::uint64_t sequence_ = 0;          // of events
  std::vector<std::size_t> forgotten_;  // the oldest first
  std::size_t bytes_ = 0;
};

}}}  // namespace wirthforge::live
