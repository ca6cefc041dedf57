// Cuts bytes that come in pieces into lines, bounded. A byte order mark before the first is skipped. A line that is whole
// in the caller's bytes is handed out as a view of them, without a copy.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

class line_reader {
 public:
  enum class status { need_more, line, too_long };
  enum class ends {
    lf,  ///< LF or CR LF, as in JSON lines.
    any  ///< CR, LF or CR LF, as in server-sent events. A CR LF may be cut in two.
  };

  /// A line of `max_bytes`, without its end, is read; one byte more is too long, and nothing more is read then.
  line_reader(ends how, std::size_t max_bytes) noexcept : ends_(how), max_bytes_(max_bytes) {}

  /// Moves `first` past the used bytes. `line` is valid until the next call, or until the caller's bytes change.
  status next(const char*& first, const char* last, std::string_view& line) {
    if (is_too_long_) return status::too_long;
    if (is_handed_out_) held_.clear();
    is_handed_out_ = false;
    if (is_after_cr_ && first != last) {
      if (*first == '\n') ++first;
      is_after_cr_ = false;
    }
    const char* const begin = first;
    const char* const end = find_end(begin, last);
    const auto size = static_cast<std::size_t>(end - begin);
    // A CR may turn out to belong to the line end, so one byte more is no excess yet.
    if (held_.size() + size > max_bytes_ + (ends_ == ends::lf ? 1 : 0)) return refuse();
    if (end == last) {
      held_.append(begin, size);
      first = last;
      return status::need_more;
    }
    first = end + 1;
    is_after_cr_ = *end == '\r';
    return hand_out({begin, size}, line);
  }
  /// No more bytes will come: returns the bytes after the last line end, or `need_more` if there are none.
  status take_rest(std::string_view& line) {
    if (is_too_long_) return status::too_long;
    if (is_handed_out_ || held_.empty()) return status::need_more;
    const status found = hand_out({}, line);
    return found == status::line && line.empty() ? status::need_more : found;
  }

 private:
  const char* find_end(const char* begin, const char* last) const noexcept {
    if (begin == last) return last;
    if (ends_ == ends::lf) {
      const void* const found = std::memchr(begin, '\n', static_cast<std::size_t>(last - begin));
      return found != nullptr ? static_cast<const char*>(found) : last;
    }
    while (begin != last && *begin != '\n' && *begin != '\r') ++begin;
    return begin;
  }
  status hand_out(std::string_view behind, std::string_view& line) {
    if (!held_.empty()) {
      held_ += behind;
      behind = held_;
      is_handed_out_ = true;
    }
    if (ends_ == ends::lf && !behind.empty() && behind.back() == '\r') behind.remove_suffix(1);
    if (behind.size() > max_bytes_) return refuse();
    if (is_first_ && behind.substr(0, 3) == "\xEF\xBB\xBF") behind.remove_prefix(3);
    is_first_ = false;
    line = behind;
    return status::line;
  }
  status refuse() {
    is_too_long_ = true;
    held_ = std::string();
    return status::too_long;
  }

  const ends ends_;
  const std::size_t max_bytes_;
  std::string held_;
  bool is_handed_out_ = false;  // the held bytes are the line of the last call
  bool is_after_cr_ = false;
  bool is_first_ = true;
  bool is_too_long_ = false;
};

}}}  // namespace wirthforge::model
