// The main class for an integrator: a server for this machine's browser. This file describes its behaviour; the implementation
// is in server_core.hpp and below.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "events/generated/types.hpp"
#include "live/energy_meter.hpp"
#include "live/client_info.hpp"
#include "live/frame_overrun.hpp"
#include "journal/journal_options.hpp"
#include "net/executor.hpp"
#include "server/options.hpp"
#include "server/stats.hpp"
#include "server/tick.hpp"
#include "server/token_file.hpp"
#include "server/token_stream.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// Thrown if an event violates its schema; its code is `errc::schema_violation`, `what()` names the field, the rule, the
/// value and the limit.
class schema_error : public std::system_error {
 public:
  /// For the rule that was broken.
  WIRTHFORGE_COLD explicit schema_error(violation found)
      : std::system_error(make_error_code(errc::schema_violation), found.message()), found_(std::move(found)) {}
  /// The rule that was broken, and the place.
  [[nodiscard]] const violation& found() const noexcept { return found_; }

 private:
  violation found_;
};

/// An event as the tap sees it. The views are valid until the tap returns.
struct event_view {
  event_type type;                             ///< Which of the events.
  wirthforge::channel channel;                 ///< As on the wire.
  std::int64_t timestamp;                      ///< Unix ms, as on the wire.
  std::string_view json;                       ///< The whole message.
  std::optional<std::int64_t> frame_number{};  ///< Of an event that has one (docs/events.md).
  /// The `modelId` of an event about one model: of energy and token streams, and of what is said of models and answers in an
  /// error_event's `details`. Empty for any other.
  std::string_view model_id{};
  std::string_view session_id{};  ///< Likewise the `sessionId` of an answer.
};

/// A WebSocket server on 127.0.0.1 and [::1], and nowhere else.
///
/// Threads: set it up (hooks, `keep_journal`, `listen`) from one thread; then `publish`, `send`, `disconnect`, `open_token_stream` and what
/// its handles do, `ready`, `starting`, what is said of models, `invite`, `uninvite`, `run`, `start`, `stop`, `wait`, `fault`, `port`, `stats`,
/// `energy`, `journal` and `connections` may be called from any thread, from callbacks too. Three threads serve it: the I/O loop (the one
/// that calls `run()`, one of its own after `start()`, or the caller's loop), one that ticks, and one for hooks. A callback that is slow,
/// throws or calls back into the library stalls none but the callbacks after it.
///
/// Errors: each call that can fail throws `std::system_error`, and has an overload that takes an `std::error_code` and does
/// not. docs/lifecycle.md says which call is allowed when, and from which thread.
class server {
 public:
  /// A server with an I/O loop of its own: `run()` or `start()` drives it.
  explicit server(server_options options = {});
  /// A server on the caller's loop, which may run on several threads. Use `start()`; the loop must outlive the server, and
  /// the server must be destroyed while no thread runs the loop, or on the only one that does.
  /// A template, so that only a program that calls it compiles the sockets a second time; the template argument needs no
  /// choice.
  template <class Executor = asio::any_io_executor>
  explicit server(asio::any_io_executor executor, server_options options = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// Stops without waiting for clients; call `stop()` and `wait()` first to close in good order. It waits for running
  /// callbacks, unless it is called in one: then no further hook is called, and the resources end after that callback. A
  /// `run()` or `wait()` in another thread returns; no other call may be in progress.
  ~server();

  // Hooks. Errors of each: `errc::already_running` after `run()` or `start()`, which have taken it; `errc::server_stopped`.

  /// Called 60 times a second, on a thread of its own.
  void on_tick(std::function<void(tick&)> callback);
  void on_tick(std::function<void(tick&)> callback, std::error_code& error);
  /// Called when a client has finished its opening handshake.
  void on_connect(std::function<void(const connection_info&)> callback);
  void on_connect(std::function<void(const connection_info&)> callback, std::error_code& error);
  /// Called when a client has left.
  void on_disconnect(std::function<void(const connection_info&, const disconnect_info&)> callback);
  void on_disconnect(std::function<void(const connection_info&, const disconnect_info&)> callback, std::error_code& error);
  /// Called when a client begins to lag (`server_options::lag_threshold`) and when it has recovered: a producer may then send
  /// less. A client that lags for too long is closed and has no second call.
  void on_backpressure(std::function<void(const connection_info&, const backpressure&)> callback);
  void on_backpressure(std::function<void(const connection_info&, const backpressure&)> callback, std::error_code& error);
  /// Called when a client asks for the end of an answer that is open. Its writer's `stop_requested()` is true by then; the
  /// server does nothing else. A session that is unknown or has ended is ignored, and there may be several calls for one.
  void on_stop(std::function<void(const stop_request&)> callback);
  void on_stop(std::function<void(const stop_request&)> callback, std::error_code& error);
  /// The tap: sees every published event once, in the order of the wire, before anything is dropped for a slow client, and
  /// also while no client is connected; before `ready` energy alone, the rest when it is ready. Events of one connection
  /// alone (startup_complete, heartbeat) are not published and do not pass it.
  void on_event(std::function<void(const event_view&)> callback);
  void on_event(std::function<void(const event_view&)> callback, std::error_code& error);
  /// Called for each tick that took longer than its period, with its durations, so that a program can adapt its load to this
  /// machine.
  void on_overrun(std::function<void(const frame_overrun&)> callback);
  void on_overrun(std::function<void(const frame_overrun&)> callback, std::error_code& error);
  /// Called for each request of a page whose origin is neither the server's own nor invited by name, such as the webviews of
  /// VS Code, whose names change: true admits it, with the token if its scheme is neither http nor https. Called with an
  /// origin as browsers send it. The only callback on the I/O thread, since the answer waits for it: it must return at once,
  /// and may not destroy the server; an exception means no.
  void on_origin(std::function<bool(std::string_view origin)> predicate);
  void on_origin(std::function<bool(std::string_view origin)> predicate, std::error_code& error);
  /// Receives the library's log lines.
  void on_log(log_sink sink);
  void on_log(log_sink sink, std::error_code& error);
  /// Writes the published events to a file, to look at or to play back. `listen()` reports its errors:
  /// `errc::option_out_of_range`, `errc::journal_in_use`, `errc::not_a_journal`, or the system's own. The last call counts.
  /// If only the header is compiled, a program that does not call it holds none of the journal's code.
  /// Errors: `errc::already_listening` after `listen()`; `errc::server_stopped`.
  void keep_journal(journal_options options);
  void keep_journal(journal_options options, std::error_code& error);

  /// Binds the port; `run()` and `start()` do it if it was not done.
  /// Errors: `errc::port_in_use`, `errc::no_free_port`, `errc::origin_malformed`, `errc::option_out_of_range`, or the
  /// system's own; `errc::server_stopped` after a `stop()`; `errc::already_listening` while another thread is in it.
  void listen();
  void listen(std::error_code& error);
  /// Explains an `errc::option_out_of_range` or `errc::origin_malformed` of `listen()`, `run()` or `start()`, in the words of
  /// their exceptions: the option, its value, and the permitted values. Empty when all options are valid.
  std::string fault() const;
  /// The bound port; 0 before `listen()`.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Serves until `stop()`, on this thread. Errors: those of `listen()`; `errc::already_running`; `errc::server_stopped`
  /// after a `stop()`.
  void run();
  void run(std::error_code& error);
  /// Serves in the background: on a thread of its own, or on the caller's loop. Errors as for `run()`.
  void start();
  void start(std::error_code& error);
  /// Begins to stop and returns at once: no new clients (503; `/health` says `stopping`); connected ones are sent their
  /// waiting events, closed with 1001, and cut off after `server_options::stop_timeout`. From any thread, in any callback, and
  /// in a signal handler: it is async-signal-safe. (On Windows a handler of SIGINT runs on a thread of its own.) A server that
  /// does not run yet never will: its port is released by the next `listen`, `run`, `start` or `wait`, or by its destructor.
  void stop() noexcept;
  /// Waits until everything that `stop()` began is done; any number of threads may. Returns at once if the server does not
  /// run. Errors: `errc::called_in_callback` in a callback or on the loop's own thread, where it would wait for itself.
  void wait();
  void wait(std::error_code& error);

  /// The orchestrator is ready: `/health` answers 200 and clients get their `startup_complete`. Once.
  /// Errors: `errc::schema_violation`; `errc::already_ready`; `errc::server_stopped`; no memory, as for `publish`.
  void ready(const startup_complete& event);
  void ready(const startup_complete& event, std::error_code& error);

  /// Invites the pages of one more origin, beside `server_options::allowed_origins`, from the next request on; with its twins
  /// if `server_options::invite_loopback_twins` is set. Errors: `errc::origin_malformed`, thrown with the origin's fault.
  void invite(std::string_view origin);
  void invite(std::string_view origin, std::error_code& error);
  /// Withdraws an invitation, also one of the options, with its twins: the next request is refused; connected clients stay.
  /// An origin that was not invited is no error.
  void uninvite(std::string_view origin);

  /// Describes the program's activity before it is ready, for `/health`: a phase for people, such as `reading the index`, and
  /// the part of it that is done, 0...1. Invalid UTF-8 is repaired, and past 200 characters it is cut; progress that is not
  /// finite is left out. After `ready` it does nothing. Error: `errc::server_stopped`.
  void starting(std::string_view phase, std::optional<double> progress = {});
  void starting(std::string_view phase, std::optional<double> progress, std::error_code& error);
  /// Tells clients that a model is being fetched or loaded (`MODEL_LOADING`), and which part of it is done, 0...1. Call it at
  /// any rate: clients get at most 4 events a second for each model, with the newest value. Before `ready`, `/health` also
  /// reports it with `starting`. A client that connects later is told the newest call of these four for each model again, for
  /// at most 256 models. Errors of these four: `errc::model_name_invalid`: the model is not named by an id;
  /// `errc::server_stopped`; `errc::queue_full` as `publish`.
  void loading(std::string_view model_id, std::optional<double> progress = {});
  void loading(std::string_view model_id, std::optional<double> progress, std::error_code& error);
  /// The model can answer (`MODEL_READY`).
  void loaded(std::string_view model_id);
  void loaded(std::string_view model_id, std::error_code& error);
  /// It no longer can (`MODEL_UNLOADED`).
  void unloaded(std::string_view model_id);
  void unloaded(std::string_view model_id, std::error_code& error);
  /// It could not be loaded, or died (`MODEL_FAILED`). Invalid UTF-8 in the reason is repaired, and it is cut to 800
  /// characters.
  void failed(std::string_view model_id, std::string_view reason);
  void failed(std::string_view model_id, std::string_view reason, std::error_code& error);

  /// Sends an event to every client that listens to its channel. It is checked, serialized and framed once, on this thread;
  /// time stamp and frame number are filled in. Events before `ready` are held, up to the log's bounds of bytes and
  /// count, and sent right after the `startup_complete`; beyond the bounds waiting clients do not get the oldest, and are told so.
  /// `Event` is any of the events (docs/events.md) but `startup_complete`, see `ready`, and `heartbeat`, which the server sends by itself.
  /// Errors: `errc::schema_violation` (thrown as `schema_error`): nothing was sent to anyone; `errc::server_stopped`;
  /// `errc::queue_full`: the I/O loop has not run for so long that `server_options::max_queued_bytes` wait for it;
  /// `std::errc::not_enough_memory` (thrown as `std::bad_alloc`): nothing was sent or counted, and the same call may succeed later.
  template <class Event>
  publish_result publish(const Event& event);
  template <class Event>
  publish_result publish(const Event& event, std::error_code& error);

  /// Sends an event to one connection alone, such as the state of things to a newcomer in `on_connect`: in order with what is published,
  /// after the `startup_complete` where that is still to come. It is not kept: a client that comes back is another connection, which
  /// `on_connect` tells of, and is not sent it again. It passes neither tap nor journal, and needs the client's subscription to its
  /// channel as any event does. `Event`: those of `publish` without those of channel energy, which are everybody's. A connection that has
  /// gone is passed over. One that is sent more than the log may hold before it reads it is closed with 1013. Errors: those of `publish`.
  template <class Event>
  void send(const connection_info& to, const Event& event);
  template <class Event>
  void send(const connection_info& to, const Event& event, std::error_code& error);
  /// Closes one connection: what was published and sent to it before is sent, as far as it reads within `server_options::close_timeout`,
  /// then the close frame. Our client does not come back after 1000 and 1008, and does after any other code. One that has gone is passed over.
  /// `close_code`: 1000...1003, 1007...1014 or 3000...4999 (RFC 6455 section 7.4); `reason`: at most 123 bytes. Errors:
  /// `errc::close_code_invalid`; `errc::close_reason_too_long`; `errc::close_reason_utf8`; `errc::server_stopped`; no memory, as for `publish`.
  void disconnect(const connection_info& whom, std::uint16_t close_code = 1008, std::string_view reason = {});
  void disconnect(const connection_info& whom, std::uint16_t close_code, std::string_view reason, std::error_code& error);

  /// Opens an answer that grows piece by piece. `session_id` is the wire's `sessionId`; `model_id` an id (see
  /// `model_id_from_name`). Where no piece comes with the first beat, clients are told that a prompt is being read. An answer ends
  /// with its writer's `finish` or `fail`; what is opened under its id later is a new one. Errors: `errc::session_open`: a writer
  /// of that session is open; `errc::schema_violation`; `errc::server_stopped`; no memory, as for `publish`.
  [[nodiscard]] token_stream_writer open_token_stream(std::string session_id, std::string model_id);
  [[nodiscard]] token_stream_writer open_token_stream(std::string session_id, std::string model_id, std::error_code& error);

  /// The energy of a model now, from the tokens of its answers: those of `token_stream_writer`, what it thinks and its tool calls among
  /// them, with `server_options::energy`. All is 0 for a model of which no answer was opened. `tick::publish_energy` sends it.
  [[nodiscard]] energy_reading energy(std::string_view model_id) const;

  /// The server's counters so far. From any thread.
  [[nodiscard]] server_stats stats() const;
  /// The journal's totals when the server began to listen; empty without `journal_options::continue_numbers`.
  [[nodiscard]] journal_summary journal() const;
  /// Every client and how far it is behind, at most a tenth of a second old.
  [[nodiscard]] std::vector<connection_stats> connections() const;

 private:
  friend class model_bridge;

  std::shared_ptr<detail::server_core> core_;
};

}}  // namespace wirthforge
