// Makes the operating system fail: the n-th call of a kind, made by a thread that is exposed, gives an error that the system
// documents for it, or less than was asked for.
//
// The seam is the system's own symbols, which this program defines (system_calls_test.cpp) and which the linker therefore
// prefers: to Asio's calls inside its own functions, to ours, and to the standard library's. A seam in `net/` could only
// stand above Asio, and would test what we believe that Asio makes of an errno; and the shipped header would carry it.
#pragma once

#if defined(__linux__)
#include <cerrno>
#include <string>
#include <vector>

namespace faults {

// clang-format off
enum class call {
  accept, bind, close, epoll_create, epoll_add, eventfd, fdatasync, fdopendir, flock, fstat, fsync, ftruncate, getsockname, ioctl,
  listen, open, pread, pthread_create, readdir, readlink, recv, remove, rename, send, setsockopt, shutdown, socket, stat, timerfd,
  write,
};
// clang-format on

// What a call gives instead of an errno.
constexpr int nothing_read = -1;  // the end of a stream, or of a file
constexpr int one_byte = -2;      // a short read or write

struct fault {
  call what;
  int outcome;
  const char* name;
};
/// Every outcome that is tried, for every call that the server makes.
const std::vector<fault>& all();
bool is_of_connections(const fault& each);
bool is_of_files(const fault& each);

/// From now on, call number `nth` (from 1) of exposed threads fails, and the `more` calls after it.
void arm(const fault& next, int nth, int more = 0);
/// Before call number `nth` of exposed threads `act` is called, once: what another process does between two calls. Nothing fails.
void meanwhile(call before, int nth, void (*act)());
/// While it is so, exposed threads are told that each name leads to a file that they do not know (fstatat).
void lie_about_names(bool lies);
/// Nothing fails any more. How many calls did.
int disarm();
/// How many did so far.
int count();

/// Calls `handler` when the calling thread next wakes a loop that sleeps, within the system call, as a signal would that comes just
/// then: Asio holds the loop's lock there.
void interrupt_with(void (*handler)());

/// A call by which an exposed thread opened what a program would inherit that is started right after it; empty when there was
/// none since `forget_births`.
std::string inheritable_birth();
void forget_births();
/// For the calls themselves: looks at what one opened, and returns it.
int born(int file, const char* name);

/// Threads are exposed, but for those that say not; the test's own main thread is one of these.
class sheltered {
 public:
  explicit sheltered(bool is_sheltered = true);
  ~sheltered();
  sheltered(const sheltered&) = delete;
  sheltered& operator=(const sheltered&) = delete;

 private:
  bool before_;
};

/// Open descriptors of this process.
int open_descriptors();

}  // namespace faults
#endif
