// One file that is appended to: the calls of a journal to the operating system, without decisions. Never blocks on a pipe
// without a reader; a slow disk may block it for any time. One thread at a time.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#else
#include <csignal>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/windows_file.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace journal {

class append_file {
 public:
  append_file() = default;
  append_file(const append_file&) = delete;
  append_file& operator=(const append_file&) = delete;
  ~append_file() { close(); }

  bool is_open() const noexcept { return file_ >= 0; }
  /// False for a device or a pipe: it has no size, no end to repair, and is never full.
  bool is_regular() const noexcept { return is_regular_; }

  /// Opens the file or creates it, readable by this user alone, and locks it against other writers: `errc::journal_in_use`.
  WIRTHFORGE_COLD std::error_code open(const std::string& path) {
    close();
#if defined(_WIN32)
    if (is_a_folder(path)) return std::make_error_code(std::errc::is_a_directory);
    const HANDLE opened = open_file(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, OPEN_ALWAYS);
    if (opened == INVALID_HANDLE_VALUE && ::GetLastError() == ERROR_SHARING_VIOLATION) return errc::journal_in_use;
    return take(opened, _O_RDWR | _O_APPEND);
#else
    file_ = ::open(path.c_str(), to_append, 0600);
    return look_and_lock();
#endif
  }
  /// The same for a name in a folder. A symbolic link is an error there: a rename acts on the link itself.
  WIRTHFORGE_COLD std::error_code open(const folder& within, const std::string& name) {
#if defined(_WIN32)
    return open(within.path_of(name));
#else
    close();
    file_ = ::openat(within.handle(), name.c_str(), to_append | O_NOFOLLOW, 0600);
    return look_and_lock();
#endif
  }
  /// Opens an existing file for reading only.
  WIRTHFORGE_COLD std::error_code open_to_read(const folder& within, const std::string& name, bool follows_links) {
    close();
#if defined(_WIN32)
    static_cast<void>(follows_links);
    const std::string path = within.path_of(name);
    if (is_a_folder(path)) return std::make_error_code(std::errc::is_a_directory);
    const DWORD all = FILE_SHARE_READ | FILE_SHARE_WRITE |
                      FILE_SHARE_DELETE;  // a reader does not keep others from writing or renaming
    return take(open_file(path, GENERIC_READ, all, OPEN_EXISTING), _O_RDONLY);
#else
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follows_links ? 0 : O_NOFOLLOW);
    file_ = ::openat(within.handle(), name.c_str(), flags);
    return look();
#endif
  }

  /// The action of another program on this file, as it was when it had `size` bytes, and to its `name`; nothing if that is not
  /// known. On Windows always nothing: no other program there can delete, rename or write to an open file.
  enum class fate { none, deleted, moved, cut_short };
  fate fate_of(const folder& within, const std::string& name, std::uint64_t size) const noexcept {
#if !defined(_WIN32)
    struct stat own {};
    struct stat there {};
    if (!is_regular_ || ::fstat(file_, &own) != 0) return fate::none;
    if (own.st_nlink == 0) return fate::deleted;
    const bool is_there = ::fstatat(within.handle(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0;
    if (is_there ? own.st_dev != there.st_dev || own.st_ino != there.st_ino : errno == ENOENT) return fate::moved;
    if (static_cast<std::uint64_t>(own.st_size) < size) return fate::cut_short;
#else
    static_cast<void>(within);
    static_cast<void>(name);
    static_cast<void>(size);
#endif
    return fate::none;
  }

  /// Appends, and returns the number of bytes: fewer than all only if `error` says why.
  std::size_t append(std::string_view bytes, std::error_code& error) {
    error.clear();
    std::size_t done = 0;
    while (done < bytes.size()) {
      const std::string_view rest = bytes.substr(done, std::size_t{1} << 30U);
#if defined(_WIN32)
      const auto size = ::_write(file_, rest.data(), static_cast<unsigned>(rest.size()));
#else
      const auto size = ::write(file_, rest.data(), rest.size());
      if (size < 0 && errno == EINTR) continue;
#endif
      if (size <= 0) {
        error = size < 0 ? last_error() : std::make_error_code(std::errc::io_error);
        break;
      }
      done += static_cast<std::size_t>(size);
    }
    return done;
  }

  std::uint64_t size() const {
#if defined(_WIN32)
    const auto size = ::_lseeki64(file_, 0, SEEK_END);
#else
    const auto size = ::lseek(file_, 0, SEEK_END);
#endif
    return is_regular_ && size > 0 ? static_cast<std::uint64_t>(size) : 0;
  }

  /// Reads at an offset into `to`; returns the number of bytes, fewer at the end of the file or after an error.
  std::size_t read(std::uint64_t offset, char* to, std::size_t room) const {
    std::size_t done = 0;
    while (done < room) {
#if defined(_WIN32)
      if (::_lseeki64(file_, static_cast<__int64>(offset + done), SEEK_SET) < 0) break;
      const auto size = ::_read(file_, to + done, static_cast<unsigned>(room - done));
#else
      const auto size = ::pread(file_, to + done, room - done, static_cast<off_t>(offset + done));
      if (size < 0 && errno == EINTR) continue;
#endif
      if (size <= 0) break;
      done += static_cast<std::size_t>(size);
    }
    return done;
  }

  std::error_code truncate(std::uint64_t size) {
#if defined(_WIN32)
    const errno_t error = ::_chsize_s(file_, static_cast<__int64>(size));
    return error == 0 ? std::error_code() : std::error_code(error, std::generic_category());
#else
    return ::ftruncate(file_, static_cast<off_t>(size)) == 0 ? std::error_code() : last_error();
#endif
  }

  /// Forces written bytes onto the disk.
  std::error_code sync() {
    if (!is_regular_) return {};
#if defined(_WIN32)
    return ::_commit(file_) == 0 ? std::error_code() : last_error();
#elif defined(__linux__)
    return ::fdatasync(file_) == 0 ? std::error_code() : last_error();
#else
    return ::fsync(file_) == 0 ? std::error_code() : last_error();
#endif
  }

  void close() noexcept {
    if (file_ < 0) return;
#if defined(_WIN32)
    ::_close(file_);
#else
    ::close(file_);
#endif
    file_ = -1;
  }

 private:
  static std::error_code last_error() noexcept { return {errno, std::generic_category()}; }

#if defined(_WIN32)
  // Gives the opened file to the C library.
  std::error_code take(HANDLE opened, int flags) {
    if (opened == INVALID_HANDLE_VALUE) return last_file_error();
    is_regular_ = ::GetFileType(opened) == FILE_TYPE_DISK;
    file_ = ::_open_osfhandle(reinterpret_cast<std::intptr_t>(opened), flags | _O_BINARY | _O_NOINHERIT);
    if (file_ >= 0) return {};
    const std::error_code error = last_error();
    ::CloseHandle(opened);
    return error;
  }
#else
  // A pipe that is also open for reading needs no reader to be opened, and raises no SIGPIPE.
  static constexpr int to_append = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

  std::error_code look() {
    if (file_ < 0) return last_error();
    struct stat what {};
    if (::fstat(file_, &what) != 0) {
      const std::error_code error = last_error();
      close();
      return error;
    }
    is_regular_ = S_ISREG(what.st_mode);
    return {};
  }
  std::error_code look_and_lock() {
    if (const std::error_code error = look()) return error;
    // A file system without locks keeps no writer out; that is no reason to write no journal.
    if (is_regular_ && ::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      close();
      return errc::journal_in_use;
    }
    return {};
  }
#endif

  int file_ = -1;
  bool is_regular_ = false;
};

/// For a thread of our own: from now on no signal is handled on it. Above all, a file that hits the user's limit on sizes is
/// an error there (EFBIG) and not the end of the process (SIGXFSZ).
inline void block_signals() noexcept {
#if !defined(_WIN32)
  sigset_t all;
  sigfillset(&all);  // a macro on macOS, so without ::
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
#endif
}

}}}  // namespace wirthforge::journal
