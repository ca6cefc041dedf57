// A server that is stopped and started again on its journal. After a stop in good order, a page misses nothing and
// is told nothing. After any other end the server has another epoch, and the page is told.
#include <csignal>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/child_process.hpp"
#include "support/journals.hpp"
#include "support/rounds.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using nlohmann::json;

namespace {

journal_options whole_journal(const std::string& path) {
  journal_options options;
  options.path = path;
  options.with_token_text = true;
  options.continue_numbers = true;
  options.sync = journal_sync::never;
  return options;
}

void publish_energy(server& to) {
  energy_update energy;
  energy.model_id = "m";
  energy.delta_energy = energy.total_energy = 1;
  energy.tokens_generated = 1;
  to.publish(energy);
}

/// A page that keeps its place, and adds up what it is sent.
class page {
 public:
  std::vector<std::int64_t> rewards;
  std::int64_t tokens = 0;
  std::vector<std::string> told;  ///< Codes of its own errors.

  void connect(std::uint16_t port) {
    std::string query;
    if (!epoch_.empty()) query = "?epoch=" + epoch_ + "&since=" + std::to_string(since_) + "&began=" + std::to_string(began_);
    if (frame_ >= 0) query += "&frame=" + std::to_string(frame_) + "&frames=m:" + std::to_string(frame_);
    told.clear();
    wire_ = std::make_unique<test::ws_client>(port, "/ws" + query);
    const json startup = next();
    REQUIRE(startup["type"] == "startup_complete");
    const json beat = next();
    REQUIRE(beat["type"] == "heartbeat");
    const std::string id = beat["payload"]["connectionId"];
    connection = std::stoull(id.substr(id.find('.') + 1));
    if (id.substr(0, id.find('.')) == epoch_) return;
    epoch_ = id.substr(0, id.find('.'));
    since_ = began_ = startup["timestamp"];
    frame_ = -1;
    tokens = 0;
  }
  void leave() { wire_.reset(); }
  const std::string& epoch() const { return epoch_; }
  std::uint64_t connection = 0;

  /// Until it has heard that much.
  void read_until(std::int64_t reward, std::int64_t all_tokens) {
    while (rewards.empty() || rewards.back() < reward || tokens < all_tokens) take(next());
    CHECK(tokens == all_tokens);
  }
  void read_until(std::int64_t reward) {
    while (rewards.empty() || rewards.back() < reward) take(next());
  }
  json next() {
    const auto text = wire_->next();
    REQUIRE(text.has_value());
    return json::parse(*text);
  }

 private:
  void take(const json& event) {
    const std::string type = event["type"];
    const json& payload = event["payload"];
    if (type == "energy_update") {
      REQUIRE(event["frameNumber"] > frame_);
      frame_ = event["frameNumber"];
      tokens += payload["tokensGenerated"].get<std::int64_t>();
    } else if (type == "error_event") {
      told.push_back(payload["code"]);
    } else if (type == "reward_event") {
      REQUIRE(event["timestamp"] > since_);
      since_ = event["timestamp"];
      rewards.push_back(payload["points"]);
    }
  }

  std::unique_ptr<test::ws_client> wire_;
  std::string epoch_;
  std::int64_t since_ = 0;
  std::int64_t began_ = 0;
  std::int64_t frame_ = -1;
};

}  // namespace

#if !defined(_WIN32)
TEST_CASE("many restarts: after a good end the page misses nothing and is told nothing, after a crash it is told",
          "[integration][restart][resume]") {
  const test::temp_folder folder;
  const journal_options options = whole_journal(folder.file("journal"));
  constexpr std::int64_t batch = 3;
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  page reader;
  std::int64_t published = 0;  // rewards
  std::int64_t produced = 0;   // tokens, in this epoch
  bool was_good = false;
  int good = 0;
  int crashes = 0;
  const int rounds = test::rounds(200);
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    test::child_process child([&](const test::child_process& self) {
      sigset_t wanted;
      sigemptyset(&wanted);
      sigaddset(&wanted, SIGUSR1);
      sigaddset(&wanted, SIGTERM);
      ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
      server_options server_opts;
      server_opts.port = 0;
      server_opts.stop_timeout = std::chrono::milliseconds(50);  // the page has read everything and answers no close
      server up(server_opts);
      up.keep_journal(options);
      up.ready({"m", tier::mid, "1.0.0", std::nullopt});
      up.start();
      self.say(static_cast<char>(up.port() & 0xFF));
      self.say(static_cast<char>(up.port() >> 8));
      std::int64_t number = published;
      for (int signal = 0; ::sigwait(&wanted, &signal) == 0 && signal == SIGUSR1;) {
        for (std::int64_t count = 0; count < batch; ++count) {
          up.publish(test::numbered_reward(++number));
          publish_energy(up);
        }
        self.say('d');
      }
      up.stop();
      up.wait();
      return 0;
    });
    const auto low = static_cast<unsigned char>(child.hear());
    const auto high = static_cast<unsigned char>(child.hear());
    const auto port = static_cast<std::uint16_t>(low | high << 8);
    const auto produce = [&] {
      child.signal(SIGUSR1);
      REQUIRE(child.hear() == 'd');
      published += batch;
      produced += batch;
    };
    const std::string epoch_before = reader.epoch();
    const std::uint64_t connection_before = reader.connection;
    if (!was_good) produced = 0;
    reader.connect(port);
    if (round > 0) CHECK((reader.epoch() == epoch_before) == was_good);
    if (was_good) CHECK(reader.connection > connection_before);
    produce();
    reader.read_until(published, produced);
    if (round == 0) CHECK(reader.told.empty());
    else CHECK(reader.told == (was_good ? std::vector<std::string>{} : std::vector<std::string>{"RESUME_EPOCH_CHANGED"}));
    was_good = random() % 2 == 0;
    const bool leaves_early = random() % 2 == 0;
    if (leaves_early) reader.leave();
    if (leaves_early && was_good)
      produce();  // the page comes back for these; the last events of a killed process are not known
    ++(was_good ? good : crashes);
    child.signal(was_good ? SIGTERM : SIGKILL);
    CHECK(child.end() == (was_good ? 0 : 100 + SIGKILL));
    reader.leave();
  }
  CHECK(reader.rewards == test::numbers(1, reader.rewards.back()));
  CHECK(good > rounds / 4);
  CHECK(crashes > rounds / 4);
}
#endif

namespace {

struct run {
  server_options options;
  std::unique_ptr<server> up;
  explicit run(const journal_options& journal) {
    options.port = 0;
    options.stop_timeout = std::chrono::milliseconds(50);  // nobody answers a close here
    up = std::make_unique<server>(options);
    up->keep_journal(journal);
    up->ready({"m", tier::mid, "1.0.0", std::nullopt});
    up->start();
  }
  ~run() {
    up->stop();
    up->wait();
  }
};

std::string epoch_of(const run& of) {
  page visitor;
  visitor.connect(of.up->port());
  return visitor.epoch();
}

}  // namespace

TEST_CASE("a restart keeps the epoch only where the journal holds everything and says that it was closed",
          "[integration][restart]") {
  const test::temp_folder folder;
  journal_options options = whole_journal(folder.file("journal"));
  std::string before;
  {
    run first(options);
    before = epoch_of(first);
    first.up->publish(test::numbered_reward(1));
    publish_energy(*first.up);
  }
  const std::string sound = test::contents(options.path);
  REQUIRE(sound.find("\"JOURNAL_CLOSED\"") != std::string::npos);
  const auto is_kept = [&] { return epoch_of(run(options)) == before; };
  SECTION("as it is") { CHECK(is_kept()); }
  SECTION("twice") {
    CHECK(is_kept());
    CHECK(is_kept());
  }
  SECTION("without continue_numbers") {
    options.continue_numbers = false;
    CHECK_FALSE(is_kept());
  }
  SECTION("without token text") {
    options.with_token_text = false;
    CHECK_FALSE(is_kept());
    options.with_token_text = true;
    CHECK_FALSE(is_kept());
  }
  SECTION("the last line is gone") {
    test::put_contents(options.path, sound.substr(0, sound.rfind('\n', sound.size() - 2) + 1));
    CHECK_FALSE(is_kept());
  }
  SECTION("it is cut off within the last line") {
    test::put_contents(options.path, sound.substr(0, sound.size() - 5));
    CHECK_FALSE(is_kept());
  }
  SECTION("something follows") {
    test::put_contents(options.path, sound + "{}\n");
    CHECK_FALSE(is_kept());
  }
  SECTION("an event was changed") {
    std::string other = sound;
    other.replace(other.find("\"points\":1"), 10, "\"points\":2");
    test::put_contents(options.path, other);
    CHECK_FALSE(is_kept());
  }
  SECTION("a line was taken out") {
    std::string other = sound;
    const std::size_t at = other.rfind('\n', other.find("\"points\":1")) + 1;
    other.erase(at, other.find('\n', at) + 1 - at);
    test::put_contents(options.path, other);
    CHECK_FALSE(is_kept());
  }
  SECTION("it was joined to another") {
    test::put_contents(options.path, "\xEF\xBB\xBF" + sound);
    CHECK_FALSE(is_kept());
  }
  SECTION("it is gone") {
    REQUIRE(std::remove(options.path.c_str()) == 0);
    CHECK_FALSE(is_kept());
  }
}

TEST_CASE("answers are sent again after a restart in good order, and one that was being written has failed",
          "[integration][restart][recent]") {
  const test::temp_folder folder;
  const journal_options options = whole_journal(folder.file("journal"));
  std::string before;
  {
    run first(options);
    before = epoch_of(first);
    first.up->publish(token_stream{{"all ", "of it"}, true, "whole", "m", std::nullopt});
    first.up->publish(token_stream{{"half "}, false, "half", "m", std::nullopt});
  }
  for (int restart = 0; restart < 2; ++restart) {
    run next(options);
    CHECK(epoch_of(next) == before);
    test::ws_client client(next.up->port(), "/ws?replay=recent");
    std::vector<std::string> told;
    while (told.size() < 3) {
      const auto text = client.next();
      REQUIRE(text.has_value());
      const json payload = json::parse(*text)["payload"];
      if (payload.contains("code")) told.push_back(payload["code"]);
      if (payload.contains("tokens"))
        told.push_back(payload["tokens"][0].get<std::string>() + (payload["isComplete"] ? "." : ""));
    }
    CHECK(told == std::vector<std::string>{"all of it.", "ANSWER_FAILED", "half ."});
  }
}

TEST_CASE("two servers at once cannot both go on with one journal", "[integration][restart]") {
  const test::temp_folder folder;
  const journal_options options = whole_journal(folder.file("journal"));
  const run first(options);
  server_options elsewhere;
  elsewhere.port = 0;
  server second(elsewhere);
  second.keep_journal(options);
  std::error_code error;
  second.start(error);
  CHECK(error == errc::journal_in_use);
}

TEST_CASE("a restart continues a journal of small files across them, and events that they no longer hold are a gap",
          "[integration][restart]") {
  const test::temp_folder folder;
  journal_options options = whole_journal(folder.file("journal"));
  options.max_file_bytes = 4096;
  options.max_files = 4;
  page there;
  page away;
  {
    run first(options);
    away.connect(first.up->port());
    first.up->publish(test::numbered_reward(1));
    publish_energy(*first.up);
    away.read_until(1, 1);
    away.leave();
    there.connect(first.up->port());
    for (std::int64_t number = 2; number <= 60; ++number) first.up->publish(test::numbered_reward(number, 200));
    publish_energy(*first.up);
    there.read_until(60, 2);
  }
  run next(options);
  there.connect(next.up->port());
  away.connect(next.up->port());
  next.up->publish(test::numbered_reward(61));
  publish_energy(*next.up);
  there.read_until(61, 3);
  CHECK(there.told.empty());
  away.read_until(61);
  CHECK(away.told == std::vector<std::string>{"RESUME_GAP"});
}
