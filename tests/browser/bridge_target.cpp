// A server with a bridge that follows its standard input, a command a line: `ask SESSION URL BODY`, `cancel SESSION`. It ends with
// its input. For tests of the whole chain, in Python and in browsers.
#include <iostream>
#include <sstream>
#include <string>

#include "../../examples/arguments.hpp"
#include "wirthforge_ws.hpp"

int main(int argc, char** argv) {
  wirthforge::model_bridge_options chosen;
  chosen.retry_interval = std::chrono::milliseconds(20);
  wirthforge::server server(options_from(argc, argv, "A bridge for tests.",
                                         {{"--silence-ms", "N", "how long a model server may say nothing", [&](const std::string& value) {
                                             chosen.silence_timeout = chosen.first_byte_timeout = std::chrono::milliseconds(std::stoi(value));
                                           }}}));
  wirthforge::model_bridge bridge(server, chosen);
  server.ready({"test-model", wirthforge::tier::mid, "1.0.0"});
  announce(server);
  server.start();
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what, session, url, body;
    words >> what >> session >> url >> std::ws;
    std::getline(words, body);
    std::error_code error;
    if (what == "ask") bridge.ask({url, body}, session, error);
    if (what == "cancel") bridge.cancel(session);
    if (error) std::cout << "refused " << session << ": " << error.message() << std::endl;
  }
  server.stop();
  server.wait();
}
