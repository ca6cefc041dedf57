// All lines of one loop: which are admitted, turned away or displaced, in which order they are flushed, and when they are
// removed. One thread only, and the time is passed in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/metrics.hpp"
#include "base/option_table.hpp"
#include "base/prefetch.hpp"
#include "live/line.hpp"
#include "live/refusals.hpp"
#include "rfc6455/http_response.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

struct lines_options {
  peer_options peer;
  std::size_t max_connections = wirthforge::detail::server_default::max_connections;
  std::size_t max_half_open = wirthforge::detail::server_default::
      max_half_open;  ///< Connections whose request head is not complete; the oldest makes room.
};

/// How to treat an accepted connection.
enum class admission {
  serve,
  refuse,     ///< It is told that there is no room, and stays until it has read the answer.
  refuse_now  ///< It is told the same, and closed at once.
};

/// The counters of all lines of a loop so far.
struct traffic {
  std::uint64_t bytes_received;
  std::uint64_t bytes_sent;
  std::uint64_t turned_away;  ///< Connections that found no room.
};

class lines {
 public:
  /// `behind` must outlive the lines.
  WIRTHFORGE_COLD lines(service& behind, const lines_options& options)
      : max_connections_(options.max_connections), max_half_open_(options.max_half_open), most_half_open_(max_half_open_),
        shared_(std::make_shared<line_shared>(behind, options.peer)) {}

  /// The state from which a new line is made.
  const std::shared_ptr<line_shared>& shared() const noexcept { return shared_; }

  /// Takes a line that was not started yet, and serves it if there is room.
  void add(const std::shared_ptr<line>& next, const instant& now, admission how = admission::serve) {
    if (is_stopping_) return serve_last(next, now);
    constexpr std::size_t many = 32;  // so many closed lines hold memory that new ones can use
    const bool are_mostly_closed = shared_->closed >= many && shared_->closed > lines_.size() / 2;
    if (are_mostly_closed || is_full()) prune();
    if (is_full() || how != admission::serve) {
      turned_away_lately_.at_cap += is_full() ? 1U : 0U;
      refuse(next, true, how != admission::refuse_now, now);
    } else {
      admit(next, now);
    }
  }
  /// True when there are `max_connections` lines; some of them may already be closed.
  bool is_full() const noexcept { return lines_.size() >= max_connections_; }
  /// Lowers the number of half-open lines below `max_half_open` for now.
  void limit_half_open(std::size_t most) noexcept { most_half_open_ = std::min(max_half_open_, most); }

  /// Lets every WebSocket connection send its waiting bytes.
  void flush_all(const instant& now) noexcept {
    for (std::size_t index = 0; index < lines_.size(); ++index) {
      bring_near(index);
      line& each = *lines_[index];
      if (each.peer().is_websocket()) each.flush(now);
    }
  }
  /// Checks the timeouts of each line. `is_news`: there may be something new to send.
  void sweep(bool is_news, const instant& now) noexcept {
    for (const auto& each : lines_) {
      if (!each->is_gone()) each->sweep(is_news, now);
    }
    for (const auto& each : leaving_) each->sweep(false, now);
  }
  /// Begins to close each line after its waiting bytes are sent. A connection that comes later is answered, and not waited
  /// for.
  void close_all(rfc6455::close_code code, const instant& now) noexcept {
    is_stopping_ = true;
    for (const auto& each : lines_) {
      if (!each->is_gone()) each->close_after_drain(code, now);
    }
  }
  WIRTHFORGE_COLD void abandon_all(std::error_code why, const instant& now) noexcept {
    for (const auto& each : lines_) each->abandon(why, now);
    for (const auto& each : leaving_) each->abandon(why, now);
    lines_.clear();
    leaving_.clear();
    half_open_.clear();
    shared_->closed = 0;
  }

  /// Removes the lines that are closed.
  void prune() noexcept {
    const auto is_gone = [](const auto& each) { return each->is_gone(); };
    lines_.erase(std::remove_if(lines_.begin(), lines_.end(), is_gone), lines_.end());
    leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(), is_gone), leaving_.end());
    shared_->closed = 0;
  }
  /// The admitted lines that are not yet removed.
  std::size_t size() const noexcept { return lines_.size(); }
  /// True when there are none, not even lines that were turned away and have not read their answer.
  bool is_empty() const noexcept { return lines_.empty() && leaving_.empty(); }

  /// A log line about the connections that were turned away since the last one; empty if there were none.
  WIRTHFORGE_COLD std::string take_turned_away() {
    const live::turned_away who = std::exchange(turned_away_lately_, {});
    return who.at_cap + who.half_open > 0 ? turned_away_text(who, max_connections_, most_half_open_) : std::string();
  }

  /// From any thread.
  live::traffic traffic() const noexcept {
    return {shared_->bytes_received.value(), shared_->bytes_sent.value(), turned_away_.value()};
  }

 private:
  // While the kernel sends for one line, the next ones are fetched from memory, each one step further on the way from the line
  // to the state of its client. Otherwise each fetch would stall: the kernel's work has displaced them from the cache.
  void bring_near(std::size_t index) const noexcept {
    constexpr std::size_t its_socket = 64;  // its socket lies after it
    if (index + 3 < lines_.size()) prefetch(lines_[index + 3].get(), sizeof(line) + its_socket);
    if (index + 2 < lines_.size()) lines_[index + 2]->peer().prefetch_state();
    if (index + 1 < lines_.size()) lines_[index + 1]->peer().prefetch_client();
  }

  // While it stops: the connection is told so, and the stop does not wait for it.
  WIRTHFORGE_COLD void serve_last(const std::shared_ptr<line>& next, const instant& now) {
    if (leaving_.size() >= most_leaving) return refuse(next, true, false, now);
    leaving_.push_back(next);
    next->start(now);
  }
  // The answer is lost if a socket is closed with unread bytes, so some may stay until they have read it. They do not count
  // for the cap, and are few: in a flood the others are closed at once.
  WIRTHFORGE_COLD void refuse(const std::shared_ptr<line>& which, bool is_new, bool may_stay, const instant& now) {
    turned_away_.add();
    may_stay = may_stay && leaving_.size() < most_leaving;
    if (may_stay) leaving_.push_back(which);
    which->refuse(rfc6455::refusal_response(errc::too_many_connections), now);
    if (is_new) which->start(now);
    if (!may_stay) which->abandon(errc::too_many_connections, now);
  }

  void admit(const std::shared_ptr<line>& next, const instant& now) {
    make_room_for_half_open(now);
    half_open_.push_back(next);
    lines_.push_back(next);
    next->start(now);
  }
  // An honest client sends its head at once, so the one that has waited longest is displaced: the newest may be the user's own
  // page.
  void make_room_for_half_open(const instant& now) {
    const auto is_done = [](const std::weak_ptr<line>& each) {
      const auto held = each.lock();
      return !held || !held->peer().is_half_open();
    };
    half_open_.erase(half_open_.begin(), std::find_if_not(half_open_.begin(), half_open_.end(), is_done));
    if (half_open_.size() < most_half_open_) return;
    half_open_.erase(std::remove_if(half_open_.begin(), half_open_.end(), is_done), half_open_.end());
    if (half_open_.size() < most_half_open_) return;
    const auto oldest = half_open_.front().lock();
    half_open_.erase(half_open_.begin());
    ++turned_away_lately_.half_open;
    refuse(oldest, false, true, now);
    lines_.erase(std::find(lines_.begin(), lines_.end(), oldest));
  }

  static constexpr std::size_t most_leaving = 64;

  const std::size_t max_connections_;
  const std::size_t max_half_open_;
  std::size_t most_half_open_;
  const std::shared_ptr<line_shared> shared_;
  std::vector<std::shared_ptr<line>> lines_;
  std::vector<std::shared_ptr<line>> leaving_;  // turned away, and not yet closed
  std::vector<std::weak_ptr<line>> half_open_;  // the oldest first; some may no longer be half-open
  bool is_stopping_ = false;
  counter turned_away_;
  live::turned_away turned_away_lately_;
};

}}}  // namespace wirthforge::live
