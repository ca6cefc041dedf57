// How many connections each descriptor limit of a process leaves. The test sets the limit.
#include <string>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

using wirthforge::net::descriptor_limit;
using wirthforge::net::descriptor_use;

namespace {

std::size_t limit_now = 0;
std::size_t said_limit() noexcept { return limit_now; }

struct limited {
  explicit limited(std::size_t limit, std::size_t reserved = 128, std::size_t max_connections = 4096)
      : of((limit_now = limit, reserved), max_connections, [this](std::string line) { lines.push_back(std::move(line)); },
           said_limit) {
    of.begin(19);
  }

  std::vector<std::string> lines;
  descriptor_limit of;
};

}  // namespace

TEST_CASE("connections end where the host's descriptors and those of the refused begin", "[net][descriptors]") {
  limited usual(1024);
  CHECK(usual.of.use_of(831) == descriptor_use::serve);
  CHECK(usual.of.use_of(832) == descriptor_use::refuse);  // 1024 - 128 - 64
  CHECK(usual.of.use_of(895) == descriptor_use::refuse);
  CHECK(usual.of.use_of(896) == descriptor_use::refuse_now);
  CHECK(usual.of.capacity() == 812);  // from 20 on
  limited small(64);
  CHECK(small.of.use_of(23) == descriptor_use::serve);
  CHECK(small.of.use_of(24) == descriptor_use::refuse);  // 64 - 32 - 8: never more than half is kept
  CHECK(small.of.use_of(32) == descriptor_use::refuse_now);
  CHECK(small.of.capacity() == 4);
  CHECK(limited(1024, 0).of.capacity() == 940);
}

TEST_CASE("a limit that leaves too little room is logged, one that leaves enough is not", "[net][descriptors]") {
  CHECK(
      limited(1024).of.shortage() ==
      "there is room for 812 connections, server_options::max_connections is 4096: the process may open 1024 descriptors "
      "(RLIMIT_NOFILE), 128 are kept for the host (server_options::reserved_descriptors); ulimit -n or LimitNOFILE= sets the limit");
  CHECK(limited(1024, 128, 812).of.shortage().empty());
  CHECK_FALSE(limited(1024, 128, 813).of.shortage().empty());
  CHECK(limited(wirthforge::net::no_descriptor_limit).of.shortage().empty());
  CHECK(limited(20).of.capacity() == 0);
}

TEST_CASE("a limit that changes while the server runs applies from the next connection on", "[net][descriptors]") {
  limited changed(1024);
  CHECK(changed.of.use_of(900) == descriptor_use::refuse_now);
  limit_now = 8192;
  CHECK(changed.of.use_of(900) == descriptor_use::serve);
  CHECK(changed.of.capacity() == 4096);
  limit_now = 16;  // below what is open already
  CHECK(changed.of.use_of(900) == descriptor_use::refuse_now);
  CHECK(changed.of.capacity() == 0);
  limit_now = 0;
  CHECK(changed.of.use_of(900) == descriptor_use::refuse_now);
  limit_now = wirthforge::net::no_descriptor_limit;
  CHECK(changed.of.use_of(1U << 30U) == descriptor_use::serve);
}

TEST_CASE("refused connections are logged once, and again after there was clearly room", "[net][descriptors]") {
  limited flooded(1024);
  for (int count = 0; count < 3; ++count) flooded.of.tell_short(0);
  REQUIRE(flooded.lines.size() == 1);
  CHECK(flooded.lines[0].find("newcomers are answered 503") != std::string::npos);
  CHECK(flooded.lines[0].find("1024") != std::string::npos);
  CHECK(flooded.of.use_of(800) == descriptor_use::serve);  // one has left, and the next has come
  flooded.of.tell_short(0);
  CHECK(flooded.lines.size() == 1);
  CHECK(flooded.of.use_of(700) == descriptor_use::serve);
  flooded.of.tell_short(wirthforge::net::socket_error::system_limit);
  REQUIRE(flooded.lines.size() == 2);
  CHECK(flooded.lines[1].find("the system's descriptors") == 0);
}

TEST_CASE("half-open connections leave half of the room to the others", "[net][descriptors]") {
  CHECK(limited(1024).of.most_half_open(512) == 406);
  CHECK(limited(1024).of.most_half_open(100) == 100);
  CHECK(limited(40).of.most_half_open(512) == 1);
  CHECK(limited(wirthforge::net::no_descriptor_limit).of.most_half_open(512) == 512);
}
