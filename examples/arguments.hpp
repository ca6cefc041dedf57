// The command line that all examples share: --port N, --allow-origin URL (repeatable), --help, and the options that one adds. Prints and
// exits on its own.
#pragma once

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "wirthforge_ws.hpp"

/// An option that one example alone has.
struct extra_option {
  std::string name;   ///< `--model`; empty: an argument that is no option.
  std::string value;  ///< The value's name in --help; empty: the option has no value.
  std::string help;
  std::function<void(const std::string& value)> take;
};

/// Options of the server from the command line. `about` is the first line of --help.
inline wirthforge::server_options options_from(int argc, char** argv, const std::string& about,
                                               const std::vector<extra_option>& extra = {}) {
  wirthforge::server_options options;
  const auto fail = [&](const std::string& why) {
    std::cerr << argv[0] << ": " << why << "\nTry --help.\n";
    std::exit(2);
  };
  for (int index = 1; index < argc; ++index) {
    const std::string name = argv[index];
    if (name == "--help" || name == "-h") {
      std::cout << about << "\n\n"
                << "  --port N             listen on port N of 127.0.0.1 and [::1]; 0 takes any free one (default 8145)\n"
                << "  --allow-origin URL   let pages of this origin connect, such as http://localhost:3000; repeatable\n"
                << "  --help               say this\n";
      for (const extra_option& each : extra) {
        const std::string usage = each.name.empty() ? each.value : each.name + (each.value.empty() ? "" : " " + each.value);
        std::cout << "  " << usage << std::string(usage.size() < 20 ? 21 - usage.size() : 1, ' ') << each.help << "\n";
      }
      std::exit(0);
    }
    const extra_option* taken = nullptr;
    for (const extra_option& each : extra) {
      if (each.name.empty() ? name[0] != '-' : each.name == name) taken = &each;
    }
    if (taken != nullptr) {
      const bool has_value = !taken->name.empty() && !taken->value.empty();
      if (has_value && index + 1 == argc) fail(name + " needs a value");
      taken->take(has_value ? argv[++index] : name);
      continue;
    }
    if (name != "--port" && name != "--allow-origin") fail("unknown option " + name);
    if (++index == argc) fail(name + " needs a value");
    const std::string value = argv[index];
    if (name == "--allow-origin") {
      options.allowed_origins.push_back(value);
      continue;
    }
    const bool is_number = !value.empty() && value.size() <= 5 && value.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number || std::stoi(value) > 65535) fail("--port takes a number from 0 to 65535, not " + value);
    options.port = static_cast<std::uint16_t>(std::stoi(value));
  }
  return options;
}

/// Binds the port and says where the dashboard is; on failure says why and exits.
inline void announce(wirthforge::server& server) {
  std::error_code error;
  server.listen(error);
  if (error) {
    std::cerr << "cannot listen: " << error.message();
    if (error == wirthforge::errc::port_in_use) std::cerr << "; --port 0 takes any free one";
    std::cerr << "\n";
    std::exit(1);
  }
  std::cout << "http://127.0.0.1:" << server.port() << "/  (stop with Ctrl-C)" << std::endl;
}
