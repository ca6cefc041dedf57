// The gate, row by row of the attack list: the requests that are let in, the peer's reason, and the log line.
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace access_test {

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
access_policy policy(std::vector<std::string> origins = {}, std::uint16_t port = 8145) {
  access_policy result;
  result.port = port;
  result.allowed_origins = std::make_shared<origin_list>(origins, false);
  return result;
}
access_verdict from_host(const std::string& host, std::uint16_t port = 8145) {
  return check_access(request_with({{"Host", host}}), policy({}, port));
}
access_verdict from_origin(const std::string& origin, const access_policy& rules = policy()) {
  return check_access(request_with({{"Host", "127.0.0.1:8145"}, {"Origin", origin}}), rules);
}
// A browser's request without an Origin.
access_verdict fetched(const std::string& site, const std::string& mode, const std::string& dest) {
  return check_access(
      request_with({{"Host", "127.0.0.1:8145"}, {"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", mode}, {"Sec-Fetch-Dest", dest}}),
      policy());
}

}  // namespace

TEST_CASE("the three names of loopback are let in, in any case and with any port, since a forwarder has another",
          "[rfc6455][attacks][host]") {
  for (const char* host : {"127.0.0.1:8145", "[::1]:8145", "localhost:8145", "LocalHost:8145", "localhost:9000", "127.0.0.1:1",
                           "[::1]:65535", "localhost:80", "127.0.0.1", "[::1]", "localhost"}) {
    INFO(host);
    CHECK(from_host(host));
  }
}

TEST_CASE("a page behind a forwarded port is let in when its origin is exactly its Host", "[rfc6455][attacks][origin]") {
  const auto judge = [](const std::string& host, const std::string& origin) {
    return check_access(request_with({{"Host", host}, {"Origin", origin}}), policy({"http://localhost:3000"}));
  };
  for (const std::string host : {"localhost:9000", "127.0.0.1:9000", "[::1]:9000", "localhost"}) {
    CHECK(judge(host, "http://" + host));
    CHECK(judge(host, "http://" + host).reader.empty());  // the same origin: the browser needs no CORS header
    CHECK(judge(host, "http://localhost:3000"));
    CHECK(judge(host, "http://localhost:3000").reader == "http://localhost:3000");
  }
  for (const char* origin :
       {"http://localhost:9001", "https://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000", "http://localhost",
        "http://localhost:90000", "http://localhost:9000/", "http://localhost:8145", "http://evil.test:9000",
        "http://localhost.evil.test:9000", "localhost:9000", "ws://localhost:9000"}) {
    INFO(origin);
    CHECK(judge("localhost:9000", origin).error == errc::origin_forbidden);
  }
  CHECK(judge("evil.test:9000", "http://evil.test:9000").error == errc::host_forbidden);
  CHECK(judge("127.0.0.1:8145", "http://localhost:9000").error == errc::origin_forbidden);
}

TEST_CASE("a page that reads across origins is named in the reply, our own on another name of loopback too",
          "[rfc6455][cors]") {
  CHECK(from_origin("http://127.0.0.1:8145").reader.empty());
  CHECK(from_origin("http://localhost:8145").reader == "http://localhost:8145");
  CHECK(from_host("127.0.0.1:8145").reader.empty());
  CHECK(from_origin("https://evil.test").reader.empty());
}

TEST_CASE("no other Host comes in, however it resolves", "[rfc6455][attacks][host]") {
  // clang-format off
  for (const char* host :
       {"evil.test:8145", "localhost.evil.test:8145", "127.0.0.1.evil.test:8145", "127.1:8145", "127.0.1:8145",
        "0177.0.0.1:8145", "0x7f.0.0.1:8145", "0x7f000001:8145", "2130706433:8145", "127.0.0.2:8145",
        "127.0.0.01:8145", "10.0.2.555:8145", "localhost6:8145", "localhost.:8145", "ip6-localhost:8145",
        "[::ffff:127.0.0.1]:8145", "[0:0:0:0:0:0:0:1]:8145", "[::0001]:8145", "[::1%lo]:8145", "::1:8145",
        "[::1:8145", "[::]:8145", "0.0.0.0:8145", "0:8145", "user@127.0.0.1:8145", "127.0.0.1:8145@evil.test",
        "127.0.0.1:8145,evil.test", "127.0.0.1:8145 evil.test", "127.0.0.1:8145/", "127.0.0.1:8145#",
        "http://127.0.0.1:8145", "127.0.0.1:08145", "127.0.0.1:+8145", "127.0.0.1:8145:8145", "127.0.0.1:81450",
        "127.0.0.1:65536", "127.0.0.1:0", "127.0.0.1:00", "127.0.0.1:-1", "127.0.0.1:1 ", "127.0.0.1:0x50", "127.0.0.1:", "",
        ":8145", "lo\xC5\xBF" "alhost:8145", "\xE2\x93\x9Bocalhost:8145"}) {
    // clang-format on
    INFO(host);
    const access_verdict verdict = from_host(host);
    CHECK_FALSE(verdict);
    CHECK(verdict.error == errc::host_forbidden);
    CHECK(verdict.status == 403);
  }
  CHECK_FALSE(from_host(std::string("127.0.0.1:8145\0", 15)));
  CHECK_FALSE(from_host(std::string("127.0.0.1\0:8145", 15)));
}

TEST_CASE("on port 80 the port may be left out, of Host and Origin alike", "[rfc6455][attacks][host]") {
  for (const char* host : {"127.0.0.1", "[::1]", "localhost", "127.0.0.1:80", "localhost:80"}) CHECK(from_host(host, 80));
  CHECK_FALSE(from_host("localhost:", 80));
  CHECK(check_access(request_with({{"Host", "127.0.0.1"}, {"Origin", "http://localhost"}}), policy({}, 80)));
  CHECK_FALSE(check_access(request_with({{"Host", "127.0.0.1"}, {"Origin", "http://localhost"}}), policy({}, 8145)));
  CHECK(check_access(request_with({{"Host", "localhost"}, {"Origin", "http://localhost"}}), policy({}, 80)));
}

TEST_CASE("no Host and two Hosts are 400", "[rfc6455][attacks][host]") {
  const access_verdict none = check_access(request_with({}), policy());
  CHECK(none.error == errc::host_missing);
  CHECK(none.status == 400);
  for (const char* second : {"127.0.0.1:8145", "evil.test"}) {
    const access_verdict two = check_access(request_with({{"Host", "127.0.0.1:8145"}, {"host", second}}), policy());
    CHECK(two.error == errc::host_duplicate);
    CHECK(two.status == 400);
  }
}

TEST_CASE("a request without an Origin is no page's, and is let in", "[rfc6455][attacks][origin]") {
  CHECK(from_host("[::1]:8145"));
}

TEST_CASE("our own origins come in, whichever of the three names they use", "[rfc6455][attacks][origin]") {
  for (const char* origin : {"http://127.0.0.1:8145", "http://[::1]:8145", "http://localhost:8145"}) CHECK(from_origin(origin));
}

TEST_CASE("no other origin comes in", "[rfc6455][attacks][origin]") {
  // clang-format off
  for (const char* origin :
       {"https://evil.test", "http://evil.test:8145", "http://localhost.evil.test",
        "http://localhost.evil.test:8145", "http://127.0.0.1.evil.test:8145", "http://localhost:3000",
        "http://127.0.0.1", "http://127.0.0.1:80", "https://127.0.0.1:8145", "ws://127.0.0.1:8145",
        "http://127.0.0.1:8145/", "http://127.0.0.1:8145 ", "http://127.0.0.1:8145,http://evil.test",
        "http://evil.test http://127.0.0.1:8145", "http://user@127.0.0.1:8145", "127.0.0.1:8145",
        "//127.0.0.1:8145", "http:127.0.0.1:8145", "HTTP://127.0.0.1:8145", "http://0.0.0.0:8145", "file:///",
        "chrome-extension://abc", "", "nul", "NULL", "*"}) {
    // clang-format on
    INFO(origin);
    const access_verdict verdict = from_origin(origin);
    CHECK(verdict.error == errc::origin_forbidden);
    CHECK(verdict.status == 403);
  }
}

TEST_CASE("Host and Origin that agree on a foreign name prove nothing", "[rfc6455][attacks][host]") {
  const access_verdict verdict = check_access(request_with({{"Host", "evil.test:8145"}, {"Origin", "http://evil.test:8145"}}),
                                              policy({"http://evil.test:8145"}));
  CHECK(verdict.error == errc::host_forbidden);
}

TEST_CASE("Origin null and file:// are refused, even when they are listed", "[rfc6455][attacks][origin]") {
  for (const char* origin : {"null", "file://"}) {
    for (const access_policy& rules : {policy(), policy({origin})}) {
      const access_verdict verdict = from_origin(origin, rules);
      CHECK(verdict.error == errc::origin_null);
      CHECK(verdict.status == 403);
    }
  }
}

TEST_CASE("two Origins are 400, even when both are invited", "[rfc6455][attacks][origin]") {
  const std::string own = "http://127.0.0.1:8145";
  const access_verdict verdict = check_access(request_with({{"Host", "127.0.0.1:8145"}, {"Origin", own}, {"ORIGIN", own}}),
                                              policy());
  CHECK(verdict.error == errc::origin_duplicate);
  CHECK(verdict.status == 400);
}

TEST_CASE("a configured origin comes in exactly as it is written", "[rfc6455][attacks][origin]") {
  const access_policy rules = policy({"http://localhost:3000", "https://app.example"});
  CHECK(from_origin("http://localhost:3000", rules));
  CHECK(from_origin("https://app.example", rules));
  for (const char* similar : {"https://localhost:3000", "http://localhost:3001", "http://localhost", "http://127.0.0.1:3000",
                              "https://app.example:443", "https://app.example.", "https://app.example.evil.test",
                              "https://APP.example", "http://app.example", "https://x.app.example"}) {
    CHECK_FALSE(from_origin(similar, rules));
  }
}

TEST_CASE("a body is refused", "[rfc6455][attacks]") {
  const access_verdict verdict = check_access(request_with({{"Host", "127.0.0.1:8145"}, {"Content-Length", "5"}}), policy());
  CHECK(verdict.error == errc::body_not_allowed);
  CHECK(verdict.status == 413);
}

TEST_CASE("a page elsewhere cannot load us as its image, script or frame", "[rfc6455][attacks][fetch]") {
  for (const char* site : {"cross-site", "same-site", "unheard-of", ""}) {
    for (const char* dest : {"image", "script", "style", "empty", "audio", "object"})
      CHECK_FALSE(fetched(site, "no-cors", dest));
    for (const char* dest : {"iframe", "frame", "embed", "object"}) {
      const access_verdict verdict = fetched(site, "navigate", dest);
      CHECK(verdict.error == errc::origin_forbidden);
      CHECK(verdict.status == 403);
    }
  }
}

TEST_CASE("a person may follow a link or type the address, and our own page loads its parts", "[rfc6455][attacks][fetch]") {
  CHECK(fetched("cross-site", "navigate", "document"));
  CHECK(fetched("same-site", "navigate", "document"));
  CHECK(fetched("none", "navigate", "document"));
  for (const char* dest : {"script", "style", "image", "empty", "iframe"}) CHECK(fetched("same-origin", "no-cors", dest));
  // Browsers before the field for destinations.
  CHECK(check_access(
      request_with({{"Host", "127.0.0.1:8145"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}}), policy()));
}

TEST_CASE("Sec-Fetch fields do not let an uninvited Origin in", "[rfc6455][attacks][fetch]") {
  CHECK_FALSE(check_access(request_with({{"Host", "127.0.0.1:8145"},
                                         {"Origin", "https://evil.test"},
                                         {"Sec-Fetch-Site", "same-origin"},
                                         {"Sec-Fetch-Mode", "navigate"},
                                         {"Sec-Fetch-Dest", "document"}}),
                           policy()));
}

TEST_CASE("the method and the path change nothing", "[rfc6455][attacks]") {
  for (const char* method : {"GET", "HEAD", "POST", "OPTIONS", "DELETE"}) {
    for (const char* path : {"/", "/ws", "/health", "/metrics", "/nothing"}) {
      http_request request = request_with({{"Host", "evil.test"}});
      request.method = method;
      request.path = request.target = path;
      CHECK(check_access(request, policy()).error == errc::host_forbidden);
      request.fields = {{"Host", "localhost:8145"}, {"Origin", "https://evil.test"}};
      CHECK(check_access(request, policy()).error == errc::origin_forbidden);
    }
  }
}

TEST_CASE("the peer is told a plain reason and none of its own bytes", "[rfc6455][attacks][refusal]") {
  const std::string mark = "<script>alert(1)</script>";
  for (const access_verdict& verdict : {from_host(mark), from_origin(mark)}) {
    REQUIRE_FALSE(verdict);
    CHECK_FALSE(verdict.peer_reason.empty());
    CHECK(verdict.peer_reason.find("script") == std::string::npos);
    CHECK(verdict.peer_reason.size() < 100);
  }
}

TEST_CASE("the log is told the refused value and the option that would permit it", "[rfc6455][attacks][refusal]") {
  CHECK(from_host("evil.test").log_line.find("'evil.test'") != std::string::npos);
  CHECK(from_host("evil.test").log_line.find("no option") != std::string::npos);
  const std::string line = from_origin("http://localhost:3000").log_line;
  CHECK(line.find("'http://localhost:3000'") != std::string::npos);
  CHECK(line.find("allowed_origins") != std::string::npos);
  const std::string slash = from_origin("http://localhost:3000/").log_line;
  CHECK(slash.find("(something follows host and port; not even a slash may); no option permits it") != std::string::npos);
}

TEST_CASE("the log cannot be forged or filled by refused values", "[rfc6455][attacks][refusal]") {
  std::string hostile = "a\nb\r\x1b[2J\x7F\x80\xC3\xA4";
  hostile += '\0';
  for (const access_verdict& verdict :
       {from_host(hostile), from_origin(hostile), from_host(std::string(8000, 'x')), from_origin(std::string(8000, 'x'))}) {
    for (const char each : verdict.log_line) {
      if (each < 0x20 || each > 0x7E) FAIL_CHECK("byte " << static_cast<int>(each));
    }
    CHECK(verdict.log_line.size() < 300);
  }
}

TEST_CASE("the log shows a hundred characters of a refused value, and that there was more", "[rfc6455][attacks][refusal]") {
  CHECK(from_host("a b~").log_line.find("'a b~'") != std::string::npos);
  CHECK(from_host("a\x7F\x1F")
            .log_line.find("'a?"
                           "?'") != std::string::npos);
  CHECK(from_host(std::string(100, 'x')).log_line.find(std::string(100, 'x') + "'") != std::string::npos);
  CHECK(from_host(std::string(101, 'x')).log_line.find("'" + std::string(100, 'x') + "...'") != std::string::npos);
}

TEST_CASE("the token is taken from a subprotocol or a bearer field, once, and from nothing else", "[rfc6455][attacks][token]") {
  const std::string token = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
  const auto judge = [&](const std::vector<std::pair<std::string, std::string>>& fields) {
    return check_token(request_with(fields), token);
  };
  CHECK_FALSE(judge({{"Authorization", "Bearer " + token}}));
  CHECK_FALSE(judge({{"authorization", "bEARER  " + token + " "}}));
  CHECK_FALSE(judge({{"Sec-WebSocket-Protocol", "wirthforge.v1, wirthforge.token." + token}}));
  CHECK_FALSE(judge({{"Sec-WebSocket-Protocol", "wirthforge.v1"}, {"Sec-WebSocket-Protocol", "wirthforge.token." + token}}));

  CHECK(judge({}) == errc::token_missing);
  CHECK(judge({{"Cookie", "token=" + token}}) == errc::token_missing);
  CHECK(judge({{"Authorization", "Basic " + token}}) == errc::token_missing);
  CHECK(judge({{"Authorization", token}}) == errc::token_missing);
  for (const std::string& guess :
       std::vector<std::string>{"", "x", token.substr(1), token.substr(0, 42), token + "x", token + token, " ",
                                token.substr(0, 42) + "g", "1" + token.substr(1)}) {
    CAPTURE(guess);
    CHECK(judge({{"Authorization", "Bearer " + guess}}) == errc::token_wrong);
    CHECK(judge({{"Sec-WebSocket-Protocol", "wirthforge.v1, wirthforge.token." + guess}}) == errc::token_wrong);
  }
  CHECK(judge({{"Authorization", "Bearer " + token}, {"Authorization", "Bearer " + token}}) == errc::token_wrong);
  CHECK(judge({{"Sec-WebSocket-Protocol", "wirthforge.token." + token + ", wirthforge.token.x"}}) == errc::token_wrong);
}

TEST_CASE("a token has 32 to 256 characters that fit an HTTP field", "[rfc6455][token]") {
  CHECK(check_token_syntax(std::string(31, 'a')));
  CHECK_FALSE(check_token_syntax(std::string(32, 'a')));
  CHECK_FALSE(check_token_syntax(std::string(256, 'a')));
  CHECK(check_token_syntax(std::string(257, 'a')));
  CHECK(check_token_syntax(std::string(40, 'a') + ","));
  CHECK(check_token_syntax(std::string(40, 'a') + " "));
}

TEST_CASE("a page without an origin is let in only with the opt-in and the right token together",
          "[rfc6455][attacks][origin][token]") {
  for (const char* origin : {"null", "file://"}) {  // the second is what Electron sends
    INFO(origin);
    access_policy rules = policy();
    CHECK(from_origin(origin, rules).error == errc::origin_null);
    rules.token = std::string(43, 't');
    CHECK(from_origin(origin, rules).error == errc::origin_null);
    rules.allows_null_origin = true;
    CHECK(from_origin(origin, rules));
    CHECK(from_origin(origin, rules).needs_token);
    CHECK_FALSE(from_origin("http://127.0.0.1:8145", rules).needs_token);
    for (const char* similar : {"file:///", "file:", "FILE://", "file://x", "file:///home/x.html", "Null"}) {
      CHECK(from_origin(similar, rules).error == errc::origin_forbidden);
    }
    rules.token.clear();
    CHECK(from_origin(origin, rules).error == errc::origin_null);
  }
}

}  // namespace access_test
