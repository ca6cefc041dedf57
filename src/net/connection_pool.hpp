// The sockets of one loop under `live::lines`, and one timer for the sweep of all. It decides nothing else.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/cold.hpp"
#include "live/lines.hpp"
#include "net/connection.hpp"
#include "net/descriptor_limit.hpp"
#include "net/sockets.hpp"
#include "net/stall.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

struct connection_options : live::lines_options {
  std::size_t send_buffer_bytes = 0;  ///< The kernel's, for each socket (SO_SNDBUF); 0 leaves the system's own.
};

/// Called ten times a second while there are connections; true when there may be something new to send.
using sweeper = std::function<bool(const instant& now)>;

template <class Executor = asio::any_io_executor>
class connection_pool : public std::enable_shared_from_this<connection_pool<Executor>> {
 public:
  using connection = net::connection<Executor>;

  WIRTHFORGE_COLD connection_pool(const Executor& executor, live::service& behind, const connection_options& options,
                  sweeper sweep = {}, stall stalled = {},
                  std::shared_ptr<descriptor_limit> descriptors = std::make_shared<descriptor_limit>())
      : send_buffer_bytes_(options.send_buffer_bytes), lines_(behind, options), timer_(executor), on_sweep_(std::move(sweep)),
        stalled_(std::move(stalled)), descriptors_(std::move(descriptors)) {}

  void add(net::socket<Executor> socket) {
    const auto use = descriptors_->use_of(static_cast<std::size_t>(static_cast<native_socket>(socket.native_handle())));
    lines_.limit_half_open(descriptors_->most_half_open(no_descriptor_limit));
    add(std::move(socket), admission_of(use));
    if (use != descriptor_use::serve && !lines_.is_full()) descriptors_->tell_short(0);
  }
  /// Answers 503 and closes at once: there is no descriptor for it.
  WIRTHFORGE_COLD void refuse(net::socket<Executor> socket) { add(std::move(socket), live::admission::refuse_now); }
  /// Goes on where memory was short, or a timer is long overdue.
  void resume() {
    if (is_sweeping_) {
      if (machine_time().steady - swept_at_ > seconds(1)) sweep();
    } else if (!lines_.is_deserted()) {
      swept_at_ = machine_time().steady;
      sweep_later();
    }
  }

  void flush_all(const instant& now) { lines_.flush_all(now); }
  void close_all(rfc6455::close_code code, const instant& now) { lines_.close_all(code, now); }
  WIRTHFORGE_COLD void abandon_all(std::error_code why) {
    lines_.abandon_all(why, machine_time());
    timer_.cancel();
    is_sweeping_ = false;
  }
  /// True when nobody is connected.
  bool is_empty() {
    lines_.prune();
    return lines_.size() == 0;
  }
  live::traffic traffic() const noexcept { return lines_.traffic(); }

 private:
  static live::admission admission_of(descriptor_use use) noexcept {
    if (use == descriptor_use::serve) return live::admission::serve;
    return use == descriptor_use::refuse ? live::admission::refuse : live::admission::refuse_now;
  }
  void add(net::socket<Executor> socket, live::admission how) {
    const instant now = machine_time();
    lines_.add(std::make_shared<connection>(std::move(socket), lines_.shared(), send_buffer_bytes_, now), now, how);
    resume();
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
    lines_.prune();
    if (lines_.is_deserted()) {
      is_sweeping_ = false;
      return;
    }
    bool is_news = false;
    stalled_.attempt([&] { is_news = on_sweep_ && on_sweep_(now); });
    lines_.sweep(is_news, now);
    sweep_later();
  }

  const std::size_t send_buffer_bytes_;
  live::lines lines_;
  net::timer<Executor> timer_;
  sweeper on_sweep_;
  stall stalled_;
  std::shared_ptr<descriptor_limit> descriptors_;
  steady_time swept_at_{};
  bool is_sweeping_ = false;
};

}}}  // namespace wirthforge::net
