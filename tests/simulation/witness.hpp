// One page and its memory over all its connections, as client/wirthforge.js has it: its cursor, for several models as well
// (live/resume.hpp), and everything that it was sent, judged against the published events.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/account.hpp"
#include "simulation/answers.hpp"
#include "simulation/states_again.hpp"
#include "simulation/told_again.hpp"
#include "simulation/totals.hpp"
#include "simulation/visit.hpp"

namespace simulation {

class witness {
 public:
  enum class asks { fresh, resume, nonsense };
  static constexpr unsigned every_channel = 31;

  totals counts;
  diary steps;
  unsigned wanted = every_channel;  ///< Bits of the channels that it subscribes to.
  ticks most_latency = 0;           ///< 0: no latency was promised.
  bool is_experienced() const noexcept { return now_.has_cursor; }

  /// Forgets everything, as a page that is loaded anew.
  void forget() {
    now_.has_cursor = false;
    now_.energy.forget();
    now_.answers.clear();
  }
  /// Another tab of the same page takes over the cursor. Between two connections.
  void copy_session(const witness& from) {
    const bool is_between = from.is_open_wanted_ && from.snapshots_ != never && from.messages_ > 0;
    now_ = is_between ? from.before_ : from.now_;
    wanted = from.wanted;
  }

  /// The connection is over. A page that lacks texts so far comes back as if nothing had come: its cursor would include them all.
  void end() {
    if (is_open_wanted_ && snapshots_ != never && messages_ > 0) now_ = std::move(before_);
    messages_ = 0;
  }

  std::string query(bool is_open_wanted, bool is_recent_wanted) const {
    std::string out;
    if (now_.has_cursor) out = "epoch=" + now_.epoch + "&since=" + std::to_string(now_.since) + now_.energy.query();
    if (is_open_wanted) out += (out.empty() ? "replay=" : "&replay=") + std::string(is_recent_wanted ? "recent" : "open");
    return out;
  }

  void begin(std::shared_ptr<visit> known, asks how, bool is_open_wanted) {
    known_ = std::move(known);
    asks_ = how;
    is_open_wanted_ = is_open_wanted;
    if (is_open_wanted) before_ = now_;
    messages_ = 0;
    beats_ = 0;
    is_settled_ = is_gap_told_ = is_too_long_told_ = false;
    is_afresh_ = how != asks::resume;
    snapshots_ = applied_ = 0;
    ended_.begin();
    states_.begin();
    server_set_ = every_channel;
    wishes_ = 0;
    for (std::size_t each = 0; each < 5; ++each) {
      wanted_since_[each] = 0;
      if ((wanted & (1U << each)) == 0) now_.guaranteed_from[each] = never;
    }
    now_.energy.begin_visit();
    ++counts.visits;
  }

  /// It will ask for these channels.
  void want(unsigned channels) {
    for (std::size_t each = 0; each < 5; ++each) {
      const unsigned bit = 1U << each;
      if ((channels & bit) == 0) now_.guaranteed_from[each] = never;
      else if ((wanted & bit) == 0) wanted_since_[each] = wishes_ + 1;
    }
    wanted = channels;
  }
  void note_wish() noexcept { ++wishes_; }

  void take(std::string_view text, ticks now) {
    absorb_subscriptions();
    const std::string_view type = string_field(text, "\"type\":");
    const std::int64_t timestamp = integer_field(text, "\"timestamp\":");
    if (messages_ < 4 || counts.validated * 61 < counts.energy + counts.reliable) {
      ledger::validate(text);
      ++counts.validated;
    }
    const std::size_t place = messages_++;
    if (place == 0) return take_startup(type, timestamp, now);
    if (place == 1 && type != "heartbeat") throw failure(oracle::order, "the second message is no heartbeat");
    if (type == "heartbeat") return take_heartbeat(text, place, now);
    if (type == "startup_complete") throw failure(oracle::order, "a second startup_complete");
    if (type == "error_event" && is_own_error(text)) return take_own_error(text, now);
    if (!is_settled_) settle(now);
    if (type == "error_event" && states_.take(*known_, text, timestamp == startup_at_)) return;
    const bool is_again = is_open_wanted_ && timestamp == startup_at_;
    if (is_again && type == "error_event" && ended_.take_ending(text)) return;
    if (is_again && type == "token_stream") return take_snapshot(text, now);
    end_preamble();
    if (type == "energy_update") return take_energy(text, now);
    if (type == "energy_field") return now_.energy.take_field(truth(), text);
    take_reliable(text, type, timestamp, now);
  }

  /// All that was published must have come by now.
  void check_complete() const {
    if (known_ == nullptr || !is_settled_) return;
    for (std::size_t index = now_.next; index < truth().reliable.size(); ++index) check_skipped(index);
    states_.check(truth());
  }
  std::size_t heartbeats() const noexcept { return beats_; }
  bool is_live() const noexcept { return messages_ > 1; }

 private:
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
  /// Its memory from one connection to the next.
  struct memory {
    bool has_cursor = false;
    std::string epoch;
    std::int64_t since = 0;
    ticks since_when = 0;          // when that was published
    std::size_t next = 0;          // in the ledger: what must come next
    std::int64_t excused_to = -1;  // a gap was told up to this time
    std::uint64_t omissions = 0;
    std::size_t guaranteed_from[5] = {never, never, never, never, never};
    energy_account energy;
    answer_texts answers;
  };

  const ledger& truth() const noexcept { return *known_->truth; }
  static std::size_t index_of(wirthforge::channel one) noexcept { return static_cast<std::size_t>(one); }

  void take_startup(std::string_view type, std::int64_t timestamp, ticks now) {
    if (type != "startup_complete") throw failure(oracle::order, say("the first message is ", std::string(type)));
    if (!known_->is_greeted) throw failure(oracle::order, "a startup_complete before the orchestrator was ready");
    startup_at_ = timestamp;
    steps.note(now, "startup_complete", timestamp);
  }

  void take_heartbeat(std::string_view text, std::size_t place, ticks now) {
    const std::int64_t sequence = integer_field(text, "\"sequence\":");
    if (sequence != static_cast<std::int64_t>(beats_++))
      throw failure(oracle::order, say("heartbeat ", sequence, " out of turn"));
    if (place != 1) {
      if (!is_settled_) settle(now);
      end_preamble();
      return;
    }
    const std::string_view id = string_field(text, "\"connectionId\":");
    const std::string_view epoch = id.substr(0, id.find('.'));
    if (epoch != truth().epoch) throw failure(oracle::order, "a connection of another epoch");
    const bool is_known = now_.has_cursor && epoch == now_.epoch;
    is_epoch_new_ = asks_ == asks::resume && !is_known;
    if (asks_ == asks::resume && is_known) return;
    now_.epoch = std::string(epoch);
    start_afresh();
  }

  // The session begins with this connection.
  void start_afresh() {
    now_.has_cursor = true;
    is_afresh_ = true;
    now_.since = startup_at_;
    now_.since_when = known_->greeted_at;
    now_.omissions = known_->omissions;
    now_.next = known_->published;
    now_.excused_to = -1;
    now_.answers.clear();
    now_.energy.join(known_->places, startup_at_, known_->greeted_at);
    for (std::size_t each = 0; each < 5; ++each) {
      now_.guaranteed_from[each] = (wanted & (1U << each)) != 0 ? known_->published : never;
    }
  }

  // No later event will tell of missed events.
  void settle(ticks now) {
    is_settled_ = true;
    if (is_epoch_new_ && !is_gap_told_) throw failure(oracle::completeness, "a restart went untold");
    if (asks_ == asks::resume && !is_gap_told_) {
      if (now_.omissions != known_->omissions)
        throw failure(oracle::completeness, "events that no client was given went untold");
      now_.energy.rejoin(now_.since_when);
      ++counts.resumes;
      steps.note(now, "resumed", now_.since);
    }
    now_.omissions = known_->omissions;
    for (std::size_t each = 0; each < 5; ++each) {
      if (wanted_since_[each] == 0) guarantee(each, known_->published);
    }
  }

  void take_own_error(std::string_view text, ticks now) {
    const std::string_view code = string_field(text, "\"code\":");
    if (code.substr(0, 7) != "RESUME_") return;
    const std::int64_t from = integer_field(text, "\"from\":");
    const std::int64_t to = integer_field(text, "\"to\":");
    if (string_field(text, "\"cause\":") == "answer_too_long") return void(is_too_long_told_ = true);
    if (string_field(text, "\"cause\":") == "before_ready") {
      if (known_->published == 0) throw failure(oracle::completeness, "a gap before ready, and nothing was published by then");
      return;
    }
    steps.note(now, "gap", from, to);
    ++counts.gaps;
    if (is_settled_) throw failure(oracle::order, "a gap is told after the replay began");
    if (asks_ == asks::fresh) throw failure(oracle::order, "a gap for a client that never was here");
    is_gap_told_ = true;
    if (code == "RESUME_INVALID") {
      if (asks_ != asks::nonsense) throw failure(oracle::completeness, "sound parameters were called invalid");
      start_afresh();
    } else if (code == "RESUME_EPOCH_CHANGED") {
      if (!is_epoch_new_ && asks_ == asks::resume) throw failure(oracle::completeness, "a change of epoch that was none");
    } else {
      if (from != now_.since) throw failure(oracle::completeness, say("a gap from ", from, " for a client at ", now_.since));
      now_.excused_to = to;
      now_.answers.clear();
      now_.energy.join(known_->places, startup_at_, known_->greeted_at);
    }
    settle(now);
  }

  void take_snapshot(std::string_view text, ticks now) {
    ++snapshots_;
    ++counts.snapshots;
    if (text.find("\"isComplete\":true") != std::string_view::npos) {
      ++counts.told_again;
      return steps.note(now, "a whole answer again", static_cast<std::int64_t>(ended_.take(*known_, text)));
    }
    ended_.pass();
    const bool is_followed = now_.guaranteed_from[index_of(wirthforge::channel::experience)] <= known_->published;
    const std::size_t size = now_.answers.take_so_far(*known_, text, is_followed);
    steps.note(now, "text so far", static_cast<std::int64_t>(size));
  }
  void end_preamble() {
    const bool is_told_all = is_afresh_ || (is_gap_told_ && is_open_wanted_);
    states_.end(*known_, is_told_all ? startup_at_ : now_.since, is_told_all && is_open_wanted_);
    if (!is_open_wanted_ || snapshots_ == never) return;
    ended_.pass();
    const std::size_t wanted_again = known_->answers.size() + (known_->is_recent_wanted ? known_->ended.size() : 0);
    const std::size_t expected = is_afresh_ || is_gap_told_ ? wanted_again : 0;
    if (snapshots_ != expected && !(is_too_long_told_ && snapshots_ < expected)) {
      throw failure(oracle::completeness, say(snapshots_, " texts again, ", expected, " answers are to be told"));
    }
    snapshots_ = never;
    if (expected == 0) return;
    now_.since = startup_at_;  // the texts so far are of that time
    now_.since_when = known_->greeted_at;
  }

  void take_energy(std::string_view text, ticks now) {
    ++counts.energy;
    const energy_account::receipt got = now_.energy.take_update(truth(), text);
    counts.skipped += got.skipped;
    steps.note(now, "energy_update", got.frame_number, static_cast<std::int64_t>(got.skipped));
    const bool is_old = got.when < known_->greeted_at + 2 * second;
    if (most_latency > 0 && !is_old && now - got.when > most_latency) {
      throw failure(oracle::timeouts,
                    say("energy is ", (now - got.when) / microsecond, " us old, bound ", most_latency / microsecond));
    }
  }

  void take_reliable(std::string_view text, std::string_view type, std::int64_t timestamp, ticks now) {
    ++counts.reliable;
    steps.note(now, type == "token_stream" ? "token_stream" : "reliable", timestamp);
    if (timestamp <= now_.since) throw failure(oracle::order, say("at ", now_.since, " came ", timestamp));
    while (now_.next < truth().reliable.size() && truth().reliable[now_.next].timestamp < timestamp) check_skipped(now_.next++);
    if (now_.next == truth().reliable.size() || truth().reliable[now_.next].timestamp != timestamp) {
      throw failure(oracle::order, say("nothing was published at ", timestamp));
    }
    const reliable_entry& entry = truth().reliable[now_.next++];
    if (entry.hash != hash_of(text)) throw failure(oracle::order, say("another event was published at ", timestamp));
    now_.since = timestamp;
    now_.since_when = entry.when;
    if (entry.stream >= 0) {
      const std::size_t from = now_.guaranteed_from[index_of(wirthforge::channel::experience)];
      const bool is_certain = timestamp > now_.excused_to && now_.next > from;
      counts.answers += now_.answers.take(truth(), entry, text, is_certain) ? 1 : 0;
    }
    if (most_latency > 0 && entry.when > known_->greeted_at && now - entry.when > most_latency) {
      throw failure(oracle::timeouts, say("an event is ", (now - entry.when) / microsecond, " us old"));
    }
  }
  void check_skipped(std::size_t index) const {
    const reliable_entry& missing = truth().reliable[index];
    if (missing.timestamp <= now_.excused_to || index < now_.guaranteed_from[index_of(missing.channel)]) return;
    throw failure(oracle::completeness, say("the event of ", missing.timestamp, " is missing; cursor ", now_.since));
  }

  // From now on it must get all of a channel that it wants; the texts of before have holes.
  void guarantee(std::size_t each, std::size_t from) {
    if ((wanted & (1U << each)) == 0 || now_.guaranteed_from[each] != never) return;
    now_.guaranteed_from[each] = from;
    if (each == index_of(wirthforge::channel::experience)) now_.answers.clear();
  }

  void absorb_subscriptions() {
    for (; applied_ < known_->subscriptions.size(); ++applied_) {
      const visit::subscription& next = known_->subscriptions[applied_];
      for (std::size_t each = 0; each < 5; ++each) {
        const unsigned bit = 1U << each;
        const bool is_new = (next.channels & bit) != 0 && (server_set_ & bit) == 0;
        if (is_new && each == index_of(wirthforge::channel::energy)) now_.energy.allow(next.places);
        if (applied_ + 1 >= wanted_since_[each]) guarantee(each, next.published);
      }
      server_set_ = next.channels | 1U << static_cast<unsigned>(wirthforge::channel::system);
    }
  }

  memory now_;
  memory before_;  // before the current connection, for one that breaks off among the texts so far

  // The connection
  std::shared_ptr<visit> known_;
  asks asks_ = asks::fresh;
  bool is_open_wanted_ = false;
  told_again ended_;
  states_again states_;
  bool is_afresh_ = false;
  bool is_settled_ = false;
  bool is_gap_told_ = false;
  bool is_too_long_told_ = false;
  bool is_epoch_new_ = false;
  std::int64_t startup_at_ = 0;
  std::size_t messages_ = 0;
  std::size_t beats_ = 0;
  std::size_t snapshots_ = 0;
  std::size_t applied_ = 0;
  unsigned server_set_ = every_channel;
  std::size_t wishes_ = 0;            // that it sent on this connection,
  std::size_t wanted_since_[5] = {};  // and from which one on it has wanted each channel; 0: all the time
};

}  // namespace simulation
