// Tokens as a model emits them, from a thread of its own. Byte-level tokenizers cut inside characters; this one does, too,
// and the browser still gets whole text.
#include <chrono>
#include <string_view>
#include <thread>

#include "arguments.hpp"
#include "wirthforge_ws.hpp"

int main(int argc, char** argv) {
  wirthforge::server server(options_from(argc, argv, "Streams an answer in pieces of three bytes."));
  const std::string model = wirthforge::model_id_from_name("qwen2.5-coder:7b");  // raw names are no ids

  std::thread([&server, model] {
    constexpr std::string_view answer = "Gr\xc3\xbc\xc3\x9f Gott! \xe2\x82\xac 3.50, \xf0\x9f\x94\xa5 hot. ";
    for (int number = 1;; ++number) {
      auto tokens = server.open_token_stream("answer-" + std::to_string(number), model);
      for (std::size_t at = 0; at < answer.size(); at += 3) {
        std::error_code stopped;
        tokens.write(answer.substr(at, 3), stopped);
        if (stopped) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(80));
      }
      tokens.finish();  // isComplete: true
    }
  }).detach();

  server.ready({model, wirthforge::tier::high, "1.0.0"});
  announce(server);
  server.run();
}
