// A server as a library inside a program would hold it: compiled twice, against two versions of the header.
#include "wirthforge_ws.hpp"

#include <stdexcept>
#include <string>

// SERVE is the name of this function: serve_old or serve_new.
void SERVE() {
  wirthforge::server_options options;
  options.port = 0;
  options.allowed_origins = {"http://localhost:3000"};
  wirthforge::server server(options);
  server.start();
  server.ready({"model", wirthforge::tier::low, "1.0.0"});
  if (server.port() == 0) throw std::runtime_error("it is not bound");
  if (std::string(wirthforge::library_version) != VERSION) throw std::runtime_error("it is the other version's");
  server.stop();
  server.wait();
}
