// The log's advice for refused requests: each piece of advice is followed, and must let that request in.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "unit/live/gate.hpp"
#include "wirthforge_ws.hpp"

namespace refusals_test {

using namespace wirthforge;

namespace {

using gate::listener;
using gate::secret;

struct attempt {
  std::string fields;  // beside a good Host, unless `host` says otherwise
  std::string host = "Host: 127.0.0.1:8145\r\n";
  server_options options = {};
  bool offers_token = false;
  std::string path = "/ws";
};

struct outcome {
  bool is_in = false;
  std::string error;  // as the peer is told
  std::string log;
};
outcome ask(const attempt& request) {
  REQUIRE(detail::option_fault(request.options).empty());
  REQUIRE(detail::origin_fault(request.options).empty());
  listener around;
  live::engine_options options = detail::engine_options_of(request.options);
  options.access.port = 8145;
  live::engine engine("e", options, around, around);
  const std::string fields = request.host + request.fields +
                             (request.offers_token ? "Authorization: Bearer " + secret + "\r\n" : std::string());
  const std::string answer = gate::response_to(engine, request.path, fields, {steady_time(seconds(1)), 0});
  outcome result;
  result.is_in = answer.compare(0, 12, "HTTP/1.1 101") == 0 || answer.compare(0, 12, "HTTP/1.1 200") == 0;
  const std::size_t body = answer.find("\r\n\r\n") + 4;
  result.error = answer.substr(body, answer.size() - body - 1);
  if (!around.notes.empty()) result.log = around.notes.front();
  return result;
}

std::string origin_of(const attempt& request) {
  const std::string name = "Origin: ";
  const std::size_t at = request.fields.find(name);
  return at == std::string::npos ? std::string()
                                 : request.fields.substr(at + name.size(), request.fields.find('\r', at) - at - name.size());
}

std::set<std::string> options_named(const std::string& line) {
  const std::string mark = "server_options::";
  std::set<std::string> names;
  for (std::size_t at = line.find(mark); at != std::string::npos; at = line.find(mark, at + 1)) {
    const std::size_t begin = at + mark.size();
    names.insert(line.substr(begin, line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin) - begin));
  }
  return names;
}

bool says(const outcome& told, const char* words) { return told.log.find(words) != std::string::npos; }

// Follows the line for each option that it names; a line that it cannot follow is no advice.
attempt follow(attempt request, const std::string& line) {
  for (const std::string& name : options_named(line)) {
    if (name == "allowed_origins") {
      request.options.allowed_origins.push_back(origin_of(request));
    } else if (name == "allow_null_origin") {
      request.options.allow_null_origin = line.find("allow_null_origin false") == std::string::npos;
    } else if (name == "token") {
      request.offers_token = line.find("token is empty") == std::string::npos;
      request.options.token = request.offers_token ? secret : std::string();
    } else {
      FAIL("advice that this test cannot follow: " << line);
    }
  }
  return request;
}

// Every choice that decides which requests are let in.
std::vector<server_options> every_choice(const attempt& request) {
  std::vector<server_options> choices;
  for (int bits = 0; bits < 8; ++bits) {
    server_options options = request.options;
    options.allowed_origins = {"http://localhost:3000"};
    if ((bits & 1) != 0) options.allowed_origins.push_back(origin_of(request));
    options.token = (bits & 2) != 0 ? secret : std::string();
    options.allow_null_origin = (bits & 4) != 0;
    if (detail::option_fault(options).empty() && detail::origin_fault(options).empty()) choices.push_back(options);
  }
  return choices;
}

std::vector<attempt> refused_requests() {
  const auto origin = [](const std::string& value) { return attempt{"Origin: " + value + "\r\n"}; };
  std::vector<attempt> all{{"", ""},
                           {"Host: 127.0.0.1:8145\r\n"},
                           {"", "Host: evil.test:8145\r\n"},
                           {"", "Host: localhost.\r\n"},
                           {"Content-Length: 5\r\n"},
                           {"Transfer-Encoding: chunked\r\n"},
                           {"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n"},
                           {"Origin: http://localhost:3000\r\nOrigin: http://localhost:3000\r\n"}};
  for (const char* each : {"null",
                           "file://",
                           "Null",
                           "FILE://",
                           "file:///",
                           "file:///home/page.html",
                           "http://localhost:3000",
                           "https://evil.test",
                           "http://localhost",
                           "http://localhost:80",
                           "https://localhost:443",
                           "http://127.0.0.1",
                           "https://127.0.0.1:8145",
                           "http://127.0.0.1:8145/",
                           "http://localhost:3000/",
                           "http://LOCALHOST:3000",
                           "HTTP://localhost:3000",
                           "http://localhost:03000",
                           "http://user@localhost:3000",
                           "http://localhost.:3000",
                           "ws://localhost:3000",
                           "localhost:3000",
                           "tauri://localhost",
                           "chrome-extension://abcdef",
                           "safari-web-extension://5E3A-BC",
                           "app://.",
                           "http://127.1:3000",
                           "http://[::1]:3000",
                           "http://[0:0::1]:3000",
                           "*",
                           "http://",
                           "http://a b",
                           "http://h\xC3\xB6st",
                           "http://xn--hst-sna",
                           "http://h,http://i",
                           ""}) {
    all.push_back(origin(each));
    attempt with_token = origin(each);
    with_token.options.token = secret;
    with_token.offers_token = true;
    all.push_back(with_token);
    with_token.options.allow_null_origin = true;
    if (!rfc6455::is_opaque_origin(each)) all.push_back(with_token);
  }
  all.push_back(origin("http://" + std::string(150, 'h')));
  attempt guess;
  guess.options.token = secret;
  for (const std::string& fields : {std::string(), "Authorization: Bearer " + std::string(43, 'g') + "\r\n"}) {
    for (const bool admits_null : {false, true}) {
      guess.fields = fields;
      guess.options.allow_null_origin = admits_null;
      all.push_back(guess);
      if (!admits_null) continue;
      guess.fields += "Origin: null\r\n";
      all.push_back(guess);
      guess.fields = fields + "Origin: file://\r\n";
      guess.path = "/";
      all.push_back(guess);
      guess.path = "/ws";
    }
  }
  return all;
}

}  // namespace

TEST_CASE("a request whose refusal gives advice is let in once the advice is followed; without advice no option lets it in",
          "[live][refusal]") {
  for (const attempt& request : refused_requests()) {
    INFO(request.host << request.fields);
    const outcome told = ask(request);
    INFO(told.log);
    REQUIRE_FALSE(told.is_in);
    REQUIRE_FALSE(told.log.empty());
    if (says(told, "no option permits")) {
      CHECK(options_named(told.log).empty());
      for (const server_options& options : every_choice(request)) {
        attempt again = request;
        again.options = options;
        CHECK_FALSE(ask(again).is_in);
      }
    } else {
      REQUIRE_FALSE(options_named(told.log).empty());
      const attempt again = follow(request, told.log);
      CHECK(detail::option_fault(again.options).empty());
      CHECK(detail::origin_fault(again.options).empty());
      CHECK(ask(again).is_in);
    }
    if (says(told, "it comes in with the token") || says(told, "comes in with the token,")) {
      attempt again = request;
      again.fields = origin_of(request).empty() ? "" : "Origin: " + origin_of(request) + "\r\n";
      again.offers_token = true;
      CHECK(ask(again).is_in);
    }
  }
}

TEST_CASE("the requests of this test meet every refusal of the gate", "[live][refusal]") {
  std::set<std::string> met;
  for (const attempt& request : refused_requests()) met.insert(ask(request).error);
  std::vector<errc> refusals{errc::host_missing, errc::host_duplicate, errc::body_not_allowed};
  for (int value = static_cast<int>(errc::host_forbidden);
       make_error_code(static_cast<errc>(value)) == condition::access_denied; ++value) {
    if (static_cast<errc>(value) != errc::too_many_connections)
      refusals.push_back(static_cast<errc>(value));  // does not depend on the request
  }
  CHECK(refusals.size() >= 9);
  for (const errc each : refusals) {
    INFO(make_error_code(each).message());
    CHECK(met.count(make_error_code(each).message()) == 1);
  }
}

}  // namespace refusals_test
