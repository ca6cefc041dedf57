// A server that follows its standard input, a command a line: it asks a model server by a bridge, or publishes an answer itself. It ends
// with its input, and prints each `stop` that a page sends. For tests of the whole chain, in Python and in browsers.
//
//   ask SESSION URL BODY     by the bridge; `cancel SESSION`
//   open SESSION MODEL       then `write SESSION TEXT`, `think SESSION TEXT`, `call SESSION NAME ARGUMENTS`, `reading SESSION PROGRESS`,
//                            `finish SESSION stop|length|stopped`, `fail SESSION REASON`
//   starting PROGRESS PHASE, loading MODEL PROGRESS, loaded MODEL, unloaded MODEL, failed MODEL REASON
//   ready                    only with --not-ready
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "../../examples/arguments.hpp"
#include "wirthforge_ws.hpp"

namespace {

using wirthforge::finish_reason;

class told {
 public:
  told(wirthforge::server& server, wirthforge::model_bridge& bridge) : server_(server), bridge_(bridge) {}

  void take(const std::string& line) {
    std::istringstream words(line);
    std::string what, name;
    words >> what >> name;
    std::error_code error;
    if (what == "ready") server_.ready({"test-model", wirthforge::tier::mid, "1.0.0"}, error);
    else if (what == "ask" || what == "cancel" || what == "open") answer(what, name, words, error);
    else if (answers_.count(name) > 0) go_on(what, name, words);
    else tell(what, name, words, error);
    if (error) std::cout << "refused " << name << ": " << error.message() << std::endl;
  }

 private:
  static std::string word(std::istream& words) {
    std::string next;
    words >> next;
    return next;
  }
  static std::string rest(std::istream& words) {
    words.get();  // the blank; the others belong to the text
    std::string all;
    std::getline(words, all);
    return all;
  }

  void answer(const std::string& what, const std::string& session, std::istream& words, std::error_code& error) {
    if (what == "cancel") return void(bridge_.cancel(session));
    const std::string second = word(words);  // the order of two calls in one expression is nobody's
    if (what == "ask") return void(bridge_.ask({second, rest(words)}, session, error));
    answers_[session] = server_.open_token_stream(session, second, error);
  }

  void go_on(const std::string& what, const std::string& session, std::istream& words) {
    auto& answer = answers_[session];
    if (what == "write") answer.write(rest(words));
    if (what == "reading") answer.waiting(std::stod(word(words)));
    if (what == "fail") answer.fail(rest(words));
    if (what == "finish") {
      const std::string why = word(words);
      answer.finish(why == "stopped" ? finish_reason::stopped : why == "length" ? finish_reason::length : finish_reason::stop);
    }
    if (what == "think") {
      auto thought = answer.thinking();
      thought.write(rest(words));
      thought.finish();
    }
    if (what == "call") {
      auto call = answer.tool_call(word(words));
      call.write(rest(words));
      call.finish();
    }
  }

  void tell(const std::string& what, const std::string& name, std::istream& words, std::error_code& error) {
    if (what == "starting") server_.starting(rest(words), std::stod(name), error);
    if (what == "loading") server_.loading(name, std::stod(word(words)), error);
    if (what == "loaded") server_.loaded(name, error);
    if (what == "unloaded") server_.unloaded(name, error);
    if (what == "failed") server_.failed(name, rest(words), error);
  }

  wirthforge::server& server_;
  wirthforge::model_bridge& bridge_;
  std::map<std::string, wirthforge::token_stream_writer> answers_;
};

}  // namespace

int main(int argc, char** argv) {
  wirthforge::model_bridge_options chosen;
  chosen.retry_interval = std::chrono::milliseconds(20);
  bool is_ready = true;
  wirthforge::server server(
      options_from(argc, argv, "A server that is told what to do, for tests.",
                   {{"--not-ready", "", "until it is told", [&](const std::string&) { is_ready = false; }},
                    {"--silence-ms", "N", "how long a model server may say nothing", [&](const std::string& value) {
                       chosen.silence_timeout = chosen.first_byte_timeout = std::chrono::milliseconds(std::stoi(value));
                     }}}));
  wirthforge::model_bridge bridge(server, chosen);
  server.on_stop([](const wirthforge::stop_request& asked) { std::cout << "stop " << asked.session_id << std::endl; });
  told lines(server, bridge);
  if (is_ready) lines.take("ready");
  announce(server);
  server.start();
  for (std::string line; std::getline(std::cin, line);) lines.take(line);
  server.stop();
  server.wait();
}
