// The calls of the public class, and the threads behind them.
#pragma once

#include <algorithm>
#include <chrono>

#include <asio/any_io_executor.hpp>
#include <asio/strand.hpp>

#include "base/cold.hpp"
#include "base/finite.hpp"
#include "base/linkage.hpp"
#include "server/journal_recorder.hpp"
#include "server/server.hpp"
#include "server/server_core.hpp"
#include "server/server_core.ipp"
#include "server/server_threads.ipp"
#include "server/throw.hpp"
#include "server/token_stream.ipp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {
namespace detail {

WIRTHFORGE_COLD inline std::unique_ptr<server_loop> own_loop() {
  auto own = std::make_unique<asio::io_context>(1);
  const auto executor = own->get_executor();
  return std::make_unique<server_loop_on<net::loop_executor>>(std::move(own), executor);
}
// It may run on several threads; a strand runs our handlers one after the other.
template <class Executor>
WIRTHFORGE_COLD std::unique_ptr<server_loop> callers_loop(const Executor& executor) {
  if (!executor) return own_loop();
  return std::make_unique<server_loop_on<Executor>>(nullptr, asio::make_strand(executor));
}

// Where an option is what is wrong, the exception says which.
inline void throw_if(std::error_code error, const server_core& core) {
  if (error == errc::option_out_of_range || error == errc::origin_malformed) throw std::system_error(error, core.fault());
  throw_if(error);
}
// As above; if the event is wrong, the exception names its fault.
template <class Event>
[[noreturn]] WIRTHFORGE_COLD void throw_for(std::error_code error, const Event& event) {
  if (error == errc::schema_violation) {
    if (auto found = check(event)) throw schema_error(std::move(*found));
  }
  throw_error(error);
}
template <class Event>
void throw_if(std::error_code error, const Event& event) {
  if (error) throw_for(error, event);
}

inline std::error_code server_core::ready(const startup_complete& event) {
  if (check(event)) return errc::schema_violation;
  if (lifecycle_.is_stopped()) return errc::server_stopped;
  auto next = handoff<live::command>::make_slot(event);  // before: without memory for it nobody is ready
  if (is_ready_.exchange(true)) return errc::already_ready;
  if (broker_.push(std::move(next))) post(&server_core::drain);
  return {};
}

}  // namespace detail

WIRTHFORGE_INLINE double tick::processing_time() const noexcept {
  const std::chrono::duration<double, std::milli> taken = tools::machine_time().steady - began_;
  return std::min(taken.count(), 16.67);
}

template <class Event>
publish_result tick::publish(const Event& event, std::error_code& error) {
  if constexpr (event_traits<Event>::type == event_type::energy_update) {
    if (tools::is_finite(event.processing_time) && (event.processing_time == 0 || event.processing_time > 16.67)) {
      publish_result result = publish_result::refused;
      detail::without_memory(error, [&] {
        Event timed = event;
        timed.processing_time = event.processing_time == 0 ? processing_time() : 16.67;
        result = core_->publish(timed, error);
      });
      return result;
    }
  }
  return core_->publish(event, error);
}
template <class Event>
publish_result tick::publish(const Event& event) {
  std::error_code error;
  const publish_result result = publish(event, error);
  detail::throw_if(error, event);
  return result;
}

WIRTHFORGE_INLINE server::server(server_options options)
    : core_(std::make_shared<detail::server_core>(detail::own_loop(), std::move(options))) {}
template <class Executor>
server::server(asio::any_io_executor executor, server_options options)
    : core_(std::make_shared<detail::server_core>(detail::callers_loop<Executor>(executor), std::move(options))) {}
WIRTHFORGE_INLINE server::~server() { core_->shut_down(); }

WIRTHFORGE_INLINE void server::on_tick(std::function<void(tick&)> callback, std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_tick, std::move(callback));
}
WIRTHFORGE_INLINE void server::on_tick(std::function<void(tick&)> callback) {
  detail::throw_if(core_->set(&detail::server_hooks::on_tick, std::move(callback)));
}
WIRTHFORGE_INLINE void server::on_connect(std::function<void(const connection_info&)> callback, std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_connect, std::move(callback));
}
WIRTHFORGE_INLINE void server::on_connect(std::function<void(const connection_info&)> callback) {
  detail::throw_if(core_->set(&detail::server_hooks::on_connect, std::move(callback)));
}
WIRTHFORGE_INLINE void server::on_disconnect(std::function<void(const connection_info&, const disconnect_info&)> callback,
                                             std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_disconnect, std::move(callback));
}
WIRTHFORGE_INLINE void server::on_disconnect(std::function<void(const connection_info&, const disconnect_info&)> callback) {
  detail::throw_if(core_->set(&detail::server_hooks::on_disconnect, std::move(callback)));
}
WIRTHFORGE_INLINE void server::on_backpressure(std::function<void(const connection_info&, const backpressure&)> callback,
                                               std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_backpressure, std::move(callback));
}
WIRTHFORGE_INLINE void server::on_backpressure(std::function<void(const connection_info&, const backpressure&)> callback) {
  detail::throw_if(core_->set(&detail::server_hooks::on_backpressure, std::move(callback)));
}
WIRTHFORGE_INLINE void server::on_event(std::function<void(const event_view&)> callback, std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_event, std::move(callback));
}
WIRTHFORGE_INLINE void server::on_event(std::function<void(const event_view&)> callback) {
  detail::throw_if(core_->set(&detail::server_hooks::on_event, std::move(callback)));
}
WIRTHFORGE_INLINE void server::on_overrun(std::function<void(const frame_overrun&)> callback, std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_overrun, std::move(callback));
}
WIRTHFORGE_INLINE void server::on_overrun(std::function<void(const frame_overrun&)> callback) {
  detail::throw_if(core_->set(&detail::server_hooks::on_overrun, std::move(callback)));
}
WIRTHFORGE_INLINE void server::on_origin(std::function<bool(std::string_view)> predicate, std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_origin, std::move(predicate));
}
WIRTHFORGE_INLINE void server::on_origin(std::function<bool(std::string_view)> predicate) {
  detail::throw_if(core_->set(&detail::server_hooks::on_origin, std::move(predicate)));
}
WIRTHFORGE_INLINE void server::on_stop(std::function<void(const stop_request&)> callback, std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_stop, std::move(callback));
}
WIRTHFORGE_INLINE void server::on_stop(std::function<void(const stop_request&)> callback) {
  detail::throw_if(core_->set(&detail::server_hooks::on_stop, std::move(callback)));
}
WIRTHFORGE_INLINE void server::on_log(log_sink sink, std::error_code& error) {
  error = core_->set(&detail::server_hooks::on_log, std::move(sink));
}
WIRTHFORGE_INLINE void server::on_log(log_sink sink) {
  detail::throw_if(core_->set(&detail::server_hooks::on_log, std::move(sink)));
}
WIRTHFORGE_INLINE void server::keep_journal(journal_options options, std::error_code& error) {
  error = core_->keep(std::make_unique<detail::journal_recorder>(std::move(options)));
}
WIRTHFORGE_INLINE void server::keep_journal(journal_options options) {
  std::error_code error;
  keep_journal(std::move(options), error);
  detail::throw_if(error);
}

WIRTHFORGE_INLINE void server::listen(std::error_code& error) { error = core_->listen(); }
WIRTHFORGE_INLINE void server::listen() { detail::throw_if(core_->listen(), *core_); }
WIRTHFORGE_INLINE std::string server::fault() const { return core_->fault(); }
WIRTHFORGE_INLINE void server::invite(std::string_view origin, std::error_code& error) { error = core_->invite(origin); }
WIRTHFORGE_INLINE void server::invite(std::string_view origin) {
  const std::error_code error = core_->invite(origin);
  if (error) throw std::system_error(error, detail::origin_fault(origin, "server::invite was given"));
}
WIRTHFORGE_INLINE void server::uninvite(std::string_view origin) { core_->uninvite(origin); }
WIRTHFORGE_INLINE std::uint16_t server::port() const noexcept { return core_->port(); }
WIRTHFORGE_INLINE void server::run(std::error_code& error) {
  const auto core = core_;  // a callback may destroy the server meanwhile; the same applies below
  error = core->run();
}
WIRTHFORGE_INLINE void server::run() {
  const auto core = core_;
  detail::throw_if(core->run(), *core);
}
WIRTHFORGE_INLINE void server::start(std::error_code& error) {
  const auto core = core_;
  error = core->start_in_background();
}
WIRTHFORGE_INLINE void server::start() {
  const auto core = core_;
  detail::throw_if(core->start_in_background(), *core);
}
WIRTHFORGE_INLINE void server::stop() noexcept {
  const auto core = core_;
  core->stop();
}
WIRTHFORGE_INLINE void server::wait(std::error_code& error) {
  const auto core = core_;
  error = core->wait();
}
WIRTHFORGE_INLINE void server::wait() {
  const auto core = core_;
  detail::throw_if(core->wait());
}

WIRTHFORGE_INLINE void server::ready(const startup_complete& event, std::error_code& error) {
  detail::without_memory(error, [&] { error = core_->ready(event); });
}
WIRTHFORGE_INLINE void server::ready(const startup_complete& event) { detail::throw_if(core_->ready(event), event); }

template <class Event>
publish_result server::publish(const Event& event, std::error_code& error) {
  return core_->publish(event, error);
}
template <class Event>
publish_result server::publish(const Event& event) {
  std::error_code error;
  const publish_result result = core_->publish(event, error);
  detail::throw_if(error, event);
  return result;
}

template <class Event>
void server::send(const connection_info& to, const Event& event, std::error_code& error) {
  core_->send(to, event, error);
}
template <class Event>
void server::send(const connection_info& to, const Event& event) {
  std::error_code error;
  core_->send(to, event, error);
  detail::throw_if(error, event);
}
WIRTHFORGE_INLINE void server::disconnect(const connection_info& whom, std::uint16_t close_code, std::string_view reason,
                                          std::error_code& error) {
  detail::without_memory(error, [&] { error = core_->disconnect(whom, close_code, reason); });
}
WIRTHFORGE_INLINE void server::disconnect(const connection_info& whom, std::uint16_t close_code, std::string_view reason) {
  detail::throw_if(core_->disconnect(whom, close_code, reason));
}

WIRTHFORGE_INLINE token_stream_writer server::open_token_stream(std::string session_id, std::string model_id,
                                                                std::error_code& error) {
  token_stream opening;
  opening.session_id = std::move(session_id);
  opening.model_id = std::move(model_id);
  token_stream_writer made;
  detail::without_memory(error, [&] { made = core_->open_tokens(std::move(opening), nullptr, error); });
  return made;
}
WIRTHFORGE_INLINE token_stream_writer server::open_token_stream(std::string session_id, std::string model_id) {
  token_stream opening;
  opening.session_id = std::move(session_id);
  opening.model_id = std::move(model_id);
  std::error_code error;
  token_stream_writer made = core_->open_tokens(opening, nullptr, error);
  detail::throw_if(error, opening);
  return made;
}

WIRTHFORGE_INLINE server_stats server::stats() const { return core_->stats(); }
WIRTHFORGE_INLINE journal_summary server::journal() const { return core_->journal(); }
WIRTHFORGE_INLINE std::vector<connection_stats> server::connections() const { return core_->connections(); }

#if defined(WIRTHFORGE_WS_SEPARATE_COMPILATION)
template server::server(asio::any_io_executor, server_options);
#endif

}}  // namespace wirthforge
