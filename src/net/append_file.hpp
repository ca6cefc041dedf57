// A file that is only ever added to, and ends with whole lines: what a crash left of a line is cut off when it is opened,
// and what an error left of one is cut off before the next is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>

#if defined(_WIN32)
#include <cerrno>

#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#else
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#endif

namespace wirthforge::net {

namespace os {

#if defined(_WIN32)
inline int open_file(const char* path) { return ::_open(path, _O_RDWR | _O_CREAT | _O_BINARY | _O_NOINHERIT, _S_IREAD | _S_IWRITE); }
inline std::int64_t seek(int file, std::int64_t at, int from) { return ::_lseeki64(file, at, from); }
inline std::int64_t read(int file, char* to, std::size_t size) { return ::_read(file, to, static_cast<unsigned>(size)); }
inline std::int64_t write(int file, const char* from, std::size_t size) { return ::_write(file, from, static_cast<unsigned>(size)); }
inline bool truncate(int file, std::int64_t size) { return ::_chsize_s(file, size) == 0; }
inline bool sync(int file) { return ::_commit(file) == 0; }
inline void close(int file) { ::_close(file); }
#else
inline int open_file(const char* path) { return ::open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600); }
inline std::int64_t seek(int file, std::int64_t at, int from) { return ::lseek(file, at, from); }
inline std::int64_t read(int file, char* to, std::size_t size) { return ::read(file, to, size); }
inline std::int64_t write(int file, const char* from, std::size_t size) { return ::write(file, from, size); }
inline bool truncate(int file, std::int64_t size) { return ::ftruncate(file, size) == 0; }
inline bool sync(int file) { return ::fsync(file) == 0; }
inline void close(int file) { ::close(file); }
#endif

}  // namespace os

class append_file {
 public:
  append_file() = default;
  append_file(const append_file&) = delete;
  append_file& operator=(const append_file&) = delete;
  ~append_file() { close(); }

  /// Opens or makes it, and cuts off an incomplete last line. `dropped_bytes()` says how much that was.
  std::error_code open(const std::string& path) {
    close();
    file_ = os::open_file(path.c_str());
    if (file_ < 0) return last_error();
    const std::int64_t size = os::seek(file_, 0, SEEK_END);
    size_ = end_of_last_line(size);
    dropped_ = size - size_;
    if (dropped_ != 0 && !os::truncate(file_, size_)) return last_error();
    if (os::seek(file_, size_, SEEK_SET) < 0) return last_error();
    return {};
  }
  bool is_open() const noexcept { return file_ >= 0; }
  std::int64_t size() const noexcept { return size_; }
  std::int64_t dropped_bytes() const noexcept { return dropped_; }

  /// Writes whole lines. On an error none of them is in the file.
  std::error_code append(std::string_view lines) {
    std::size_t done = 0;
    while (done < lines.size()) {
      const std::int64_t size = os::write(file_, lines.data() + done, lines.size() - done);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) {
        const std::error_code error = size < 0 ? last_error() : std::make_error_code(std::errc::io_error);
        if (done > 0) os::truncate(file_, size_);
        os::seek(file_, size_, SEEK_SET);
        return error;
      }
      done += static_cast<std::size_t>(size);
    }
    size_ += static_cast<std::int64_t>(lines.size());
    return {};
  }
  std::error_code sync() { return os::sync(file_) ? std::error_code{} : last_error(); }
  void close() {
    if (file_ >= 0) os::close(file_);
    file_ = -1;
  }

 private:
  static std::error_code last_error() { return {errno, std::generic_category()}; }

  // Looks from the end for the last line feed.
  std::int64_t end_of_last_line(std::int64_t size) {
    char piece[4096];
    while (size > 0) {
      const std::int64_t begin = size > static_cast<std::int64_t>(sizeof piece) ? size - static_cast<std::int64_t>(sizeof piece) : 0;
      const auto wanted = static_cast<std::size_t>(size - begin);
      if (os::seek(file_, begin, SEEK_SET) < 0 || os::read(file_, piece, wanted) != size - begin) return 0;
      const std::size_t at = std::string_view(piece, wanted).rfind('\n');
      if (at != std::string_view::npos) return begin + static_cast<std::int64_t>(at) + 1;
      size = begin;
    }
    return 0;
  }

  int file_ = -1;
  std::int64_t size_ = 0;
  std::int64_t dropped_ = 0;
};

}  // namespace wirthforge::net
