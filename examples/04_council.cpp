// A council of three models, played by three coupled oscillators (Kuramoto's model): each turns at its own pace and is pulled
// towards the others, now more, now less. Energies, fields, meetings and answers are the numbers of that small simulation.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "wirthforge_ws.hpp"

namespace {

constexpr double pi = 3.14159265358979323846;

// As 0.25, in any locale.
std::string in_hundredths(double value) {
  const long hundredths = std::lround(std::abs(value) * 100);
  const std::string digits = std::to_string(hundredths % 100);
  return (value < 0 && hundredths > 0 ? "-" : "") + std::to_string(hundredths / 100) + (digits.size() < 2 ? ".0" : ".") +
         digits;
}

struct member {
  std::string id;
  double pace;  // radians a second, alone
  double phase;
  double pull = 0;  // of the others, radians a second
  double total = 0;
  int answers = 0;
  int sentences = 0;
  std::string text{};  // of the sentence that it is saying, and how far it is
  std::size_t said = 0;
  double next_word = 0;
  wirthforge::token_stream_writer answer{};

  double energy() const { return 0.5 + 0.5 * std::sin(phase); }
};

class council {
 public:
  void tick(wirthforge::server& server, wirthforge::tick& tick) {
    time_ += tick.delta_seconds();
    step(tick.delta_seconds());
    for (member& each : members_) {
      publish_energy(tick, each, speak(server, each));
    }
    publish_fields(tick);
    if (tick.number() % 90 == 0) meet(tick);
    watch_the_tuning(tick);
  }

 private:
  // The pull swells and fades over forty seconds, so that they fall into step and out of it.
  void step(double seconds) {
    const double strength = 0.9 - 0.9 * std::cos(2 * pi * time_ / 40);
    double x = 0;
    double y = 0;
    for (member& each : members_) {
      each.pull = 0;
      for (const member& other : members_) each.pull += strength / 3 * std::sin(other.phase - each.phase);
      x += std::cos(each.phase) / 3;
      y += std::sin(each.phase) / 3;
    }
    coherence_ = std::min(1.0, std::hypot(x, y));
    mean_phase_ = std::atan2(y, x);
    for (member& each : members_) each.phase += (each.pace + each.pull) * seconds;
  }

  // A word at every 0.35 radians: a model that turns faster speaks faster. Returns how many words were said.
  int speak(wirthforge::server& server, member& each) {
    if (each.phase < each.next_word) return 0;
    each.next_word = each.phase + 0.35;
    if (each.said == each.text.size()) {
      if (each.sentences++ % 14 == 0) {
        each.answer.finish();
        each.answer = server.open_token_stream(each.id + "-" + std::to_string(++each.answers), each.id);
      }
      each.text = each.sentences % 2 == 1 ? "I turn " + in_hundredths((each.pace + each.pull) / (2 * pi)) +
                                                " times a second, and the others pull me by " + (each.pull < 0 ? "" : "+") +
                                                in_hundredths(each.pull) + " radians. "
                                          : "My energy is at " + in_hundredths(each.energy()) +
                                                " while the coherence of us three is " + in_hundredths(coherence_) + ".\n\n";
      each.said = 0;
    }
    const std::size_t end = std::min(each.text.find(' ', each.said), each.text.size() - 1) + 1;
    each.answer.write(std::string_view(each.text).substr(each.said, end - each.said));
    each.said = end;
    return 1;
  }

  static void publish_energy(wirthforge::tick& tick, member& each, int words) {
    wirthforge::energy_update energy;
    energy.model_id = each.id;
    energy.delta_energy = each.energy();
    energy.total_energy = each.total += energy.delta_energy;
    energy.tokens_generated = words;
    tick.publish(energy);
  }

  // One field of each kind; x and y in 0...1.
  void publish_fields(wirthforge::tick& tick) const {
    wirthforge::energy_field bolt = field_of(members_[0], wirthforge::field_type::lightning);
    for (int n = 0; n < 9; ++n) {
      bolt.coordinates.push_back({0.13 + 0.05 * std::sin(members_[0].phase + 0.9 * n), 0.12 + 0.095 * n,
                                  0.3 + 0.7 * std::pow(std::sin(members_[0].phase / 2 - 0.4 * n), 2)});
    }
    tick.publish(bolt);

    wirthforge::energy_field river = field_of(members_[1], wirthforge::field_type::stream);
    for (int n = 0; n < 16; ++n) {
      river.coordinates.push_back({0.24 + 0.032 * n, 0.8 + 0.09 * std::sin(members_[1].phase - 0.45 * n),
                                   0.3 + 0.7 * std::pow(std::sin(members_[1].phase / 2 - 0.25 * n), 2)});
    }
    tick.publish(river);

    wirthforge::energy_field ring = field_of(members_[2], wirthforge::field_type::resonance);
    for (int n = 0; n <= 60; ++n) {  // a plate that rings in its fifth mode
      const double angle = 2 * pi * n / 60;
      const double radius = 1 + 0.4 * std::sin(members_[2].phase) * std::cos(5 * angle);
      ring.coordinates.push_back({0.86 + 0.07 * radius * std::cos(angle), 0.5 + 0.2 * radius * std::sin(angle),
                                  std::abs(radius)});
    }
    tick.publish(ring);

    wirthforge::energy_field waves;  // of all three, where they meet
    waves.model_id = "council";
    waves.field_type = wirthforge::field_type::interference;
    waves.intensity = coherence_;
    for (std::size_t n = 0; n < 3; ++n) {
      const double angle = 2 * pi * static_cast<double>(n) / 3 - pi / 2;
      waves.coordinates.push_back({0.5 + 0.12 * std::cos(angle), 0.36 + 0.16 * std::sin(angle), members_[n].energy()});
    }
    tick.publish(waves);
  }

  static wirthforge::energy_field field_of(const member& each, wirthforge::field_type type) {
    wirthforge::energy_field field;
    field.model_id = each.id;
    field.field_type = type;
    field.intensity = each.energy();
    return field;
  }

  // Two meet, or every fourth time all three.
  void meet(wirthforge::tick& tick) {
    const std::size_t first = turn_ % 4 % 3;
    const std::size_t second = (first + 1) % 3;
    const bool is_all = turn_++ % 4 == 3;
    const double difference = members_[first].phase - members_[second].phase;
    wirthforge::interference_event met;
    met.models = {members_[first].id, members_[second].id};
    if (is_all) met.models = {members_[0].id, members_[1].id, members_[2].id};
    met.coherence_score = is_all ? coherence_ : std::abs(std::cos(difference / 2));
    met.intensity = std::sqrt(members_[first].energy() * members_[second].energy());
    const double agreement = is_all ? 2 * coherence_ - 1 : std::cos(difference);
    met.pattern_type = agreement > 0.5    ? wirthforge::pattern_type::constructive
                       : agreement < -0.5 ? wirthforge::pattern_type::destructive
                                          : wirthforge::pattern_type::neutral;
    tick.publish(met);
  }

  void watch_the_tuning(wirthforge::tick& tick) {
    if (!is_in_tune_ && coherence_ > 0.95) {
      is_in_tune_ = true;
      wirthforge::resonance_event rings;
      rings.resonance_type = ++tuned_ % 3 == 1 ? wirthforge::resonance_type::fundamental
                             : tuned_ % 3 == 2 ? wirthforge::resonance_type::harmonic
                                               : wirthforge::resonance_type::overtone;
      rings.frequency = (members_[0].pace + members_[1].pace + members_[2].pace) / (6 * pi);
      rings.amplitude = coherence_;
      rings.participants = {members_[0].id, members_[1].id, members_[2].id};
      rings.phase = std::clamp((mean_phase_ + pi) * 180 / pi, 0.0, 360.0);
      tick.publish(rings);

      wirthforge::reward_event reward;
      reward.reward_type = wirthforge::reward_type::achievement;
      reward.title = "In tune";
      reward.description = "All three turn as one.";
      reward.points = 10;
      reward.level = std::min(5, 1 + tuned_ / 2);
      tick.publish(reward);
    }
    if (is_in_tune_ && coherence_ < 0.6) {
      is_in_tune_ = false;
      wirthforge::error_event lost;
      lost.severity = wirthforge::severity::info;
      lost.code = "OUT_OF_TUNE";
      lost.message = "The three have drifted apart; the pull will come back.";
      lost.component = wirthforge::component::model;
      lost.recoverable = true;
      tick.publish(lost);
    }
  }

  std::array<member, 3> members_{{{"llama3_2-3b", 1.5, 0.0}, {"qwen2_5-7b", 1.9, 2.0}, {"mistral-7b", 2.2, 4.0}}};
  double time_ = 0;
  double coherence_ = 0;
  double mean_phase_ = 0;
  std::size_t turn_ = 0;
  int tuned_ = 0;
  bool is_in_tune_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  wirthforge::server server(options_from(argc, argv, "Serves three models in council, played by a small simulation."));
  council three;
  server.on_tick([&](wirthforge::tick& tick) { three.tick(server, tick); });
  server.ready({"llama3_2-3b",
                wirthforge::tier::high,
                "1.0.0",
                {{wirthforge::capability::council, wirthforge::capability::visualization}}});
  announce(server);
  server.run();
}
