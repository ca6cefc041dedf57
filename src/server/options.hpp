// The options of a server. Every default suits a local AI backend; no option can open the server to
// another machine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/version.hpp"
#include "live/energy_meter.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// The behaviour when the port is taken.
enum class port_policy {
  fail,     ///< `errc::port_in_use`.
  try_next  ///< The next ports, up to `server_options::extra_ports` of them; then `errc::no_free_port`.
};

/// Options of a `server`; docs/options.md lists them. A value out of its range is `errc::option_out_of_range` when the server
/// begins to listen; the exception names the option, the value and the range. Durations, where nothing else is said: 1 ms...a
/// year.
struct server_options {
  /// The port on 127.0.0.1 and [::1]. 0: any free one; `server::port()` returns it.
  std::uint16_t port = 8145;
  /// The behaviour when another program has the port. Default: fail.
  port_policy when_port_taken = port_policy::fail;
  /// How many ports after `port` are tried with `port_policy::try_next`. 1...1000.
  std::uint16_t extra_ports = 16;

  /// Web origins beside the server's own whose pages may connect and read: `scheme://host` or `scheme://host:port`, compared
  /// exactly, so in the form that browsers send: lower case, no slash after it, `http://host` and not `http://host:80`. Every
  /// other page is refused with 403. Any other form is `errc::origin_malformed`; the exception names the origin, its fault
  /// and the form that a browser sends, and so does `server::fault()`. An origin whose scheme is neither http nor https
  /// (`vscode-webview://...`, `tauri://localhost`) is admitted with the `token`, and only with it. More: `server::invite`.
  std::vector<std::string> allowed_origins;
  /// With an origin on 127.0.0.1, [::1] or localhost the same origin on the other two is invited: a development server answers
  /// to all three, and a browser sends the one that the person typed.
  bool invite_loopback_twins = true;

  /// Clients must present this token, as a defence against other users of this machine: 32...256 characters of an HTTP token,
  /// best from `make_token()`. Empty: no token is needed. A page offers it as the subprotocol `wirthforge.token.<token>`
  /// beside `wirthforge.v1` (our client's option `token`; the dashboard reads it from its address, `/#token=<token>`); others
  /// may send `Authorization: Bearer <token>`. Without it `/ws` and the metrics answer 401; the page, the module, the schemas
  /// and `/health` hold no data and stay open. It is never logged.
  std::string token;
  /// Admits `Origin: null` and `Origin: file://` (a file, a sandboxed frame, a page inside an application such as one of
  /// Electron's) with the token; needs `token`.
  bool allow_null_origin = false;

  /// The number of connections at one time, WebSocket and HTTP together; past it the answer is 503. At least 1. If the process
  /// may not open so many descriptors (RLIMIT_NOFILE), there is room for fewer: `server_stats::connections_limit`.
  std::size_t max_connections = 4096;
  /// Descriptors that are kept for the rest of the program (POSIX), out of those that the process may open: at most half of
  /// them. So the host can open its files however many clients connect; a client past the limit is answered 503, which is
  /// logged once. 0...1000000.
  std::size_t reserved_descriptors = 128;
  /// The connections among them whose request head is not complete; past it the one that has waited longest is answered 503,
  /// so that a flood of them does not keep out the user's own page, which sends its head at once. At least 1.
  std::size_t max_half_open = 512;
  /// A request head, in bytes; past it the answer is 431. 256...65536.
  std::size_t max_head_bytes = 8192;
  /// The time from accepting a socket to its complete request head.
  std::chrono::milliseconds handshake_timeout{5000};
  /// A client's message, in bytes; past it the connection is closed with 1009. 125...1 GiB.
  std::size_t max_message_bytes = 65536;
  /// Fragments of a client's message; past it the connection is closed with 1008. At least 1.
  std::size_t max_fragments = 1024;
  /// Messages and pings a client may send each second (and at once after a quiet second); past it it is closed with 1008.
  /// Each full KiB of a message counts as one more. 1...1000000.
  double max_client_messages_per_second = 100;

  /// How often a `heartbeat` event is sent to each client.
  std::chrono::milliseconds heartbeat_interval{1000};
  /// How long a client may be silent before it is sent a WebSocket Ping, since older clients never answer a heartbeat.
  std::chrono::milliseconds ping_interval{15000};
  /// How long after a Ping the client must have sent something; then it is closed.
  std::chrono::milliseconds pong_timeout{10000};
  /// How long a client may send no message (heartbeat_response, subscribe) before it is closed. 0: for ever, since older
  /// clients never send any. It runs from the startup_complete: before that, a client has nothing to answer.
  std::chrono::milliseconds idle_timeout{0};
  /// How long a closing handshake may take before the socket is closed without it.
  std::chrono::milliseconds close_timeout{2000};
  /// How long `stop()` sends waiting events to clients before it closes their sockets.
  std::chrono::milliseconds stop_timeout{3000};

  /// The reliable lane's log, in bytes: when the first of its three bounds is reached, the oldest event is dropped, and a
  /// client that had not been sent it is closed with 1013. The newest event stays, however large, until it is too old. At
  /// least 1.
  std::size_t log_max_bytes = 4U << 20U;
  /// The log's second bound, in events. At least 1.
  std::size_t log_max_events = 8192;
  /// The log's third bound: how old an event may be. 1 s...a year.
  std::chrono::seconds log_max_age{120};

  /// The text of answers that are still being written, kept so that a page that is opened in the middle of one, or after it,
  /// shows it whole (`/ws?replay=open`, `/ws?replay=recent`), in bytes for all together. Past it the answer with the oldest
  /// last write is left out. 0: none is kept. Finished answers are kept within the log's bounds, beside the log.
  std::size_t max_open_answer_bytes = 1U << 20U;

  /// How old the oldest waiting event of a client may be before the client counts as lagging (`server::on_backpressure`).
  std::chrono::milliseconds lag_threshold{250};
  /// The kernel's send buffer for each client (SO_SNDBUF), in bytes; 0 leaves the system's own. 4096...1 GiB.
  std::size_t send_buffer_bytes = 65536;
  /// The bytes that publishers may queue while the I/O loop does not run; past it `publish` fails with `errc::queue_full`.
  /// At least 65536.
  std::size_t max_queued_bytes = 16U << 20U;

  /// The bytes of events that may wait for a slow hook or tap before further ones are dropped and counted. One may always
  /// wait, however large. At least 1.
  std::size_t callback_queue_bytes = 16U << 20U;

  /// How the energy of each model is measured from the tokens of its answers (`server::energy`, `tick::publish_energy`).
  energy_options energy;

  /// Asks Linux to wake the thread that ticks at its own moment (prctl PR_SET_TIMERSLACK; from 6.12 on sched_setattr, unless a seccomp
  /// filter is in force). Without it ticks begin some 50 us later, and milliseconds beside a loop that is busy. Set it to false where
  /// a sandbox ends the process for such a call.
  bool scheduling_hints = true;
};

}}  // namespace wirthforge
