// A unit that only publishes, to a server and to a tick that it is handed.
#include "units.hpp"

namespace {

template <class Line>
bool publish_to(Line& line) {
  wirthforge::energy_update energy;
  energy.model_id = wirthforge::model_id_from_name("llama3.2:3b");
  wirthforge::energy_field field;
  field.model_id = energy.model_id;
  wirthforge::token_stream tokens;
  tokens.model_id = energy.model_id;
  tokens.session_id = "one";
  wirthforge::interference_event met;
  met.models = {"a", "b"};
  wirthforge::resonance_event rings;
  rings.participants = {"a", "b"};
  wirthforge::reward_event reward;
  wirthforge::error_event fault;
  fault.code = "SOME_FAULT";
  const auto is_taken = [&](const auto& event) {
    std::error_code error;
    line.publish(event);
    return line.publish(event, error) != wirthforge::publish_result::refused && !error;
  };
  if (!is_taken(energy) || !is_taken(field) || !is_taken(tokens) || !is_taken(met) || !is_taken(rings)) return false;
  if (!is_taken(reward) || !is_taken(fault)) return false;
  reward.points = -1;
  try {
    line.publish(reward);
  } catch (const wirthforge::schema_error& thrown) {
    return thrown.code() == wirthforge::condition::caller_fault && wirthforge::check(reward);
  }
  return false;
}

}  // namespace

bool publish_all(wirthforge::server& server) { return publish_to(server); }
bool publish_all(wirthforge::tick& tick) { return publish_to(tick); }
