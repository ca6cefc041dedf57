// A descriptor that becomes readable by a call, from any thread and from a signal handler (signal-safety(7)). Asio's own
// way to wake a loop takes a lock, so that a signal handler that interrupts the lock's holder would wait for itself.
// Not on Windows: a handler of console signals runs on a thread of its own there, and may post.
#pragma once

#include <cerrno>
#include <cstdint>
#include <system_error>

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sys/eventfd.h>
#endif

#include "base/cold.hpp"
#include "base/version.hpp"

#if !defined(_WIN32)
namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

class wake_descriptor {
 public:
  wake_descriptor() = default;
  wake_descriptor(const wake_descriptor&) = delete;
  wake_descriptor& operator=(const wake_descriptor&) = delete;
  WIRTHFORGE_COLD ~wake_descriptor() {
    if (raises_ >= 0) ::close(raises_);
    if (reads_ >= 0 && reads_ != raises_) ::close(reads_);
  }

  /// Called once. Both ends are closed in programs that this process starts.
  WIRTHFORGE_COLD std::error_code open() {
#if defined(__linux__)
    reads_ = raises_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return reads_ >= 0 ? std::error_code() : std::error_code(errno, std::generic_category());
#else
    int ends[2];
    if (::pipe(ends) != 0) return {errno, std::generic_category()};
    reads_ = ends[0];
    raises_ = ends[1];
    for (const int end : ends) {
      if (::fcntl(end, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(end, F_SETFL, O_NONBLOCK) != 0)
        return {errno, std::generic_category()};
    }
    return {};
#endif
  }

  /// A descriptor that the caller owns and that is readable from `raise` on. -1, with the cause in errno, if there is none.
  WIRTHFORGE_COLD int duplicate() const noexcept { return ::fcntl(reads_, F_DUPFD_CLOEXEC, 0); }

  /// Async-signal-safe, and leaves errno unchanged.
  void raise() const noexcept {
    const int before = errno;
    const std::uint64_t one = 1;                                         // the size that an eventfd takes
    while (::write(raises_, &one, sizeof one) < 0 && errno == EINTR) {}  // a full pipe is already readable
    errno = before;
  }

 private:
  int reads_ = -1;
  int raises_ = -1;
};

}}}  // namespace wirthforge::net
#endif
