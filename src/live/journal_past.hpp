// The previous run, as the journal of a run that was closed in good order holds it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// A run that can be continued.
struct journal_past {
  struct event {
    std::int64_t timestamp;
    std::string text;
  };
  std::string epoch;
  std::deque<event> events;        ///< Of the reliable lane, the oldest first, within the log's bounds.
  std::int64_t lost_through = -1;  ///< The highest time of an event that is no longer among them.
  std::string state;               ///< The text of an object: the members that `hub::write_state` wrote, and `epoch`.
};

}}}  // namespace wirthforge::live
