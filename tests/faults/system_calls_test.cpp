// The system's calls as this program defines them. reach_test.cpp tests that the library reaches these.
#if defined(__linux__)
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "faults/support/faults.hpp"
#include "wirthforge_ws.hpp"

namespace faults {
namespace {

// Atomics, and no objects with constructors: calls are made before main and after it.
std::atomic<int> armed_call{-1};
std::atomic<int> armed_outcome{0};
std::atomic<int> calls_until{0};
std::atomic<int> calls_more{0};
std::atomic<int> failed{0};
std::atomic<void (*)()> armed_act{nullptr};
std::atomic<bool> is_lying{false};
thread_local bool is_sheltered = false;
thread_local void (*interruption)() = nullptr;

// 0, or the result that this call gives instead of its work.
int outcome_of(call what) {
  if (armed_call.load() != static_cast<int>(what) || is_sheltered) return 0;
  const int left = calls_until.fetch_sub(1);
  if (left > 1 || left <= -calls_more.load()) return 0;
  failed.fetch_add(1);
  if (const auto act = armed_act.exchange(nullptr)) {
    is_sheltered = true;  // its own calls do not fail
    act();
    is_sheltered = false;
  }
  return armed_outcome.load();
}

bool is_refused(call what) {
  const int outcome = outcome_of(what);
  if (outcome <= 0) return false;
  errno = outcome;
  return true;
}

// The call that opened an inheritable descriptor. Each a literal.
std::atomic<const char*> inheritable{nullptr};

// By its name, after this program's own.
template <class Function>
Function* system(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

const std::vector<fault>& all() {
  // clang-format off
  static const std::vector<fault> table{
      {call::socket, EMFILE, "socket EMFILE"}, {call::socket, EACCES, "socket EACCES"},
      {call::setsockopt, ENOMEM, "setsockopt ENOMEM"}, {call::bind, EACCES, "bind EACCES"},
      {call::bind, EADDRINUSE, "bind EADDRINUSE"}, {call::listen, EADDRINUSE, "listen EADDRINUSE"},
      {call::listen, EINVAL, "listen EINVAL"}, {call::getsockname, ENOBUFS, "getsockname ENOBUFS"},
      {call::ioctl, ENOMEM, "ioctl ENOMEM"}, {call::epoll_create, EMFILE, "epoll_create1 EMFILE"},
      {call::epoll_add, ENOSPC, "epoll_ctl ENOSPC"}, {call::eventfd, EMFILE, "eventfd EMFILE"},
      {call::pthread_create, EAGAIN, "pthread_create EAGAIN"}, {call::accept, EMFILE, "accept4 EMFILE"},
      {call::accept, ENFILE, "accept4 ENFILE"}, {call::accept, ENOMEM, "accept4 ENOMEM"},
      {call::accept, ECONNABORTED, "accept4 ECONNABORTED"}, {call::accept, EINTR, "accept4 EINTR"},
      {call::accept, EPROTO, "accept4 EPROTO"}, {call::accept, EAGAIN, "accept4 EAGAIN"},
      {call::recv, ECONNRESET, "recv ECONNRESET"}, {call::recv, EINTR, "recv EINTR"}, {call::recv, EAGAIN, "recv EAGAIN"},
      {call::recv, ETIMEDOUT, "recv ETIMEDOUT"}, {call::recv, ENOMEM, "recv ENOMEM"},
      {call::recv, nothing_read, "recv end of stream"}, {call::recv, one_byte, "recv one byte"},
      {call::send, EPIPE, "send EPIPE"}, {call::send, ECONNRESET, "send ECONNRESET"}, {call::send, EINTR, "send EINTR"},
      {call::send, EAGAIN, "send EAGAIN"}, {call::send, ENOBUFS, "send ENOBUFS"}, {call::send, one_byte, "send one byte"},
      {call::shutdown, ENOTCONN, "shutdown ENOTCONN"}, {call::close, EIO, "close EIO"}, {call::close, EINTR, "close EINTR"},
      {call::open, EMFILE, "open EMFILE"}, {call::open, EACCES, "open EACCES"}, {call::fstat, ENOMEM, "fstat ENOMEM"},
      {call::flock, ENOLCK, "flock ENOLCK"}, {call::flock, EINTR, "flock EINTR"}, {call::pread, EIO, "pread EIO"},
      {call::pread, EINTR, "pread EINTR"}, {call::pread, one_byte, "pread one byte"}, {call::write, ENOSPC, "write ENOSPC"},
      {call::write, EIO, "write EIO"}, {call::write, EINTR, "write EINTR"}, {call::write, one_byte, "write one byte"},
      {call::ftruncate, EIO, "ftruncate EIO"}, {call::fdatasync, EIO, "fdatasync EIO"}, {call::fsync, EIO, "fsync EIO"},
      {call::rename, ENOSPC, "rename ENOSPC"}, {call::remove, EACCES, "remove EACCES"}, {call::readdir, EIO, "readdir EIO"},
      {call::fdopendir, ENOMEM, "fdopendir ENOMEM"}, {call::readlink, EIO, "readlink EIO"},
      {call::stat, ENOMEM, "stat ENOMEM"}, {call::timerfd, EMFILE, "timerfd_create EMFILE"},
  };
  // clang-format on
  return table;
}

bool is_of_connections(const fault& each) {
  return each.what == call::accept || each.what == call::recv || each.what == call::send || each.what == call::shutdown;
}
bool is_of_files(const fault& each) {
  for (const call one :
       {call::open, call::fstat, call::flock, call::pread, call::write, call::ftruncate, call::fsync, call::fdatasync,
        call::fdopendir, call::readdir, call::readlink, call::remove, call::rename, call::stat}) {
    if (each.what == one) return true;
  }
  return false;
}

void arm(const fault& next, int nth, int more) {
  disarm();
  failed = 0;
  armed_outcome = next.outcome;
  calls_until = nth;
  calls_more = more;
  armed_call = static_cast<int>(next.what);
}
void lie_about_names(bool lies) { is_lying = lies; }
void meanwhile(call before, int nth, void (*act)()) {
  arm({before, 0, ""}, nth);
  armed_act = act;
}
int disarm() {
  armed_call = -1;
  armed_act = nullptr;
  return failed.load();
}

int count() { return failed.load(); }

void interrupt_with(void (*handler)()) { interruption = handler; }
int born(int file, const char* name) {
  const int before = errno;
  if (file >= 0 && !is_sheltered && (::fcntl(file, F_GETFD) & FD_CLOEXEC) == 0) inheritable = name;
  errno = before;
  return file;
}
void forget_births() { inheritable = nullptr; }
std::string inheritable_birth() {
  const char* const name = inheritable;
  return name == nullptr ? "" : name;
}

sheltered::sheltered(bool value) : before_(is_sheltered) { is_sheltered = value; }
sheltered::~sheltered() { is_sheltered = before_; }

int open_descriptors() {
  int count = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

}  // namespace faults

using faults::call;
using faults::is_lying;
using faults::is_refused;
using faults::is_sheltered;
using faults::outcome_of;
using faults::system;

// A close that reports an error has closed all the same.
#define WIRTHFORGE_REFUSABLE(name, what, parameters, arguments)      \
  extern "C" int name parameters {                                   \
    static auto* const real = faults::system<int parameters>(#name); \
    return is_refused(what) ? -1 : real arguments;                   \
  }

// The same for one that gives a descriptor.
#define WIRTHFORGE_OPENING(name, what, parameters, arguments)           \
  extern "C" int name parameters {                                      \
    static auto* const real = faults::system<int parameters>(#name);    \
    return is_refused(what) ? -1 : faults::born(real arguments, #name); \
  }

WIRTHFORGE_OPENING(socket, call::socket, (int domain, int type, int protocol) noexcept, (domain, type, protocol))
WIRTHFORGE_REFUSABLE(bind, call::bind, (int file, const sockaddr* where, socklen_t size) noexcept, (file, where, size))
WIRTHFORGE_REFUSABLE(listen, call::listen, (int file, int backlog) noexcept, (file, backlog))
WIRTHFORGE_OPENING(accept4, call::accept, (int file, sockaddr* from, socklen_t* size, int flags), (file, from, size, flags))
WIRTHFORGE_REFUSABLE(setsockopt, call::setsockopt, (int file, int level, int name, const void* value, socklen_t size) noexcept,
                     (file, level, name, value, size))
WIRTHFORGE_REFUSABLE(getsockname, call::getsockname, (int file, sockaddr* to, socklen_t* size) noexcept, (file, to, size))
WIRTHFORGE_REFUSABLE(shutdown, call::shutdown, (int file, int how) noexcept, (file, how))
WIRTHFORGE_OPENING(epoll_create1, call::epoll_create, (int flags) noexcept, (flags))
WIRTHFORGE_OPENING(eventfd, call::eventfd, (unsigned start, int flags) noexcept, (start, flags))
WIRTHFORGE_REFUSABLE(flock, call::flock, (int file, int how) noexcept, (file, how))
WIRTHFORGE_REFUSABLE(fsync, call::fsync, (int file), (file))
WIRTHFORGE_REFUSABLE(fdatasync, call::fdatasync, (int file), (file))
WIRTHFORGE_REFUSABLE(rename, call::rename, (const char* from, const char* to) noexcept, (from, to))
WIRTHFORGE_REFUSABLE(renameat, call::rename, (int from_folder, const char* from, int to_folder, const char* to) noexcept,
                     (from_folder, from, to_folder, to))
WIRTHFORGE_REFUSABLE(remove, call::remove, (const char* path) noexcept, (path))
WIRTHFORGE_REFUSABLE(unlinkat, call::remove, (int folder, const char* path, int flags) noexcept, (folder, path, flags))
WIRTHFORGE_OPENING(timerfd_create, call::timerfd, (int clock, int flags) noexcept, (clock, flags))

extern "C" int epoll_ctl(int file, int what, int which, epoll_event* event) noexcept {
  static auto* const real = system<int(int, int, int, epoll_event*)>("epoll_ctl");
  if (what == EPOLL_CTL_MOD && faults::interruption != nullptr) std::exchange(faults::interruption, nullptr)();
  // Only adding can fail without memory or without a free watch.
  return what == EPOLL_CTL_ADD && is_refused(call::epoll_add) ? -1 : real(file, what, which, event);
}
extern "C" int ioctl(int file, unsigned long what, ...) noexcept {
  static auto* const real = system<int(int, unsigned long, void*)>("ioctl");
  std::va_list more;
  va_start(more, what);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return is_refused(call::ioctl) ? -1 : real(file, what, argument);
}
// With _FILE_OFFSET_BITS=64, as Meson has it, a program calls these by their second name and the standard library still by
// the first: here both are one, under a name of our own that the headers' renaming leaves alone. 64-bit systems only.
#define WIRTHFORGE_OF_TWO_NAMES(result, name, parameters)       \
  extern "C" result refusable_##name parameters __asm__(#name); \
  extern "C" result refusable_##name##64 parameters __asm__(#name "64") __attribute__((alias(#name)))

WIRTHFORGE_OF_TWO_NAMES(int, fstat, (int file, struct stat* to));
WIRTHFORGE_OF_TWO_NAMES(int, ftruncate, (int file, off_t size));
WIRTHFORGE_OF_TWO_NAMES(int, stat, (const char* path, struct stat* to));
WIRTHFORGE_OF_TWO_NAMES(int, fstatat, (int folder, const char* path, struct stat* to, int flags));
WIRTHFORGE_OF_TWO_NAMES(int, open, (const char* path, int flags, ...));
WIRTHFORGE_OF_TWO_NAMES(int, openat, (int folder, const char* path, int flags, ...));
WIRTHFORGE_OF_TWO_NAMES(dirent*, readdir, (DIR * folder));
WIRTHFORGE_OF_TWO_NAMES(ssize_t, pread, (int file, void* to, std::size_t size, off_t at));

extern "C" int refusable_fstat(int file, struct stat* to) {
  static auto* const real = system<int(int, struct stat*)>("fstat");
  return is_refused(call::fstat) ? -1 : real(file, to);
}
extern "C" int refusable_ftruncate(int file, off_t size) {
  static auto* const real = system<int(int, off_t)>("ftruncate");
  return is_refused(call::ftruncate) ? -1 : real(file, size);
}
extern "C" int refusable_stat(const char* path, struct stat* to) {
  static auto* const real = system<int(const char*, struct stat*)>("stat");
  return is_refused(call::stat) ? -1 : real(path, to);
}
extern "C" int refusable_fstatat(int folder, const char* path, struct stat* to, int flags) {
  static auto* const real = system<int(int, const char*, struct stat*, int)>("fstatat");
  if (is_refused(call::stat)) return -1;
  const int result = real(folder, path, to, flags);
  if (result == 0 && is_lying && !is_sheltered) to->st_ino += 1;
  return result;
}
extern "C" ssize_t readlink(const char* path, char* to, std::size_t size) noexcept {
  static auto* const real = system<ssize_t(const char*, char*, std::size_t)>("readlink");
  return is_refused(call::readlink) ? -1 : real(path, to, size);
}
extern "C" DIR* fdopendir(int file) {
  static auto* const real = system<DIR*(int)>("fdopendir");
  return is_refused(call::fdopendir) ? nullptr : real(file);
}
extern "C" int refusable_open(const char* path, int flags, ...) {
  static auto* const real = system<int(const char*, int, mode_t)>("open");
  std::va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return is_refused(call::open) ? -1 : faults::born(real(path, flags, mode), "open");
}
extern "C" int refusable_openat(int folder, const char* path, int flags, ...) {  // how the standard library opens a folder
  static auto* const real = system<int(int, const char*, int, mode_t)>("openat");
  std::va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return is_refused(call::open) ? -1 : faults::born(real(folder, path, flags, mode), "openat");
}
extern "C" dirent* refusable_readdir(DIR* folder) {
  static auto* const real = system<dirent*(DIR*)>("readdir");
  return is_refused(call::readdir) ? nullptr : real(folder);
}
extern "C" int close(int file) {
  static auto* const real = system<int(int)>("close");
  const int result = real(file);
  return is_refused(call::close) ? -1 : result;
}
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*what)(void*), void* argument) noexcept {
  static auto* const real = system<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  const int outcome = outcome_of(call::pthread_create);
  return outcome > 0 ? outcome : real(thread, how, what, argument);
}

namespace {

// Reads and writes: an error, the end, or one byte.
template <class Real>
ssize_t carry(call what, std::size_t size, Real real) {
  const int outcome = outcome_of(what);
  if (outcome == faults::nothing_read) return 0;
  if (outcome == faults::one_byte && size > 1) return real(std::size_t{1});
  if (outcome <= 0) return real(size);
  errno = outcome;
  return -1;
}

}  // namespace

extern "C" ssize_t recv(int file, void* to, std::size_t size, int flags) {
  static auto* const real = system<ssize_t(int, void*, std::size_t, int)>("recv");
  return carry(call::recv, size, [&](std::size_t most) { return real(file, to, most, flags); });
}
extern "C" ssize_t send(int file, const void* from, std::size_t size, int flags) {
  static auto* const real = system<ssize_t(int, const void*, std::size_t, int)>("send");
  return carry(call::send, size, [&](std::size_t most) { return real(file, from, most, flags); });
}
extern "C" ssize_t write(int file, const void* from, std::size_t size) {
  static auto* const real = system<ssize_t(int, const void*, std::size_t)>("write");
  // Asio's write that wakes its own loop is none of ours, and does not fail here.
  if (size == sizeof(std::uint64_t)) return real(file, from, size);
  return carry(call::write, size, [&](std::size_t most) { return real(file, from, most); });
}
extern "C" ssize_t refusable_pread(int file, void* to, std::size_t size, off_t at) {
  static auto* const real = system<ssize_t(int, void*, std::size_t, off_t)>("pread");
  return carry(call::pread, size, [&](std::size_t most) { return real(file, to, most, at); });
}
extern "C" ssize_t sendmsg(int file, const msghdr* from, int flags) {
  static auto* const real = system<ssize_t(int, const msghdr*, int)>("sendmsg");
  return carry(call::send, 2, [&](std::size_t most) {
    if (most == 2) return real(file, from, flags);
    msghdr less = *from;
    iovec first = from->msg_iov[0];
    first.iov_len = 1;
    less.msg_iov = &first;
    less.msg_iovlen = 1;
    return real(file, &less, flags);
  });
}
extern "C" ssize_t recvmsg(int file, msghdr* to, int flags) {
  static auto* const real = system<ssize_t(int, msghdr*, int)>("recvmsg");
  return carry(call::recv, 2, [&](std::size_t most) {
    if (most == 2) return real(file, to, flags);
    msghdr less = *to;
    iovec first = to->msg_iov[0];
    first.iov_len = 1;
    less.msg_iov = &first;
    less.msg_iovlen = 1;
    return real(file, &less, flags);
  });
}
#endif
