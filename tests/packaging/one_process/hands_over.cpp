// A unit that hands its server to another one: the two must be compiled with the same options.
#include "wirthforge_ws.hpp"

unsigned port_of(const wirthforge::server& server);

#if defined(TAKES)
unsigned port_of(const wirthforge::server& server) { return server.port(); }
#else
int main() {
  wirthforge::server server;
  return static_cast<int>(port_of(server));
}
#endif
