// The folder of a journal's files. It is resolved once: a relative path starts from the working directory of that time,
// and a symbolic link stands for its target; the older files are beside the target. The folder is then held open, so
// that neither `chdir` nor moving the folder separates the files; a deleted folder is looked up again by its path. Only
// files that begin as a journal does are treated as files of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/error.hpp"
#include "journal/append_file.hpp"
#include "base/folder.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace journal {

/// `errc::not_a_journal` for a file that does not begin as a journal does, so that a wrong path destroys no file. An empty
/// file is a journal, and so is one that an editor has put a byte order mark in front of.
WIRTHFORGE_COLD inline std::error_code check_beginning(const append_file& file) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  constexpr std::string_view beginning = "{\"type\":\"";
  char first[mark.size() + beginning.size()];
  const std::size_t got = file.read(0, first, sizeof first);
  if (got < std::min<std::uint64_t>(file.size(), sizeof first)) return std::make_error_code(std::errc::io_error);
  std::string_view text(first, got);
  if (text.substr(0, mark.size()) == mark) text.remove_prefix(mark.size());
  text = text.substr(0, beginning.size());
  return text == beginning.substr(0, text.size()) ? std::error_code() : make_error_code(errc::not_a_journal);
}

class journal_place {
 public:
  /// Numbers of older files, the newest of them first.
  struct older {
    std::vector<std::size_t> ours;
    std::vector<std::size_t> others;  ///< These have such a name, but are no files of a journal.
    std::size_t unknown = 0;          ///< A file that cannot be read, or 0.
  };

  explicit journal_place(std::string path) : path_(std::move(path)) {}

  /// The newest file has the number 0.
  std::string name_of(std::size_t number) const { return number == 0 ? name_ : name_ + "." + std::to_string(number); }
  std::string path_of(std::size_t number) const { return folder_.path_of(name_of(number)); }

  /// Finds the place by the given path, without opening a file.
  WIRTHFORGE_COLD std::error_code enter() {
    std::string at = path_;
    is_device_ = is_device(path_);
    if (is_device_) return {};
    if (const std::error_code error = follow_links(at)) return error;
    name_ = at.substr(folder_part(at).size());
    if (name_.empty()) return std::make_error_code(std::errc::is_a_directory);
    return folder_.open_of(at);
  }
  /// True for a path that is neither file nor folder, such as a pipe: it has no older files.
  bool is_device() const noexcept { return is_device_; }
  bool has_newest() const { return is_device_ || folder_.has(name_); }

  /// Opens the newest file, or creates it.
  WIRTHFORGE_COLD std::error_code open_newest(append_file& file) {
    constexpr int most = 3;
    for (int attempt = 1;; ++attempt) {
      if (const std::error_code error = find()) return error;
      if (is_device_) return file.open(path_);
      const std::error_code error = file.open(folder_, name_);
      if (error && attempt == 1 && leads_elsewhere(error)) {
        folder_.close();
        continue;
      }
      if (error) return error;
      // Taken away between two calls; or the file system gives the same file other numbers each time, and is not asked again.
      knows_files_ = file.fate_of(folder_, name_, 0) == append_file::fate::none;
      if (knows_files_ || attempt == most) return {};
    }
  }
  /// The action of another program on the newest file, which had `size` bytes.
  append_file::fate fate_of(const append_file& file, std::uint64_t size) const noexcept {
    return knows_files_ ? file.fate_of(folder_, name_, size) : append_file::fate::none;
  }

  /// An error if one of them cannot be told from a foreign file.
  WIRTHFORGE_COLD std::error_code find_older(older& found, bool follows_links) const {
    found = {};
    std::error_code error;
    if (is_device_) return error;
    const std::string beginning = name_ + ".";
    for (const std::string& each : folder_.names(beginning, error)) {
      const std::size_t number = number_in(each.substr(beginning.size()));
      if (number == 0) continue;
      append_file file;
      std::error_code unreadable = file.open_to_read(folder_, each, follows_links);
      if (unreadable == std::errc::no_such_file_or_directory) continue;  // it was there a moment ago
      const bool is_other = unreadable ? is_no_file(unreadable) : !file.is_regular();
      if (!unreadable && !is_other) unreadable = check_beginning(file);
      if (is_other || unreadable == errc::not_a_journal) found.others.push_back(number);
      else if (!unreadable) found.ours.push_back(number);
      else error = unreadable, found.unknown = number;
    }
    std::sort(found.ours.begin(), found.ours.end());
    std::sort(found.others.begin(), found.others.end());
    return error;
  }
  std::error_code open_older(std::size_t number, append_file& file) const {
    return file.open_to_read(folder_, name_of(number), false);
  }
  std::error_code rename(std::size_t from, std::size_t to) const { return folder_.rename(name_of(from), name_of(to)); }
  std::error_code remove(std::size_t number) const { return folder_.remove(name_of(number)); }
  void sync() const noexcept { folder_.sync(); }

 private:
  WIRTHFORGE_COLD std::error_code find() {
    if (folder_.is_open()) return {};
    if (!is_fixed_) {
      if (const std::error_code error = make_absolute(path_)) return error;
      is_fixed_ = true;
    }
    return enter();
  }

  // The folder was deleted, or a link is now in the place of a file; the error differs between systems.
  static bool leads_elsewhere(std::error_code error) noexcept {
    return error == std::errc::no_such_file_or_directory || error == std::errc::too_many_symbolic_link_levels ||
           error == std::errc::too_many_links;
  }
  // A link that is not followed, a socket, or on Windows a folder.
  static bool is_no_file(std::error_code error) noexcept {
    return leads_elsewhere(error) || error == std::errc::no_such_device_or_address || error == std::errc::is_a_directory;
  }
  static bool is_device(const std::string& path) noexcept {
#if defined(_WIN32)
    static_cast<void>(path);
    return false;
#else
    struct stat what {};
    return ::stat(path.c_str(), &what) == 0 && !S_ISREG(what.st_mode) && !S_ISDIR(what.st_mode);
#endif
  }
  // The number in a file's name; 0 for a name that we would not give.
  static std::size_t number_in(const std::string& text) noexcept {
    if (text.empty() || text.size() > 6 || text[0] == '0') return 0;
    std::size_t number = 0;
    for (const char each : text) {
      if (each < '0' || each > '9') return 0;
      number = number * 10 + static_cast<std::size_t>(each - '0');
    }
    return number;
  }

  std::string path_;  // as it was given, until it is resolved
  std::string name_;
  folder folder_;
  bool is_fixed_ = false;
  bool is_device_ = false;
  bool knows_files_ = true;
};

}}}  // namespace wirthforge::journal
