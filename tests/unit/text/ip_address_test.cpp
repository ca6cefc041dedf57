// IP addresses in the form of browsers. Expected values are those of the URL standard's own parser: what `new URL(...).host`
// says in a browser.
#include <string>
#include <utility>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace ip_address_test {

namespace text = wirthforge::text;

TEST_CASE("IPv4 becomes four decimal numbers, in whatever form it was written", "[text][ip]") {
  const std::pair<const char*, const char*> written[] = {{"127.0.0.1", "127.0.0.1"},
                                                         {"127.1", "127.0.0.1"},
                                                         {"127.0.1", "127.0.0.1"},
                                                         {"2130706433", "127.0.0.1"},
                                                         {"0x7f000001", "127.0.0.1"},
                                                         {"0x7F.1", "127.0.0.1"},
                                                         {"0177.0.0.01", "127.0.0.1"},
                                                         {"127.0.0.1.", "127.0.0.1"},
                                                         {"0", "0.0.0.0"},
                                                         {"0x", "0.0.0.0"},
                                                         {"4294967295", "255.255.255.255"},
                                                         {"1.16777215", "1.255.255.255"},
                                                         {"1.2.65535", "1.2.255.255"},
                                                         {"192.168.257", "192.168.1.1"}};
  for (const auto& [typed, form] : written) {
    INFO(typed);
    CHECK(text::ends_in_number(typed));
    CHECK(text::ipv4_form(typed) == form);
  }
  for (const char* bad : {"256.0.0.1", "1.2.3.4.5", "4294967296", "1.16777216", "1..2", ".1", "08", "0x1g.1", "1.2.3.256",
                          "1.2.3.-4", "99999999999999999999", "", "."}) {
    INFO(bad);
    CHECK(text::ipv4_form(bad).empty());
  }
}

TEST_CASE("a host whose last label is a number is an address to browsers, or invalid", "[text][ip]") {
  for (const char* host : {"foo.0x4", "foo.09", "foo.2.3", "1.2.3.08", "256.256.256.256", "foo.1."}) {
    INFO(host);
    CHECK(text::ends_in_number(host));
    CHECK(text::ipv4_form(host).empty());
  }
  for (const char* host : {"localhost", "1a", "127.0.0.1x", "0xg", "7.com", "", ".", "1..", "a.b"})
    CHECK_FALSE(text::ends_in_number(host));
}

TEST_CASE("IPv6 is in lower case, without leading zeros, the longest run of zeros left out", "[text][ip]") {
  const std::pair<const char*, const char*> written[] = {{"::1", "::1"},
                                                         {"0:0:0:0:0:0:0:1", "::1"},
                                                         {"::0001", "::1"},
                                                         {"::", "::"},
                                                         {"1::", "1::"},
                                                         {"FE80::A", "fe80::a"},
                                                         {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
                                                         {"1:0:0:2:3:0:0:4", "1::2:3:0:0:4"},
                                                         {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
                                                         {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
                                                         {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
                                                         {"::ffff:127.0.0.1", "::ffff:7f00:1"},
                                                         {"::127.0.0.1", "::7f00:1"},
                                                         {"1:2:3:4:5:6:255.255.0.1", "1:2:3:4:5:6:ffff:1"},
                                                         {"0:0:1::", "0:0:1::"},
                                                         {"00ab:0:0:0:1:0:0:0", "ab::1:0:0:0"}};
  for (const auto& [typed, form] : written) {
    INFO(typed);
    CHECK(text::ipv6_form(typed) == form);
    CHECK(text::ipv6_form(form) == form);
  }
  for (const char* bad : {"",
                          ":",
                          ":::",
                          "1",
                          ":1",
                          "1:",
                          "::1::",
                          "1::2::3",
                          "12345::",
                          "g::",
                          "1:2:3:4:5:6:7",
                          "1:2:3:4:5:6:7:8:9",
                          "1:2:3:4:5:6:7:8::",
                          "::1%lo",
                          "::127.1",
                          "::127.0.0.01",
                          "1:2:3:4:5:6:7:1.2.3.4",
                          "127.0.0.1",
                          "1.2.3.4::",
                          "::1 ",
                          "::.1.2.3",
                          "::1.2.3.4.5"}) {
    INFO(bad);
    CHECK(text::ipv6_form(bad).empty());
  }
}

}  // namespace ip_address_test
