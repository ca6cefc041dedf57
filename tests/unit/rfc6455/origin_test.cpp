// Origins that an integrator invites: the form that browsers send, and the fault of every other form.
#include <string>
#include <tuple>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace origin_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;

TEST_CASE("an origin is scheme, host and port as browsers write them", "[rfc6455][origin]") {
  for (const char* origin :
       {"http://localhost:3000", "https://app.example", "http://[::1]:5173", "http://[::1]", "http://10.0.0.1:65535",
        "tauri://localhost", "vscode-webview://1a2b-3c", "chrome-extension://abcdef", "https://xn--bcher-kva.example",
        "http://my_host:1", "zz9://az09.az:9", "http://h:29", "app+x.y://h", "http://localhost:443", "https://localhost:80",
        "https://[fe80::1]:8080",
        // With a trailing dot when the page's address has one; that is another origin than the one without.
        "http://localhost.:3000", "app://.",
        // With schemes that the URL standard does not know, the host stays as it is: Safari's extensions have capitals.
        "safari-web-extension://5E3A-BC", "capacitor://localhost", "app://127.1", "app://localhost:80"}) {
    INFO(origin);
    CHECK_FALSE(check_origin_syntax(origin));
    CHECK(read_origin(origin).fault == nullptr);
    CHECK(read_origin(origin).form == origin);
  }
}

TEST_CASE("an origin that no browser sends is malformed, and the browser's form is named", "[rfc6455][origin]") {
  const std::tuple<const char*, const char*, const char*> wrong[] = {
      {"http://localhost:80", "default port", "http://localhost"},
      {"https://app.example:443", "default port", "https://app.example"},
      {"http://localhost:080", "leading zero", "http://localhost"},
      {"http://localhost:03000", "leading zero", "http://localhost:3000"},
      {"http://localhost:", "colon without a port", "http://localhost"},
      {"http://localhost/", "not even a slash", "http://localhost"},
      {"http://localhost:3000/x", "not even a slash", "http://localhost:3000"},
      {"http://host?x", "not even a slash", "http://host"},
      {"http://host#x", "not even a slash", "http://host"},
      {"http://host\\x", "not even a slash", "http://host"},
      {"http://user@host", "user name", "http://host"},
      {"http://user:word@host:3000", "user name", "http://host:3000"},
      {"HTTP://localhost", "scheme has an upper-case letter", "http://localhost"},
      {"http://LocalHost:3000", "host has an upper-case letter", "http://localhost:3000"},
      {"HTTP://User@LocalHost:080/x", "scheme has an upper-case letter", "http://localhost"},
      {"ws://localhost:3000", "address that a page connects to", "http://localhost:3000"},
      {"wss://app.example:443", "address that a page connects to", "https://app.example"},
      {"localhost:3000", "no scheme", "http://localhost:3000"},
      {"127.0.0.1", "no scheme", "http://127.0.0.1"},
      {"http://127.1:3000", "four decimal numbers", "http://127.0.0.1:3000"},
      {"http://2130706433", "four decimal numbers", "http://127.0.0.1"},
      {"http://0x7f.1", "four decimal numbers", "http://127.0.0.1"},
      {"http://127.0.0.1.", "four decimal numbers", "http://127.0.0.1"},
      {"http://[0:0:0:0:0:0:0:1]:5173", "shortest form", "http://[::1]:5173"},
      {"http://[::FFFF:127.0.0.1]", "upper-case", "http://[::ffff:7f00:1]"},
      {"null", "nothing of whose page", "null"},
      {"file://", "nothing of whose page", "file://"},
      {"file:///home/page.html", "nothing of whose page", "file://"},
      {"FILE:///C:/page.html", "nothing of whose page", "file://"},
      // Nothing that a browser sends can be made of these.
      {"", "no scheme", ""},
      {"*", "no wildcard", ""},
      {"http://*.example", "character that no host has", ""},
      {"http://", "no host", ""},
      {"http://:80", "no host", ""},
      {"://localhost", "no scheme", ""},
      {"1http://host", "no scheme", ""},
      {"ht_tp://host", "no scheme", ""},
      {"http://localhost:x", "1...65535", ""},
      {"http://localhost:0", "1...65535", ""},
      {"http://localhost:65536", "1...65535", ""},
      {"http://localhost:99999999999999999999", "1...65535", ""},
      {"http://a b", "not visible ASCII", ""},
      {" http://host", "not visible ASCII", ""},
      {"http://host ", "not visible ASCII", ""},
      {"http://h\xC3\xB6st", "not visible ASCII", ""},
      {"http://host,http://other", "not even a slash", ""},
      {"http://host,other", "character that no host has", ""},
      {"http://%6c", "character that no host has", ""},
      {"http://::1", "no host", ""},
      {"http://[::1", "no IPv6 address", ""},
      {"http://[]", "no IPv6 address", ""},
      {"http://[::1]x", "no IPv6 address", ""},
      {"http://[::1%lo]", "no IPv6 address", ""},
      {"http://[127.0.0.1]", "no IPv6 address", ""},
      {"http://a]b:80", "character that no host has", ""},
      {"http://1.2.3.4.5", "no IPv4 address", ""},
      {"http://256.1.1.1", "no IPv4 address", ""},
      {"http://host.7", "no IPv4 address", ""}};
  for (const auto& [origin, fault, form] : wrong) {
    INFO(origin);
    const origin_reading found = read_origin(origin);
    CHECK(check_origin_syntax(origin) == errc::origin_malformed);
    REQUIRE(found.fault != nullptr);
    CHECK(std::string(found.fault).find(fault) != std::string::npos);
    CHECK(found.form == form);
    if (!found.form.empty() && !is_opaque_origin(found.form)) CHECK_FALSE(check_origin_syntax(found.form));
  }
}

TEST_CASE("listen names the origin that is malformed, its fault and the form of browsers", "[rfc6455][origin][options]") {
  const auto told = [](const std::string& origin) {
    server_options options;
    options.port = 0;
    options.allowed_origins = {"http://localhost:3000", origin, "also wrong"};
    server up(options);
    std::error_code error;
    up.listen(error);
    CHECK(error == errc::origin_malformed);
    CHECK(error == condition::caller_fault);
    try {
      up.listen();
    } catch (const std::system_error& thrown) {
      CHECK(thrown.code() == errc::origin_malformed);
      CHECK(std::string(thrown.what()) ==
            up.fault() + ": " + thrown.code().message());  // the same as `fault()` after `listen(error)`
      return std::string(thrown.what());
    }
    return std::string("nothing was thrown");
  };
  CHECK(
      told("http://localhost:80") ==
      "server_options::allowed_origins holds 'http://localhost:80': it names the default port, 80 of http or 443 of https, which "
      "browsers leave out; a browser sends 'http://localhost': an allowed origin is not one that browsers send");
  CHECK(told("*").find("holds '*': there is no wildcard, each origin is named by itself: ") != std::string::npos);
  CHECK(told("file://").find("holds 'file://': it tells nothing of whose page it is; server_options::allow_null_origin and "
                             "server_options::token let such a page in") != std::string::npos);
  CHECK(told("http://a\nb").find("holds 'http://a?b': ") != std::string::npos);
}

TEST_CASE("an origin that is malformed is not invited while the server runs, and the exception names it", "[rfc6455][origin]") {
  server up;
  std::error_code error;
  up.invite("http://localhost:3000/", error);
  CHECK(error == errc::origin_malformed);
  up.invite("http://localhost:3000", error);
  CHECK_FALSE(error);
  try {
    up.invite("http://localhost:80");
    FAIL("nothing was thrown");
  } catch (const std::system_error& thrown) {
    CHECK(thrown.code() == errc::origin_malformed);
    CHECK(std::string(thrown.what()).find("server::invite was given 'http://localhost:80': it names the default port") == 0);
  }
  up.uninvite("whatever that is");
  CHECK(up.fault().empty());
}

}  // namespace origin_test
