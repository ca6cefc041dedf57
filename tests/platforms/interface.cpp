// A program without exceptions, linked with the compiled library: it uses the calls that return an error.
#include <wirthforge_ws.hpp>

int main() {
  wirthforge::server server;
  std::error_code error;
  server.start(error);
  if (error) return 1;
  wirthforge::energy_update energy;
  energy.model_id = "llama3_2-3b";
  server.publish(energy, error);
  return error ? 1 : 0;
}
