// Several models in council: an energy_update of each, the interference between them, their resonance, and a reward.
#include <cmath>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "wirthforge_ws.hpp"

int main(int argc, char** argv) {
  wirthforge::server server(options_from(argc, argv, "Serves three models in council."));
  const std::vector<std::string> models{"llama3_2-3b", "qwen2_5-7b", "mistral-7b"};

  server.on_tick([&models, totals = std::vector<double>(3)](wirthforge::tick& tick) mutable {
    const double t = static_cast<double>(tick.number()) / 60.0;
    double sum = 0;
    for (std::size_t n = 0; n < models.size(); ++n) {
      wirthforge::energy_update energy;
      energy.model_id = models[n];
      energy.delta_energy = 0.5 + 0.5 * std::sin(t * (1.0 + 0.1 * static_cast<double>(n)));
      energy.total_energy = totals[n] += energy.delta_energy;
      sum += energy.delta_energy;
      tick.publish(energy);
    }
    if (tick.number() % 120 == 0) {  // every two seconds
      wirthforge::interference_event met;
      met.pattern_type = sum > 1.5 ? wirthforge::pattern_type::constructive : wirthforge::pattern_type::destructive;
      met.models = models;
      met.intensity = met.coherence_score = sum / 3.0;
      tick.publish(met);
    }
    if (tick.number() % 600 == 300) {  // every ten seconds
      wirthforge::resonance_event rings;
      rings.resonance_type = wirthforge::resonance_type::harmonic;
      rings.frequency = 440.0;
      rings.amplitude = sum / 3.0;
      rings.participants = {models[0], models[1]};
      tick.publish(rings);

      wirthforge::reward_event reward;
      reward.reward_type = wirthforge::reward_type::achievement;
      reward.title = "In tune";
      reward.points = 10;
      tick.publish(reward);
    }
  });

  server.ready({models[0], wirthforge::tier::high, "1.0.0", {{wirthforge::capability::council}}});
  announce(server);
  server.run();
}
