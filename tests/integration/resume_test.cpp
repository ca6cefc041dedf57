// The promise over real sockets: a client that is killed at random bytes, again and again, and comes back each time, ends
// up with exactly what was published.
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using nlohmann::json;
using std::chrono::milliseconds;
using test::reward;
using test::running_server;

namespace {

// Keeps accounts as the browser's client does, over any number of connections.
class survivor {
 public:
  explicit survivor(std::uint16_t port) : port_(port) {}

  /// Lives until it has taken so many bytes, or `is_done()`, or the server ends it; at fault where nothing more comes.
  template <class Done>
  void live(std::size_t bytes, bool by_reset, Done is_done) {
    test::raw_client raw(port_);
    raw.send(test::upgrade_head(port_, "/ws" + query()));
    rfc6455::protocol protocol(rfc6455::role::client, {}, [] { return 0x12345678U; });
    bool has_head = false;
    std::string pending;
    while (bytes > 0 && !is_done()) {
      std::string got = raw.receive();
      if (got.empty()) {
        if (!raw.is_at_end()) faults.push_back("nothing came");
        break;  // the server may have closed a slow client: then the client comes back
      }
      got.resize(std::min(got.size(), bytes));  // it died in the middle of reading this
      bytes -= got.size();
      pending += got;
      if (!has_head) {
        const auto end = pending.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        has_head = true;
        pending.erase(0, end + 4);
      }
      char* first = pending.data();
      char* const last = first + pending.size();
      for (;;) {
        const rfc6455::input input = protocol.receive(first, last);
        if (input.what == rfc6455::input::kind::need_more) break;
        if (input.what == rfc6455::input::kind::text) take(json::parse(input.payload));
      }
      pending.clear();
    }
    raw.cut(by_reset);
  }

  std::vector<std::int64_t> rewards;
  std::string text;
  std::map<std::string, long double> energy;
  std::map<std::string, std::int64_t> tokens;
  std::vector<std::string> faults;
  std::uint64_t sessions = 0;
  /// It knows the epoch: what comes from now on is owed to it.
  bool is_greeted() const noexcept { return !epoch_.empty(); }

 private:
  std::string query() const {
    if (epoch_.empty()) return {};
    std::string result = "?epoch=" + epoch_ + "&since=" + std::to_string(since_) + "&began=" + std::to_string(began_);
    if (frames_.empty()) return result;
    std::int64_t newest = 0;
    std::string list;
    for (const auto& each : frames_) {
      newest = std::max(newest, each.second);
      list += (list.empty() ? "" : ",") + each.first + ":" + std::to_string(each.second);
    }
    return result + "&frame=" + std::to_string(newest) + "&frames=" + list;
  }

  void take(const json& event) {
    const std::string type = event["type"];
    const json& payload = event["payload"];
    const std::int64_t time = event["timestamp"];
    if (type == "startup_complete") {
      ++sessions;
      startup_ = time;
    } else if (type == "heartbeat") {
      if (!epoch_.empty()) return;
      epoch_ = payload["connectionId"].get<std::string>().substr(0, 32);
      since_ = began_ = startup_;
    } else if (type == "energy_update") {
      const std::string model = payload["modelId"];
      const std::int64_t frame = event["frameNumber"];
      if (frames_.count(model) != 0 && frame <= frames_[model]) faults.push_back("frame out of order");
      frames_[model] = frame;
      energy[model] += payload["deltaEnergy"].get<double>();
      tokens[model] += payload["tokensGenerated"].get<std::int64_t>();
    } else if (event["channel"] == "system" && payload["component"] != "model") {  // those are the answer's life, in the lane
      faults.push_back(payload["code"]);
    } else {
      if (time <= since_) faults.push_back("not above the cursor");
      since_ = time;
      if (type == "reward_event") rewards.push_back(payload["points"]);
      for (const json& token : payload.value("tokens", json::array())) text += token.get<std::string>();
    }
  }

  std::uint16_t port_;
  std::string epoch_;
  std::int64_t startup_ = 0;
  std::int64_t since_ = 0;
  std::int64_t began_ = 0;
  std::map<std::string, std::int64_t> frames_;
};

}  // namespace

// The producer waits for the client, so that the log always reaches back to it, however long the machine lets either wait. (Its 8192
// events were once too few, when the client waited for the processor.) The client counts bytes and not time.
TEST_CASE("a client that is killed at a random byte 1000 times misses nothing and gets nothing twice",
          "[integration][resume]") {
  server_options options;
  options.log_max_age = std::chrono::hours(1);
  running_server up(options);
  up.start();
  survivor client(up.port());
  client.live(100'000, false, [&] { return client.is_greeted(); });

  std::mutex mutex;
  std::condition_variable client_has_moved;
  std::int64_t heard = 0;  // rewards
  bool is_over = false;
  constexpr std::int64_t most_ahead = 1000;  // rounds, of at most three events in the log
  std::int64_t rewards = 0;
  std::string text;
  std::map<std::string, long double> energy;
  std::map<std::string, std::int64_t> tokens;
  std::thread producer([&] {
    auto stream = up.server.open_token_stream("s", "m");
    const std::string piece = "\xC3\xA9\xE2\x82\xAC";  // two characters, written in two halves that split one
    for (std::int64_t round = 0;; ++round) {
      {
        std::unique_lock<std::mutex> lock(mutex);
        client_has_moved.wait(lock, [&] { return is_over || rewards - heard < most_ahead; });
        if (is_over) break;
      }
      for (const std::string model : {"a", "b", "c"}) {
        energy_update event;
        event.model_id = model;
        event.delta_energy = 0.01 * static_cast<double>(round % 7) + (model == "b" ? 1e9 : 0);
        event.tokens_generated = 1 + round % 3;  // never 0: the last count tells that the last energy has come
        energy[model] += event.delta_energy;
        tokens[model] += event.tokens_generated;
        up.server.publish(event);
      }
      reward_event event = reward("r");
      event.points = rewards++;
      up.server.publish(event);
      stream.write(piece.substr(0, 3));
      stream.write(piece.substr(3));
      text += piece;
      std::this_thread::sleep_for(milliseconds(1));  // the pace of the data, not a wait for anything
    }
    stream.finish();
  });

  std::mt19937 random(20261123);
  const auto tell_producer = [&](bool is_end) {
    const std::lock_guard<std::mutex> lock(mutex);
    heard = static_cast<std::int64_t>(client.rewards.size());
    is_over = is_end;
    client_has_moved.notify_one();
  };
  for (int n = 0; n < 1000; ++n) {
    client.live(random() % 4000, random() % 2 == 0, [] { return false; });
    tell_producer(false);
  }
  tell_producer(true);
  producer.join();
  const auto is_whole = [&] {
    return client.text == text && client.rewards.size() == static_cast<std::size_t>(rewards) && client.tokens == tokens;
  };
  while (!is_whole() && client.faults.empty()) client.live(64U << 20U, false, is_whole);

  CHECK(client.faults.empty());
  CHECK(client.sessions > 100);
  std::vector<std::int64_t> expected;
  for (std::int64_t n = 0; n < rewards; ++n) expected.push_back(n);
  CHECK(client.rewards == expected);
  CHECK(client.text == text);
  CHECK(client.tokens == tokens);
  for (const auto& each : energy) {
    CAPTURE(each.first);
    CHECK(client.energy[each.first] == Approx(each.second).epsilon(0).margin(0.01));
  }
}

TEST_CASE("a page that is opened in the middle of an answer shows it whole", "[integration][resume][open]") {
  running_server up;
  up.start();
  auto tokens = up.server.open_token_stream("s", "m");
  tokens.write("The beginning, ");
  token_stream raw{{"published ", "whole"}, false, "t", "m", std::nullopt};
  up.server.publish(raw);
  test::ws_client page(up.port(), "/ws?replay=open");
  const json startup = page.next_of("startup_complete");
  std::map<std::string, std::string> shown;
  for (int n = 0; n < 2; ++n) {
    const json answer = page.next_of("token_stream");
    REQUIRE(answer.is_object());
    CHECK(answer["timestamp"] == startup["timestamp"]);
    shown[answer["payload"]["sessionId"]] = answer["payload"]["tokens"][0];
  }
  CHECK(shown["s"] == "The beginning, ");
  CHECK(shown["t"] == "published whole");
  tokens.write("the end");
  const json rest = page.next_of("token_stream");
  CHECK(rest["payload"]["tokens"][0] == "the end");
  CHECK(rest["timestamp"] > startup["timestamp"]);
}

TEST_CASE("a page that is opened after an answer ended shows it, and how it ended, whoever was there",
          "[integration][resume][recent]") {
  running_server up;
  up.start();
  {
    token_stream_writer whole = up.server.open_token_stream("whole", "m");
    whole.write("all ");
    whole.write("of it");
    whole.finish();
  }
  error_event stopped;
  stopped.component = component::model;
  stopped.code = "ANSWER_STOPPED";
  stopped.message = "somebody asked for its end";
  stopped.details = json{{"sessionId", "half"}, {"modelId", "m"}};
  up.server.publish(stopped);
  token_stream half;
  half.session_id = "half";
  half.model_id = "m";
  half.tokens = {"ha", "lf"};
  half.is_complete = true;
  up.server.publish(half);
  for (int page = 0; page < 2; ++page) {
    test::ws_client client(up.port(), "/ws?replay=recent");
    const json startup = json::parse(*client.next());
    std::string shown;
    for (int count = 0; count < 5; ++count) {
      const json event = json::parse(*client.next());
      if (event["type"] == "heartbeat") continue;
      CHECK(event["timestamp"] == startup["timestamp"]);
      if (event["type"] == "error_event") shown += event["payload"]["code"].get<std::string>() + ";";
      else shown += event["payload"]["tokens"][0].get<std::string>() + (event["payload"]["isComplete"] ? ".;" : ";");
    }
    CHECK(shown == "ANSWER_DONE;all of it.;ANSWER_STOPPED;half.;");
  }
}

TEST_CASE("resume passes the same gate as any connection", "[integration][resume][access]") {
  running_server up;
  up.start();
  test::ws_client first(up.port());
  const json beat = first.next_of("heartbeat");
  const std::string id = beat["payload"]["connectionId"];
  test::ws_client evil(up.port(), "/ws?epoch=" + id.substr(0, 32) + "&since=" + beat["timestamp"].dump(),
                       "Origin: https://evil.test\r\n");
  CHECK_FALSE(evil.is_upgraded());
  CHECK(evil.head().compare(0, 12, "HTTP/1.1 403") == 0);
}
