// All connections of one loop: takes accepted sockets, sweeps timeouts with one timer for all, closes everything at the end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/prefetch.hpp"
#include "net/connection.hpp"
#include "net/descriptor_limit.hpp"
#include "net/sockets.hpp"
#include "net/stall.hpp"
#include "rfc6455/http_response.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

struct connection_options {
  live::peer_options peer;
  std::size_t max_connections = 4096;
  std::size_t max_half_open = 512;    ///< Connections whose request head is not complete; the oldest makes room.
  std::size_t send_buffer_bytes = 0;  ///< The kernel's, for each socket (SO_SNDBUF); 0 leaves the system's own.
};

/// Called ten times a second while there are connections; true when there may be something new to send.
using sweeper = std::function<bool(const instant& now)>;

/// What has gone through all connections of a loop so far.
struct traffic {
  std::uint64_t bytes_received;
  std::uint64_t bytes_sent;
  std::uint64_t turned_away;  ///< Connections that found no room.
};

template <class Executor = asio::any_io_executor>
class connection_pool : public std::enable_shared_from_this<connection_pool<Executor>> {
 public:
  using connection = net::connection<Executor>;

  WIRTHFORGE_COLD connection_pool(const Executor& executor, live::service& behind, const connection_options& options,
                  sweeper sweep = {}, stall stalled = {},
                  std::shared_ptr<descriptor_limit> descriptors = std::make_shared<descriptor_limit>())
      : options_(options), shared_(std::make_shared<live::line_shared>(behind, options.peer)), timer_(executor),
        on_sweep_(std::move(sweep)), stalled_(std::move(stalled)), descriptors_(std::move(descriptors)) {}

  void add(net::socket<Executor> socket) {
    constexpr std::size_t many = 32;  // then their memory serves better for those who come
    const bool are_mostly_closed = shared_->closed >= many && shared_->closed > connections_.size() / 2;
    if (are_mostly_closed || connections_.size() >= options_.max_connections) prune();
    const auto use = descriptors_->use_of(static_cast<std::size_t>(static_cast<native_socket>(socket.native_handle())));
    const auto next = std::make_shared<connection>(std::move(socket), shared_, options_.send_buffer_bytes, machine_time());
    const bool is_full = connections_.size() >= options_.max_connections;
    if (is_full || use != descriptor_use::serve) turn_away(next, true, use != descriptor_use::refuse_now);
    else admit(next);
    if (!is_full && use != descriptor_use::serve) descriptors_->tell_short(0);
    resume();
  }
  /// Answers 503 and closes at once: there is no descriptor for it.
  WIRTHFORGE_COLD void refuse(net::socket<Executor> socket) {
    turn_away(std::make_shared<connection>(std::move(socket), shared_, options_.send_buffer_bytes, machine_time()), true, false);
  }
  /// Goes on where memory was short, or a timer is long overdue.
  void resume() {
    if (is_sweeping_) {
      if (machine_time().steady - swept_at_ > seconds(1)) sweep();
    } else if (!(connections_.empty() && leaving_.empty())) {
      swept_at_ = machine_time().steady;
      sweep_later();
    }
  }

  /// Lets every WebSocket connection send what waits for it.
  void flush_all(const instant& now) {
    for (std::size_t index = 0; index < connections_.size(); ++index) {
      bring_near(index);
      connection& each = *connections_[index];
      if (each.peer().is_websocket()) each.flush(now);
    }
  }
  void close_all(rfc6455::close_code code, const instant& now) {
    for_each([&](connection& each) {
      each.close_after_drain(code, now);
    });
  }
  WIRTHFORGE_COLD void abandon_all(std::error_code why) {
    const instant now = machine_time();
    for_each([&](connection& each) { each.abandon(why, now); });
    for (const auto& each : leaving_) each->abandon(why, now);
    connections_.clear();
    leaving_.clear();
    half_open_.clear();
    timer_.cancel();
    is_sweeping_ = false;
  }

  /// True when nobody is connected.
  bool is_empty() {
    prune();
    return connections_.empty();
  }
  net::traffic traffic() const noexcept {
    return {shared_->bytes_received.value(), shared_->bytes_sent.value(), turned_away_.value()};
  }

 private:
  // By index: what is called may add connections, and never removes any.
  template <class Function>
  void for_each(Function function) {
    for (std::size_t index = 0; index < connections_.size(); ++index) {
      connection& each = *connections_[index];
      if (!each.is_gone()) function(each);
    }
  }

  // While the kernel sends for one, the next ones are fetched from memory, each a step further on the way from the connection
  // to what is known of its client. Otherwise each would be waited for: the kernel's work has pushed them out of the cache.
  void bring_near(std::size_t index) const noexcept {
    if (index + 3 < connections_.size()) prefetch(connections_[index + 3].get(), sizeof(connection));
    if (index + 2 < connections_.size()) connections_[index + 2]->peer().expect_after_next();
    if (index + 1 < connections_.size()) connections_[index + 1]->peer().expect_next();
  }

  void prune() {
    const auto gone = [](const auto& each) { return each->is_gone(); };
    connections_.erase(std::remove_if(connections_.begin(), connections_.end(), gone), connections_.end());
    leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(), gone), leaving_.end());
    shared_->closed = 0;
  }

  // The answer is lost where a socket is closed with unread bytes, so some may stay until they have read it. They are outside
  // the cap and few: in a flood the others are closed at once.
  WIRTHFORGE_COLD void turn_away(const std::shared_ptr<connection>& which, bool is_new, bool may_stay) {
    constexpr std::size_t most_leaving = 64;
    turned_away_.add();
    may_stay = may_stay && leaving_.size() < most_leaving;
    if (may_stay) leaving_.push_back(which);
    const instant now = machine_time();
    which->turn_away(rfc6455::refusal_response(errc::too_many_connections), now);
    if (is_new) which->start(now);
    if (!may_stay) which->abandon(errc::too_many_connections, now);
  }

  void admit(const std::shared_ptr<connection>& next) {
    make_room_for_half_open();
    half_open_.push_back(next);
    connections_.push_back(next);
    next->start(machine_time());
  }
  // Whoever means well sends its head at once, so the one that has waited longest goes: the newest may be the user's own page.
  void make_room_for_half_open() {
    const auto is_done = [](const std::weak_ptr<connection>& each) {
      const auto held = each.lock();
      return !held || !held->peer().is_half_open();
    };
    half_open_.erase(half_open_.begin(), std::find_if_not(half_open_.begin(), half_open_.end(), is_done));
    const std::size_t most = descriptors_->most_half_open(options_.max_half_open);
    if (half_open_.size() < most) return;
    half_open_.erase(std::remove_if(half_open_.begin(), half_open_.end(), is_done), half_open_.end());
    if (half_open_.size() < most) return;
    const auto oldest = half_open_.front().lock();
    half_open_.erase(half_open_.begin());
    turn_away(oldest, false, true);
    connections_.erase(std::find(connections_.begin(), connections_.end(), oldest));
  }

  void sweep_later() {
    timer_.expires_after(milliseconds(100));
    is_sweeping_ = stalled_.attempt([this] {
      timer_.async_wait([self = this->shared_from_this()](std::error_code error) {
        if (!error) self->sweep();
      });
    });
  }
  void sweep() {
    const instant now = machine_time();
    swept_at_ = now.steady;
    prune();
    if (connections_.empty() && leaving_.empty()) {
      is_sweeping_ = false;
      return;
    }
    bool is_news = false;
    stalled_.attempt([&] { is_news = on_sweep_ && on_sweep_(now); });
    for_each([&](connection& each) { each.sweep(is_news, now); });
    for (const auto& each : leaving_) each->sweep(false, now);
    sweep_later();
  }

  const connection_options options_;
  std::shared_ptr<live::line_shared> shared_;
  net::timer<Executor> timer_;
  sweeper on_sweep_;
  stall stalled_;
  std::vector<std::shared_ptr<connection>> connections_;
  std::vector<std::shared_ptr<connection>> leaving_;  // turned away, and not yet gone
  std::vector<std::weak_ptr<connection>> half_open_;  // the oldest first; some may be so no longer
  std::shared_ptr<descriptor_limit> descriptors_;
  counter turned_away_;
  steady_time swept_at_{};
  bool is_sweeping_ = false;
};

}}}  // namespace wirthforge::net
