// One page and what it remembers over all its connections: the cursor that it comes back with, and everything that it was
// sent, judged against what was published. It keeps what client/wirthforge.js keeps, and for several models what
// live/resume.hpp asks for.
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
#include "simulation/ledger.hpp"

namespace simulation {

struct totals {
  std::uint64_t visits = 0, resumes = 0, gaps = 0, reliable = 0, energy = 0, skipped = 0, answers = 0, snapshots = 0,
                validated = 0, lagged = 0;
  void add(const totals& other) noexcept {
    visits += other.visits;
    resumes += other.resumes;
    gaps += other.gaps;
    reliable += other.reliable;
    energy += other.energy;
    skipped += other.skipped;
    answers += other.answers;
    snapshots += other.snapshots;
    validated += other.validated;
    lagged += other.lagged;
  }
};

class witness {
 public:
  enum class asks { fresh, resume, nonsense };
  static constexpr unsigned every_channel = 31;

  totals counts;
  diary steps;
  unsigned wanted = every_channel;        ///< Bits of the channels that it subscribes to.
  ticks most_latency = 0;                 ///< 0: nobody promised it anything.
  bool is_experienced() const noexcept { return has_cursor_; }
  const std::string& epoch() const noexcept { return epoch_; }

  /// Forgets everything, as a page that is loaded anew.
  void forget() {
    has_cursor_ = false;
    energy_.forget();
    answers_.clear();
  }
  /// Another tab of the same page: the same cursor from here on.
  void copy_session(const witness& from) {
    has_cursor_ = from.has_cursor_;
    epoch_ = from.epoch_;
    since_ = from.since_;
    next_ = from.next_;
    excused_to_ = from.excused_to_;
    omissions_ = from.omissions_;
    energy_ = from.energy_;
    answers_ = from.answers_;
    wanted = from.wanted;
    for (std::size_t each = 0; each < 5; ++each) guaranteed_from_[each] = from.guaranteed_from_[each];
  }

  std::string query(bool is_open_wanted) const {
    std::string out;
    if (has_cursor_) out = "epoch=" + epoch_ + "&since=" + std::to_string(since_) + energy_.query();
    if (is_open_wanted) out += out.empty() ? "replay=open" : "&replay=open";
    return out;
  }

  void begin(std::shared_ptr<visit> known, asks how, bool is_open_wanted) {
    known_ = std::move(known);
    asks_ = how;
    is_open_wanted_ = is_open_wanted;
    requested_first_ = energy_.first();
    messages_ = 0;
    beats_ = 0;
    is_settled_ = is_gap_told_ = is_too_long_told_ = false;
    is_afresh_ = how != asks::resume;
    snapshots_ = applied_ = 0;
    server_set_ = every_channel;
    energy_.begin_visit();
    ++counts.visits;
  }

  void want(unsigned channels) {
    wanted = channels;
    for (std::size_t each = 0; each < 5; ++each) {
      if ((channels & (1U << each)) == 0) guaranteed_from_[each] = never;
    }
  }

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
    if (type == "error_event" && is_own(text)) return take_own_error(text, now);
    if (!is_settled_) settle(now);
    if (is_open_wanted_ && timestamp == startup_at_ && type == "token_stream") return take_snapshot(text, now);
    check_snapshots();
    if (type == "energy_update") return take_energy(text, now);
    if (type == "energy_field") {
      energy_.take_field(truth(), text);
      return;
    }
    take_reliable(text, type, timestamp, now);
  }

  /// All that was published must have come by now.
  void check_complete() const {
    if (known_ == nullptr || !is_settled_) return;
    for (std::size_t index = next_; index < truth().reliable.size(); ++index) check_skipped(index);
  }
  std::size_t heartbeats() const noexcept { return beats_; }
  bool is_live() const noexcept { return messages_ > 1; }

 private:
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
  struct answer {
    std::size_t stream;
    std::size_t size;
  };

  const ledger& truth() const noexcept { return *known_->truth; }

  static bool is_own(std::string_view text) {
    const std::string_view code = string_field(text, "\"code\":");
    return code.substr(0, 7) == "RESUME_" || code.substr(0, 15) == "CLIENT_MESSAGE_" || code == "BINARY_NOT_ACCEPTED";
  }

  void take_startup(std::string_view type, std::int64_t timestamp, ticks now) {
    if (type != "startup_complete") throw failure(oracle::order, say("the first message is ", std::string(type)));
    if (!known_->is_greeted) throw failure(oracle::order, "a startup_complete before the orchestrator was ready");
    startup_at_ = timestamp;
    steps.note(now, "startup_complete", timestamp);
  }

  void take_heartbeat(std::string_view text, std::size_t place, ticks now) {
    const std::int64_t sequence = integer_field(text, "\"sequence\":");
    if (sequence != static_cast<std::int64_t>(beats_++)) throw failure(oracle::order, say("heartbeat ", sequence, " out of turn"));
    if (place != 1) {
      if (!is_settled_) settle(now);
      return;
    }
    const std::string_view id = string_field(text, "\"connectionId\":");
    const std::string_view epoch = id.substr(0, id.find('.'));
    const bool is_known = has_cursor_ && epoch == epoch_;
    is_epoch_new_ = asks_ == asks::resume && !is_known;
    if (asks_ == asks::resume && is_known) return;
    epoch_ = std::string(epoch);
    start_afresh();
  }

  // The session begins with this connection.
  void start_afresh() {
    has_cursor_ = true;
    is_afresh_ = true;
    since_ = startup_at_;
    next_ = known_->published;
    excused_to_ = -1;
    answers_.clear();
    energy_.join(known_->places);
    for (std::size_t each = 0; each < 5; ++each) guaranteed_from_[each] = (wanted & (1U << each)) != 0 ? known_->published : never;
  }

  // Nothing more will be said about what was missed.
  void settle(ticks now) {
    is_settled_ = true;
    if (is_epoch_new_ && !is_gap_told_) throw failure(oracle::completeness, "a restart went untold");
    if (asks_ == asks::resume && !is_gap_told_) {
      if (omissions_ != known_->omissions) throw failure(oracle::completeness, "events that nobody was given went untold");
      energy_.rejoin(requested_first_);
      ++counts.resumes;
      steps.note(now, "resumed", since_);
    }
    omissions_ = known_->omissions;
    for (std::size_t each = 0; each < 5; ++each) {
      if ((wanted & (1U << each)) != 0 && guaranteed_from_[each] == never) guaranteed_from_[each] = known_->published;
    }
  }

  void take_own_error(std::string_view text, ticks now) {
    const std::string_view code = string_field(text, "\"code\":");
    if (code.substr(0, 7) != "RESUME_") return;
    const std::int64_t from = integer_field(text, "\"from\":");
    const std::int64_t to = integer_field(text, "\"to\":");
    if (string_field(text, "\"cause\":") == "answer_too_long") {
      is_too_long_told_ = true;
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
      if (from != since_) throw failure(oracle::completeness, say("a gap from ", from, " for a client at ", since_));
      excused_to_ = to;
      answers_.clear();
      energy_.join(known_->places);
    }
    settle(now);
  }

  void take_snapshot(std::string_view text, ticks now) {
    ++snapshots_;
    ++counts.snapshots;
    const std::string_view session = string_field(text, "\"sessionId\":");
    scratch_.clear();
    append_tokens(scratch_, text);
    steps.note(now, "text so far", static_cast<std::int64_t>(scratch_.size()));
    for (const visit::answer& each : known_->answers) {
      const stream_account& stream = truth().streams[each.stream];
      if (stream.session_id != session) continue;
      if (stream.text.compare(0, each.size, scratch_) != 0) {
        throw failure(oracle::completeness, say("the text so far of ", stream.session_id, ": ", scratch_.size(), " bytes, ", each.size, " were published"));
      }
      answers_.push_back({each.stream, each.size});
      return;
    }
    throw failure(oracle::order, say("the text so far of an answer that is not open: ", std::string(session)));
  }
  void check_snapshots() {
    if (!is_open_wanted_ || snapshots_ == never) return;
    const std::size_t expected = is_afresh_ || is_gap_told_ ? known_->answers.size() : 0;
    if (snapshots_ != expected && !(is_too_long_told_ && snapshots_ < expected)) {
      throw failure(oracle::completeness, say(snapshots_, " texts so far, ", expected, " answers are open"));
    }
    snapshots_ = never;
  }

  void take_energy(std::string_view text, ticks now) {
    ++counts.energy;
    const energy_account::receipt got = energy_.take_update(truth(), text);
    counts.skipped += got.skipped;
    steps.note(now, "energy_update", got.frame_number, static_cast<std::int64_t>(got.skipped));
    const bool is_old = got.when < known_->greeted_at + 2 * second;
    if (most_latency > 0 && !is_old && now - got.when > most_latency) {
      throw failure(oracle::timeouts, say("energy is ", (now - got.when) / microsecond, " us old, bound ", most_latency / microsecond));
    }
  }

  void take_reliable(std::string_view text, std::string_view type, std::int64_t timestamp, ticks now) {
    ++counts.reliable;
    steps.note(now, type == "token_stream" ? "token_stream" : "reliable", timestamp);
    if (timestamp <= since_) throw failure(oracle::order, say("at ", since_, " came ", timestamp));
    while (next_ < truth().reliable.size() && truth().reliable[next_].timestamp < timestamp) check_skipped(next_++);
    if (next_ == truth().reliable.size() || truth().reliable[next_].timestamp != timestamp) {
      throw failure(oracle::order, say("nothing was published at ", timestamp));
    }
    const reliable_entry& entry = truth().reliable[next_++];
    if (entry.hash != hash_of(text)) throw failure(oracle::order, say("another event was published at ", timestamp));
    since_ = timestamp;
    if (entry.stream >= 0) read_on(entry, text);
    if (most_latency > 0 && entry.when > known_->greeted_at && now - entry.when > most_latency) {
      throw failure(oracle::timeouts, say("an event is ", (now - entry.when) / microsecond, " us old"));
    }
  }
  void check_skipped(std::size_t index) const {
    const reliable_entry& missing = truth().reliable[index];
    if (missing.timestamp <= excused_to_ || index < guaranteed_from_[static_cast<std::size_t>(missing.channel)]) return;
    throw failure(oracle::completeness, say("the event of ", missing.timestamp, " is missing; cursor ", since_));
  }

  // A token_stream in its place: whoever has the text so far has all of it in the end.
  void read_on(const reliable_entry& entry, std::string_view text) {
    const auto stream = static_cast<std::size_t>(entry.stream);
    const std::size_t index = static_cast<std::size_t>(&entry - truth().reliable.data());
    const bool is_certain = index >= guaranteed_from_[static_cast<std::size_t>(wirthforge::channel::experience)];
    std::size_t at = 0;
    while (at < answers_.size() && answers_[at].stream != stream) ++at;
    if (at == answers_.size()) {
      if (entry.text_before > 0 || !is_certain) return;
      answers_.push_back({stream, 0});
    }
    if (answers_[at].size != entry.text_before) {
      if (is_certain) throw failure(oracle::completeness, say("an answer goes on at ", entry.text_before, " after ", answers_[at].size));
      answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    }
    answers_[at].size += entry.text_size;
    if (text.find("\"isComplete\":true") == std::string_view::npos) return;
    if (answers_[at].size != truth().streams[stream].text.size()) throw failure(oracle::completeness, "an answer is not whole");
    ++counts.answers;
    answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void absorb_subscriptions() {
    for (; applied_ < known_->subscriptions.size(); ++applied_) {
      const visit::subscription& next = known_->subscriptions[applied_];
      for (std::size_t each = 0; each < 5; ++each) {
        const unsigned bit = 1U << each;
        const bool is_new = (next.channels & bit) != 0 && (server_set_ & bit) == 0;
        if (!is_new) continue;
        if (bit == 1U << static_cast<unsigned>(wirthforge::channel::energy)) energy_.allow(next.places);
        if ((wanted & bit) != 0 && guaranteed_from_[each] == never) guaranteed_from_[each] = next.published;
      }
      server_set_ = next.channels | 1U << static_cast<unsigned>(wirthforge::channel::system);
    }
  }

  // The session
  bool has_cursor_ = false;
  std::string epoch_;
  std::int64_t since_ = 0;
  std::size_t next_ = 0;           // in the ledger: what must come next
  std::int64_t excused_to_ = -1;   // a gap was told up to this time
  std::uint64_t omissions_ = 0;
  std::size_t guaranteed_from_[5] = {never, never, never, never, never};
  energy_account energy_;
  std::vector<answer> answers_;

  // The connection
  std::shared_ptr<visit> known_;
  asks asks_ = asks::fresh;
  bool is_open_wanted_ = false;
  bool is_afresh_ = false;
  bool is_settled_ = false;
  bool is_gap_told_ = false;
  bool is_too_long_told_ = false;
  bool is_epoch_new_ = false;
  std::int64_t requested_first_ = -1;
  std::int64_t startup_at_ = 0;
  std::size_t messages_ = 0;
  std::size_t beats_ = 0;
  std::size_t snapshots_ = 0;
  std::size_t applied_ = 0;
  unsigned server_set_ = every_channel;
  std::string scratch_;
};

}  // namespace simulation
