// The smallest server: a slow wave of energy, 60 times a second.
#include <cmath>

#include "arguments.hpp"
#include "wirthforge_ws.hpp"

int main(int argc, char** argv) {
  wirthforge::server server(options_from(argc, argv, "Serves a slow wave of energy."));

  server.on_tick([total = 0.0](wirthforge::tick& tick) mutable {  // 60 times a second
    wirthforge::energy_update energy;
    energy.model_id = "llama3_2-3b";
    energy.delta_energy = 0.5 + 0.5 * std::sin(static_cast<double>(tick.number()) / 30.0);
    energy.total_energy = total += energy.delta_energy;
    tick.publish(energy);  // time stamp, frame number and processing time filled in
  });

  server.ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});
  announce(server);
  server.run();  // until stop()
}
