// The turn of the I/O thread, written once: it takes what publishers have pushed, carries it out and flushes every line; it
// admits clients, sweeps, records the journal's energy, stops in good order, and retries after a lack of memory. It has no
// thread, no socket and no clock: a loop, real or simulated, calls its steps with the time, and runs the timers that it sets.
//
// One thread owns it. Only `push` and the figures are for any thread. No step throws: a step that has no memory is noted in
// the stall, and `retry_stalled` makes up for it. After the stop no step opens or waits for anything.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/handoff.hpp"
#include "base/option_table.hpp"
#include "live/engine.hpp"
#include "live/environment.hpp"
#include "live/lifecycle.hpp"
#include "live/lines.hpp"
#include "live/recorder.hpp"
#include "live/memory_shortage.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// The moments that the broker waits for.
enum class alarm {
  tokens,  ///< Written text may be sent, or news of answers and models is due.
  sweep,   ///< Timeouts and heartbeats.
  stop,    ///< While it stops: checks whether every client has left.
  journal  ///< The energy that a journal records.
};
constexpr std::size_t alarm_count = 4;

/// The interface of the loop that the broker runs on. None of these calls may call back.
class event_loop {
 public:
  event_loop() = default;
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;
  virtual ~event_loop() = default;

  /// Calls `broker::ring` at that moment. An alarm that is already set is moved. May throw for lack of memory.
  virtual void set_alarm(alarm which, steady_time when) = 0;
  /// From now on `broker::add` is called for each client that connects. May throw.
  virtual void begin_to_accept() = 0;
  /// Resumes accepting after a lack of memory.
  virtual void retry_accepting() = 0;
  /// Closes the listening sockets. A second call does nothing.
  virtual void stop_accepting() noexcept = 0;
  /// Every client has left after `broker::stop`: the broker waits for nothing more. The lifecycle is then `stopped`.
  virtual void finish_stop() noexcept = 0;
};

struct broker_options {
  lines_options lines;
  milliseconds stop_timeout = wirthforge::detail::server_default::stop_timeout;
};

class broker {
 public:
  /// All arguments must outlive it. `behind` is the service of the lines: the engine, or an observer in front of it.
  WIRTHFORGE_COLD broker(live::engine& engine, service& behind, environment& around, observer& watching, event_loop& loop,
                         const lifecycle& life, memory_shortage shortage, const broker_options& options)
      : engine_(engine), around_(around), watching_(watching), loop_(loop), life_(life), shortage_(std::move(shortage)),
        stop_timeout_(options.stop_timeout), lines_(behind, options.lines) {}

  /// Call it before the start. There is a recorder only where a journal is kept.
  void set_recorder(recorder* journal) noexcept { journal_ = journal; }
  /// The limits and counters from which a new line is made.
  const std::shared_ptr<line_shared>& shared() const noexcept { return lines_.shared(); }

  // For any thread.
  using slot = handoff<command>::slot;
  /// True when `drain` should be called: the queue was empty.
  bool push(command next) { return push(queue_.fill_slot(std::move(next))); }
  bool push(slot next) noexcept {
    queued_bytes_.fetch_add(bytes_of(*next->item), std::memory_order_relaxed);
    return queue_.push(std::move(next));
  }
  std::size_t queued_bytes() const noexcept { return queued_bytes_.load(std::memory_order_relaxed); }
  live::traffic traffic() const noexcept { return lines_.traffic(); }

  // The steps.
  /// Admits clients. A second call does nothing.
  void begin(const instant& now) noexcept {
    step([&] { begin_to_accept(now); });
  }
  void add(const std::shared_ptr<line>& next, const instant& now, admission how = admission::serve) noexcept {
    step([&] {
      lines_.add(next, now, how);
      keep_sweeping(now);
    });
  }
  /// As in `lines`.
  bool is_full() const noexcept { return lines_.is_full(); }
  void limit_half_open(std::size_t most) noexcept { lines_.limit_half_open(most); }
  /// Carries out what was pushed since the last call; then one write for each client.
  void drain(const instant& now) noexcept {
    step([&] { take_turn(now); });
  }
  /// An alarm is due.
  void ring(alarm which, const instant& now) noexcept {
    is_set(which) = false;
    step([&] {
      switch (which) {
        case alarm::tokens: return take_turn(now);
        case alarm::sweep: return sweep(now);
        case alarm::stop: return await_drained(now);
        case alarm::journal: return record_energy(now);
      }
    });
  }
  /// Begins to stop in good order: published events are sent, then every client is told, for at most `stop_timeout`. A client
  /// that connects meanwhile learns of the stop from `/health`, and can open no WebSocket. A second call does nothing.
  WIRTHFORGE_COLD void stop(const instant& now) noexcept {
    step([&] { begin_stop(now); });
  }
  /// Called once a second, and after a stall was noted: it is not known which step had no memory; steps that already run again
  /// are left alone. The system may also have failed to set a timer without an error: then these calls are the only clock
  /// here.
  WIRTHFORGE_COLD void retry_stalled(const instant& now) noexcept {
    step([&] { retry(now); });
  }
  /// Cuts every line. May also be called after the stop, and more than once.
  WIRTHFORGE_COLD void release(const instant& now) noexcept { lines_.abandon_all(errc::server_stopped, now); }

 private:
  template <class Step>
  void step(Step what) noexcept {
    if (life_.is_stopped()) return;
    engine_.set_frame_rate(around_.frame_rate_hz());
    shortage_.attempt(what);
  }
  bool& is_set(alarm which) noexcept { return is_set_[static_cast<std::size_t>(which)]; }
  void set(alarm which, steady_time when) noexcept {
    is_set(which) = shortage_.attempt([&] { loop_.set_alarm(which, when); });
  }

  void begin_to_accept(const instant& now) {
    if (is_accepting_ || life_.is_stopping()) return;
    loop_.begin_to_accept();
    is_accepting_ = true;
    if (journal_ != nullptr) record_energy(now);
  }

  void take_turn(const instant& now) {
    take_queue(now);
    std::optional<steady_time> again;
    try {
      again = engine_.finish_batch(now);
    } catch (...) {  // text of an answer
      lose_some(now);
    }
    if (again && (!is_set(alarm::tokens) || *again < tokens_due_)) set(alarm::tokens, tokens_due_ = *again);
    lines_.flush_all(now);
  }
  void take_queue(const instant& now) {
    std::size_t bytes = 0;
    queue_.take_all([&](command&& next) {
      bytes += bytes_of(next);
      carry_out(next, now);
    });
    queued_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }
  void carry_out(command& next, const instant& now) noexcept {
    try {
      watching_.carrying_out(next);
      engine_.carry_out(next, now);
    } catch (...) {
      lose(next, now);
    }
  }
  // There was no memory for it. No event is lost silently: every line is cut, and each client that returns is told of a gap.
  WIRTHFORGE_COLD void lose(command& what, const instant& now) noexcept {
    if (auto* startup = std::get_if<startup_complete>(&what)) startup_again_ = std::move(*startup);
    lose_some(now);
  }
  WIRTHFORGE_COLD void lose_some(const instant& now) noexcept {
    engine_.note_loss(now);
    lines_.abandon_all(std::make_error_code(std::errc::not_enough_memory), now);
    shortage_.note();
  }

  void sweep(const instant& now) {
    swept_at_ = now.steady;
    lines_.prune();
    if (lines_.is_empty()) return;
    bool is_news = false;
    shortage_.attempt([&] { is_news = engine_.sweep(now); });
    if (now.steady - told_turned_away_at_ >= seconds(1)) shortage_.attempt([&] { tell_turned_away(now); });
    lines_.sweep(is_news, now);
    set(alarm::sweep, now.steady + sweep_interval);
  }
  // Logged once a second at most, with their number.
  WIRTHFORGE_COLD void tell_turned_away(const instant& now) {
    std::string line = lines_.take_turned_away();
    if (line.empty()) return;
    told_turned_away_at_ = now.steady;
    watching_.log_line(log_level::warning, std::move(line));
  }
  void keep_sweeping(const instant& now) {
    if (is_set(alarm::sweep)) {
      if (now.steady - swept_at_ > seconds(1)) sweep(now);  // the sweep is long overdue
    } else if (!lines_.is_empty()) {
      swept_at_ = now.steady;
      set(alarm::sweep, now.steady + sweep_interval);
    }
  }

  // Cold, or GCC guesses which recorder it is and compiles the journal into every program.
  WIRTHFORGE_COLD void record_energy(const instant& now) {
    journal_->record_energy(engine_, false);
    set(alarm::journal, now.steady + journal_->energy_interval());
  }

  WIRTHFORGE_COLD void retry(const instant& now) {
    if (life_.is_stopping()) return is_stop_begun_ ? await_drained(now) : begin_stop(now);
    begin_to_accept(now);
    loop_.retry_accepting();
    keep_sweeping(now);
    if (journal_ != nullptr && !is_set(alarm::journal)) record_energy(now);
    if (startup_again_) {
      command again(std::move(*startup_again_));
      startup_again_.reset();
      carry_out(again, now);
    }
    take_turn(now);
  }

  WIRTHFORGE_COLD void begin_stop(const instant& now) {
    if (std::exchange(is_stop_begun_, true)) return;
    engine_.refuse_clients();
    take_queue(now);
    shortage_.attempt([&] { engine_.finish(now); });
    lines_.close_all(rfc6455::close_code::going_away, now);
    stop_deadline_ = now.steady + stop_timeout_;
    await_drained(now);
  }
  WIRTHFORGE_COLD void await_drained(const instant& now) {
    constexpr milliseconds period(5);
    lines_.prune();
    if (lines_.size() > 0 && now.steady < stop_deadline_) return set(alarm::stop, now.steady + period);
    loop_.stop_accepting();
    lines_.abandon_all(errc::server_stopped, now);
    if (journal_ != nullptr) shortage_.attempt([&] { close_journal(now); });
    loop_.finish_stop();
  }

  WIRTHFORGE_COLD void close_journal(const instant& now) {
    journal_->record_energy(engine_, true);
    journal_->close(engine_, now);
  }

  static constexpr milliseconds sweep_interval{100};

  live::engine& engine_;
  environment& around_;
  observer& watching_;
  event_loop& loop_;
  const lifecycle& life_;
  memory_shortage shortage_;
  const milliseconds stop_timeout_;
  recorder* journal_ = nullptr;
  lines lines_;
  handoff<command> queue_;
  std::atomic<std::size_t> queued_bytes_{0};
  std::optional<startup_complete> startup_again_;  // there was no memory for it
  std::array<bool, alarm_count> is_set_{};
  steady_time tokens_due_{};
  steady_time swept_at_{};
  steady_time stop_deadline_{};
  steady_time told_turned_away_at_{};
  bool is_accepting_ = false;
  bool is_stop_begun_ = false;
};

}}}  // namespace wirthforge::live
