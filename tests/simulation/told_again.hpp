// The answers that a page is told again after they have ended: whole, each once, in the order of their ends, with the event of its end,
// and before those that are open.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/failure.hpp"
#include "simulation/visit.hpp"
#include "simulation/wire.hpp"

namespace simulation {

class told_again {
 public:
  void begin() { *this = told_again(); }

  /// How the answer ended that comes next. False where that was told already.
  bool take_ending(std::string_view text) {
    if (!how_it_ended_.empty()) return false;
    how_it_ended_ = string_field(text, "\"code\":");
    return true;
  }
  /// Returns its size.
  std::size_t take(const visit& known, std::string_view text) {
    const std::string_view session = string_field(text, "\"sessionId\":");
    if (!known.is_recent_wanted || is_past_) throw failure(oracle::order, "an answer that has ended, out of turn");
    const ledger& truth = *known.truth;
    told_.resize(known.ended.size());
    std::size_t found = 0;
    while (found < told_.size() && (told_[found] || truth.streams[known.ended[found]].session_id != session)) ++found;
    if (found == told_.size())
      throw failure(oracle::order, say(std::string(session), " has not ended of late, or was told before"));
    told_[found] = true;
    const stream_account& stream = truth.streams[known.ended[found]];
    // Answers that ended at once while no client was connected come in the server's order.
    if (stream.ended_at < std::exchange(last_end_, stream.ended_at))
      throw failure(oracle::order, say(stream.session_id, " ended before the one before it"));
    std::string whole;
    append_tokens(whole, text);
    if (whole != stream.text)
      throw failure(oracle::completeness,
                    say(stream.session_id, " is told with ", whole.size(), " bytes of ", stream.text.size()));
    if (how_it_ended_ != stream.how_it_ended) {
      throw failure(oracle::completeness, say(stream.session_id, " is told to have ended by '", how_it_ended_,
                                              "', and did by '", stream.how_it_ended, "'"));
    }
    how_it_ended_.clear();
    return whole.size();
  }
  /// One that is open comes, or none any more.
  void pass() {
    if (!how_it_ended_.empty()) throw failure(oracle::order, "the end of an answer that does not follow");
    is_past_ = true;
  }

 private:
  std::vector<bool> told_;
  ticks last_end_ = 0;
  std::string how_it_ended_;
  bool is_past_ = false;
};

}  // namespace simulation
