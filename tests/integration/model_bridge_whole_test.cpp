// A bridge loses nothing and takes no more than it may: recordings of a real model server, cut in two at many places, answers that come
// at once, and floods.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "integration/support/model_stage.hpp"
#include "support/model_heard.hpp"
#include "wirthforge_ws.hpp"

namespace model_bridge_test {

namespace {

struct recording {
  std::string name, bytes;
};

std::vector<recording> recordings() {
  std::vector<recording> all;
  for (const auto& each : std::filesystem::directory_iterator(WIRTHFORGE_SOURCE_DIR "/tests/fixtures/llama-server")) {
    if (each.path().extension() != ".raw") continue;
    std::ifstream file(each.path(), std::ios::binary);
    all.push_back({each.path().stem().string(), {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}});
  }
  return all;
}

// The same recording without a socket.
model_tests::heard heard_of(const std::string& bytes) {
  model_tests::heard result;
  model::model_url url;
  REQUIRE_FALSE(model::parse_model_url("http://127.0.0.1/", url));
  model::exchange talk({url, "{}", ""}, [&](const model_signal& signal) { result.take(signal); }, {}, {});
  talk.connected({});
  talk.sent(talk.output().size(), {});
  talk.received(bytes, {});
  talk.end_of_stream();
  return result;
}

}  // namespace

TEST_CASE("a real model server's recordings arrive byte for byte over a socket, cut at many places", "[bridge][fixtures]") {
  const std::vector<recording> all = recordings();
  REQUIRE(all.size() > 20);
  constexpr std::size_t parts = 7;
  model_server models([&](model_visitor& visitor, int) {
    const std::string path = visitor.head().substr(6);
    const recording& which = all[std::stoul(path)];
    const std::size_t cut = which.bytes.size() * std::stoul(path.substr(path.find('/') + 1)) / parts;
    visitor.say(which.bytes.substr(0, cut));
    visitor.say(which.bytes.substr(cut));
  });
  model_bridge_options options;
  options.first_byte_timeout = std::chrono::minutes(1);
  options.retry_interval = std::chrono::minutes(2);  // a server that says that it loads is not asked again
  desk one(options);
  for (std::size_t index = 0; index < all.size(); ++index) {
    const model_tests::heard expected = heard_of(all[index].bytes);
    for (std::size_t part = 0; part < parts; ++part) {
      INFO(all[index].name << " cut at " << part << "/" << parts);
      const std::string session = all[index].name + std::to_string(part);
      one.bridge->ask({models.url("/" + std::to_string(index) + "/" + std::to_string(part)), "{}"}, session);
      const shown& answer = one.until_complete(session);
      CHECK(answer.text == expected.text);
      const bool has_failed = expected.end.compare(0, 6, "failed") == 0;
      CHECK((answer.codes.back() == "ANSWER_FAILED") == has_failed);
      if (has_failed) CHECK(answer.reason == expected.words);
      one.answers.erase(session);
    }
  }
}

TEST_CASE("an answer that comes at once is sent over many beats, and whole", "[bridge]") {
  std::string text;
  while (text.size() < 200000) text += "0123456789 \xE5\xA4\xA9\xE7\xA9\xBA ";
  const std::string
      body = nlohmann::json{{"choices", {{{"index", 0}, {"finish_reason", "stop"}, {"message", {{"content", text}}}}}}}.dump();
  model_server models([&](model_visitor& visitor, int) {
    visitor.say("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    visitor.await_close();
  });
  desk one;
  one.ask(models);
  const shown& answer = one.until_complete("s");
  CHECK(answer.text == text);
  CHECK(answer.codes.back() == "ANSWER_DONE");
}

// The bound grows with the time that went by: a slow machine cannot fail it.
TEST_CASE("a flood is read no faster than its beats allow, and the rest stays with the model server", "[bridge]") {
  constexpr std::size_t text_per_beat = 4096, read_per_beat = 65536;
  const std::string piece = said(std::string(1000, 'x'));
  std::atomic<std::size_t> said_bytes{0};
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(events_head);
    while (visitor.say(piece)) said_bytes += piece.size();
  });
  model_bridge_options options;
  options.max_text_bytes_per_beat = text_per_beat;
  options.max_read_bytes_per_beat = read_per_beat;
  desk one(options);
  const auto began = std::chrono::steady_clock::now();
  one.ask(models);
  std::size_t most_queued = 0;
  while (one.answers["s"].text.size() < 20 * text_per_beat) {
    REQUIRE(one.take());
    most_queued = std::max(most_queued, static_cast<std::size_t>(one.server.stats().queued_bytes));
  }
  const auto beats = static_cast<std::size_t>((std::chrono::steady_clock::now() - began) / model::beat_allowance::beat) + 2;
  CHECK(one.answers["s"].text.size() <= text_per_beat * beats);
  CHECK(most_queued <= 2 * read_per_beat);
  // The kernel's buffers of both sockets hold 6 MiB and 4 MiB at most with the system's defaults.
  CHECK(said_bytes <= read_per_beat * beats + (std::size_t(16) << 20U));
  one.bridge->cancel();
  CHECK(one.until_complete("s").codes.back() == "ANSWER_STOPPED");
}

}  // namespace model_bridge_test
