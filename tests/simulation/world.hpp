// One run: a server, its publishers, the pages, the network and the faults, all from one seed.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulation/browser.hpp"
#include "simulation/host.hpp"
#include "simulation/producer.hpp"

namespace simulation {

/// How a run went.
struct verdict {
  std::uint64_t seed = 0;
  bool is_good = true;
  oracle broken = oracle::order;
  std::string text;  ///< The failure, its time, and the last steps of the actors that it concerns.
  ticks simulated = 0;
  std::uint64_t steps = 0;
  std::uint64_t published = 0;
  std::uint64_t restarts = 0;
  std::uint64_t turned_away = 0;  ///< Connections that found no room, or were closed to make room.
  std::uint64_t shortages = 0;    ///< Times that there was no memory.
  std::uint64_t stops = 0;        ///< Answers that a client wanted to end while they ran.
  std::uint64_t goings_on = 0;    ///< Restarts that went on with epoch and log.
  totals seen;
};

class world final : public actor, public harbour {
 public:
  explicit world(const plan& chosen)
      : plan_(chosen), chance_(chosen.seed * 2), clock_(chance_.bits()), voice_(clock_, plan_, chance_.bits()) {
    for (int count = 0; count < plan_.browsers; ++count) {
      temper nature = temper_for(chance_, plan_);
      if (count > 0 && !nature.behaves && chance_.one_in(5)) nature.twin = pages_.front().get();
      pages_.push_back(std::make_unique<browser>(clock_, *this, chance_.bits(), nature));
    }
  }

  verdict run() {
    verdict result;
    result.seed = plan_.seed;
    try {
      begin();
      go_on(plan_.length);
      come_to_rest();
    } catch (const failure& what) {
      result.is_good = false;
      result.broken = what.which;
      result.text = report(what);
    }
    result.simulated = clock_.time();
    result.steps = clock_.steps();
    result.restarts = hosts_.size() - 1;
    for (const auto& each : hosts_) {
      result.published += each->truth.reliable.size();
      result.turned_away += each->turned_away();
      result.shortages += each->shortages();
      result.stops += each->stops();
      result.goings_on += each->goes_on() ? 1 : 0;
    }
    for (const auto& each : pages_) result.seen.add(each->view().counts);
    return result;
  }

  bool connect(const std::shared_ptr<cable>& wire, const std::shared_ptr<visit>& known) override {
    cables_.push_back(wire);
    if (!server().is_accepting()) return false;
    server().accept(wire, known);
    return true;
  }

  void wake(std::uint64_t what) override {
    switch (what) {
      case step_mark: return step_clock();
      case stop_mark: return stop_server();
      case start_mark: return start_server();
      default: return orchestrator_is_ready(what - ready_mark);
    }
  }

 private:
  enum mark : std::uint64_t { step_mark, stop_mark, start_mark, ready_mark };  // the last one and the number of the run

  host& server() noexcept { return *hosts_.back(); }

  void begin() {
    start_server();
    for (const auto& each : pages_)
      each->start(chance_.one_in(3) ? chance_.between(0, plan_.length / 2) : chance_.between(0, second));
    voice_.start();
    if (plan_.has_clock_steps) clock_.after(chance_.spread(second, plan_.length), *this, step_mark);
    if (plan_.has_restarts) clock_.after(chance_.spread(second, plan_.length), *this, stop_mark);
  }
  void go_on(ticks duration) {
    const ticks end = clock_.time() + duration;
    // The client whose turn it was at a failure is the one that noted a step last.
    while (clock_.step(end)) {}
  }

  // Everything calms down, and each page that behaves must have got everything.
  void come_to_rest() {
    is_resting_ = true;
    voice_.stop();
    go_on(plan_.stop_timeout + 4 * second);
    if (server().is_over()) start_server();
    for (const auto& each : pages_) each->calm_down();
    go_on(20 * second);
    for (const auto& each : pages_) {
      if (each->nature().behaves && each->is_live()) each->view().check_complete();
    }
  }

  void start_server() {
    const host* const before = hosts_.empty() ? nullptr : hosts_.back().get();
    hosts_.push_back(std::make_unique<host>(clock_, plan_, chance_.bits(), before,
                                            plan_.journal_file_bytes > 0 ? &book_ : nullptr));
    if (!is_resting_) voice_.attach(&server());
    clock_.after(is_resting_ ? 0 : plan_.ready_at, *this, ready_mark + hosts_.size());
  }
  void orchestrator_is_ready(std::uint64_t run) {
    if (run != hosts_.size() || !server().is_accepting()) return;
    server().ready({"model-0", wirthforge::tier::mid, "1.0.0", std::nullopt});
  }
  void stop_server() {
    if (is_resting_) return;
    voice_.attach(nullptr);
    for (const auto& each : pages_) {
      if (!each->nature().behaves && chance_.one_in(3)) each->doze();
    }
    if (chance_.one_in(3)) {
      server().kill();
      if (chance_.one_in(2)) book_.tear(static_cast<std::size_t>(chance_.spread(1, 1000)));
    } else {
      server().stop();
    }
    clock_.after(plan_.stop_timeout + second / 10 + chance_.spread(millisecond, 20 * second), *this, start_mark);
    clock_.after(25 * second + chance_.spread(second, plan_.length), *this, stop_mark);
  }
  void step_clock() {
    static constexpr std::int64_t year = 365LL * 24 * 3600 * 1000;
    const std::int64_t by = chance_.one_in(3) ? chance_.spread(1000, 3 * year) : chance_.spread(1, 5'000'000);
    clock_.step_wall_clock(chance_.one_in(2) ? by : -by);
    clock_.after(chance_.spread(millisecond, plan_.length), *this, step_mark);
  }

  std::string report(const failure& what) {
    std::string out = say("seed ", plan_.seed, " broke ", name_of(what.which), " at ", static_cast<double>(clock_.time()) / 1e9,
                          " s: ", std::string(what.what()), "\n");
    const browser* last = nullptr;
    for (const auto& each : pages_) {
      if (last == nullptr || each->last_turn() > last->last_turn()) last = each.get();
    }
    if (last != nullptr) out += "the client whose turn it was last:\n" + last->view().steps.text();
    return out + "again, alone: WIRTHFORGE_SEED=" + std::to_string(plan_.seed) + " build/tests/tests/simulation_src\n";
  }

  const plan plan_;
  dice chance_;
  scheduler clock_;
  notebook book_{plan_.journal_file_bytes};
  std::vector<std::unique_ptr<host>> hosts_;
  std::vector<std::unique_ptr<browser>> pages_;
  std::vector<std::shared_ptr<cable>> cables_;  // timers may still point to them
  producer voice_;
  bool is_resting_ = false;
};

}  // namespace simulation
