// The sessions that have an open writer, so that two never write into one answer. Any thread; the lock is held for a look-up.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "live/token_stream_state.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class open_sessions {
 public:
  /// False if the session is already open.
  bool open(const std::shared_ptr<token_stream_state>& next) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<token_stream_state>& place = by_session_[next->session_id];
    if (place && !place->is_over()) return false;
    place = next;
    return true;
  }
  /// Ends the session and its side answers. True for the first call.
  bool close(token_stream_state& ended) noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (ended.is_over()) return false;
    ended.is_ended.store(true);
    auto each = by_session_.find(ended.session_id);
    while (each != by_session_.end() && each->first.compare(0, ended.session_id.size(), ended.session_id) == 0) {
      if (each->second->is_over()) each = by_session_.erase(each);
      else ++each;
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<token_stream_state>> by_session_;
};

}}}  // namespace wirthforge::live
