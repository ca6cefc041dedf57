// Events out and control messages in, beside the libraries that a user would take instead.
#pragma once

#include "by_hand.hpp"
#include "harness.hpp"

#if __has_include(<valijson/validator.hpp>)
#define MICRO_HAS_VALIJSON 1
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#endif

namespace micro {

/// Check, serialize and frame one event.
template <class Event>
void event_group(const by_hand& hand, const Event& event, pace how) {
  using traits = wirthforge::event_traits<Event>;
  group all(std::string(traits::name), how);
  all.add("ours", [&event] {
    if (wirthforge::check(event)) std::abort();
    keep(wirthforge::live::make_frame(event, outer));
  });
  all.add("our check alone", [&event] {
    keep(event);
    keep(wirthforge::check(event).has_value());
  });
  all.add("to_chars", [&hand, &event] {
    static char buffer[4096];
    keep(event);
    keep(hand.bare(buffer, event));
    keep(buffer);
  });
  all.add("nlohmann build + dump", [&hand, &event] { keep(hand.built(event).dump()); });
  // Ours is compiled in each run, so that the short one finds a mistake where valijson, a big package, is not installed, too.
  const json document = json::parse(traits::schema());
  const json instance = hand.built(event);
#if defined(MICRO_HAS_VALIJSON)
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
  all.add("valijson check alone", [&schema, &instance] {
    const valijson::adapters::NlohmannJsonAdapter adapted(instance);
    if (!valijson::Validator().validate(schema, adapted, nullptr)) std::abort();
  });
#endif
  all.run();
}

inline void event_groups(pace how) {
  const by_hand hand;
  event_group(hand, hand.startup, how);
  event_group(hand, hand.update, how);
  event_group(hand, hand.field, how);
  event_group(hand, hand.tokens, how);
  event_group(hand, hand.interference, how);
  event_group(hand, hand.resonance, how);
  event_group(hand, hand.reward, how);
  event_group(hand, hand.beat, how);
  event_group(hand, hand.error, how);
}

inline void control_group(const std::string& name, const std::string& text, pace how) {
  group(name, how)
      .add("ours, read and checked",
           [&text] {
             wirthforge::control_message message;
             if (wirthforge::read_control(text, message)) std::abort();
             keep(message);
           })
      .add("nlohmann parse alone", [&text] { keep(json::parse(text)); })
      .run();
}

inline void control_groups(pace how) {
  control_group("heartbeat_response, shortest", R"({"type":"heartbeat_response"})", how);
  control_group("heartbeat_response",
                R"({"type":"heartbeat_response","channel":"system","timestamp":1732348800123,"payload":{"sequence":42}})", how);
  control_group("subscribe", R"({"type":"subscribe","payload":{"channels":["energy","experience","council"]}})", how);
}

}  // namespace micro
