// How many descriptors this process may open, and how many of them connections may use, so that the host can still open a file
// when there are as many connections as permitted, and later clients get an answer. The system gives the lowest free number: a
// connection's number says how many are taken, by any part of the program.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#if !defined(_WIN32)
#include <sys/resource.h>
#endif

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/version.hpp"
#include "net/native_socket.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

constexpr std::size_t no_descriptor_limit = std::numeric_limits<std::size_t>::max();

/// The system's present limit on a descriptor's number: the soft RLIMIT_NOFILE. Windows has none.
inline std::size_t process_descriptor_limit() noexcept {
#if defined(_WIN32)
  return no_descriptor_limit;
#else
  struct rlimit now {};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur == RLIM_INFINITY) return no_descriptor_limit;
  return static_cast<std::size_t>(std::min<std::uintmax_t>(now.rlim_cur, no_descriptor_limit));
#endif
}

/// How to use the descriptor of a new connection.
enum class descriptor_use {
  serve,      ///< Serve the connection.
  refuse,     ///< Tell it that there is no room, and wait until it has read that.
  refuse_now  ///< The descriptor is one of those that are kept for the host: answer, and close at once.
};

/// I/O thread only, except `capacity`.
class descriptor_limit {
 public:
  /// `tell` is called with a line for the log when connections begin to be refused, once until there is clearly room again.
  using teller = std::function<void(std::string line)>;

  explicit descriptor_limit(std::size_t reserved = 0, std::size_t max_connections = no_descriptor_limit, teller tell = {},
                            std::size_t (*source)() noexcept = process_descriptor_limit)
      : reserved_(reserved), max_connections_(max_connections), tell_(std::move(tell)), source_(source),
        capacity_(max_connections) {}
  descriptor_limit(const descriptor_limit&) = delete;
  descriptor_limit& operator=(const descriptor_limit&) = delete;

  /// The server listens; `newest` is its latest descriptor, and all lower numbers are taken.
  WIRTHFORGE_COLD void begin(std::size_t newest) {
    first_ = newest + 1;
    is_short_ = false;
    look();
  }
  /// The number of connections that there is room for: `max_connections`, or fewer. From any thread.
  std::size_t capacity() const noexcept { return capacity_.load(std::memory_order_relaxed); }
  /// The process's limit when it was last read.
  std::size_t limit() const noexcept { return limit_; }

  /// The use of a new connection's descriptor. The host may have changed its limit since the last call.
  descriptor_use use_of(std::size_t number) noexcept {
    look();
    if (number < end_) {
      if (number + room() / 8 < end_) is_short_ = false;  // not at the first that leaves: it may alternate
      return descriptor_use::serve;
    }
    return number < limit_ - kept_ ? descriptor_use::refuse : descriptor_use::refuse_now;
  }
  /// Half-open connections may take half of the room for connections.
  std::size_t most_half_open(std::size_t wanted) const noexcept {
    return limit_ == no_descriptor_limit ? wanted : std::min(wanted, std::max<std::size_t>(1, room() / 2));
  }

  /// Logs that a client is refused for lack of descriptors, unless that was logged. `error`: why accepting failed, or 0.
  WIRTHFORGE_COLD void tell_short(int error) {
    if (std::exchange(is_short_, true) || !tell_) return;
    const char* const what = error == 0                            ? "the descriptors for connections are used up"
                             : error == socket_error::system_limit ? "the system's descriptors are used up"
                                                                   : "the process's descriptors are used up";
    tell_(concat({what, ": newcomers are answered 503 until some are closed; ", explanation()}));
  }
  /// For the log when the server begins to listen: how many connections there is room for, and why not more. Empty if the
  /// limit allows all that `max_connections` does.
  WIRTHFORGE_COLD std::string shortage() const {
    if (capacity() >= max_connections_) return {};
    return concat({"there is room for ", std::to_string(capacity()), " connections, server_options::max_connections is ",
                   std::to_string(max_connections_), ": ", explanation()});
  }

 private:
  void look() noexcept {
    const std::size_t now = source_();
    if (now == limit_ && is_known_) return;
    is_known_ = true;
    limit_ = now;
    kept_ = now == no_descriptor_limit ? 0 : std::min(reserved_, now / 2);
    constexpr std::size_t most_refused = 64;  // at once, until they have read their answer
    end_ = now == no_descriptor_limit ? now : now - kept_ - std::min(most_refused, now / 8);
    capacity_.store(std::min(max_connections_, room()), std::memory_order_relaxed);
  }
  std::size_t room() const noexcept { return end_ > first_ ? end_ - first_ : 0; }

  WIRTHFORGE_COLD std::string explanation() const {
    const std::string limit = limit_ == no_descriptor_limit ? "any number of" : std::to_string(limit_);
    return concat({"the process may open ", limit, " descriptors (RLIMIT_NOFILE), ", std::to_string(kept_),
                   " are kept for the host (server_options::reserved_descriptors); ulimit -n or LimitNOFILE= sets the limit"});
  }

  const std::size_t reserved_;
  const std::size_t max_connections_;
  const teller tell_;
  std::size_t (*const source_)() noexcept;
  std::atomic<std::size_t> capacity_;
  std::size_t limit_ = no_descriptor_limit;
  std::size_t kept_ = 0;
  std::size_t end_ = no_descriptor_limit;  // connections end before this number
  std::size_t first_ = 0;                  // and begin at about this one
  bool is_known_ = false;
  bool is_short_ = false;
};

}}}  // namespace wirthforge::net
