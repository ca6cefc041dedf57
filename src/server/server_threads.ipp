// Starting, ticking and stopping: the threads of the server.
#pragma once

#include <algorithm>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include "net/thread_time.hpp"
#include "server/check_options.hpp"
#include "server/server_core.ipp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

inline std::string server_core::fault() const {
  std::string found = option_fault(options_);
  if (found.empty()) found = origin_fault(options_);
  return found.empty() && journal_ ? journal_->fault() : found;
}

inline std::error_code server_core::listen() {
  std::error_code error;
  if (!lifecycle_.begin_opening(error)) {
    if (lifecycle_.is_stopped()) release_unused();
    return error;
  }
  error = open();
  const bool is_on = lifecycle_.opened(!error);
  tell_waiting();
  if (is_on || error) return error;
  release_unused();
  return errc::server_stopped;
}

inline std::error_code server_core::open() {
  if (const std::error_code error = check_options(options_)) return error;
  if (journal_ && !journal_->fault().empty()) return errc::option_out_of_range;
  const std::uint16_t extra = options_.when_port_taken == port_policy::try_next ? options_.extra_ports : std::uint16_t{0};
  if (const std::error_code error = loop_->open(options_.port, extra)) return error;
  if (journal_) {
    if (const std::error_code error = journal_->open(engine_, machine_time())) {
      loop_->stop_accepting();
      return error;
    }
    first_frame_number_ = journal_->summary().last_frame_number + 1;
    frame_number_.store(first_frame_number_, std::memory_order_relaxed);  // also for events before the first tick
  }
  std::string shortage = descriptors_->shortage();
  if (!shortage.empty()) log_line(descriptors_->capacity() == 0 ? log_level::warning : log_level::info, std::move(shortage));
  engine_.access().port = loop_->port();
  listening_since_ns_.store(machine_time().steady.time_since_epoch().count());
  port_.store(loop_->port(), std::memory_order_release);
  return {};
}

// Releases the port and the journal of a server that was stopped before it ran.
inline void server_core::release_unused() {
  if (has_started_.load(std::memory_order_acquire)) return;  // then the server's loop does that
  const std::lock_guard<std::mutex> lock(loop_mutex_);
  release();
  if (journal_) journal_->stop();
}

inline std::error_code server_core::start(bool has_loop_thread) {
  if (const std::error_code error = listen()) return error;
  if (const std::error_code error = lifecycle_.begin_starting()) {
    if (lifecycle_.is_stopped()) release_unused();
    return error;
  }
  has_started_.store(true, std::memory_order_release);
  std::error_code failed;
  try {
    const std::lock_guard<std::mutex> lock(start_mutex_);
    start_threads();
    if (has_loop_thread) loop_thread_.start([self = shared_from_this()] { self->drive_loop(); });
  } catch (const std::system_error& thrown) {  // the system has no thread or no descriptor left
    failed = thrown.code();
  }
  if (failed) shut_down();
  return failed;
}

inline void server_core::start_threads() {
  if (hooks.on_event || journal_) engine_.attach_tap();
  if (hooks.on_origin) engine_.access().decides = [this](std::string_view origin) { return decides(origin); };
  loop_->keep_running();
  if (const std::error_code error = loop_->await_wake({weak_from_this(), &server_core::begin_stop})) {
    throw std::system_error(error);
  }
  callbacks_.start(shared_from_this());
  if (journal_) journal_->start([this](log_level level, std::string line) { log_line(level, std::move(line)); });
  ticks_.start(machine_time().steady);
  ticker_.start([self = shared_from_this()](const live::beat& beat) { self->step(beat); }, options_.scheduling_hints);
  post(&server_core::begin);
  if (!loop_->has_ipv6()) log_line(log_level::info, "this machine has no IPv6 loopback; serving 127.0.0.1 alone");
  if (!lifecycle_.started()) post(&server_core::begin_stop);  // the first tick may have asked for it
}

inline std::error_code server_core::start_in_background() { return start(loop_->own() != nullptr); }

inline std::error_code server_core::run() {
  if (loop_->own() == nullptr && !lifecycle_.is_stopped()) return errc::already_running;  // the caller's loop runs it
  if (const std::error_code error = start(false)) return error;
  drive_loop();
  end_threads();
  return {};
}

// Runs until the server is stopped in good order, or destroyed: then it closes the rest here.
inline void server_core::drive_loop() noexcept {
  const std::lock_guard<std::mutex> lock(loop_mutex_);
  loop_->own()->run();
  release();
}

inline void server_core::end_threads() {
  ticker_.stop();
  if (journal_) journal_->stop();
  callbacks_.stop();
}

inline void server_core::stop() noexcept {
  if (lifecycle_.stop()) loop_->wake();
}

inline std::error_code server_core::wait() {
  if (is_callback_thread() || loop_->is_this_thread()) return errc::called_in_callback;
  {
    std::unique_lock<std::mutex> lock(rest_mutex_);
    is_at_rest_.wait(lock, [this] { return lifecycle_.is_at_rest(); });
  }
  if (!lifecycle_.is_stopped()) return {};  // it has not begun
  release_unused();
  end_threads();
  loop_thread_.join();
  return {};
}

inline void server_core::tell_waiting() noexcept {
  { const std::lock_guard<std::mutex> lock(rest_mutex_); }  // a thread that has checked the state waits by now
  is_at_rest_.notify_all();
}
inline void server_core::set_stopped() noexcept {
  lifecycle_.stopped();
  tell_waiting();
}

inline void server_core::shut_down() noexcept {
  const bool is_callback = is_callback_thread();
  set_stopped();
  if (callbacks_.is_this_thread()) callbacks_.stop_after_this();
  if (is_callback) {
    const std::lock_guard<std::mutex> start_is_over(start_mutex_);
  }
  ticker_.stop();
  if (asio::io_context* const own = loop_->own()) {
    own->stop();
    loop_thread_.join();
    if (!is_callback) {  // else `run` may wait for this thread; it closes the open sockets
      const std::lock_guard<std::mutex> lock(loop_mutex_);
      release();
    }
  } else {
    release_callers_loop(is_callback);
  }
  end_threads();
}

// In a callback the loop may still run, and then closes its own objects; this thread ends later, perhaps after the loop.
inline void server_core::release_callers_loop(bool is_callback) noexcept {
  const auto close = [self = shared_from_this()](void*) {
    self->release();
    self->loop_->forget();
  };
  try {
    if (is_callback && loop_->post_last(std::shared_ptr<void>(nullptr, close))) return;
  } catch (...) {  // no memory: it is closed in any case
    return;
  }
  if (!is_callback) close(nullptr);
}

inline void server_core::step(const live::beat& beat) {
  const bool is_second = beat.number % live::pacer::rate_hz == live::pacer::rate_hz - 1;
  if (shortage_.take() || is_second) post(&server_core::retry_stalled);
  const steady_time began = machine_time().steady;
  const double delta_seconds = ticks_.begin(beat, began);
  const std::int64_t number = first_frame_number_ + beat.number;
  frame_number_.store(number, std::memory_order_relaxed);

  try {
    call_on_tick(beat, delta_seconds, began);
  } catch (...) {  // no memory even to log it
    tick_errors_.add();
  }
}

inline void server_core::call_on_tick(const live::beat& beat, double delta_seconds, steady_time began) {
  const std::int64_t number = first_frame_number_ + beat.number;
  tick now(*this);
  now.number_ = number;
  now.lateness_ = beat.lateness;
  now.missed_ = beat.missed;
  now.began_ = began;
  now.delta_seconds_ = delta_seconds;
  if (!hooks.on_tick) return;
  const std::optional<nanoseconds> worked_before = net::thread_time();
  try {
    hooks.on_tick(now);
  } catch (const std::exception& thrown) {
    tick_errors_.add();
    log_line(log_level::error, std::string("on_tick threw: ") + thrown.what());
  } catch (...) {
    tick_errors_.add();
    log_line(log_level::error, "on_tick threw");
  }
  frame_overrun taken{number, machine_time().steady - began, {}};
  if (live::pacer::is_overrun(taken.wall)) finish_overrun(taken, worked_before, began);
}

inline void server_core::finish_overrun(frame_overrun taken, std::optional<nanoseconds> worked_before, steady_time began) {
  const std::optional<nanoseconds> worked = net::thread_time();
  // Two clocks, and time passed between the readings: no thread works longer than the wall time.
  taken.processor = worked && worked_before ? (std::min)(*worked - *worked_before, taken.wall) : taken.wall;
  const auto report = ticks_.end(taken, began + taken.wall);
  if (hooks.on_overrun) callbacks_.post(sizeof taken, [this, taken] { hooks.on_overrun(taken); });
  if (!report) return;
  std::error_code ignored;
  publish(overrun_event(*report), ignored);
}

}}}  // namespace wirthforge::detail
