// Knows every connection of one server, and checks from outside that memory and timeouts are kept, and which connections are let in.
#pragma once

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulation/line.hpp"
#include "simulation/plan.hpp"

namespace simulation {

class inspector {
 public:
  inspector(const scheduler& clock, const plan& chosen) : clock_(clock), plan_(chosen) {}

  const std::vector<std::shared_ptr<line>>& lines() noexcept {
    forget_gone();
    return lines_;
  }
  line& of(const live::peer& known) const { return *by_peer_.at(&known); }
  /// Three sweeps, and something for rounding; when memory fails, also twice the second until a step is tried again.
  ticks grace() const noexcept { return (plan_.has_short_memory ? 2400 : 400) * millisecond; }

  /// A connection that will be handed over now.
  void expect(const std::shared_ptr<line>& next) {
    forget_gone();
    waited_.clear();
    for (const auto& each : lines_) {
      if (each->peer().is_half_open()) waited_.push_back(each.get());
    }
    lines_.push_back(next);
    by_peer_[&next->peer()] = next.get();
  }
  /// It was handed over. Half-open connections are bounded: the one that has waited longest makes room, and no other.
  void check_admission(const line& next) const {
    if (waited_.size() < plan_.max_half_open || next.was_refused()) return;
    for (line* const each : waited_) {
      if (each->peer().is_half_open() == (each != waited_.front())) continue;
      throw failure(oracle::order, each == waited_.front() ? "the half-open connection that waited longest made no room"
                                                           : "a half-open connection made room before its turn");
    }
  }

  void end_soon(line& who, const char* why) const {
    if (who.must_end_by != 0) return;
    who.must_end_by = clock_.time() + wirthforge::nanoseconds(plan_.peer.liveness.close_timeout).count() + grace();
    who.end_reason = why;
  }

  // Per client: one batch and the event that completes it, the newest of each slot, and its own messages.
  void check_bytes(const ledger& truth, line& who, std::size_t bytes, const char* what) const {
    constexpr std::size_t own = 16384;  // startup_complete, heartbeat, at most 16 errors, a ping, a pong, a close
    constexpr std::size_t largest_energy = 1024;
    const std::size_t texts = who.known().is_open_wanted ? 2 * plan_.engine.hub.open_answers_bytes : 0;
    const std::size_t newest = 2 * truth.models.size() * largest_energy;
    const std::size_t bound = plan_.engine.hub.batch_bytes + truth.largest_event + newest + own + texts;
    if (bytes > bound) throw failure(oracle::memory, say(bytes, " bytes ", what, ", bound ", bound));
  }

  /// Checks each connection. `held`: bytes in the log and the answers. True while there is a connection.
  bool inspect(const ledger& truth, std::size_t held) {
    forget_gone();
    constexpr std::size_t most_leaving = 64;
    if (lines_.size() > plan_.max_connections + most_leaving) throw failure(oracle::memory, say(lines_.size(), " connections"));
    for (const auto& each : lines_) {
      check_bytes(truth, *each, each->peer().unsent_bytes(), "held for a client");
      check_times(*each);
    }
    const live::hub_options& hub = plan_.engine.hub;
    const std::size_t states = truth.talk.entries().size() * 2048;
    const std::size_t bound = std::max(hub.log.max_bytes, truth.largest_event) + hub.log.max_bytes + hub.open_answers_bytes +
                              states;
    if (held > bound) throw failure(oracle::memory, say(held, " bytes in log, answers and states, bound ", bound));
    return !lines_.empty();
  }

 private:
  void check_times(line& who) const {
    const auto& times = plan_.peer.liveness;
    const auto ticks_of = [](wirthforge::nanoseconds duration) { return static_cast<ticks>(duration.count()); };
    const auto check_end = [&](ticks latest, const char* why) {
      if (clock_.time() > latest)
        throw failure(oracle::timeouts,
                      say("a connection is still there ", (clock_.time() - latest) / millisecond, " ms after its time: ", why));
    };
    const ticks close = ticks_of(times.close_timeout) + grace();
    if (!who.was_opened) check_end(who.accepted() + ticks_of(times.handshake_timeout) + close, "it never opened");
    else check_end(who.heard() + ticks_of(times.ping_interval + times.pong_timeout) + close, "it fell silent");
    if (who.was_opened && who.known().is_greeted && times.idle_timeout.count() > 0) {
      check_end(who.spoken() + ticks_of(times.idle_timeout) + close, "it said nothing");
    }
    if (who.must_end_by != 0) check_end(who.must_end_by, who.end_reason);
  }
  void forget_gone() {
    for (auto& each : lines_) {
      if (!each->is_gone()) continue;
      by_peer_.erase(&each->peer());
      gone_.push_back(std::move(each));
    }
    lines_.erase(std::remove(lines_.begin(), lines_.end(), nullptr), lines_.end());
  }

  const scheduler& clock_;
  const plan& plan_;
  std::vector<std::shared_ptr<line>> lines_;
  std::vector<std::shared_ptr<line>> gone_;  // timers may still point to them
  std::unordered_map<const live::peer*, line*> by_peer_;
  std::vector<line*> waited_;  // half-open when the next one came, the oldest first
};

}  // namespace simulation
