// The server without sockets, threads and clock: publishers' events go in, and every peer is given the bytes that it should
// be sent. Requests pass the access gate, clients join the hub, lagging clients are found, and no client waits for another.
//
// One thread owns it. Only `prepare`, the publishers' part, may be called from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/metrics.hpp"
#include "base/option_table.hpp"
#include "base/prefetch.hpp"
#include "live/client_info.hpp"
#include "live/command.hpp"
#include "live/environment.hpp"
#include "live/hub.hpp"
#include "live/model_news.hpp"
#include "live/pacer.hpp"
#include "live/peer.hpp"
#include "live/refusals.hpp"
#include "live/token_streams.hpp"
#include "rfc6455/access.hpp"
#include "rfc6455/handshake.hpp"
#include "rfc6455/http_response.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// One client, with the part that it shares with its hooks.
struct connection_row {
  info_ptr info;
  backpressure pressure;
};

struct engine_options {
  hub_options hub;
  rfc6455::access_policy access;
  milliseconds lag_threshold = wirthforge::detail::server_default::lag_threshold;
  peer_options peers;  ///< The limits that log lines name.
};

struct engine_counters {
  counter connections_total, refused, lagged, events, events_framed, events_refused, frames_skipped, client_messages,
      client_messages_bad;
  gauge connections, lagging, log_bytes;
};

class engine final : public service {
 public:
  /// Both must outlive the engine.
  WIRTHFORGE_COLD engine(std::string epoch, engine_options options, environment& around, observer& watching);

  /// The gate's policy, once the port is known.
  rfc6455::access_policy& access() noexcept { return options_.access; }
  WIRTHFORGE_COLD ~engine() override = default;

  /// Every event is needed from now on, whether or not a client is connected.
  void attach_tap() {
    has_tap_ = true;
    audience_.store(audience::present);
  }

  const engine_counters& counters() const noexcept { return counters_; }
  const hub& core() const noexcept { return hub_; }
  /// For a journal: the state from which the next run continues this one; and the continued run, before any client connects:
  /// answers that were being written have failed. live/restart.hpp
  void write_state(std::string& members, const instant& now) { hub_.write_state(members, now); }
  void restore(const journal_past& past, const instant& now);
  energy_cursor energy_now() const { return hub_.energy_now(); }

  /// Checks an event and makes the command that the engine takes through `push(command)`. From any thread.
  template <class Event, class Push>
  publish_result prepare(const Event& event, std::int64_t frame_number, std::error_code& error, Push push);

  /// Likewise of an event for one connection. From any thread.
  template <class Event, class Push>
  void prepare_for(const std::string& connection_id, const Event& event, std::int64_t frame_number, std::error_code& error,
                   Push push);

  /// For the heartbeats of what comes next.
  void set_frame_rate(double hz) noexcept { frame_rate_hz_ = hz; }
  /// A command could not be carried out for lack of memory: every client that was connected before has a gap.
  void note_loss(const instant& now) noexcept;

  void carry_out(command& next, const instant& now);
  /// After the last command of a batch. Returns when it must be called again if nothing new comes.
  std::optional<steady_time> finish_batch(const instant& now);
  /// True while text of answers, or an end of one, waits for its beat.
  bool has_unsent_text() const noexcept { return tokens_.is_dirty(); }
  /// No WebSocket is opened from now on.
  void refuse_clients() noexcept { is_stopping_ = true; }
  /// Ends the open answers before a stop: they are marked as unfinished.
  void finish(const instant& now) {
    tokens_.fail_all("the server stops", now);
    flush_tokens(now);
    release_held(now);  // for the tap and the journal
  }

  /// For an observer that follows the energy beside the clients, such as a journal: the newest event of each model since the
  /// last call, with the sums of the events between.
  template <class Send>
  void collect_energy(energy_cursor& cursor, Send send) {
    hub_.collect_energy(cursor, send);
  }

  /// Ten times a second. True when there may be something new to send.
  bool sweep(const instant& now);
  /// Fills `rows` with every client.
  void connections(steady_time now, std::vector<connection_row>& rows) const;

  // Each override says `inline`; otherwise the first would be the class's key function, and put the engine into every unit.
  inline answer respond(const rfc6455::http_request& request, const instant& now) override;
  WIRTHFORGE_COLD inline answer refuse(std::error_code error) override;
  inline void opened(peer& from, const rfc6455::http_request& request, const instant& now) override;
  inline std::optional<ending> received(peer& from, const rfc6455::input& message, const instant& now) override;
  inline collected collect(peer& to, std::vector<frame_ptr>& batch, const instant& now) override;
  inline void expect(const peer_state& next) const noexcept override {
    const hub_client* const member = static_cast<const client&>(next).member;
    prefetch(member, sizeof *member);
  }
  inline void closed(peer& from, const ending& how, const instant& now) override;

 private:
  // The clients that would receive an event if it were published now. Publishers read it to avoid useless work.
  enum class audience {
    nobody,  // no client has been connected for as long as the log reaches back
    absent,  // none is connected, but a client may return for what it missed; or the server is not ready yet
    present
  };
  struct client final : peer_state {
    peer* line = nullptr;
    hub_client* member = nullptr;
    info_ptr info;
    bool is_lagging = false;
  };

  WIRTHFORGE_COLD ending give_up(client& which);
  WIRTHFORGE_COLD void log_ending(peer& from, const ending& how, const instant& now);
  client_limits limits() const noexcept { return {options_.peers, options_.hub}; }
  answer respond_to(const rfc6455::http_request& request, const rfc6455::access_verdict& verdict, const instant& now);
  WIRTHFORGE_COLD answer refuse_token(std::error_code error, bool needs_token, bool is_head, const instant& now);
  WIRTHFORGE_COLD client* find(const std::string& connection_id) const noexcept;
  WIRTHFORGE_COLD void send_to(live::send_to& what, const instant& now);
  WIRTHFORGE_COLD void disconnect(const live::disconnect& whom, const instant& now);
  WIRTHFORGE_COLD void pass_on_stop(const client& from, const std::string& session_id);
  WIRTHFORGE_COLD void log_refusal(std::string line, const instant& now);
  void append(std::shared_ptr<event_frame> frame, const token_stream* tokens, const error_event* state, const instant& now);
  void record(const token_stream* tokens, const error_event* state, const instant& now);
  void flush_tokens(const instant& now);
  void release_oldest(const instant& now);
  void release_held(const instant& now);
  void send_out(std::shared_ptr<event_frame> frame, const token_stream* tokens, const error_event* state, const instant& now);
  void send(const token_stream& event, const instant& now);
  WIRTHFORGE_COLD void say(const error_event& event, const instant& now);
  void update_audience(steady_time now);
  void notice_omissions(const instant& now);
  backpressure pressure_on(const client& who, steady_time now) const;
  static client& client_of(peer& line) noexcept { return static_cast<client&>(*line.state); }

  engine_options options_;
  const std::vector<std::string> subprotocols_{"wirthforge.v1", "wirthforge-v1"};
  environment& around_;
  observer& watching_;
  double frame_rate_hz_ = 0;
  hub hub_;
  token_streams tokens_;
  model_news models_;
  std::deque<reliable_publication> held_;  // published before the orchestrator was ready
  std::size_t held_bytes_ = 0;
  bool is_held_cut_ = false;
  std::vector<client*> clients_;
  flood_guard guesses_{10, steady_time{}};            // a second
  flood_guard refusal_log_guard_{10, steady_time{}};  // a second
  std::uint64_t unlogged_ = 0;
  instant seen_{};            // the time of the engine's last call, approximately
  steady_time token_beat_{};  // when tokens were sent last
  steady_time left_at_{};     // when the last client left
  bool has_tap_ = false;
  bool is_stopping_ = false;
  std::atomic<audience> audience_{audience::absent};
  std::atomic<bool> has_omitted_{false};  // something was published that no client could have received
  std::atomic<std::size_t> behind_{0};    // clients whose socket was full at the last write
  engine_counters counters_;
};

template <class Event, class Push>
publish_result engine::prepare(const Event& event, std::int64_t frame_number, std::error_code& error, Push push) {
  constexpr bool is_energy = event_traits<Event>::channel_ == channel::energy;
  constexpr bool is_tokens = event_traits<Event>::type == event_type::token_stream;
  error.clear();
  if (check(event)) {
    counters_.events_refused.add();
    error = errc::schema_violation;
    return publish_result::refused;
  }
  audience listening = audience_.load();
  if (listening == audience::nobody) {
    // Set before the second look: either the client that comes now sees it, or we see that client.
    has_omitted_.store(true);
    listening = audience_.load();
  }
  const envelope outer{0, frame_number};
  std::shared_ptr<event_frame> frame;
  // Without listeners, energy is only added up; it is serialized when a client returns for it.
  if (listening == audience::present || (listening == audience::absent && !is_energy)) {
    frame = make_frame(event, outer);
  }
  const bool is_framed = frame != nullptr;
  if constexpr (is_energy) {
    if (listening != audience::nobody) push(command(energy_publication{event, outer, std::move(frame)}));
  } else if constexpr (is_tokens) {
    push(command(reliable_publication{std::move(frame), std::make_unique<token_stream>(event), nullptr}));
  } else {
    std::unique_ptr<error_event> state;
    if constexpr (event_traits<Event>::type == event_type::error_event) {
      if (says_a_state(event)) state = std::make_unique<error_event>(event);
    }
    if (frame || state) push(command(reliable_publication{std::move(frame), nullptr, std::move(state)}));
  }
  counters_.events.add();  // not before: without memory it is not published
  if (is_framed) counters_.events_framed.add();
  if (listening != audience::present) return publish_result::nobody_listening;
  return is_energy && behind_.load(std::memory_order_relaxed) > 0 ? publish_result::coalesced : publish_result::sent;
}

template <class Event, class Push>
void engine::prepare_for(const std::string& connection_id, const Event& event, std::int64_t frame_number,
                         std::error_code& error, Push push) {
  error.clear();
  if (check(event)) {
    counters_.events_refused.add();
    error = errc::schema_violation;
    return;
  }
  push(command(live::send_to{connection_id, make_frame(event, envelope{0, frame_number})}));
}

}}}  // namespace wirthforge::live
