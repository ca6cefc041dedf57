// Finds model servers on this machine and writes their requests: `ollama:qwen3:4b`, `llama`, `lmstudio:NAME`, `vllm:NAME`, or a
// URL, whose format is found out by asking the server there.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <nlohmann/json.hpp>

#include "wirthforge_ws.hpp"

/// The places where model servers listen unless they are told otherwise.
struct known_server {
  const char* name;
  std::uint16_t port;
  const char* start;
};
inline constexpr known_server known_servers[] = {{"ollama", 11434, "ollama run qwen3:4b"},
                                                 {"llama", 8080, "llama-server -m model.gguf"},
                                                 {"lmstudio", 1234, "lms server start"},
                                                 {"vllm", 8000, "vllm serve Qwen/Qwen3-4B"}};

/// GET on this machine: the JSON of a reply with status 200, or with 503, which says that a model loads. Null for any other reply.
inline nlohmann::json get_json(const std::string& host, std::uint16_t port, const std::string& path,
                               bool* is_loading = nullptr) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  std::string response;
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + host + ":" + std::to_string(port) + "\r\n\r\n";
  const std::array<asio::ip::tcp::endpoint, 2> places{
      {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}}};
  const auto* const first = places.data() + (host == "[::1]" ? 1 : 0);
  const auto* const last = places.data() + (host == "127.0.0.1" ? 1 : 2);
  asio::async_connect(socket, first, last, [&](std::error_code refused, const asio::ip::tcp::endpoint*) {
    if (refused) return;
    asio::async_write(socket, asio::buffer(request), [&](std::error_code, std::size_t) {
      asio::async_read(socket, asio::dynamic_buffer(response, 1U << 20U), [](std::error_code, std::size_t) {});
    });
  });
  io.run_for(std::chrono::seconds(3));
  const bool is_success = response.size() > 12 && response.compare(0, 7, "HTTP/1.") == 0 && response.compare(8, 4, " 200") == 0;
  const std::size_t head = response.find("\r\n\r\n");
  if (is_loading != nullptr) *is_loading = *is_loading || (response.size() > 12 && response.compare(8, 4, " 503") == 0);
  if (!is_success || head == std::string::npos) return nullptr;
  return nlohmann::json::parse(response.substr(head + 4), nullptr, false);
}

/// The request and its URL; the formats differ in little.
inline wirthforge::model_question chat_question(const std::string& base, const std::string& path, const std::string& model,
                                                const std::string& prompt) {
  using nlohmann::json;
  json body = {{"stream", true}};
  if (!model.empty()) body["model"] = model;
  if (path == "/completion" || path == "/api/generate" || path == "/v1/completions") body["prompt"] = prompt;
  else if (path == "/api/v1/chat" || path == "/v1/responses") body["input"] = prompt;
  else body["messages"] = json::array({{{"role", "user"}, {"content", prompt}}});
  if (path.compare(0, 4, "/v1/") == 0 && path != "/v1/responses") body["stream_options"] = {{"include_usage", true}};
  return {base + path, body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

/// The first text at `pointer`; empty where there is none.
inline std::string text_at(const nlohmann::json& value, const char* pointer) {
  const nlohmann::json::json_pointer where(pointer);
  return value.is_object() && value.contains(where) && value[where].is_string() ? value[where].get<std::string>()
                                                                                : std::string();
}

/// Asks which model server is there. Empty when no server answers, or an unknown one.
inline std::optional<wirthforge::model_question> question_for(const std::string& host, std::uint16_t port, std::string model,
                                                              const std::string& prompt) {
  const std::string base = "http://" + host + ":" + std::to_string(port);
  if (const auto tags = get_json(host, port, "/api/tags"); tags.is_object() && tags.contains("models")) {
    if (model.empty()) model = text_at(tags, "/models/0/name");
    return chat_question(base, "/api/chat", model, prompt);
  }
  if (const auto models = get_json(host, port, "/api/v1/models"); models.is_object() && models.contains("models")) {
    if (model.empty()) model = text_at(models, "/models/0/key");
    return chat_question(base, "/api/v1/chat", model, prompt);
  }
  bool is_loading = false;
  const auto models = get_json(host, port, "/v1/models", &is_loading);
  if (is_loading || (models.is_object() && models.contains("data"))) {
    if (model.empty()) model = text_at(models, "/data/0/id");
    return chat_question(base, "/v1/chat/completions", model, prompt);
  }
  if (get_json(host, port, "/props").is_object()) return chat_question(base, "/completion", "", prompt);
  return std::nullopt;
}

/// The message that names the servers looked for, and how to start one.
inline std::string nobody_there() {
  std::string looked, start;
  for (const known_server& each : known_servers) {
    looked += (looked.empty() ? "" : ", ") + std::string(each.name) + " on port " + std::to_string(each.port);
    start += (start.empty() ? "" : ", or: ") + std::string(each.start);
  }
  return "no model server on this machine; looked for " + looked + "; start one with: " + start;
}

/// The request for `--model wanted`; empty: the first server that is there. Throws std::runtime_error with one line that says why not.
inline wirthforge::model_question find_model(const std::string& wanted, const std::string& prompt) {
  if (wanted.empty()) {
    for (const known_server& each : known_servers) {
      if (const auto found = question_for("localhost", each.port, "", prompt)) return *found;
    }
    throw std::runtime_error(nobody_there());
  }
  if (wanted.compare(0, 7, "http://") == 0) {
    wirthforge::model::model_url url;
    if (wirthforge::model::parse_model_url(wanted, url)) {
      throw std::runtime_error("--model takes http://127.0.0.1:PORT, http://[::1]:PORT or http://localhost:PORT, not " +
                               wanted);
    }
    const std::string host = url.host.substr(0, url.host.size() - (url.port == 80 ? 0 : std::to_string(url.port).size() + 1));
    if (url.target != "/") return chat_question("http://" + host + ":" + std::to_string(url.port), url.target, "", prompt);
    if (const auto found = question_for(host, url.port, "", prompt)) return *found;
    throw std::runtime_error("no model server at " + wanted + ": asked /api/tags, /api/v1/models, /v1/models and /props");
  }
  const std::string name = wanted.substr(0, wanted.find(':'));
  const std::string model = name.size() < wanted.size() ? wanted.substr(name.size() + 1) : "";
  for (const known_server& each : known_servers) {
    if (name != each.name) continue;
    if (const auto found = question_for("localhost", each.port, model, prompt)) return *found;
    throw std::runtime_error("no " + name + " on port " + std::to_string(each.port) +
                             " of this machine; start it with: " + each.start);
  }
  throw std::runtime_error("--model takes ollama:NAME, llama, lmstudio:NAME, vllm:NAME or http://127.0.0.1:PORT, not " +
                           wanted);
}
