// A server's sockets and lines before any service, without an engine: for echo servers and tests. One thread.
#pragma once

#include <memory>
#include <system_error>
#include <utility>

#include <asio/io_context.hpp>

#include "wirthforge_ws.hpp"

namespace test {

class line_pool : public std::enable_shared_from_this<line_pool> {
 public:
  using executor = wirthforge::net::loop_executor;

  line_pool(asio::io_context& io, wirthforge::live::service& behind, const wirthforge::live::lines_options& options = {})
      : lines_(behind, options), timer_(io) {}

  void add(wirthforge::net::socket<executor> socket) {
    const wirthforge::instant now = wirthforge::machine_time();
    lines_.add(std::make_shared<wirthforge::net::connection<executor>>(std::move(socket), lines_.shared(), 0, now), now);
    if (!std::exchange(is_sweeping_, true)) sweep_later();
  }
  void abandon_all(std::error_code why) {
    lines_.abandon_all(why, wirthforge::machine_time());
    timer_.cancel();
  }

 private:
  void sweep_later() {
    timer_.expires_after(wirthforge::milliseconds(100));
    timer_.async_wait([self = shared_from_this()](std::error_code error) {
      if (!error) self->sweep();
    });
  }
  void sweep() {
    lines_.prune();
    lines_.sweep(false, wirthforge::machine_time());
    is_sweeping_ = !lines_.is_empty();
    if (is_sweeping_) sweep_later();
  }

  wirthforge::live::lines lines_;
  wirthforge::net::timer<executor> timer_;
  bool is_sweeping_ = false;
};

}  // namespace test
