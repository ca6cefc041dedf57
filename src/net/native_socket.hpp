// Sockets made by system calls, since Asio's own are inherited by every program that the host starts: such a child would
// hold our port after our end, and keep a client waiting for an end of stream. No templates: compiled once, not for each
// executor.
#pragma once

#include <cstdint>
#include <system_error>
#include <utility>

#include <asio/detail/config.hpp>
#include <asio/detail/socket_types.hpp>
#include <asio/ip/tcp.hpp>

#if !defined(_WIN32)
#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

#if defined(_WIN32)
using native_socket = SOCKET;
constexpr native_socket no_socket = INVALID_SOCKET;
using socket_size = int;
#define WIRTHFORGE_SOCKET_ERROR(name) WSA##name
#else
using native_socket = int;
using socket_size = socklen_t;
constexpr native_socket no_socket = -1;
#define WIRTHFORGE_SOCKET_ERROR(name) name
#endif

// By way of 64 bits: a cast from std::size_t does nothing where that is 32 bits wide, and GCC's -Wuseless-cast would say so.
inline socket_size size_of(std::uint64_t bytes) noexcept { return static_cast<socket_size>(bytes); }

// The system's numbers: std::errc compares neither with Asio's category nor with libstdc++'s on Windows.
namespace socket_error {
constexpr int address_in_use = WIRTHFORGE_SOCKET_ERROR(EADDRINUSE);
constexpr int address_not_available = WIRTHFORGE_SOCKET_ERROR(EADDRNOTAVAIL);
constexpr int family_not_supported = WIRTHFORGE_SOCKET_ERROR(EAFNOSUPPORT);
constexpr int protocol_not_supported = WIRTHFORGE_SOCKET_ERROR(EPROTONOSUPPORT);
constexpr int would_block = WIRTHFORGE_SOCKET_ERROR(EWOULDBLOCK);
constexpr int interrupted = WIRTHFORGE_SOCKET_ERROR(EINTR);
constexpr int aborted = WIRTHFORGE_SOCKET_ERROR(ECONNABORTED);
constexpr int reset = WIRTHFORGE_SOCKET_ERROR(ECONNRESET);
constexpr int process_limit = WIRTHFORGE_SOCKET_ERROR(EMFILE);
#if defined(_WIN32)
constexpr int try_again = WSAEWOULDBLOCK;
constexpr int port_withheld = WSAEACCES;  // by another program that holds it alone, or by a range that the system reserves
constexpr int protocol = ERROR_NETNAME_DELETED;  // the error of a completion whose connection is gone
constexpr int system_limit = ERROR_TOO_MANY_OPEN_FILES;
#else
constexpr int try_again = EAGAIN;
constexpr int port_withheld = EADDRINUSE;  // EACCES means that an ordinary user may not bind ports this low
#if defined(EPROTO)
constexpr int protocol = EPROTO;           // on some systems, the error for a connection that was gone before it was accepted
#else
constexpr int protocol = ECONNABORTED;
#endif
constexpr int system_limit = ENFILE;
#endif
}  // namespace socket_error
#undef WIRTHFORGE_SOCKET_ERROR

/// The error of this thread's last call.
inline int last_socket_error() noexcept {
#if defined(_WIN32)
  return ::WSAGetLastError();
#else
  return errno;
#endif
}

/// Owns a system socket until it is released.
class socket_handle {
 public:
  socket_handle() = default;
  explicit socket_handle(native_socket which) noexcept : which_(which) {}
  socket_handle(socket_handle&& other) noexcept : which_(other.release()) {}
  socket_handle& operator=(socket_handle&& other) noexcept {
    std::swap(which_, other.which_);
    return *this;
  }
  ~socket_handle() { close(); }

  explicit operator bool() const noexcept { return which_ != no_socket; }
  native_socket get() const noexcept { return which_; }
  native_socket release() noexcept { return std::exchange(which_, no_socket); }
  void close() noexcept {
    if (which_ == no_socket) return;
#if defined(_WIN32)
    ::closesocket(release());
#else
    ::close(release());
#endif
  }

 private:
  native_socket which_ = no_socket;
};

#if !defined(_WIN32)
/// For systems that cannot do so at creation: a child that is started between the two calls still inherits the socket.
inline bool close_on_exec(native_socket which) noexcept {
  const int flags = ::fcntl(which, F_GETFD);
  return flags >= 0 && ::fcntl(which, F_SETFD, flags | FD_CLOEXEC) == 0;
}
#endif

inline bool set_option(native_socket which, int level, int name, int value) noexcept {
#if defined(_WIN32)
  return ::setsockopt(which, level, name, reinterpret_cast<const char*>(&value), sizeof value) == 0;
#else
  return ::setsockopt(which, level, name, &value, sizeof value) == 0;
#endif
}

/// Where send() knows no MSG_NOSIGNAL, the socket does. It fails for a connection that is gone already.
inline bool never_signal(native_socket which) noexcept {
#if defined(SO_NOSIGPIPE)
  return set_option(which, SOL_SOCKET, SO_NOSIGPIPE, 1);
#else
  static_cast<void>(which);
  return true;
#endif
}

/// A TCP socket that no other program inherits; none, and `last_socket_error`, where the system gives none.
WIRTHFORGE_COLD inline socket_handle make_socket(int family) noexcept {
#if defined(_WIN32)
  constexpr DWORD flags = WSA_FLAG_OVERLAPPED | 0x80;  // WSA_FLAG_NO_HANDLE_INHERIT, which older headers lack
  return socket_handle(::WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, nullptr, 0, flags));
#else
#if defined(SOCK_CLOEXEC)
  socket_handle made(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
#else
  socket_handle made(::socket(family, SOCK_STREAM, IPPROTO_TCP));
  if (made && !close_on_exec(made.get())) made.close();
#endif
  if (made && !never_signal(made.get())) made.close();
  return made;
#endif
}

/// Calls that wait for nothing from now on.
inline bool never_wait(native_socket which) noexcept {
#if defined(_WIN32)
  u_long yes = 1;
  return ::ioctlsocket(which, static_cast<long>(FIONBIO), &yes) == 0;
#else
  const int flags = ::fcntl(which, F_GETFL);
  return flags >= 0 && ::fcntl(which, F_SETFL, flags | O_NONBLOCK) == 0;
#endif
}

/// A non-blocking socket that listens there. `port` is the bound one.
WIRTHFORGE_COLD inline socket_handle listen_on(const asio::ip::tcp::endpoint& where, std::uint16_t& port,
                                               std::error_code& error) {
  const int family = where.protocol().family();
  socket_handle made = make_socket(family);
#if defined(_WIN32)
  // Without it another process may bind the same port too and take our clients.
  constexpr int policy = static_cast<int>(SO_EXCLUSIVEADDRUSE);
#else
  // Lets a restarted server bind its port again while old connections are in TIME_WAIT; never a port that another program
  // uses.
  constexpr int policy = SO_REUSEADDR;
#endif
  asio::ip::tcp::endpoint bound;
  auto size = size_of(bound.capacity());
  const bool is_done = made && set_option(made.get(), SOL_SOCKET, policy, 1) &&
                       (family != AF_INET6 || set_option(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
                       ::bind(made.get(), where.data(), size_of(where.size())) == 0 && ::listen(made.get(), SOMAXCONN) == 0 &&
                       never_wait(made.get()) && ::getsockname(made.get(), bound.data(), &size) == 0;
  error.assign(is_done ? 0 : last_socket_error(), std::system_category());
  if (!is_done) made.close();
  port = is_done ? bound.port() : std::uint16_t{0};
  return made;
}

/// The next connection that waits at a socket of `listen_on`; none, and the error.
inline socket_handle accept_next(native_socket from, int& error) noexcept {
  for (;;) {
#if defined(SOCK_CLOEXEC) && !defined(_WIN32)
    socket_handle next(::accept4(from, nullptr, nullptr, SOCK_CLOEXEC));
#else
    socket_handle next(::accept(from, nullptr, nullptr));
#endif
    error = next ? 0 : last_socket_error();
    if (error == socket_error::interrupted) continue;
    if (!next) return next;
#if defined(_WIN32)
    ::SetHandleInformation(reinterpret_cast<HANDLE>(next.get()), HANDLE_FLAG_INHERIT, 0);
#elif !defined(SOCK_CLOEXEC)
    if (!close_on_exec(next.get())) error = socket_error::aborted;
#endif
    if (!never_signal(next.get())) error = socket_error::aborted;
    if (error != 0) next.close();
    return next;
  }
}

/// Errors of binding a port that another port may not have.
inline bool is_port_taken(int error) noexcept {
  return error == socket_error::address_in_use || error == socket_error::port_withheld;
}

/// Errors of accepting while no descriptor is left: for this process, or for all.
inline bool is_out_of_descriptors(int error) noexcept {
  return error == socket_error::process_limit || error == socket_error::system_limit;
}

/// Errors of accepting that pass at once: no connection waits, or it is gone.
inline bool is_passing(int error) noexcept {
  return error == socket_error::would_block || error == socket_error::try_again || error == socket_error::aborted ||
         error == socket_error::protocol || error == socket_error::reset;
}

}}}  // namespace wirthforge::net
