// The whole server core: engine, hub, peers, protocol; several connections on a virtual clock.
// covers: live/broker.hpp live/lines.hpp live/line.hpp live/input_buffer.hpp live/lifecycle.hpp live/engine.hpp live/engine.ipp
// covers: live/hub.hpp live/hub_client.hpp live/peer.hpp live/event_log.hpp
// covers: live/energy_lane.hpp live/open_answers.hpp live/flood_guard.hpp live/token_streams.hpp rfc6455/liveness.hpp
//
// The input is a program: a byte of options, then operations, each a byte and its operands (`step` lists them): connect, bytes,
// frames, cut, time, a wall clock that jumps, publish, token streams and how they end, news of models, a client's `stop`, a socket
// that takes little, stop. Oracles, beside the sanitizers: memory stays within its bounds and no connection outlives its timeouts,
// how an answer ended is said directly before its last event, a `stop` is handed on as it came and for an answer that there was
// (support/host.hpp); what was sent is an HTTP response or frames without a mask, nothing after a close, each text one of our events
// and the first two those of the contract; whoever did not subscribe got published events without a gap between its first and its
// last; an answer that a client is told again is whole, or where it is open the beginning of it, and the state of a model that it is told
// again was published, and comes once. In the end, when nobody says a word, everybody is gone.
#include <algorithm>
#include <set>

#include "events/read.ipp"
#include "fuzz/support/frames.hpp"
#include "fuzz/support/host.hpp"
#include "fuzz/support/response.hpp"
#include "live/energy_meter.ipp"

namespace fuzz::engine_target {
namespace {

namespace w = wirthforge;

constexpr std::size_t most_lines = 12;
constexpr int most_steps = 120;

live::engine_options engine_for(unsigned how) {
  live::engine_options options;
  options.hub.log.max_bytes = (how & 1U) == 0 ? 65536 : 2048;
  options.hub.log.max_events = (how & 2U) == 0 ? 1000 : 4;
  options.hub.log.max_age = w::seconds(5);
  options.hub.batch_bytes = 1024;
  options.hub.open_answers_bytes = 2048;
  options.access.allowed_origins->invite("https://app.example:444");
  options.access.allows_null_origin = (how & 4U) != 0;
  if ((how & 8U) != 0) options.access.token = token;
  return options;
}
live::peer_options peer_for(unsigned how) {
  live::peer_options options;
  options.liveness = {w::seconds(1), w::seconds(2), w::seconds(1), milliseconds((how & 16U) != 0 ? 1500 : 0),
                      milliseconds(500)};
  options.protocol = {4096, 8};
  options.max_head_bytes = 1024;
  options.max_unsent_bytes = 4096;
  return options;
}

std::string upgrade(source& input, const host& server) {
  const unsigned how = input.byte();
  std::string target = "/ws";
  if ((how & 3U) == 1) target += (how & 16U) == 0 ? "?replay=open" : "?replay=recent";
  if ((how & 3U) >= 2) {
    target += std::string("?epoch=") + ((how & 64U) == 0 ? token : "ffffffffffffffffffffffffffffffff") + "&since=";
    const std::size_t behind = input.byte();
    const auto& all = server.reliable;
    target += std::to_string(behind < all.size() ? all[all.size() - 1 - behind].first : server.now().unix_ms);
    if ((how & 3U) == 3) target += "&frame=" + std::to_string(input.byte());
    if ((how & 128U) != 0) target += "&began=1&frames=a:" + std::to_string(input.byte());
  }
  std::string fields;
  if ((how & 4U) != 0) fields += "Origin: null\r\n";
  if ((how & 8U) != 0) fields += std::string("Authorization: Bearer ") + token + "\r\n";
  return rfc::upgrade_request("127.0.0.1:8145", target, "dGhlIHNhbXBsZSBub25jZQ==", {"wirthforge.v1"}, fields);
}

void publish(source& input, host& server) {
  const unsigned how = input.byte();
  const std::string model(1, static_cast<char>('a' + how / 64));
  const std::size_t size = static_cast<std::size_t>(input.byte()) * 8;
  const std::int64_t frame_number = input.byte();
  server.models = 4;
  switch (how % 8) {
    case 0: {
      w::energy_update event;
      event.model_id = model;
      event.delta_energy = static_cast<double>(size);
      event.tokens_generated = 1;
      return server.publish(event, frame_number);
    }
    case 1: {
      w::energy_field event;
      event.model_id = model;
      return server.publish(event, frame_number);
    }
    case 2: {
      w::reward_event event;
      event.title = std::string(std::min<std::size_t>(size, 101), 'r');  // one past the limit is refused
      return server.publish(event, 0);
    }
    case 3: {
      w::interference_event event;
      event.models = {model, "b"};
      return server.publish(event, frame_number);
    }
    case 4: {
      w::token_stream event;
      event.tokens = {std::string(size, 't')};
      event.session_id = "raw-" + model;
      event.model_id = model;
      event.is_complete = (how & 8U) != 0;
      return server.publish(event, 0);
    }
    case 5:
      if ((how & 8U) != 0)
        return server.push(live::tell_model{model, static_cast<live::loading_stage>(how / 16 % 4), size / 2040.0, "no room"});
      return server.open(how / 64, model);
    case 6: return server.push(live::write_tokens{how / 64, std::string(input.take(size / 64 + 1)), 0.5});
    default: return server.push(live::finish_tokens{how / 64, static_cast<live::answer_end>(how / 8 % 4), "no reason"});
  }
}

void step(source& input, host& server) {
  static constexpr int times[] = {1, 16, 100, 300, 700, 1000, 2000, 6000};
  const unsigned what = input.byte();
  const unsigned which = what / 16;
  line* const one = server.lines.empty() ? nullptr : server.lines[which % server.lines.size()].get();
  switch (what % 16) {
    case 0:
    case 1:
      if (server.lines.size() >= most_lines) return;
      server.connect();
      if (what % 16 == 1 && !server.lines.empty()) server.bytes(*server.lines.back(), upgrade(input, server));
      return;
    case 2: {
      const std::size_t size = input.byte();
      if (one != nullptr) server.bytes(*one, input.take(size));
      return;
    }
    case 3:
    case 4: {  // a sound frame, or a small message of the protocol
      const rfc::mask_key key{1, 2, 3, 4};
      const unsigned first = input.byte();
      const std::string stop = R"({"type":"stop","payload":{"sessionId":")" + std::string((first & 8U) != 0 ? "raw-" : "") +
                               static_cast<char>('a' + first % 8) + "\"}}";
      const std::string payload = what % 16 != 4       ? std::string(input.take(input.byte()))
                                  : (first & 64U) != 0 ? stop
                                                       : R"({"type":"subscribe","payload":{"channels":["reward"]}})";
      std::string frame;
      rfc::append_frame(frame, static_cast<rfc::opcode>(what % 16 == 4 ? 1 : first & 15U), payload, &key, (first & 128U) != 0);
      if (one != nullptr) server.bytes(*one, frame);
      return;
    }
    case 5:
      if (one != nullptr) server.end(*one, (input.byte() & 1U) != 0);
      return;
    case 6:
    case 7: return server.advance(milliseconds(times[which % 8]));
    case 8:
    case 9: return publish(input, server);
    case 10: publish(input, server); return server.drain();
    case 11: return server.ready();
    case 12: {
      const unsigned room = input.byte();
      if (one != nullptr) server.set_room(*one, room == 255 ? ~0ULL : room * 4);
      return;
    }
    case 13: return server.set_wall_clock(1'600'000'000'000 + static_cast<std::int64_t>(input.number(2)) * 10'000'000);
    case 14: return server.drain();
    default:
      if (which == 15) server.stop();
      return;
  }
}

// An error_event may be for one client alone, so that what was published says nothing about it.
bool is_compared(w::event_type type) {
  return type == w::event_type::reward_event || type == w::event_type::token_stream ||
         type == w::event_type::interference_event;
}

// Judges all bytes that one client was sent.
void check_sent(const line& one, const host& server) {
  if (one.sent.empty()) return;
  const bool may_be_cut = one.room != ~0ULL || one.has_ended || !one.is_shut;
  if (one.sent.find("\r\n\r\n") == std::string::npos) return require(may_be_cut, "a head that is cut off");
  int status = 0;
  if (one.sent.compare(0, 12, "HTTP/1.1 101") != 0) {
    if (may_be_cut) return;
    return require(read_response(one.sent, status, one.is_head_request).empty(), "bytes behind a response");
  }
  std::string_view rest = read_response(one.sent, status);
  std::size_t texts = 0;
  std::int64_t greeted = 0;
  bool is_closed = false;
  std::vector<std::int64_t> got;
  std::set<std::string> told;  // models
  while (!rest.empty()) {
    const plain_header header = read_plain_header(rest, mask_rule::forbidden);
    require(!header.error, "a frame that no client would take");
    if (header.size == 0 || rest.size() < header.size + header.length) return require(may_be_cut, "a frame that is cut off");
    require(!is_closed, "a frame after the close frame");
    const std::string_view payload = rest.substr(header.size, static_cast<std::size_t>(header.length));
    rest.remove_prefix(header.size + payload.size());
    is_closed = header.opcode == 8;
    if (header.opcode >= 8) continue;
    require(header.opcode == 1 && header.is_final, "a frame that is no whole text");
    w::any_event event;
    w::envelope outer;
    require(!w::read_event(payload, event, outer), "a text that is none of our events");
    ++texts;
    require(texts != 1 || std::holds_alternative<w::startup_complete>(event), "the first is not startup_complete");
    require(texts != 2 || std::holds_alternative<w::heartbeat>(event), "the second is no heartbeat");
    require(texts == 1 || !std::holds_alternative<w::startup_complete>(event), "greeted twice");
    if (texts == 1) greeted = outer.timestamp;
    const auto* const answer = std::get_if<w::token_stream>(&event);
    if (answer != nullptr && one.wants_open_answers && outer.timestamp == greeted) server.check_told_again(*answer);
    const auto* const error = std::get_if<w::error_event>(&event);
    if (error != nullptr && outer.timestamp == greeted && live::says_a_state(*error)) {
      require(one.wants_open_answers || live::says_model_state(*error), "an answer is told again that nobody asked for");
      if (live::says_model_state(*error)) {
        const std::string said(payload.substr(payload.find("\"payload\":")));
        require(server.was_said(said), "the state of a model is told again that was never published");
        require(told.insert(live::text_in_details(*error, "modelId")).second, "a model is told again twice");
      }
    }
    if (is_compared(static_cast<w::event_type>(event.index()))) got.push_back(outer.timestamp);
  }
  if (one.has_subscribed || one.wants_open_answers || got.empty()) return;
  std::vector<std::int64_t> published;
  for (const auto& [timestamp, type] : server.reliable) {
    if (timestamp >= got[0] && is_compared(type)) published.push_back(timestamp);
  }
  require(published.size() >= got.size(), "events that were not published");
  for (std::size_t n = 0; n < got.size(); ++n) require(published[n] == got[n], "a gap");
}

}  // namespace

void fuzz_one(std::string_view input) {
  source program(input);
  const unsigned how = program.byte();
  host server(engine_for(how), peer_for(how));
  if ((how & 32U) == 0) {
    server.ready();
    server.drain();
  }
  if ((how & 64U) != 0) server.engine().attach_tap();
  for (int steps = 0; steps < most_steps && !program.is_empty(); ++steps) {
    step(program, server);
    server.inspect();
  }
  for (int wait = 0; wait < 55 && server.is_anybody_there(); ++wait) server.advance(milliseconds(100));
  for (const auto& each : server.lines) {
    require(each->is_gone(), "a connection that outlived its silence");
    require(each->peer().state == nullptr, "a client whose end was not told");
    check_sent(*each, server);
  }
  require(server.engine().core().client_count() == 0, "a client in the hub without a connection");
}

}  // namespace fuzz::engine_target
