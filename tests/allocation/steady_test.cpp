// How often memory is asked for in steady state: once for an event, and never for a client and what it is sent.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "allocation/failing_new.hpp"
#include "catch.hpp"
#include "integration/support/test_client.hpp"
#include "support/line_pool.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;

namespace {

struct quiet final : live::environment, live::observer {
  double frame_rate_hz() const override { return 60; }
  std::string page(const rfc6455::http_request&) override { return {}; }
  bool is_public(std::string_view) const override { return true; }
};

// Small bounds, so that queues that grow up to their bound reach it soon.
live::engine_options soon_full() {
  live::engine_options options;
  options.access.port = 8145;
  options.hub.log.max_events = 32;
  options.hub.log.max_age = seconds(1);
  options.hub.open_answers_bytes = 1024;
  options.hub.heartbeat_interval = std::chrono::hours(1);
  return options;
}

// An engine with its clients and the queue before it, on a virtual clock. A client reads at once all that it is given.
class stage {
 public:
  explicit stage(std::size_t clients) : engine_("e", soon_full(), around_, around_), shared_(engine_, {}) {
    engine_.carry_out(*std::make_unique<live::command>(startup_complete{"m", tier::mid, "1.0.0", {}}), now_);
    engine_.carry_out(
        *std::make_unique<live::command>(live::open_tokens{std::make_shared<live::token_stream_state>(1, "session", "model")}),
        now_);
    for (std::size_t count = 0; count < clients; ++count) {
      std::string head = test::upgrade_head(8145);
      peers_.push_back(std::make_unique<live::peer>(shared_, now_));
      peers_.back()->receive(head.data(), head.data() + head.size(), now_);
      REQUIRE(peers_.back()->is_websocket());
    }
  }

  /// One energy_update and one token, as in a sixtieth of a second.
  void tick() {
    now_.steady += live::pacer::period();
    now_.unix_ms += 17;
    energy_.total_energy += 0.5;
    std::error_code error;
    engine_.prepare(energy_, ++frame_, error, [&](live::command next) { queue_.push(std::move(next)); });
    queue_.push(live::write_tokens{1, "token ", 0.01});
    queue_.take_all([&](live::command&& next) { engine_.carry_out(next, now_); });
    engine_.finish_batch(now_);
    for (const auto& each : peers_) read_all(*each);
  }
  /// Each client sends these bytes. They are unmasked where they lie.
  void hear(const std::string& bytes) {
    for (const auto& each : peers_) {
      heard_ = bytes;
      each->receive(heard_.data(), heard_.data() + heard_.size(), now_);
    }
  }
  std::uint64_t events() const { return engine_.counters().events.value(); }
  std::uint64_t frames_read() const { return frames_read_; }

 private:
  void read_all(live::peer& from) {
    while (from.gather(runs_, now_)) {
      std::size_t bytes = 0;
      for (const std::string_view run : runs_) bytes += run.size();
      frames_read_ += runs_.size();
      from.sent(bytes);
    }
  }

  instant now_{steady_time(seconds(1000)), 1'700'000'000'000};
  quiet around_;
  live::engine engine_;
  live::peer_shared shared_;
  handoff<live::command> queue_;
  std::vector<std::unique_ptr<live::peer>> peers_;
  std::vector<std::string_view> runs_;
  std::string heard_;
  energy_update energy_{0, 0.5, 3, 1.25, "llama3_2-3b", energy_distribution{0.5, 0.25, 0.25}};
  std::int64_t frame_ = 0;
  std::uint64_t frames_read_ = 0;
};

}  // namespace

TEST_CASE("an event is one allocation, however many clients are sent it", "[allocation][steady]") {
  for (const std::size_t clients : {std::size_t{1}, std::size_t{10}, std::size_t{100}}) {
    INFO(clients << " clients");
    stage show(clients);
    for (int count = 0; count < 200; ++count) show.tick();
    const std::uint64_t events_before = show.events();
    const std::uint64_t frames_before = show.frames_read();
    const long asked_before = memory::asked;
    for (int count = 0; count < 300; ++count) show.tick();
    const long asked = memory::asked - asked_before;
    CHECK(show.events() - events_before == 600);
    CHECK(show.frames_read() - frames_before == 600 * clients);
    CHECK(asked == 600);
  }
}

TEST_CASE("client messages and the replies to them allocate nothing", "[allocation][steady]") {
  const rfc6455::mask_key key{1, 2, 3, 4};
  std::string bytes;
  rfc6455::append_frame(bytes, rfc6455::opcode::text, R"({"type":"heartbeat_response"})", &key);
  rfc6455::append_frame(bytes, rfc6455::opcode::ping, "are you there", &key);
  rfc6455::append_frame(bytes, rfc6455::opcode::text, R"({"type":"heartbeat_response","payload":{"sequence":7}})", &key);
  stage show(10);
  for (int count = 0; count < 200; ++count) show.tick();
  const auto say = [&] {
    show.hear(bytes);
    show.tick();
  };
  for (int count = 0; count < 10; ++count) say();
  const long asked_before = memory::asked;
  for (int count = 0; count < 50; ++count) say();
  CHECK(memory::asked - asked_before == 2 * 50);
}

TEST_CASE("a server asks for memory once for an event, whoever is connected", "[allocation][steady][server]") {
  const memory::sheltered own;
  server_options options;
  options.heartbeat_interval = std::chrono::hours(1);  // an event of its own for each client
  options.log_max_events = 16;
  options.max_open_answer_bytes = 1024;
  std::atomic<int> ticks{0};
  std::optional<token_stream_writer> tokens;
  test::running_server up(options);
  up.server.on_tick([&](tick& tick) {
    energy_update energy;
    energy.model_id = "llama3_2-3b";
    energy.delta_energy = 1;
    tick.publish(energy);
    if (tokens) tokens->write("token ");
    ++ticks;
  });
  tokens.emplace(up.server.open_token_stream("session", "model"));
  up.start();
  std::deque<test::raw_client> clients;
  for (int count = 0; count < 20; ++count) {
    clients.emplace_back(up.port());
    clients.back().send(test::upgrade_head(up.port()));
  }
  const auto read_for = [&](int how_many) {
    const int until = ticks + how_many;
    while (ticks < until) {
      for (auto& each : clients) each.receive(std::chrono::milliseconds(1));
    }
  };
  read_for(150);
  // On a busy machine clients fall behind, and sums are made for them: then the test counts again.
  double a_tick = 1000;
  for (int attempt = 0; attempt < 30 && a_tick > 2.1; ++attempt) {
    const long asked_before = memory::asked;
    const int ticks_before = ticks;
    read_for(20);
    a_tick = static_cast<double>(memory::asked - asked_before) / (ticks - ticks_before);
  }
  CHECK(a_tick <= 2.1);
}

namespace {

// Refuses everybody.
class deaf final : public live::service {
 public:
  live::answer respond(const rfc6455::http_request&, const instant&) override {
    return {false, "HTTP/1.1 404 Not Found\r\n\r\n"};
  }
  live::answer refuse(std::error_code) override { return {}; }
  void opened(live::peer&, const rfc6455::http_request&, const instant&) override {}
  std::optional<live::ending> received(live::peer&, const rfc6455::input&, const instant&) override { return {}; }
  live::collected collect(live::peer&, std::vector<live::frame_ptr>&, const instant&) override { return {}; }
  void closed(live::peer&, const live::ending&, const instant&) override {}
};

}  // namespace

TEST_CASE("connections that came and went at once are let go of before the next sweep", "[allocation][steady][net]") {
  using tcp = asio::ip::tcp;
  asio::io_context io(1);
  deaf service;
  const auto pool = std::make_shared<test::line_pool>(io, service);
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  long most = 0;
  long most_of_the_first = 0;
  for (int count = 0; count < 500; ++count) {
    {
      tcp::socket client(io);
      client.connect(acceptor.local_endpoint());
      net::socket<net::loop_executor> accepted(io);
      acceptor.accept(accepted);
      pool->add(std::move(accepted));
    }              // it is gone
    io.restart();  // the loop has ended if the pool's timer expired while no connection was open
    io.poll();
    most = std::max(most, memory::blocks.load());
    if (count == 50) most_of_the_first = most;
  }
  CHECK(most <= most_of_the_first + 10);  // the fault left a hundred connections or more for the sweep
  pool->abandon_all({});
  io.poll();
}
