// Invited origins: the list, their twins, the predicate, and a browser's preflight before a request.
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace invited_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;

namespace {

// A request is views, so what they look at is kept.
http_request request_with(std::vector<std::pair<std::string, std::string>> fields) {
  static std::list<std::vector<std::pair<std::string, std::string>>> kept;
  kept.push_back(std::move(fields));
  http_request request;
  request.method = "GET";
  request.target = request.path = "/";
  request.fields.assign(kept.back().begin(), kept.back().end());
  return request;
}
access_policy policy(const std::vector<std::string>& origins = {}) {
  access_policy result;
  result.port = 8145;
  result.allowed_origins = std::make_shared<origin_list>(origins, false);
  return result;
}
access_verdict from_origin(const std::string& origin, const access_policy& rules) {
  return check_access(request_with({{"Host", "127.0.0.1:8145"}, {"Origin", origin}}), rules);
}

}  // namespace

TEST_CASE("a loopback origin invites its twins on the other two names, with its scheme and port, and no other origin",
          "[rfc6455][origin]") {
  const auto twins = [](const char* origin) { return with_loopback_twins(origin); };
  using list = std::vector<std::string>;
  CHECK(twins("http://localhost:5173") == list{"http://localhost:5173", "http://127.0.0.1:5173", "http://[::1]:5173"});
  CHECK(twins("https://[::1]") == list{"https://[::1]", "https://127.0.0.1", "https://localhost"});
  for (const char* other : {"http://localhost.evil.test:5173", "http://localhost6", "https://app.example", "app://localhost:1",
                            "http://127.0.0.11"})
    CHECK(twins(other) == list{other});
}

TEST_CASE("origins are invited and uninvited while it runs, with their twins or without", "[rfc6455][origin]") {
  access_policy rules = policy();
  rules.allowed_origins = std::make_shared<origin_list>(std::vector<std::string>{"https://app.example"}, true);
  CHECK(from_origin("https://app.example", rules));
  rules.allowed_origins->uninvite("https://app.example");
  CHECK_FALSE(from_origin("https://app.example", rules));
  rules.allowed_origins->uninvite("https://app.example");
  rules.allowed_origins->invite("http://localhost:5173");
  rules.allowed_origins->invite("http://127.0.0.1:5173");
  CHECK(from_origin("http://[::1]:5173", rules));
  CHECK_FALSE(from_origin("http://[::1]:5174", rules));
  rules.allowed_origins->uninvite("http://[::1]:5173");
  CHECK_FALSE(from_origin("http://localhost:5173", rules));
  const access_policy alone = policy({"http://localhost:5173"});
  CHECK_FALSE(from_origin("http://127.0.0.1:5173", alone));
}

TEST_CASE("a predicate decides about browsers' origins that are not invited by name", "[rfc6455][origin]") {
  access_policy rules = policy({"http://localhost:3000"});
  std::vector<std::string> asked;
  rules.decides = [&](std::string_view origin) {
    asked.emplace_back(origin);
    return origin.substr(0, 17) == "vscode-webview://" || origin == "https://app.example";
  };
  CHECK(from_origin("https://app.example", rules));
  CHECK_FALSE(from_origin("https://app.example", rules).needs_token);
  CHECK(from_origin("https://evil.test", rules).error == errc::origin_forbidden);
  CHECK(from_origin("vscode-webview://1a2b", rules).error == errc::origin_forbidden);  // there is no token to come in with
  rules.token = std::string(43, 't');
  CHECK(from_origin("vscode-webview://1a2b", rules).needs_token);
  CHECK(asked ==
        std::vector<std::string>{"https://app.example", "https://app.example", "https://evil.test", "vscode-webview://1a2b"});
  asked.clear();
  for (const char* never : {"null", "file://", "http://localhost:3000", "http://127.0.0.1:8145", "http://a/b", "*", ""})
    from_origin(never, rules);
  CHECK(asked.empty());
}

TEST_CASE("an invited origin of another scheme than http and https is let in with the token, and only with it",
          "[rfc6455][origin][token]") {
  access_policy rules = policy({"tauri://localhost", "https://app.example"});
  const access_verdict without = from_origin("tauri://localhost", rules);
  CHECK(without.error == errc::origin_forbidden);
  CHECK(without.log_line.find("server_options::token") != std::string::npos);
  rules.token = std::string(43, 't');
  CHECK(from_origin("tauri://localhost", rules).needs_token);
  CHECK_FALSE(from_origin("https://app.example", rules).needs_token);
}

TEST_CASE("a preflight asks for GET or HEAD with Authorization, and for nothing else", "[rfc6455][cors]") {
  const auto asks = [](const char* method, const char* wanted, const char* fields) {
    http_request request = request_with({{"Access-Control-Request-Method", wanted},
                                         {"Access-Control-Request-Headers", fields}});
    request.method = method;
    return is_preflight(request);
  };
  CHECK(asks("OPTIONS", "GET", "authorization"));
  CHECK(asks("OPTIONS", "HEAD", "Authorization"));
  for (const char* method : {"GET", "HEAD", "POST", "options"}) CHECK_FALSE(asks(method, "GET", "authorization"));
  for (const char* wanted : {"POST", "get", "", "GET, HEAD", "*"}) CHECK_FALSE(asks("OPTIONS", wanted, "authorization"));
  for (const char* fields : {"x-other", "authorization, x-other", "*", "authorization authorization"})
    CHECK_FALSE(asks("OPTIONS", "GET", fields));
  http_request none = request_with({{"Access-Control-Request-Method", "GET"}});
  none.method = "OPTIONS";
  CHECK_FALSE(is_preflight(none));
}

}  // namespace invited_test
