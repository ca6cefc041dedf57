// Listens on both loopback addresses, 127.0.0.1 and [::1], on one port, and hands over the connections. There is no way to
// name another address. A machine without IPv6 serves 127.0.0.1 alone; a port that another program holds on either address is
// an error, since browsers resolve `localhost` to [::1] first and would reach that program.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>

#include <asio/ip/tcp.hpp>
#include <asio/socket_base.hpp>
#if defined(ASIO_HAS_IOCP)
#include <asio/windows/overlapped_ptr.hpp>

#include <mswsock.h>
#endif

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/error.hpp"
#include "net/descriptor_limit.hpp"
#include "net/native_socket.hpp"
#include "net/sockets.hpp"
#include "live/memory_shortage.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

template <class Executor = asio::any_io_executor>
class listener : public std::enable_shared_from_this<listener<Executor>> {
 public:
  using tcp = asio::ip::tcp;
  using taker = std::function<void(net::socket<Executor>)>;

  WIRTHFORGE_COLD explicit listener(const Executor& executor, live::memory_shortage shortage = {},
                                    std::shared_ptr<descriptor_limit> descriptors = std::make_shared<descriptor_limit>())
      : v4_(executor, tcp::v4()), v6_(executor, tcp::v6()), shortage_(std::move(shortage)),
        descriptors_(std::move(descriptors)) {}

  /// Binds `first_port`, or one of the `extra_ports` after it; 0 lets the system choose.
  /// `errc::port_in_use` or `errc::no_free_port` when no port is free on both addresses.
  WIRTHFORGE_COLD std::error_code open(std::uint16_t first_port, std::uint16_t extra_ports) {
    constexpr int system_choices = 16;  // another program may hold, on [::1], a port that the system chose for 127.0.0.1
    const int tries = first_port == 0 ? system_choices : extra_ports + 1;
    std::error_code error;
    for (int attempt = 0; attempt < tries; ++attempt) {
      const int wanted = first_port == 0 ? 0 : first_port + attempt;
      if (wanted > 65535) break;
      error = open_both(static_cast<std::uint16_t>(wanted));
      if (!is_port_taken(error.value())) break;
    }
    if (!error) begin_to_count();
    if (is_port_taken(error.value())) return tries == 1 ? errc::port_in_use : errc::no_free_port;
    return error;
  }

  std::uint16_t port() const noexcept { return port_; }
  bool has_ipv6() const noexcept { return v6_.accepts.is_open(); }

  /// Begins to accept. `take` runs on the executor's thread; so does `refuse`, for a connection without a descriptor: it
  /// answers and closes the socket before it returns.
  void start(taker take, taker refuse = {}) {
    take_ = std::move(take);
    refuse_ = std::move(refuse);
    resume();
  }
  /// Resumes accepting after a lack of memory.
  WIRTHFORGE_COLD void resume() {
    if (!take_) return;
    if (!v4_.waits) accept(v4_);
    if (!v6_.waits && has_ipv6()) accept(v6_);
  }

  void close() {
    for (family* const each : {&v4_, &v6_}) {
      std::error_code ignored;
      each->accepts.close(ignored);
      each->retry.cancel();
    }
    take_ = nullptr;
    spare_.close();
  }

 private:
  struct family {
    family(const Executor& executor, tcp which) : protocol(which), accepts(executor), retry(executor) {}

    tcp protocol;
    net::acceptor<Executor> accepts;
    net::timer<Executor> retry;
#if defined(ASIO_HAS_IOCP)
    // A socket that becomes the next connection. Several wait: a single one would accept one connection in each turn of the
    // loop.
    struct seat {
      socket_handle next;
      char addresses[2 * (sizeof(sockaddr_in6) + 16)] = {};
      bool waits = false;
    };
    std::array<seat, 16> seats;
    bool waits = false;  // to try again
#else
    bool waits = false;  // for a connection, or to try again
#endif
  };

  WIRTHFORGE_COLD std::error_code open_both(std::uint16_t port) {
    std::error_code error = bind(v4_, {asio::ip::address_v4::loopback(), port}, port_);
    if (error) return error;
    error = bind(v6_, {asio::ip::address_v6::loopback(), port_}, port);
    const bool no_ipv6 = error.value() == socket_error::family_not_supported ||
                         error.value() == socket_error::address_not_available;
    std::error_code ignored;
    if (error && !no_ipv6) v4_.accepts.close(ignored);
    return no_ipv6 ? std::error_code() : error;
  }
  // With the system's own category: std::errc does not compare with Asio's, which is another object.
  WIRTHFORGE_COLD static std::error_code bind(family& which, const tcp::endpoint& where, std::uint16_t& port) {
    std::error_code error;
    socket_handle made = listen_on(where, port, error);
    if (error) return error;
    which.accepts.assign(which.protocol, made.get(), error);
    if (error) return {error.value(), std::system_category()};
    made.release();
    return {};
  }

#if defined(ASIO_HAS_IOCP)
  // Windows reports a connection when it is accepted, not when one waits. The socket is ours, so that no child inherits it.
  void accept(family& from) {
    for (auto& each : from.seats) {
      if (!each.waits && !accept(from, each)) return;
    }
  }
  bool accept(family& from, typename family::seat& to) {
    return to.waits = shortage_.attempt([&] {
      const auto taken = [self = this->shared_from_this(), &from, &to](std::error_code error, std::size_t) {
        to.waits = false;
        self->shortage_.attempt([&] { self->take(from, to, error); });
      };
      to.next = make_socket(from.protocol.family());
      asio::windows::overlapped_ptr done(from.accepts.get_executor(), taken);
      DWORD size = 0;
      constexpr DWORD room = sizeof to.addresses / 2;
      const native_socket listening = from.accepts.native_handle();
      const bool is_done = ::AcceptEx(listening, to.next.get(), to.addresses, 0, room, room, &size, done.get()) != 0;
      const int error = is_done ? 0 : last_socket_error();
      if (error != 0 && error != ERROR_IO_PENDING) done.complete({error, asio::system_category()}, 0);
      else done.release();
    });
  }
  void take(family& from, typename family::seat& to, std::error_code error) {
    socket_handle next = std::exchange(to.next, socket_handle());
    if (!take_) return;
    const native_socket listening = from.accepts.native_handle();
    if (!error) {
      const auto* const value = reinterpret_cast<const char*>(&listening);
      ::setsockopt(next.get(), SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, value, sizeof listening);  // or it cannot do shutdown()
      hand_over(from, next, error, take_);
    }
    go_on(from, error);
  }
#else
  // A single one would be one in each turn of the loop: sixty a second where each turn is a tick for many clients.
  void accept(family& from) {
    const auto take_some = [self = this->shared_from_this(), &from](std::error_code error) {
      from.waits = false;
      self->shortage_.attempt([&] { self->take(from, error); });
    };
    from.waits = shortage_.attempt([&] { from.accepts.async_wait(asio::socket_base::wait_read, take_some); });
  }
  void take(family& from, std::error_code error) {
    if (!take_) return;
    constexpr int most_at_once = 128;  // then the connected clients have their turn
    for (int count = 0; count < most_at_once && !error && take_; ++count) {
      int why = 0;
      socket_handle next = accept_next(from.accepts.native_handle(), why);
      if (next) hand_over(from, next, error, take_);
      else if (is_out_of_descriptors(why)) why = refuse(from, why);
      if (why != 0) error.assign(why, std::system_category());
    }
    go_on(from, error);
  }
  // Otherwise a client would hang until another has left. 0, or why it cannot be accepted even so.
  WIRTHFORGE_COLD int refuse(family& from, int why) {
    descriptors_->tell_short(why);
    if (!spare_) hold_spare();
    if (!spare_) return why;
    spare_.close();
    socket_handle next = accept_next(from.accepts.native_handle(), why);
    std::error_code error;
    if (next && refuse_) hand_over(from, next, error, refuse_);
    next.close();
    hold_spare();
    return why;
  }
#endif
  void hand_over(family& from, socket_handle& next, std::error_code& error, const taker& to) {
    net::socket<Executor> socket(from.accepts.get_executor());
    socket.assign(from.protocol, next.get(), error);
    if (error) return;
    next.release();
    to(std::move(socket));
  }
  WIRTHFORGE_COLD void hold_spare() noexcept { spare_ = make_socket(AF_INET); }
  WIRTHFORGE_COLD void begin_to_count() {
#if !defined(_WIN32)  // where there is no limit
    hold_spare();
    const native_socket newest = spare_ ? spare_.get() : v4_.accepts.native_handle();
    descriptors_->begin(static_cast<std::size_t>(newest));
#endif
  }
  void go_on(family& from, std::error_code error) {
    if (!take_ || from.waits) return;
    if (!error || is_passing(error.value())) accept(from);
    else accept_later(from);
  }
  // No memory, or no descriptor is left: this will pass. An immediate retry would use a whole core.
  WIRTHFORGE_COLD void accept_later(family& from) {
    from.retry.expires_after(milliseconds(100));
    from.retry.async_wait([self = this->shared_from_this(), &from](std::error_code) {
      from.waits = false;
      if (self->take_) self->accept(from);
    });
    from.waits = true;
  }

  family v4_;
  family v6_;
  live::memory_shortage shortage_;
  std::shared_ptr<descriptor_limit> descriptors_;
  socket_handle spare_;  // its descriptor is given to a connection that could not be accepted otherwise, to answer it
  std::uint16_t port_ = 0;
  taker take_;
  taker refuse_;
};

}}}  // namespace wirthforge::net
