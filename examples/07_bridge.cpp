// From a model server to the screen: asks Ollama, llama.cpp, LM Studio, vLLM or another server of their formats, and shows two
// models side by side. A person can stop an answer on the page; the program needs no code for that.
#include <string>

#include <nlohmann/json.hpp>

#include "arguments.hpp"
#include "wirthforge_ws.hpp"

namespace {

wirthforge::model_question ollama(const std::string& model, const std::string& prompt) {
  const nlohmann::json body = {{"model", model}, {"stream", true}, {"messages", {{{"role", "user"}, {"content", prompt}}}}};
  return {"http://localhost:11434/api/chat", body.dump()};
}

}  // namespace

int main(int argc, char** argv) {
  std::string first = "qwen3:4b", second = "llama3.2:3b", prompt = "Why is the sky blue?";
  const auto options = options_from(
      argc, argv, "Asks two models of Ollama the same thing.",
      {{"--first", "NAME", "a model, qwen3:4b unless you say so", [&](const std::string& name) { first = name; }},
       {"--second", "NAME", "another, llama3.2:3b unless you say so", [&](const std::string& name) { second = name; }},
       {"", "PROMPT", "the prompt for both", [&](const std::string& words) { prompt = words; }}});
  wirthforge::server server(options);

  wirthforge::model_bridge_options patience;
  patience.first_byte_timeout = std::chrono::minutes(10);  // a large model loads for long
  wirthforge::model_bridge bridge(server, patience);       // on the server's own loop, without a thread

  server.ready({wirthforge::model_id_from_name(first), wirthforge::tier::mid, "1.0.0"});
  announce(server);
  bridge.ask(ollama(first, prompt), "first");    // asked once the server runs; the page shows how the answer ended
  bridge.ask(ollama(second, prompt), "second");  // both at once: a council
  server.run();
}
