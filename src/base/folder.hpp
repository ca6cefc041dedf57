// A folder that is held open: all calls act in this folder, wherever its path leads by now (`chdir`, a moved folder,
// another disk that is mounted there). On Windows, where no program can move a folder that holds an open file, it is an
// absolute path.
#pragma once

#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "base/cold.hpp"
#include "base/version.hpp"
#include "base/windows_file.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// The path up to the last name, with the slash between them; empty if there is none.
inline std::string folder_part(const std::string& path) {
#if defined(_WIN32)
  const std::size_t slash = path.find_last_of("/\\:");
#else
  const std::size_t slash = path.rfind('/');
#endif
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// Makes a path independent of the process's working directory.
WIRTHFORGE_COLD inline std::error_code make_absolute(std::string& path) {
  std::error_code error;
#if defined(_WIN32)
  const std::wstring name = wide(path);
  std::wstring whole(::GetFullPathNameW(name.c_str(), 0, nullptr, nullptr), L'\0');  // the size with its terminating zero
  const DWORD size = whole.empty() ? 0 : ::GetFullPathNameW(name.c_str(), static_cast<DWORD>(whole.size()), &whole[0], nullptr);
  if (size == 0 || size >= whole.size()) return last_file_error();
  whole.resize(size);
  path = narrow(whole);
#else
  if (path.empty() || path[0] == '/') return error;
  char here[4096];
  if (::getcwd(here, sizeof here) == nullptr) return {errno, std::generic_category()};
  path = std::string(here) + '/' + path;
#endif
  return error;
}

/// Follows the symbolic link that a path names, and the next one, to a path that is no link; it need not exist. Does nothing
/// on Windows: a rename there acts on the link itself.
WIRTHFORGE_COLD inline std::error_code follow_links(std::string& path) {
#if defined(_WIN32)
  static_cast<void>(path);
  return {};
#else
  for (int links = 0; links <= 40; ++links) {  // as many links as Linux follows
    char target[4096];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    if (size < 0 && (errno == EINVAL || errno == ENOENT)) return {};
    const auto length = static_cast<std::size_t>(size);
    if (size < 0 || length == sizeof target) return {size < 0 ? errno : ENAMETOOLONG, std::generic_category()};
    const std::string leads_to(target, length);
    path = (leads_to[0] == '/' ? std::string() : folder_part(path)) + leads_to;
  }
  return std::make_error_code(std::errc::too_many_symbolic_link_levels);
#endif
}

class folder {
 public:
  folder() = default;
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { close(); }

  bool is_open() const noexcept { return is_open_; }
  /// Opens the folder of the file that `path` names; the file need not exist.
  WIRTHFORGE_COLD std::error_code open_of(const std::string& path) {
    close();
    path_ = folder_part(path);
#if !defined(_WIN32)
    const char* const where = path_.empty() ? "." : path_.c_str();
    handle_ = ::open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
#if defined(O_PATH)
    if (handle_ < 0 && errno == EACCES) handle_ = ::open(where, O_PATH | O_DIRECTORY | O_CLOEXEC);  // to write to, not to list
#endif
    if (handle_ < 0) return {errno, std::generic_category()};
#endif
    is_open_ = true;
    return {};
  }
  void close() noexcept {
#if !defined(_WIN32)
    if (is_open_) ::close(handle_);
#endif
    is_open_ = false;
  }

  /// For `openat` and its kin; meaningless on Windows.
  int handle() const noexcept { return handle_; }
  /// The path that the folder had when it was opened.
  std::string path_of(const std::string& name) const { return path_ + name; }

  bool has(const std::string& name) const {
#if defined(_WIN32)
    return ::GetFileAttributesW(wide(path_of(name)).c_str()) != INVALID_FILE_ATTRIBUTES;
#else
    struct stat what {};
    return ::fstatat(handle_, name.c_str(), &what, 0) == 0;
#endif
  }
  /// Replaces a file of that name.
  WIRTHFORGE_COLD std::error_code rename(const std::string& from, const std::string& to) const {
#if defined(_WIN32)
    const BOOL is_done = ::MoveFileExW(wide(path_of(from)).c_str(), wide(path_of(to)).c_str(), MOVEFILE_REPLACE_EXISTING);
    return is_done != 0 ? std::error_code() : last_file_error();
#else
    return said(::renameat(handle_, from.c_str(), handle_, to.c_str()));
#endif
  }
  WIRTHFORGE_COLD std::error_code remove(const std::string& name) const {
#if defined(_WIN32)
    return ::DeleteFileW(wide(path_of(name)).c_str()) != 0 ? std::error_code() : last_file_error();
#else
    return said(::unlinkat(handle_, name.c_str(), 0));
#endif
  }

  /// The names that begin with `beginning`, in no particular order.
  WIRTHFORGE_COLD std::vector<std::string> names(const std::string& beginning, std::error_code& error) const {
    std::vector<std::string> found;
    const auto take = [&](std::string name) {
      if (name.compare(0, beginning.size(), beginning) == 0) found.push_back(std::move(name));
    };
#if defined(_WIN32)
    WIN32_FIND_DATAW each;
    const HANDLE list = ::FindFirstFileW((wide(path_) + L'*').c_str(), &each);
    if (list == INVALID_HANDLE_VALUE) {
      error = last_file_error();
      return found;
    }
    do take(narrow(each.cFileName));
    while (::FindNextFileW(list, &each) != 0);
    if (::GetLastError() != ERROR_NO_MORE_FILES) error = last_file_error();
    ::FindClose(list);
#else
    // The position in the listing belongs to the descriptor, so the listing has a descriptor of its own.
    const int own = ::openat(handle_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    error = said(own < 0 ? -1 : 0);
    if (error) return found;
    struct closing {
      void operator()(DIR* which) const noexcept { ::closedir(which); }
    };
    const std::unique_ptr<DIR, closing> list(::fdopendir(own));
    if (list == nullptr) {
      error = said(-1);
      ::close(own);
      return found;
    }
    errno = 0;
    for (const dirent* each = ::readdir(list.get()); each != nullptr; each = ::readdir(list.get())) {
      take(each->d_name);
      errno = 0;
    }
    if (errno != 0) error = said(-1);
#endif
    return found;
  }

  /// Forces the names onto the disk, on systems that need a call for it.
  void sync() const noexcept {
#if !defined(_WIN32)
    if (is_open_) static_cast<void>(::fsync(handle_));
#endif
  }

 private:
  static std::error_code said(int result) noexcept {
    return result == 0 ? std::error_code() : std::error_code(errno, std::generic_category());
  }

  std::string path_;
  int handle_ = -1;
  bool is_open_ = false;
};

}}}  // namespace wirthforge::tools
