// A simulated page: connects, reads as fast as its temper says, loses its connection in every way there is, and comes back as
// client/wirthforge.js does. It speaks the real protocol in the client's role.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/nonsense.hpp"
#include "simulation/temper.hpp"
#include "simulation/witness.hpp"

namespace simulation {

namespace live = wirthforge::live;

class browser final : public actor {
 public:
  browser(scheduler& clock, harbour& port, std::uint64_t seed, const temper& nature)
      : clock_(clock), port_(port), chance_(seed), nature_(nature) {
    witness_.most_latency = nature.most_latency;
    if (nature.channels != witness::every_channel) witness_.want(nature.channels);
  }

  witness& view() noexcept { return witness_; }
  const witness& view() const noexcept { return witness_; }
  std::uint64_t last_turn() const noexcept { return turn_; }  ///< The turn in which it was woken last, counted over all pages.
  const temper& nature() const noexcept { return nature_; }
  bool is_live() const noexcept { return wire_ != nullptr && witness_.is_live() && !is_stalled_; }
  void start(ticks delay) { later(delay, step::open); }
  /// Reads nothing for a while.
  void doze() {
    is_stalled_ = true;
    later(5 * second, step::wake_up);
  }
  /// Reads, and stays, from now on.
  void calm_down() {
    nature_.stall_every = nature_.life = nature_.flood_every = nature_.read_every = nature_.resubscribe_every = 0;
    nature_.says = gibberish::none;
    if (is_stalled_ || wire_ != nullptr) clock_.at(clock_.time(), *this, code(step::read));
    is_stalled_ = false;
    is_calm_ = true;
  }

  void wake(std::uint64_t what) override {
    turn_ = clock_.steps();
    if (what <= static_cast<std::uint64_t>(signal::writable)) {
      if (wire_ == nullptr) return;
      if (what == static_cast<std::uint64_t>(signal::writable)) return flush();
      if (is_stalled_) return;
      return nature_.read_every > 0 ? read_slowly() : read();
    }
    if (what >> 8U != generation_) return;
    const auto next = static_cast<step>(what & 0xFFU);
    const bool is_whim = next == step::stall || next == step::leave || next == step::flood || next == step::resubscribe;
    if (is_calm_ && is_whim) return;
    switch (next) {
      case step::open: return open();
      case step::read: is_reading_ = false; return read();
      case step::stall: return stall();
      case step::wake_up:
        is_stalled_ = false;
        if (nature_.stall_every > 0) later(chance_.spread(nature_.stall_every / 8 + 1, nature_.stall_every), step::stall);
        return read();
      case step::leave: return leave();
      case step::flood: return flood();
      case step::watch: return watch();
      case step::resubscribe: return resubscribe();
      case step::give_up: return lost("it took too long");
    }
  }

 private:
  enum class step : std::uint8_t { open, read, stall, wake_up, leave, flood, watch, resubscribe, give_up };
  static constexpr ticks silence = 3 * second;

  std::uint64_t code(step what) const noexcept { return generation_ << 8U | static_cast<std::uint64_t>(what); }
  void later(ticks delay, step what) { clock_.after(delay, *this, code(what)); }

  void open() {
    wire_ = std::make_shared<cable>(clock_, nature_.up, nature_.down, chance_.bits());
    auto known = std::make_shared<visit>();
    const bool talks_nonsense = nature_.says == gibberish::parameters && chance_.percent(50);
    known->is_open_wanted = !talks_nonsense && nature_.wants_open_answers && chance_.percent(70);
    known->is_recent_wanted = known->is_open_wanted && chance_.percent(60);
    wire_->plug_in(*this);
    if (!port_.connect(wire_, known)) {
      witness_.steps.note(clock_.time(), "refused");
      return lost("nobody listens");
    }
    protocol_.emplace(wirthforge::rfc6455::role::client, wirthforge::rfc6455::protocol_options{1U << 24U, 1024},
                      [this] { return static_cast<std::uint32_t>(chance_.bits()); });
    out_ = head_ = {};
    is_open_ = is_closing_ = false;
    heard_ = clock_.time();

    const std::string query = talks_nonsense ? nonsense_query(chance_)
                                             : witness_.query(known->is_open_wanted, known->is_recent_wanted);
    const auto how = talks_nonsense              ? witness::asks::nonsense
                     : witness_.is_experienced() ? witness::asks::resume
                                                 : witness::asks::fresh;
    witness_.begin(known, how, known->is_open_wanted);
    witness_.steps.note(clock_.time(), "connects");
    known_ = std::move(known);
    if (nature_.says == gibberish::heads && chance_.percent(70)) out_ = nonsense_head(chance_);
    else out_ = wirthforge::rfc6455::upgrade_request("127.0.0.1:8145", query.empty() ? "/ws" : "/ws?" + query, key);
    plan_end();
    later(nature_.is_patient ? 10 * minute : 5 * second, step::watch);
    flush();
  }

  // When and how this connection will end, unless it ends before.
  void plan_end() {
    if (nature_.life > 0) later(chance_.spread(20 * microsecond, nature_.life), step::leave);
    if (nature_.cuts_at_bytes && chance_.percent(60)) {
      const bool is_downward = chance_.percent(80);
      const auto bytes = static_cast<std::uint64_t>(chance_.spread(1, is_downward ? 200'000 : 2'000));
      wire_->plan_cut(is_downward, bytes, chance_.percent(30));
    }
    if (nature_.stall_every > 0) later(chance_.spread(1, nature_.stall_every), step::stall);
    if (nature_.flood_every > 0 || nature_.says == gibberish::messages || nature_.says == gibberish::frames) {
      later(chance_.spread(1, 5 * second), step::flood);
    }
    if (nature_.resubscribe_every > 0) later(chance_.spread(1, nature_.resubscribe_every), step::resubscribe);
  }

  void flush() {
    if (wire_ == nullptr) return;
    if (is_open_ && protocol_->has_output()) protocol_->take_output(out_);
    std::size_t sent = 0;
    while (sent < out_.size()) {
      const std::size_t size = wire_->to_server.write(std::string_view(out_).substr(sent));
      if (size == 0) break;
      sent += size;
    }
    out_.erase(0, sent);
  }

  void read_slowly() {
    if (std::exchange(is_reading_, true)) return;
    later(nature_.read_every, step::read);
  }

  void read() {
    if (wire_ == nullptr || is_stalled_) return;
    char buffer[16384];
    const std::size_t most = nature_.read_bytes > 0 && !is_calm_ ? std::min(nature_.read_bytes, sizeof buffer) : sizeof buffer;
    while (wire_ != nullptr && !is_stalled_) {
      const std::size_t size = wire_->to_browser.read(buffer, most);
      if (size == 0) break;
      heard_ = clock_.time();
      take(buffer, buffer + size);
      if (nature_.read_every > 0) break;
    }
    if (wire_ == nullptr) return;
    flush();
    if (wire_->to_browser.end() == pipe::fate::fin) return lost("end of stream");
    if (wire_->to_browser.end() == pipe::fate::reset) return lost("reset");
    if (nature_.read_every > 0 && wire_->to_browser.has_input()) read_slowly();
  }

  void take(char* first, char* last) {
    if (!is_open_ && !take_head(first, last)) return;
    while (wire_ != nullptr) {
      using kind = wirthforge::rfc6455::input::kind;
      const auto got = protocol_->receive(first, last);
      switch (got.what) {
        case kind::need_more: return;
        case kind::text: take_text(got.payload); break;
        case kind::close: return take_close(static_cast<int>(got.code));
        case kind::failed: throw failure(oracle::order, "the server broke the protocol: " + got.error.message());
        case kind::binary: throw failure(oracle::order, "a binary message");
        default: break;
      }
    }
  }

  bool take_head(char*& first, char* last) {
    while (first != last) {
      head_ += *first++;
      if (head_.size() < 4 || head_.compare(head_.size() - 4, 4, "\r\n\r\n") != 0) continue;
      if (const auto error = wirthforge::rfc6455::check_upgrade_response(head_, key)) {
        const bool may_be = nature_.may_be_refused || (known_->is_late && head_.find("HTTP/1.1 503 ") == 0);
        if (nature_.behaves && !may_be) throw failure(oracle::order, "a sound request was refused: " + head_.substr(0, 40));
        return (first = last, false);
      }
      if (known_->is_late) throw failure(oracle::order, "a server that stops opened a WebSocket");
      return is_open_ = true;
    }
    return false;
  }

  void take_text(std::string_view text) {
    const std::size_t beats = witness_.heartbeats();
    witness_.take(text, clock_.time());
    if (witness_.heartbeats() == beats) return;
    attempt_ = 0;
    if (beats == 0 && nature_.channels != witness::every_channel) subscribe();
    if (nature_.answers_heartbeats) {
      (void)protocol_->send_text(R"({"type":"heartbeat_response","payload":{"sequence":)" + std::to_string(beats) + "}}");
    }
    if (nature_.wants_stops && chance_.one_in(8)) (void)protocol_->send_text(stop_text(*known_->truth, chance_));
  }

  void take_close(int close_code) {
    witness_.steps.note(clock_.time(), "close", close_code);
    if (close_code == 1013) ++witness_.counts.lagged;
    const bool is_fair = close_code == 1001 || close_code == 1012 || (close_code == 1013 && nature_.may_lag);
    if (nature_.behaves && !is_fair) throw failure(oracle::timeouts, say("a client that behaves was closed with ", close_code));
    flush();
    is_closing_ = true;
    later(3 * second, step::give_up);
  }

  void subscribe() {
    witness_.note_wish();
    witness_.steps.note(clock_.time(), "subscribes", nature_.channels);
    (void)protocol_->send_text(subscription_text(nature_.channels));
  }
  void resubscribe() {
    if (is_open_ && witness_.is_live() && !is_closing_) {
      nature_.channels = static_cast<unsigned>(chance_.below(16)) | 16U;
      witness_.want(nature_.channels);
      subscribe();
      flush();
    }
    later(chance_.spread(millisecond, nature_.resubscribe_every), step::resubscribe);
  }

  void stall() {
    is_stalled_ = true;
    witness_.steps.note(clock_.time(), "stalls");
    later(chance_.spread(millisecond, nature_.stall_for), step::wake_up);
  }

  void flood() {
    if (!is_open_ || is_closing_) return later(second, step::flood);
    const int burst = static_cast<int>(chance_.spread(1, nature_.flood_burst));
    if (nature_.says == gibberish::frames) {
      out_ += nonsense_frames(chance_);
      nature_.flood_every = 0;
    } else {
      for (int count = 0; count < burst; ++count) {
        if (chance_.one_in(3)) (void)protocol_->send_ping("are you there");
        else if (chance_.one_in(9)) (void)protocol_->send_binary("\x01\x02");
        else (void)protocol_->send_text(nonsense_text(chance_));
      }
    }
    flush();
    if (nature_.flood_every > 0) later(chance_.spread(millisecond, nature_.flood_every), step::flood);
  }

  // The page's own timeout for a silent connection.
  void watch() {
    if (wire_ == nullptr) return;
    const ticks quiet = clock_.time() - heard_;
    if (!nature_.is_patient && !is_stalled_ && quiet >= silence + second) {
      if (nature_.behaves && is_open_ && known_->is_greeted) throw failure(oracle::timeouts, "no heartbeat for 4 s");
      return lost("silence");
    }
    const bool is_served = known_->is_greeted && !is_closing_ && clock_.time() - known_->greeted_at > second;
    if (nature_.behaves && is_served && quiet > nature_.most_silence) {
      throw failure(oracle::timeouts, say("no heartbeat for ", quiet / millisecond, " ms"));
    }
    later(second, step::watch);
  }

  void leave() {
    const auto how = chance_.below(6);
    witness_.steps.note(clock_.time(), "leaves", static_cast<std::int64_t>(how));
    if (how == 0 && is_open_) {
      (void)protocol_->close(wirthforge::rfc6455::close_code::going_away);
      flush();
      later(3 * second, step::give_up);
    } else if (how <= 2) {
      wire_->mute();
      lost("vanished");
    } else if (how == 3) {
      wire_->reset();
      lost("reset by itself");
    } else {
      if (how == 5 && is_open_ && !is_closing_) ask_last();
      wire_->to_server.finish(pipe::fate::fin);
      if (how == 4) lost("ended");  // else it reads on, half closed, until the server has enough
    }
  }

  // As many bytes as the server awaits at a time, so that the end comes with the next read of the same turn.
  void ask_last() {
    constexpr std::size_t header = 6;
    constexpr std::size_t longest = 125;
    (void)protocol_->send_ping(std::string(longest, 'l'));
    (void)protocol_->send_ping(std::string(live::input_buffer::little - longest - 2 * header, 'l'));
    flush();
  }

  void lost(const char* why) {
    witness_.steps.note(clock_.time(), why);
    if (wire_ != nullptr) {
      wire_->to_server.finish(wire_->to_browser.has_input() ? pipe::fate::reset : pipe::fate::fin);
      wire_->let_go();
      witness_.end();
    }
    wire_.reset();
    protocol_.reset();
    ++generation_;
    is_stalled_ = is_reading_ = false;
    if (!is_calm_ && chance_.percent(nature_.forgets)) {
      witness_.forget();
      witness_.steps.note(clock_.time(), "forgets");
    }
    if (!is_calm_ && nature_.twin != nullptr && nature_.twin->view().is_experienced() && chance_.percent(50)) {
      witness_.copy_session(nature_.twin->view());
      nature_.channels = nature_.twin->nature().channels;
      witness_.steps.note(clock_.time(), "is a copy of another tab");
    }
    const ticks delays[] = {second, 2 * second, 4 * second, 8 * second, 16 * second};
    const ticks full = delays[attempt_ < 4 ? attempt_++ : 4];
    const bool is_away = nature_.away > 0 && !is_calm_ && chance_.percent(50);
    later(is_away ? chance_.spread(5 * millisecond, nature_.away) : full - chance_.between(0, full / 4), step::open);
  }

  static constexpr const char* key = "dGhlIHNhbXBsZSBub25jZQ==";
  scheduler& clock_;
  harbour& port_;
  dice chance_;
  temper nature_;
  witness witness_;
  std::shared_ptr<cable> wire_;
  std::shared_ptr<visit> known_;
  std::optional<wirthforge::rfc6455::protocol> protocol_;
  std::string out_;
  std::string head_;
  std::uint64_t generation_ = 1;
  std::uint64_t turn_ = 0;
  int attempt_ = 0;
  ticks heard_ = 0;
  bool is_open_ = false;
  bool is_closing_ = false;
  bool is_stalled_ = false;
  bool is_reading_ = false;
  bool is_calm_ = false;
};

}  // namespace simulation
