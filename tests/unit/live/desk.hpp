// A hub without a socket and on a virtual clock, for the tests of the live layer.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "wirthforge_ws.hpp"

namespace test {

using namespace wirthforge;

inline const std::string epoch = "0123456789abcdef0123456789abcdef";

inline std::int64_t time_of(const nlohmann::json& event) { return event["timestamp"].get<std::int64_t>(); }
inline instant at(std::int64_t ms) { return {steady_time(milliseconds(ms)), 1'700'000'000'000 + ms}; }

/// A hub that is ready, and short names for its calls.
struct desk {
  live::hub hub;
  std::int64_t now_ms = 0;  ///< When tokens are written.
  explicit desk(live::hub_options options = {}) : hub(epoch, options) {
    hub.ready(startup_complete{"m", tier::mid, "1.2.3"}, 60, at(0));
  }

  void reward(const std::string& title, std::int64_t ms) {
    reward_event event;
    event.title = title;
    hub.publish(live::make_frame(event, envelope{}), at(ms));
  }
  void energy(const std::string& model, double delta, std::int64_t tokens, std::int64_t frame, std::int64_t ms) {
    energy_update event;
    event.model_id = model;
    event.delta_energy = delta;
    event.tokens_generated = tokens;
    const envelope outer{0, frame};
    hub.publish(live::energy_publication{event, outer, live::make_frame(event, outer)}, at(ms));
  }
  void tokens(const std::string& session, const std::string& text, bool is_complete = false) {
    hub.record(token_stream{{text}, is_complete, session, "m", std::nullopt}, at(now_ms));
  }
  live::hub_client& join(const std::string& query, std::int64_t ms) { return hub.join(live::parse_resume(query), 60, at(ms)); }
  std::vector<nlohmann::json> take(live::hub_client& client) {
    std::vector<nlohmann::json> events;
    while (hub.collect(client, [&](const live::frame_ptr& frame) { events.push_back(nlohmann::json::parse(frame->text())); })) {
    }
    return events;
  }
};

inline std::string resume(std::int64_t since, const std::string& more = {}) {
  return "epoch=" + epoch + "&since=" + std::to_string(since) + more;
}

}  // namespace test
