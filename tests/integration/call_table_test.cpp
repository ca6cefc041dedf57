// Tries every cell of the tables in docs/lifecycle.md: each call in each state, and from each place.
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "support/temp_folder.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace call_table_test {

using namespace wirthforge;

using row = std::vector<std::string>;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" `");
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" `") - first + 1);
}
// Returns the table whose head begins with these cells; the head is its first row.
std::vector<row> table(const std::string& head) {
  std::ifstream file(std::string(WIRTHFORGE_SOURCE_DIR) + "/docs/lifecycle.md");
  std::vector<row> rows;
  for (std::string line; std::getline(file, line);) {
    if (rows.empty() && line.compare(0, head.size(), head) != 0) continue;
    if (line.empty() || line[0] != '|') break;
    if (line.compare(0, 4, "|---") == 0) continue;
    std::istringstream cells(line.substr(1));
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '|');) rows.back().push_back(trimmed(cell));
  }
  return rows;
}
std::string cell(const std::vector<row>& rows, const std::string& call, const std::string& column) {
  for (std::size_t index = 1; index < rows[0].size(); ++index) {
    if (rows[0][index] != column) continue;
    for (const row& each : rows) {
      if (each[0] == call) return each.at(index);
    }
  }
  FAIL("the table has no cell for " << call << " where it is " << column);
  return {};
}

// As the tables name it.
std::string name_of(std::error_code error) {
  const std::map<errc, std::string> names{{errc::server_stopped, "server_stopped"},
                                          {errc::already_running, "already_running"},
                                          {errc::already_listening, "already_listening"},
                                          {errc::called_in_callback, "called_in_callback"}};
  if (!error) return "allowed";
  const auto found = names.find(static_cast<errc>(error.value()));
  return error.category() == wirthforge_category() && found != names.end() ? found->second : error.message();
}

server_options options_for_tests() {
  server_options options;
  options.port = 0;
  options.stop_timeout = std::chrono::minutes(10);  // a client that does not leave keeps the server in the state stopping
  return options;
}

// A server in one of the states, with a client in the states that have clients.
class subject {
 public:
  explicit subject(const std::string& state) : up(std::make_unique<server>(options_for_tests())) {
    writer = up->open_token_stream("s", "m");
    if (state == "idle") return;
    up->listen();
    if (state == "listening") return;
    up->start();
    if (state != "stopped") {
      client_ = std::make_unique<test::raw_client>(up->port());
      client_->send(test::upgrade_head(up->port()));
      REQUIRE(client_->receive().find("101") != std::string::npos);
    }
    if (state == "running") return;
    up->stop();
    if (state == "stopped") up->wait();
  }
  ~subject() {
    if (!up) return;
    end();
    up->wait();
  }
  /// Lets the server stop.
  void end() {
    up->stop();
    if (client_) client_->cut();
  }

  std::unique_ptr<server> up;
  token_stream_writer writer;

 private:
  std::unique_ptr<test::raw_client> client_;
};

// Calls that return by themselves, whatever the state.
const std::map<std::string, std::function<std::error_code(server&, token_stream_writer&)>>& simple_calls() {
  using call = std::function<std::error_code(server&, token_stream_writer&)>;
  const auto said = [](auto function) -> call {
    return [function](server& up, token_stream_writer&) {
      std::error_code error;
      function(up, error);
      return error;
    };
  };
  const auto by = [](auto function) -> call {
    return [function](server&, token_stream_writer& writer) {
      std::error_code error;
      function(writer, error);
      return error;
    };
  };
  static const test::temp_folder folder;
  static const std::map<std::string, call> calls{
      {"listen", said([](server& up, std::error_code& error) { up.listen(error); })},
      {"start", said([](server& up, std::error_code& error) { up.start(error); })},
      {"stop", said([](server& up, std::error_code&) { up.stop(); })},
      {"ready", said([](server& up, std::error_code& error) { up.ready({"m", tier::low, "1.0.0"}, error); })},
      {"starting", said([](server& up, std::error_code& error) { up.starting("reading", 0.5, error); })},
      {"loading", said([](server& up, std::error_code& error) { up.loading("m", {}, error); })},
      {"loaded", said([](server& up, std::error_code& error) { up.loaded("m", error); })},
      {"unloaded", said([](server& up, std::error_code& error) { up.unloaded("m", error); })},
      {"failed", said([](server& up, std::error_code& error) { up.failed("m", "any", error); })},
      {"on_stop", said([](server& up, std::error_code& error) { up.on_stop({}, error); })},
      {"publish", said([](server& up, std::error_code& error) { up.publish(test::reward("r"), error); })},
      {"open_token_stream", said([](server& up, std::error_code& error) { static_cast<void>(up.open_token_stream("other", "m", error)); })},
      {"on_tick", said([](server& up, std::error_code& error) { up.on_tick({}, error); })},
      {"on_connect", said([](server& up, std::error_code& error) { up.on_connect({}, error); })},
      {"on_disconnect", said([](server& up, std::error_code& error) { up.on_disconnect({}, error); })},
      {"on_backpressure", said([](server& up, std::error_code& error) { up.on_backpressure({}, error); })},
      {"on_event", said([](server& up, std::error_code& error) { up.on_event({}, error); })},
      {"on_overrun", said([](server& up, std::error_code& error) { up.on_overrun({}, error); })},
      {"on_origin", said([](server& up, std::error_code& error) { up.on_origin({}, error); })},
      {"invite", said([](server& up, std::error_code& error) { up.invite("http://localhost:3000", error); })},
      {"uninvite", said([](server& up, std::error_code&) { up.uninvite("http://localhost:3000"); })},
      {"fault", said([](server& up, std::error_code&) { (void)up.fault(); })},
      {"on_log", said([](server& up, std::error_code& error) { up.on_log({}, error); })},
      {"keep_journal", said([](server& up, std::error_code& error) { up.keep_journal({folder.file("j")}, error); })},
      {"send", said([](server& up, std::error_code& error) { up.send(connection_info{"e.1", {}}, reward_event{}, error); })},
      {"disconnect", said([](server& up, std::error_code& error) { up.disconnect(connection_info{"e.1", {}}, 1008, {}, error); })},
      {"energy", said([](server& up, std::error_code&) { (void)up.energy("m"); })},
      {"port", said([](server& up, std::error_code&) { (void)up.port(); })},
      {"stats", said([](server& up, std::error_code&) { (void)up.stats(); })},
      {"connections", said([](server& up, std::error_code&) { (void)up.connections(); })},
      {"journal", said([](server& up, std::error_code&) { (void)up.journal(); })},
      {"token_stream_writer::write", by([](token_stream_writer& writer, std::error_code& error) { writer.write("text", error); })},
      {"token_stream_writer::thinking", by([](token_stream_writer& writer, std::error_code& error) { writer.thinking(error); })},
      {"token_stream_writer::tool_call", by([](token_stream_writer& writer, std::error_code& error) { writer.tool_call("name", error); })},
      {"token_stream_writer::waiting", by([](token_stream_writer& writer, std::error_code& error) { writer.waiting({}, error); })},
      {"token_stream_writer::stop_requested", by([](token_stream_writer& writer, std::error_code&) { (void)writer.stop_requested(); })},
      {"token_stream_writer::queued_bytes", by([](token_stream_writer& writer, std::error_code&) { (void)writer.queued_bytes(); })},
      {"token_stream_writer::certainty", by([](token_stream_writer& writer, std::error_code&) { writer.certainty(0.5); })},
      {"token_stream_writer::usage", by([](token_stream_writer& writer, std::error_code&) { writer.usage(1); })},
      {"model_bridge", said([](server& up, std::error_code&) { model_bridge asks(up); })},
      {"model_bridge::ask", said([](server& up, std::error_code& error) {
         model_bridge asks(up);
         asks.ask({"http://127.0.0.1:9", "{}"}, "bridged", error);  // whoever is there, its end is the end of it
       })},
      {"model_bridge::cancel", said([](server& up, std::error_code&) {
         model_bridge asks(up);
         asks.cancel("bridged");
         asks.cancel();
       })},
      {"model_bridge::open_questions", said([](server& up, std::error_code&) { (void)model_bridge(up).open_questions(); })},
      {"token_stream_writer::fail", [](server& up, token_stream_writer&) {
         std::error_code stopped;
         auto other = up.open_token_stream("fails", "m", stopped);
         return other.fail("any"), std::error_code();
       }},
      {"token_stream_writer::finish", by([](token_stream_writer& writer, std::error_code&) { writer.finish(); })},
  };
  return calls;
}

std::error_code call(const std::string& name, const std::string& state, subject& on) {
  std::error_code error;
  if (name == "run" && (state == "idle" || state == "listening")) {  // run serves until another thread stops the server
    std::promise<void> ticked;
    std::atomic<bool> is_first{true};
    on.up->on_tick([&](tick&) {
      if (is_first.exchange(false)) ticked.set_value();
    });
    std::thread ends([&] {
      ticked.get_future().wait();
      on.end();
    });
    on.up->run(error);
    ends.join();
  } else if (name == "run") {
    on.up->run(error);
  } else if (name == "wait") {
    std::thread ends([&] { on.end(); });
    on.up->wait(error);
    ends.join();
  } else if (name == "destructor") {
    on.up.reset();
  } else {
    error = simple_calls().at(name)(*on.up, on.writer);
  }
  return error;
}

}  // namespace call_table_test

using namespace call_table_test;

TEST_CASE("every call in every state does what the table says", "[integration][lifecycle]") {
  const auto rows = table("| call | idle |");
  REQUIRE(rows.size() == simple_calls().size() + 4);  // its head, run, wait, destructor
  for (std::size_t line = 1; line < rows.size(); ++line) {
    for (std::size_t column = 1; column < rows[0].size(); ++column) {
      INFO(rows[line][0] << " where it is " << rows[0][column]);
      subject on(rows[0][column]);
      CHECK(name_of(call(rows[line][0], rows[0][column], on)) == rows[line][column]);
    }
  }
}

TEST_CASE("every call in a callback or on the loop does what the table says", "[integration][lifecycle]") {
  const auto states = table("| call | idle |");
  const auto places = table("| call | on_tick |");
  REQUIRE(places.size() == states.size());
  const auto expected = [&](const std::string& name, const std::string& place) {
    const std::string said = cell(places, name, place);
    return said == "as above" ? cell(states, name, "running") : said;
  };
  // Every call but those that end it, and those last.
  const auto all_calls = [](server& up, token_stream_writer& writer) {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& each : simple_calls()) {
      const bool ends = each.first == "stop" || each.first == "token_stream_writer::finish";
      if (!ends) found.emplace_back(each.first, name_of(each.second(up, writer)));
    }
    std::error_code error;
    up.run(error);
    found.emplace_back("run", name_of(error));
    up.wait(error);
    found.emplace_back("wait", name_of(error));
    for (const char* last : {"token_stream_writer::finish", "stop"})
      found.emplace_back(last, name_of(simple_calls().at(last)(up, writer)));
    return found;
  };
  const auto check = [&](const std::string& place, const std::vector<std::pair<std::string, std::string>>& found) {
    CHECK(found.size() == places.size() - 2);  // without its head and the destructor
    for (const auto& each : found) {
      INFO(each.first << " from " << place);
      CHECK(each.second == expected(each.first, place));
    }
  };
  for (const std::string place : {"on_tick", "hook"}) {
    server up(options_for_tests());
    auto writer = up.open_token_stream("s", "m");
    std::promise<std::vector<std::pair<std::string, std::string>>> done;
    std::atomic<bool> is_first{true};
    const auto in_place = [&] {
      if (is_first.exchange(false)) done.set_value(all_calls(up, writer));
    };
    if (place == "on_tick") up.on_tick([&](tick&) { in_place(); });
    else up.on_event([&](const event_view&) { in_place(); });
    up.start();
    std::error_code stopped_by_then;
    energy_update for_the_tap;  // not held until it is ready
    for_the_tap.model_id = "m";
    up.publish(for_the_tap, stopped_by_then);
    check(place, done.get_future().get());
    up.wait();
  }
  asio::io_context loop;
  server up(loop.get_executor(), options_for_tests());
  auto writer = up.open_token_stream("s", "m");
  up.start();
  std::vector<std::pair<std::string, std::string>> found;
  asio::post(loop, [&] { found = all_calls(up, writer); });
  loop.run();  // until it has stopped
  check("loop", found);
}

TEST_CASE("ten threads may wait at once, before the stop and after it", "[integration][lifecycle]") {
  server up(options_for_tests());
  up.start();
  std::atomic<int> returned{0};
  std::vector<std::thread> waiting;
  for (int number = 0; number < 10; ++number) {
    waiting.emplace_back([&] {
      up.wait();
      up.wait();
      ++returned;
    });
  }
  up.stop();
  for (std::thread& each : waiting) each.join();
  CHECK(returned == 10);
}

TEST_CASE("a server that was stopped before it ran leaves its port to another", "[integration][lifecycle]") {
  server first(options_for_tests());
  first.listen();
  first.stop();
  std::error_code error;
  first.run(error);
  CHECK(error == errc::server_stopped);
  server_options same = options_for_tests();
  same.port = first.port();
  server second(same);
  second.listen(error);
  CHECK_FALSE(error);
}

TEST_CASE("a server that was stopped before it ran leaves its journal to another", "[integration][lifecycle]") {
  const test::temp_folder folder;
  for (const bool by_wait : {false, true}) {
    server first(options_for_tests());
    first.keep_journal({folder.file("j")});
    first.listen();
    first.stop();
    std::error_code error;
    if (by_wait) first.wait();
    else first.run(error);
    server second(options_for_tests());
    second.keep_journal({folder.file("j")});
    second.listen(error);
    CHECK_FALSE(error);
  }
}
