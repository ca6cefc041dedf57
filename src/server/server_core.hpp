// The implementation behind the public class: threads, hooks and lifecycle. The broker does the I/O thread's turn.
//
// Threads. Publishers (any thread) check, serialize and frame an event and push it into a lock-free queue; the first push
// into an empty queue wakes the I/O thread, which alone owns the broker, the engine and the lines. The ticker's thread runs
// on_tick, the callback thread runs the hooks. Data that several threads read is atomic; nothing else is shared.
//
// Lifetime. The facade, each thread that runs callbacks, and each call that waits hold the core. So a callback may destroy the
// server: the thread that runs the loop closes its sockets, and its threads end by themselves.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/cold.hpp"
#include "base/handoff.hpp"
#include "base/random.hpp"
#include "live/broker.hpp"
#include "live/engine.hpp"
#include "live/lifecycle.hpp"
#include "live/model_energies.hpp"
#include "live/open_sessions.hpp"
#include "live/recorder.hpp"
#include "live/memory_shortage.hpp"
#include "live/tick_meter.hpp"
#include "net/callback_thread.hpp"
#include "net/descriptor_limit.hpp"
#include "net/site.hpp"
#include "net/ticker.hpp"
#include "base/worker.hpp"
#include "rfc6455/origin_list.hpp"
#include "server/health.hpp"
#include "server/loop_user.hpp"
#include "server/report.hpp"
#include "server/server.hpp"
#include "server/server_loop.hpp"
#include "server/throw.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

struct server_hooks {
  std::function<void(tick&)> on_tick;
  std::function<void(const connection_info&)> on_connect;
  std::function<void(const connection_info&, const disconnect_info&)> on_disconnect;
  std::function<void(const connection_info&, const backpressure&)> on_backpressure;
  std::function<void(const event_view&)> on_event;
  std::function<void(const frame_overrun&)> on_overrun;
  std::function<bool(std::string_view)> on_origin;
  std::function<void(const stop_request&)> on_stop;
  log_sink on_log;
};

class server_core final : public live::environment,
                          public live::observer,
                          public live::event_loop,
                          public net::site_source,
                          public std::enable_shared_from_this<server_core> {
 public:
  WIRTHFORGE_COLD server_core(std::unique_ptr<server_loop> loop, server_options options);
  WIRTHFORGE_COLD ~server_core() override = default;

  server_hooks hooks;  // set before start

  // Facade. The texts are in server.hpp.
  std::error_code listen();
  std::error_code run();
  std::error_code start_in_background();
  void stop() noexcept;  // async-signal-safe
  WIRTHFORGE_COLD std::error_code wait();
  WIRTHFORGE_COLD void shut_down() noexcept;  // for the destructor: at once
  WIRTHFORGE_COLD std::error_code ready(const startup_complete& event);
  /// The answer of `/health` until `ready`. From any thread.
  WIRTHFORGE_COLD void set_startup(startup_phase now) {
    const std::lock_guard<std::mutex> lock(startup_mutex_);
    startup_ = std::move(now);
  }
  template <class Event>
  publish_result publish(const Event& event, std::error_code& error);
  template <class Event>
  void send(const connection_info& to, const Event& event, std::error_code& error);
  WIRTHFORGE_COLD std::error_code disconnect(const connection_info& whom, std::uint16_t close_code, std::string_view reason);
  WIRTHFORGE_COLD std::error_code tell_model(std::string_view model_id, live::loading_stage stage,
                                             std::optional<double> progress, std::string_view reason);
  WIRTHFORGE_COLD std::error_code starting(std::string_view phase, std::optional<double> progress);
  using answer_ptr = std::shared_ptr<live::token_stream_state>;
  /// `whole`: the answer that it is a side answer of.
  WIRTHFORGE_COLD token_stream_writer open_tokens(token_stream opening, answer_ptr whole, std::error_code& error);
  std::error_code write_tokens(live::token_stream_state& to, std::string_view piece, double energy_cost);
  WIRTHFORGE_COLD std::error_code wait_tokens(live::token_stream_state& with, const std::optional<double>& progress);
  WIRTHFORGE_COLD void finish_tokens(live::token_stream_state& which, token_stream_end& end, live::answer_end how,
                                     std::string_view reason) noexcept;
  WIRTHFORGE_COLD energy_reading energy_of(std::string_view model_id) const;
  publish_result publish_energy(tick& now, std::string_view model_id, energy_update& event, std::error_code& error);
  WIRTHFORGE_COLD server_stats stats() const;
  WIRTHFORGE_COLD std::vector<connection_stats> connections() const;
  /// The option that is out of its range, its value and the range; empty when all are within.
  WIRTHFORGE_COLD std::string fault() const;
  std::error_code keep(std::unique_ptr<live::recorder> journal) noexcept {
    if (lifecycle_.is_stopped()) return errc::server_stopped;
    if (lifecycle_.now() != live::lifecycle::state::idle) return errc::already_listening;  // it is open by now, or in use
    journal_ = std::move(journal);
    broker_.set_recorder(journal_.get());
    return {};
  }
  /// Sets a hook, before the server runs.
  template <class Hook>
  std::error_code set(Hook server_hooks::*which, Hook hook) noexcept {
    if (const std::error_code error = lifecycle_.allows_set_up()) return error;
    hooks.*which = std::move(hook);
    return {};
  }
  WIRTHFORGE_COLD std::error_code invite(std::string_view origin);
  WIRTHFORGE_COLD void uninvite(std::string_view origin) { invited_->uninvite(origin); }
  /// The guests on the server's loop. From any thread.
  WIRTHFORGE_COLD void add_loop_user(std::shared_ptr<loop_user> next) { loop_users_.add(std::move(next)); }
  /// Gives each a turn on the loop, soon. From any thread.
  void wake_loop_users() noexcept { post(&server_core::visit_loop_users); }
  const server_loop& loop() const noexcept { return *loop_; }
  journal_summary journal() const { return journal_ ? journal_->summary() : journal_summary(); }

  // Each override says `inline` here: otherwise the first one that is defined outside is the class's key function, and GCC
  // puts the virtual table, and with it most of the server, into every unit that only includes the header.
  // net::site_source
  inline std::uint16_t port() const override { return port_.load(std::memory_order_acquire); }
  WIRTHFORGE_COLD inline net::health_report health() const override;
  WIRTHFORGE_COLD inline std::string metrics_json() const override { return detail::metrics_json(stats()); }
  WIRTHFORGE_COLD inline std::string metrics_text() const override { return detail::metrics_text(stats(), ticks_.lateness()); }

  // live::environment and live::observer, on the I/O thread
  inline double frame_rate_hz() const override { return ticks_.rate_hz(machine_time().steady); }
  inline std::string page(const rfc6455::http_request& request) override { return net::site_response(request, *this); }
  inline bool is_public(std::string_view path) const override { return net::is_public(path); }
  inline bool is_shared(std::string_view path) const override { return net::is_shared(path); }
  inline void connected(const live::info_ptr& who) override;
  WIRTHFORGE_COLD inline void stop_asked(const live::info_ptr& who, const std::string& session_id) override;
  inline void disconnected(const live::info_ptr& who, const disconnect_info& how) override;
  inline void published(const live::frame_ptr& frame, const token_stream* tokens) override;
  WIRTHFORGE_COLD inline void backpressure_changed(const live::info_ptr& who, const backpressure& how) override;
  WIRTHFORGE_COLD inline void log_line(log_level level, std::string line) override;

  // live::event_loop, on the I/O thread
  inline void set_alarm(live::alarm which, steady_time when) override;
  inline void begin_to_accept() override { loop_->begin_to_accept(); }
  WIRTHFORGE_COLD inline void retry_accepting() override { loop_->retry_accepting(); }
  WIRTHFORGE_COLD inline void stop_accepting() noexcept override { loop_->stop_accepting(); }
  WIRTHFORGE_COLD inline void finish_stop() noexcept override;

 private:
  friend struct posted_step;

  // A post may fail for lack of memory. Then the ticker calls for `retry_stalled`.
  void post(void (server_core::*what)() noexcept) noexcept {
    shortage_.attempt([&] { loop_->post({weak_from_this(), what}); });
  }
  void push(live::command next) {
    if (broker_.push(std::move(next))) post(&server_core::drain);
  }
  // True when more waits for the I/O thread than the integrator permits: the loop does not run.
  bool is_queue_full() const noexcept { return broker_.queued_bytes() > options_.max_queued_bytes; }

  WIRTHFORGE_COLD std::error_code open();
  std::error_code start(bool has_loop_thread);
  WIRTHFORGE_COLD void start_threads();
  void drive_loop() noexcept;
  WIRTHFORGE_COLD void end_threads();
  WIRTHFORGE_COLD void set_stopped() noexcept;
  WIRTHFORGE_COLD void tell_waiting() noexcept;
  WIRTHFORGE_COLD void release_unused();
  bool is_callback_thread() const noexcept { return ticker_.is_this_thread() || callbacks_.is_this_thread(); }

  // The broker's steps, called by the loop. I/O thread.
  void begin() noexcept { broker_.begin(machine_time()); }
  void drain() noexcept { broker_.drain(machine_time()); }
  WIRTHFORGE_COLD void retry_stalled() noexcept {
    broker_.retry_stalled(machine_time());
    visit_loop_users();
  }
  WIRTHFORGE_COLD void begin_stop() noexcept {
    loop_users_.send_away();
    broker_.stop(machine_time());
  }
  void visit_loop_users() noexcept { loop_users_.call_all(); }
  template <live::alarm which>
  void ring() noexcept;
  void keep_rows(const instant& now);
  WIRTHFORGE_COLD void release() noexcept;
  WIRTHFORGE_COLD void release_callers_loop(bool is_callback) noexcept;

  void step(const live::beat& beat);  // ticker's thread
  void call_on_tick(const live::beat& beat, double delta_seconds, steady_time began);
  WIRTHFORGE_COLD void finish_overrun(frame_overrun taken, std::optional<nanoseconds> worked_before, steady_time began);
  WIRTHFORGE_COLD bool decides(std::string_view origin) noexcept;

  const server_options options_;
  const std::unique_ptr<server_loop> loop_;
  tools::worker loop_thread_;
  std::mutex start_mutex_;  // held while threads are started; the first of them may end the server
  std::mutex loop_mutex_;   // held by the thread that runs a loop of our own, or closes its leftovers
  live::lifecycle lifecycle_;
  std::atomic<bool> has_started_{false};

  live::memory_shortage shortage_;
  std::shared_ptr<net::descriptor_limit> descriptors_;
  live::engine engine_;
  const std::shared_ptr<rfc6455::origin_list> invited_ = engine_.access().allowed_origins;
  live::broker broker_;
  std::unique_ptr<live::recorder> journal_;  // null unless a journal is kept
  std::int64_t first_frame_number_ = 0;      // set before the ticker starts
  loop_user_list loop_users_;
  net::callback_thread callbacks_;
  net::ticker ticker_;

  std::atomic<bool> is_ready_{false};
  mutable std::mutex startup_mutex_;  // guards startup_
  startup_phase startup_;
  std::atomic<std::uint16_t> port_{0};
  std::atomic<std::int64_t> frame_number_{0};
  std::atomic<std::uint64_t> last_token_stream_{0};
  live::open_sessions sessions_;
  live::model_energies energies_;
  std::atomic<std::int64_t> listening_since_ns_{0};

  live::tick_meter ticks_;

  std::mutex rest_mutex_;  // for callers that wait until the server is at rest
  std::condition_variable is_at_rest_;

  mutable std::mutex rows_mutex_;  // guards rows_ and is held only to swap or copy it
  std::vector<live::connection_row> rows_;
  std::vector<live::connection_row> next_rows_;  // I/O thread

  counter tick_errors_;
};

inline void posted_step::operator()() const noexcept {
  if (const auto self = whose.lock()) (self.get()->*what)();
}

template <class Event>
publish_result server_core::publish(const Event& event, std::error_code& error) {
  static_assert(event_traits<Event>::type != event_type::startup_complete, "use server::ready");
  static_assert(event_traits<Event>::type != event_type::heartbeat, "the server sends its own heartbeats");
  error.clear();
  if (lifecycle_.is_stopped()) error = errc::server_stopped;
  else if (is_queue_full()) error = errc::queue_full;
  if (error) return publish_result::refused;
  const std::int64_t number = frame_number_.load(std::memory_order_relaxed);
  try {
    return engine_.prepare(event, number, error, [this](live::command next) { push(std::move(next)); });
  } catch (const std::bad_alloc&) {
    error = std::make_error_code(std::errc::not_enough_memory);
    return publish_result::refused;
  }
}

template <class Event>
void server_core::send(const connection_info& to, const Event& event, std::error_code& error) {
  static_assert(event_traits<Event>::type != event_type::startup_complete, "each connection gets the one of server::ready");
  static_assert(event_traits<Event>::type != event_type::heartbeat, "the server sends its own heartbeats");
  static_assert(event_traits<Event>::channel_ != channel::energy,
                "energy is everybody's: its sums and frame numbers are of one flow");
  error.clear();
  if (lifecycle_.is_stopped()) error = errc::server_stopped;
  else if (is_queue_full()) error = errc::queue_full;
  if (error) return;
  without_memory(error, [&] {
    engine_.prepare_for(to.id, event, frame_number_.load(std::memory_order_relaxed), error,
                        [this](live::command next) { push(std::move(next)); });
  });
}

}}}  // namespace wirthforge::detail
