// Listens on both loopback addresses, 127.0.0.1 and [::1], on one port, and hands over what connects. There is no way to
// name another address. A machine without IPv6 serves 127.0.0.1 alone; a port that somebody else holds on either address is
// an error, since browsers resolve `localhost` to [::1] first and would reach the squatter.
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>

#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/socket_base.hpp>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/error.hpp"
#include "net/sockets.hpp"
#include "net/stall.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

template <class Executor = asio::any_io_executor>
class listener : public std::enable_shared_from_this<listener<Executor>> {
 public:
  using tcp = asio::ip::tcp;
  using taker = std::function<void(net::socket<Executor>)>;

  WIRTHFORGE_COLD explicit listener(const Executor& executor, stall stalled = {})
      : v4_(executor), v6_(executor), retry_v4_(executor), retry_v6_(executor), stalled_(std::move(stalled)) {}

  /// Binds `first_port`, or one of the `extra_ports` after it; 0 lets the system choose.
  /// `errc::port_in_use` or `errc::no_free_port` when none can be had on both addresses.
  WIRTHFORGE_COLD std::error_code open(std::uint16_t first_port, std::uint16_t extra_ports) {
    constexpr int system_choices = 16;  // [::1] may hold a port that the system chose for 127.0.0.1
    const int tries = first_port == 0 ? system_choices : extra_ports + 1;
    std::error_code error;
    for (int attempt = 0; attempt < tries; ++attempt) {
      const int wanted = first_port == 0 ? 0 : first_port + attempt;
      if (wanted > 65535) break;
      error = open_both(static_cast<std::uint16_t>(wanted));
      if (error != std::errc::address_in_use) break;
    }
    if (error == std::errc::address_in_use) return tries == 1 ? errc::port_in_use : errc::no_free_port;
    return error;
  }

  std::uint16_t port() const noexcept { return port_; }
  bool has_ipv6() const noexcept { return v6_.is_open(); }

  /// Begins to accept. `take` runs on the executor's thread.
  void start(taker take) {
    take_ = std::move(take);
    resume();
  }
  /// Goes on where memory was short.
  WIRTHFORGE_COLD void resume() {
    if (!take_) return;
    if (!v4_waits_) accept(v4_, retry_v4_, v4_waits_);
    if (!v6_waits_ && v6_.is_open()) accept(v6_, retry_v6_, v6_waits_);
  }

  void close() {
    std::error_code ignored;
    v4_.close(ignored);
    v6_.close(ignored);
    retry_v4_.cancel();
    retry_v6_.cancel();
    take_ = nullptr;
  }

 private:
  using acceptor = net::acceptor<Executor>;
  using timer = net::timer<Executor>;

  WIRTHFORGE_COLD std::error_code open_both(std::uint16_t port) {
    std::error_code error = bind(v4_, {asio::ip::address_v4::loopback(), port});
    if (error) return error;
    port_ = v4_.local_endpoint(error).port();
    if (error) return close(v4_, of_system(error));
    std::error_code ignored;
    error = bind(v6_, {asio::ip::address_v6::loopback(), port_});
    const bool no_ipv6 = error == std::errc::address_family_not_supported || error == std::errc::address_not_available;
    if (error) v6_.close(ignored);
    if (no_ipv6) return {};
    if (error) v4_.close(ignored);
    return error;
  }

  // Asio has a category of its own for the system's errors; std::errc does not compare with it.
  static std::error_code bind(acceptor& which, const tcp::endpoint& where) {
    const std::error_code error = try_bind(which, where);
    return error ? of_system(error) : error;
  }
  static std::error_code of_system(std::error_code error) { return {error.value(), std::system_category()}; }
  WIRTHFORGE_COLD static std::error_code try_bind(acceptor& which, const tcp::endpoint& where) {
    std::error_code error;
    if (which.open(where.protocol(), error)) return error;
#if defined(_WIN32)
    // Without it another process may bind the same port beside us and take our clients.
    using exclusive = asio::detail::socket_option::boolean<SOL_SOCKET, SO_EXCLUSIVEADDRUSE>;
    if (which.set_option(exclusive(true), error)) return close(which, error);
#else
    // Lets a restarted server have its port back while old connections linger in TIME_WAIT; never a live port of another.
    if (which.set_option(asio::socket_base::reuse_address(true), error)) return close(which, error);
#endif
    if (where.protocol() == tcp::v6() && which.set_option(asio::ip::v6_only(true), error)) return close(which, error);
    if (which.bind(where, error)) return close(which, error);
    if (which.listen(asio::socket_base::max_listen_connections, error)) return close(which, error);
    if (which.non_blocking(true, error)) return close(which, error);
    // Or Asio hides a connection that was gone before it was accepted, by waiting inside accept() for the next one.
    if (which.set_option(asio::socket_base::enable_connection_aborted(true), error)) return close(which, error);
    return {};
  }
  static std::error_code close(acceptor& which, std::error_code why) {
    std::error_code ignored;
    which.close(ignored);
    return why;
  }

  // One at a time would be one a turn of the loop: sixty a second where each turn is a tick for many clients.
  void accept(acceptor& from, timer& retry, bool& waits) {
    const auto take_some = [self = this->shared_from_this(), &from, &retry, &waits](std::error_code error) {
      waits = false;
      self->stalled_.attempt([&] { self->take(from, retry, waits, error); });
    };
    waits = stalled_.attempt([&] { from.async_wait(acceptor::wait_read, take_some); });
  }
  void take(acceptor& from, timer& retry, bool& waits, std::error_code error) {
    if (!take_) return;
    constexpr int most_at_once = 128;  // then those who are in have their turn
    for (int count = 0; count < most_at_once && !error && take_; ++count) {
      net::socket<Executor> socket = from.accept(error);
      if (!error) take_(std::move(socket));
    }
    const bool is_passing = error == asio::error::would_block || error == asio::error::try_again ||
                            error == asio::error::connection_aborted || error.value() == protocol_error;
    if (!error || is_passing) accept(from, retry, waits);
    else accept_later(from, retry, waits);
  }
  // Out of descriptors or memory: it will pass. Asking again at once would burn a core.
  WIRTHFORGE_COLD void accept_later(acceptor& from, timer& retry, bool& waits) {
    retry.expires_after(milliseconds(100));
    retry.async_wait([self = this->shared_from_this(), &from, &retry, &waits](std::error_code) {
      waits = false;
      if (self->take_) self->accept(from, retry, waits);
    });
    waits = true;
  }

#if defined(EPROTO)
  static constexpr int protocol_error = EPROTO;  // some systems' word for a connection that was gone before it was accepted
#else
  static constexpr int protocol_error = ECONNABORTED;
#endif

  acceptor v4_;
  acceptor v6_;
  timer retry_v4_;
  timer retry_v6_;
  stall stalled_;
  std::uint16_t port_ = 0;
  bool v4_waits_ = false;  // for a connection, or to try again
  bool v6_waits_ = false;
  taker take_;
};

}}}  // namespace wirthforge::net
