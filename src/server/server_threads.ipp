// Starting, ticking and stopping: the threads of the server and what they do.
#pragma once

#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "server/check_options.hpp"
#include "server/report.hpp"
#include "server/server_core.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

inline std::string server_core::fault() const {
  std::string found = option_fault(options_);
  return found.empty() && journal_ ? journal_->fault() : found;
}

inline std::error_code server_core::listen() {
  if (port() != 0) return {};
  if (const std::error_code error = check_options(options_)) return error;
  if (journal_) {
    if (!journal_->fault().empty()) return errc::option_out_of_range;
    if (const std::error_code error = journal_->open()) return error;
    first_frame_number_ = journal_->summary().last_frame_number + 1;
    frame_number_.store(first_frame_number_, std::memory_order_relaxed);  // also of what is published before the first tick
  }
  const std::uint16_t extra = options_.when_port_taken == port_policy::try_next ? options_.extra_ports : std::uint16_t{0};
  if (const std::error_code error = loop_->open(options_.port, extra)) return error;
  engine_.access().port = loop_->port();
  listening_since_ns_.store(machine_time().steady.time_since_epoch().count());
  port_.store(loop_->port(), std::memory_order_release);
  return {};
}

inline std::error_code server_core::start() {
  if (const std::error_code error = listen()) return error;
  {
    const std::lock_guard<std::mutex> lock(state_mutex_);
    if (state_ == run_state::running) return errc::already_running;
    if (state_ != run_state::idle) return errc::server_stopped;
    state_ = run_state::running;
  }
  try {
    start_threads();
  } catch (const std::system_error& thrown) {  // the system has no thread left for us
    shut_down();
    return thrown.code();
  }
  return {};
}

inline void server_core::start_threads() {
  if (hooks.on_event || journal_) engine_.attach_tap();
  loop_->keep_running();
  callbacks_.start();
  if (journal_) journal_->start([this](log_level level, std::string line) { remark(level, std::move(line)); });
  ticker_.start([this](const live::beat& beat) { step(beat); });
  post(&server_core::begin_to_accept);
  if (!loop_->has_ipv6()) remark(log_level::info, "this machine has no IPv6 loopback; serving 127.0.0.1 alone");
}

inline std::error_code server_core::start_in_background() {
  if (const std::error_code error = start()) return error;
  if (loop_->own() == nullptr) return {};
  try {
    loop_thread_ = std::thread([this] { loop_->own()->run(); });
  } catch (const std::system_error& thrown) {
    shut_down();
    return thrown.code();
  }
  return {};
}

inline std::error_code server_core::run() {
  if (loop_->own() == nullptr) return errc::already_running;  // the caller's loop is what runs it
  if (const std::error_code error = start()) return error;
  loop_->own()->run();
  ticker_.stop();
  if (journal_) journal_->stop();
  callbacks_.stop();
  return {};
}

inline void server_core::stop() {
  {
    const std::lock_guard<std::mutex> lock(state_mutex_);
    if (state_ == run_state::idle) state_ = run_state::stopped;
    if (state_ != run_state::running) return;
    state_ = run_state::stopping;
  }
  post(&server_core::begin_stop);
}

inline void server_core::wait() {
  {
    std::unique_lock<std::mutex> lock(state_mutex_);
    state_changed_.wait(lock, [this] { return state_ == run_state::idle || state_ == run_state::stopped; });
  }
  ticker_.stop();
  if (journal_) journal_->stop();
  callbacks_.stop();
  if (loop_thread_.joinable() && loop_thread_.get_id() != std::this_thread::get_id()) loop_thread_.join();
}

inline void server_core::shut_down() {
  is_stopped_.store(true, std::memory_order_release);
  ticker_.stop();
  if (asio::io_context* const own = loop_->own()) {
    own->stop();
    if (loop_thread_.joinable()) loop_thread_.join();
  }
  loop_->stop_accepting();
  loop_->abandon_all(errc::server_stopped);
  loop_->let_go();
  if (journal_) journal_->stop();
  callbacks_.stop();
  const std::lock_guard<std::mutex> lock(state_mutex_);
  state_ = run_state::stopped;
  state_changed_.notify_all();
}

inline void server_core::step(const live::beat& beat) {
  const bool is_second = beat.number % live::pacer::rate_hz == live::pacer::rate_hz - 1;
  if (stalled_.take() || is_second) post(&server_core::resume);
  const steady_time began = machine_time().steady;
  meter_.record(began);
  measured_rate_.store(meter_.rate_hz(began), std::memory_order_relaxed);
  last_tick_ns_.store(began.time_since_epoch().count(), std::memory_order_release);
  const std::int64_t number = first_frame_number_ + beat.number;
  frame_number_.store(number, std::memory_order_relaxed);
  ticks_.add();
  missed_ticks_.add(static_cast<std::uint64_t>(beat.missed));
  lateness_.record(static_cast<std::uint64_t>(beat.lateness.count() / 1000));

  try {
    call_on_tick(beat, began);
  } catch (...) {  // no memory even to say so
    tick_errors_.add();
  }
}

inline void server_core::call_on_tick(const live::beat& beat, steady_time began) {
  const std::int64_t number = first_frame_number_ + beat.number;
  tick now(*this);
  now.number_ = number;
  now.lateness_ = beat.lateness;
  now.missed_ = beat.missed;
  now.began_ = began;
  now.delta_seconds_ = previous_tick_ < 0 ? 0 : static_cast<double>(beat.number - previous_tick_) / live::pacer::rate_hz;
  previous_tick_ = beat.number;
  if (!hooks.on_tick) return;
  try {
    hooks.on_tick(now);
  } catch (const std::exception& thrown) {
    tick_errors_.add();
    remark(log_level::error, std::string("on_tick threw: ") + thrown.what());
  } catch (...) {
    tick_errors_.add();
    remark(log_level::error, "on_tick threw");
  }
  const nanoseconds taken = machine_time().steady - began;
  if (live::pacer::is_overrun(taken)) report_overrun(taken);
}

// At most once a second; the event says how many there were.
inline void server_core::report_overrun(nanoseconds taken) {
  overruns_.add();
  ++overruns_unreported_;
  const steady_time now = machine_time().steady;
  if (last_overrun_report_ != steady_time{} && now - last_overrun_report_ < seconds(1)) return;
  last_overrun_report_ = now;
  const std::uint64_t count = std::exchange(overruns_unreported_, 0);
  std::error_code ignored;
  publish(overrun_event(std::chrono::duration<double, std::milli>(taken).count(), count), ignored);
}

}}}  // namespace wirthforge::detail
