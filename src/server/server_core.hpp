// What stands behind the facade: joins the hub to its connections, the ticker and the integrator's callbacks.
//
// Threads. Publishers (any thread) check, serialize and frame an event and push it into a lock-free queue; the first push
// into an empty queue wakes the I/O thread, which alone owns the hub and the connections. The ticker's thread runs on_tick,
// the callback thread runs the hooks. What several threads read is atomic; nothing else is shared.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>

#include "base/handoff.hpp"
#include "base/random.hpp"
#include "live/hub.hpp"
#include "live/token_desk.hpp"
#include "net/callback_thread.hpp"
#include "net/connection_pool.hpp"
#include "net/listener.hpp"
#include "net/site.hpp"
#include "net/ticker.hpp"
#include "rfc6455/access.hpp"
#include "rfc6455/handshake.hpp"
#include "server/server.hpp"

namespace wirthforge::detail {

struct server_hooks {
  std::function<void(tick&)> on_tick;
  std::function<void(const connection_info&)> on_connect;
  std::function<void(const connection_info&, const disconnect_info&)> on_disconnect;
  std::function<void(const event_view&)> on_event;
  log_sink on_log;
};

class server_core final : public net::service,
                          public net::site_source,
                          public std::enable_shared_from_this<server_core> {
 public:
  server_core(asio::any_io_executor callers, server_options options);

  server_hooks hooks;  // set before start

  // Facade. The texts are in server.hpp.
  std::error_code listen();
  std::error_code run();
  std::error_code start();
  std::error_code start_in_background();
  void stop();
  void wait();
  void shut_down();  // for the destructor: at once
  std::error_code ready(const startup_complete& event);
  template <class Event>
  publish_result publish(const Event& event, std::error_code& error);
  std::error_code open_tokens(token_stream opening, std::uint64_t& id);
  std::error_code write_tokens(std::uint64_t id, std::string_view piece, double energy_cost);
  void finish_tokens(std::uint64_t id);
  server_stats stats() const;

  // Each override says `inline` here: otherwise the first one that is defined outside is the class's key function, and GCC
  // puts the virtual table, and with it most of the server, into every unit that only includes the header.
  // net::site_source
  inline bool is_ready() const override { return is_ready_.load(std::memory_order_acquire); }
  inline std::uint16_t port() const override { return port_.load(std::memory_order_acquire); }
  inline std::string health_json() const override;
  inline std::string metrics_json() const override;
  inline std::string metrics_text() const override;

  // net::service, on the I/O thread
  inline net::answer respond(const rfc6455::http_request& request) override;
  inline net::answer refuse(std::error_code error) override;
  inline void opened(net::connection& peer, const rfc6455::http_request& request) override;
  inline void received(net::connection& peer, const rfc6455::input& message) override;
  inline bool collect(net::connection& peer, std::vector<live::frame_ptr>& batch) override;
  inline void closed(net::connection& peer, const net::ending& how) override;
  inline void sweep(const instant& now) override;

 private:
  // Who would receive an event that is published now. Publishers read it to do no work in vain.
  enum class audience {
    nobody,  // nobody has been connected for as long as the log reaches back
    absent,  // nobody is connected, but a client that lost its line may come back for what it missed
    present
  };
  enum class run_state { idle, running, stopping, stopped };

  struct client final : net::peer_state {
    live::hub_client* member = nullptr;
    connection_info info;
  };
  struct open_tokens_command { std::uint64_t id; token_stream opening; };
  struct write_tokens_command { std::uint64_t id; std::string piece; double energy_cost; };
  struct finish_tokens_command { std::uint64_t id; };
  using command = std::variant<std::shared_ptr<live::event_frame>, live::energy_publication, startup_complete,
                               open_tokens_command, write_tokens_command, finish_tokens_command>;

  void post(void (server_core::*what)()) {
    asio::post(executor_, [weak = weak_from_this(), what] {
      if (const auto self = weak.lock()) (self.get()->*what)();
    });
  }
  void push(command next) {
    if (queue_.push(std::move(next))) post(&server_core::drain);
  }

  // I/O thread
  void begin_to_accept();
  void drain();
  void carry_out(command& next, const instant& now);
  void flush_tokens(const instant& now);
  void send_tokens_later(steady_time when);
  void put_in_log(std::shared_ptr<live::event_frame> frame, const instant& now);
  void update_audience(steady_time now);
  void begin_stop();
  void await_drained();
  void finish_stop();

  void step(const live::beat& beat);  // ticker's thread
  void report_overrun(nanoseconds taken);
  void tell(log_level level, std::string line);
  void tap(const live::event_frame& frame);
  double frame_rate() const;

  const server_options options_;
  std::unique_ptr<asio::io_context> own_loop_;  // none when the caller brought one
  asio::any_io_executor executor_;
  std::unique_ptr<asio::executor_work_guard<asio::any_io_executor>> work_;
  std::thread loop_thread_;

  live::hub hub_;
  live::token_desk tokens_;
  std::shared_ptr<net::connection_pool> pool_;
  std::shared_ptr<net::listener> listener_;
  net::callback_thread callbacks_;
  net::ticker ticker_;
  asio::steady_timer token_timer_;
  asio::steady_timer stop_timer_;
  handoff<command> queue_;
  rfc6455::access_policy access_;
  steady_time token_beat_{};   // when tokens were sent last
  steady_time left_at_{};      // when the last client left
  steady_time stop_deadline_{};
  bool is_token_timer_set_ = false;

  std::atomic<bool> is_ready_{false};
  std::atomic<bool> is_stopped_{false};
  std::atomic<std::uint16_t> port_{0};
  std::atomic<audience> audience_{audience::nobody};
  std::atomic<std::int64_t> frame_number_{0};
  std::atomic<std::uint64_t> last_token_stream_{0};
  std::atomic<std::int64_t> listening_since_ns_{0};

  // Ticker's thread only, but for the atomics
  live::rate_meter meter_;
  std::int64_t previous_tick_ = -1;
  steady_time last_overrun_report_{};
  std::uint64_t overruns_unreported_ = 0;
  std::atomic<double> measured_rate_{0};
  std::atomic<std::int64_t> last_tick_ns_{0};

  mutable std::mutex state_mutex_;  // guards state_ and is held only to look at it or change it
  std::condition_variable state_changed_;
  run_state state_ = run_state::idle;

  counter connections_total_, refused_, lagged_, ticks_, missed_ticks_, overruns_, events_, events_framed_,
      events_refused_, frames_skipped_, client_messages_, client_messages_bad_, tick_errors_;
  gauge connections_;
  duration_histogram lateness_;
};

template <class Event>
publish_result server_core::publish(const Event& event, std::error_code& error) {
  constexpr bool is_energy = event_traits<Event>::channel_ == channel::energy;
  static_assert(event_traits<Event>::type != event_type::startup_complete, "use server::ready");
  static_assert(event_traits<Event>::type != event_type::heartbeat, "the server sends its own heartbeats");
  error.clear();
  if (check(event)) {
    events_refused_.add();
    error = errc::schema_violation;
    return publish_result::refused;
  }
  if (is_stopped_.load(std::memory_order_acquire)) {
    error = errc::server_stopped;
    return publish_result::refused;
  }
  events_.add();
  const audience listening = audience_.load(std::memory_order_acquire);
  if (listening == audience::nobody) return publish_result::nobody_listening;
  const envelope outer{0, frame_number_.load(std::memory_order_relaxed)};
  std::shared_ptr<live::event_frame> frame;
  // Energy that nobody hears is only added up; it is serialized when somebody comes back for it.
  if (!is_energy || listening == audience::present) {
    frame = live::make_frame(event, outer);
    events_framed_.add();
  }
  if constexpr (is_energy) {
    push(live::energy_publication{event, outer, std::move(frame)});
  } else {
    push(std::move(frame));
  }
  return listening == audience::present ? publish_result::sent : publish_result::nobody_listening;
}

}  // namespace wirthforge::detail
