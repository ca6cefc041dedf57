// The states of models, and the answers whose prompt is being read, as one connection is told them: again with its greeting, and then
// by their news. A page knows nothing of them when it connects: it may have been loaded anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulation/failure.hpp"
#include "simulation/visit.hpp"
#include "simulation/wire.hpp"

namespace simulation {

class states_again {
 public:
  void begin() { *this = states_again(); }

  /// An error_event. True where it is one of these and is told again.
  bool take(const visit& known, std::string_view text, bool is_again) {
    const std::string_view code = string_field(text, "\"code\":");
    if (is_again && code == "ANSWER_WAITING") {
      take_waiting(known, string_field(text, "\"sessionId\":"));
      return true;
    }
    if (!model_talk::is_state(code)) return false;
    const std::string model(string_field(text, "\"modelId\":"));
    if (is_again) take_again(known, model, code, text);
    known_[model] = {std::string(code), model_talk::progress_of(text)};
    return is_again;
  }
  /// The greeting is over. `through`: of the models' states up to this time, each must have been told; `with_answers`: so must the answers
  /// that wait.
  void end(const visit& known, std::int64_t through, bool with_answers) {
    if (is_over_) return;
    is_over_ = true;
    for (const model_talk::entry& each : known.models) {
      if (each.is_certain && each.said_stamp <= through && told_.count(each.model_id) == 0)
        throw failure(oracle::completeness, say("that of ", each.model_id, " was said ", each.said, " is not told again"));
    }
    if (!with_answers && !waiting_.empty())
      throw failure(oracle::order, "an answer that waits is told again to a page that knows it");
    for (const std::size_t each : known.waiting) {
      const stream_account& of = known.truth->streams[each];
      if (with_answers && of.waiting_said_at >= 0 && of.waiting_said_at < known.greeted_at &&
          waiting_.count(of.session_id) == 0)
        throw failure(oracle::completeness, say("that the prompt of ", of.session_id, " is read is not told again"));
    }
  }
  /// By now it must know each model as it is.
  void check(const ledger& truth) const {
    for (const model_talk::entry& each : truth.talk.entries()) {
      if (each.said.empty() || !each.is_certain) continue;
      const auto found = known_.find(each.model_id);
      if (found == known_.end()) throw failure(oracle::completeness, say("a page knows nothing of ", each.model_id));
      if (found->second.first != each.said || std::abs(found->second.second - each.said_progress) > 1e-9)
        throw failure(oracle::completeness,
                      say("a page takes ", each.model_id, " for ", found->second.first, ", and it is ", each.said));
    }
  }

 private:
  void take_again(const visit& known, const std::string& model, std::string_view code, std::string_view text) {
    if (is_over_ || !waiting_.empty()) throw failure(oracle::order, "a model's state is told again out of turn");
    if (++told_[model] > 1) throw failure(oracle::order, say("the state of ", model, " is told again twice"));
    for (const model_talk::entry& each : known.models) {
      if (each.model_id != model || !each.is_certain) continue;
      if (each.said != code || std::abs(each.said_progress - model_talk::progress_of(text)) > 1e-9)
        throw failure(oracle::completeness,
                      say("of ", model, " is told again ", std::string(code), ", and said was ", each.said));
    }
  }
  void take_waiting(const visit& known, std::string_view session) {
    const std::string name(session);
    if (is_over_ || ++waiting_[name] > 1) throw failure(oracle::order, say(name, " is told again to wait, out of turn"));
    for (const std::size_t each : known.waiting) {
      if (known.truth->streams[each].session_id == session) return;
    }
    throw failure(oracle::completeness, say(name, " is told again to wait, and does not"));
  }

  std::unordered_map<std::string, std::pair<std::string, double>> known_;  // code and progress of each model
  std::unordered_map<std::string, int> told_, waiting_;                    // again
  bool is_over_ = false;
};

}  // namespace simulation
