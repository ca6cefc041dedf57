// A server with a bridge and one client, which records each answer.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "integration/support/model_server.hpp"
#include "integration/support/test_client.hpp"
#include "support/model_bodies.hpp"
#include "wirthforge_ws.hpp"

namespace model_bridge_test {

using namespace wirthforge;
using test::model_server;
using test::model_visitor;
using test::ws_client;
using namespace std::chrono_literals;

inline const std::string events_head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
inline const std::string lines_head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n";

inline std::string said(const std::string& text) { return model_tests::delta("\"content\":" + nlohmann::json(text).dump()); }
inline const std::string end_of_it = model_tests::delta("", "\"stop\"") + model_tests::done;

// An answer as a browser has it, with the events about it.
struct shown {
  std::string text;
  std::string model_id;
  bool is_complete = false;
  std::vector<std::string> codes;  // in order
  std::string reason;
};

// A server with one client, and the events that arrive there.
struct desk {
  explicit desk(model_bridge_options chosen = {}, server_options more = {}) : options(chosen), server(at_any_port(more)) {
    server.ready({"m", tier::mid, "1.0.0"});
    server.start();
    client = std::make_unique<ws_client>(server.port());
    REQUIRE(client->is_upgraded());
    bridge = std::make_unique<model_bridge>(server, options);
  }
  static server_options at_any_port(server_options more) {
    more.port = 0;
    return more;
  }

  // Takes one event; returns false when none came.
  bool take() {
    const auto text = client->next();
    if (!text) return false;
    const auto event = nlohmann::json::parse(*text);
    everything += *text;
    const auto& payload = event["payload"];
    if (event["type"] == "token_stream") {
      shown& answer = answers[payload["sessionId"]];
      for (const auto& token : payload["tokens"]) answer.text += token.get<std::string>();
      answer.model_id = payload["modelId"];
      answer.is_complete = payload["isComplete"];
    } else if (event["type"] == "error_event" && payload.contains("details")) {
      const auto& details = payload["details"];
      shown& answer = answers[details.value("sessionId", details.value("modelId", std::string()))];
      answer.codes.push_back(payload["code"]);
      if (details.contains("reason")) answer.reason = details["reason"];
    }
    return true;
  }
  const shown& until_complete(const std::string& session) {
    while (!answers[session].is_complete) {
      if (!take()) FAIL("the answer " + session + " did not end; it holds: " + answers[session].text);
    }
    return answers[session];
  }
  const shown& until_text(const std::string& session, const std::string& text) {
    while (answers[session].text.find(text) == std::string::npos) {
      if (!take()) FAIL("never came: " + text);
    }
    return answers[session];
  }
  const shown& until_said(const std::string& session, const std::string& code) {
    const auto has = [&] {
      for (const std::string& each : answers[session].codes) {
        if (each == code) return true;
      }
      return false;
    };
    while (!has()) {
      if (!take()) FAIL("never said of " + session + ": " + code);
    }
    return answers[session];
  }
  void ask(const model_server& whom, const std::string& session = "s", const std::string& path = "/v1/chat/completions") {
    bridge->ask({whom.url(path), R"({"model":"qwen3:4b","stream":true,"prompt":"What is SECRET-PROMPT, tell me?"})"}, session);
  }

  model_bridge_options options;
  wirthforge::server server;
  std::unique_ptr<ws_client> client;
  std::unique_ptr<model_bridge> bridge;
  std::map<std::string, shown> answers;
  std::string everything;
};

inline bool has_ipv6() {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io);
  std::error_code error;
  acceptor.open(asio::ip::tcp::v6(), error);
  if (!error) acceptor.bind({asio::ip::address_v6::loopback(), 0}, error);
  return !error;
}

inline bool holds(const std::vector<std::string>& codes, const std::string& code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace model_bridge_test
