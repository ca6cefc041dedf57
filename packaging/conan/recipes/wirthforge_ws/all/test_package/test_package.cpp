// An integrator's program: starts a server on a free port, publishes, and stops it.
#include <wirthforge_ws.hpp>

#include <iostream>

int main() {
  wirthforge::server_options options;
  options.port = 0;
  wirthforge::server server(options);
  server.start();
  server.ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});
  std::cout << wirthforge::library_version << " served on port " << server.port() << std::endl;
  server.stop();
  server.wait();
  return server.port() == 0 ? 1 : 0;
}
