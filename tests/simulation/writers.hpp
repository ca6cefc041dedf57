// The writers of a server's answers, as the program holds them: what they share with the server, and whether a client's request that one
// ends was handed on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "wirthforge_ws.hpp"

#include "simulation/ledger.hpp"

namespace simulation {

namespace live = wirthforge::live;

class writers {
 public:
  using state_ptr = std::shared_ptr<live::token_stream_state>;

  state_ptr open(std::size_t stream, const stream_account& account) {
    const state_ptr whole = account.whole_of < 0 ? nullptr : states_.at(static_cast<std::size_t>(account.whole_of));
    return states_[stream] = std::make_shared<live::token_stream_state>(stream, account.session_id, account.model_id, whole);
  }
  live::token_stream_state& of(std::size_t stream) const { return *states_.at(stream); }
  void close(std::size_t stream) { of(stream).is_ended.store(true); }
  bool is_stop_requested(std::size_t stream) const { return of(stream).is_stop_requested(); }

  /// A client's request is about to be read. True where the program must hear of it.
  bool expect_stop(const ledger& truth, const std::string& session) {
    wanted_.reset();
    asked_.clear();
    const std::optional<std::size_t> stream = truth.stream_named(session);
    if (!stream) return false;
    const stream_account& account = truth.streams[*stream];
    const bool is_written = account.is_written && account.is_begun && !account.is_finished;
    if (is_written) wanted_ = stream;
    return is_written || account.is_open();
  }
  void note_asked(std::string connection, const std::string& session) { asked_ += std::move(connection) + " " + session; }
  /// It was read.
  void check_stop(bool is_expected, const std::string& connection, const std::string& session) const {
    const std::string due = is_expected ? connection + " " + session : std::string();
    if (asked_ != due) throw failure(oracle::completeness, say("a stop of ", session, " was handed on as '", asked_, "'"));
    if (wanted_ && !of(*wanted_).is_stop_requested())
      throw failure(oracle::completeness, "the writer of " + session + " was not asked to stop");
  }

 private:
  std::unordered_map<std::size_t, state_ptr> states_;
  std::optional<std::size_t> wanted_;
  std::string asked_;
};

}  // namespace simulation
