// Makes the operating system fail: the n-th call of a kind by an exposed thread gives an error that the system
// documents for it, or a short read or write.
//
// The seam is the system's own symbols, which this program defines (system_calls_test.cpp) and which the linker therefore
// uses for Asio's calls inside its own functions, for ours, and for the standard library's. A seam in `net/` could only
// stand above Asio, and would test our assumption of how Asio treats an errno; and the shipped header would contain it.
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

// Results that a call gives instead of an errno.
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
/// Before call number `nth` of exposed threads `act` is called, once, as another process acts between two calls. Nothing fails.
void meanwhile(call before, int nth, void (*act)());
/// While it is set, fstatat tells exposed threads that each name leads to an unknown file.
void lie_about_names(bool lies);
/// Nothing fails any more. Returns how many calls failed.
int disarm();
/// How many calls failed so far.
int count();

/// Calls `handler` when the calling thread next wakes a loop that sleeps, within the system call, as a signal would that comes just
/// then: Asio holds the loop's lock there.
void interrupt_with(void (*handler)());

/// The call by which an exposed thread opened a descriptor that a program started right after it would inherit; empty when there was
/// none since `forget_births`.
std::string inheritable_birth();
void forget_births();
/// For the calls themselves: checks the descriptor that one opened, and returns it.
int born(int file, const char* name);

/// Threads are exposed unless they shelter themselves; the test's own main thread does so.
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
