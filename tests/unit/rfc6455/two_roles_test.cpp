// A client and a server talk over a pipe that cuts their bytes anywhere, from seeds: what one says the other hears,
// in order, until one of them closes, and then both are done. A failure names its seed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace two_roles_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;
using kind = input::kind;

namespace {

struct said {
  kind what;
  std::string payload;
};
bool operator==(const said& left, const said& right) { return left.what == right.what && left.payload == right.payload; }

struct end {
  explicit end(role side, std::mt19937& random)
      : talk(side, limits(), [&random] { return static_cast<std::uint32_t>(random()); }) {}
  static protocol_options limits() {
    protocol_options result;
    result.max_message_bytes = 100000;
    return result;
  }

  protocol talk;
  std::string outgoing;  // written and not yet carried
  std::vector<said> sent;
  std::vector<said> heard;
  std::size_t pongs = 0;
  bool has_failed = false;
  input goodbye;  // the peer's close
  std::string goodbye_reason;
  close_code closed_with = close_code::no_status;
};

class conversation {
 public:
  explicit conversation(std::uint32_t seed) : random_(seed), client(role::client, random_), server(role::server, random_) {}

  void run() {
    for (int step = 0; step < 200; ++step) {
      speak(below(2) == 0 ? client : server);
      if (below(3) == 0) carry(client, server);
      if (below(3) == 0) carry(server, client);
    }
    close(below(2) == 0 ? client : server);
    if (below(4) == 0) close(below(2) == 0 ? client : server);  // both at once, or twice
    for (int round = 0; round < 100000 && !(is_silent(client) && is_silent(server)); ++round) {
      carry(client, server);
      carry(server, client);
    }
  }

 private:
  std::mt19937 random_;

 public:
  end client;
  end server;

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string some_text() {
    static const std::string characters[] = {
        "a", "word ", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\n", std::string(1, '\0')};
    std::string text;
    for (std::size_t left = below(8) == 0 ? below(20000) : below(60); left > 0; --left) text += characters[below(7)];
    return text;
  }
  std::string some_bytes(std::size_t most) {
    std::string bytes(below(most + 1), '\0');
    for (char& each : bytes) each = static_cast<char>(random_());
    return bytes;
  }

  void speak(end& speaker) {
    switch (below(4)) {
      case 0: {
        const std::string bytes = some_bytes(below(20) == 0 ? 70000 : 200);
        REQUIRE_FALSE(speaker.talk.send_binary(bytes));
        return speaker.sent.push_back({kind::binary, bytes});
      }
      case 1: {
        const std::string bytes = some_bytes(125);
        REQUIRE_FALSE(speaker.talk.send_ping(bytes));
        return speaker.sent.push_back({kind::ping, bytes});
      }
      case 2: return fragment(speaker);
      default: {
        const std::string text = some_text();
        REQUIRE_FALSE(speaker.talk.send_text(text));
        return speaker.sent.push_back({kind::text, text});
      }
    }
  }

  // The protocol never fragments what it sends, but must read it: these frames are made by hand.
  void fragment(end& speaker) {
    speaker.talk.take_output(speaker.outgoing);
    const std::string text = some_text();
    const mask_key key{static_cast<unsigned char>(random_()), 1, 2, 3};
    const mask_key* const mask = &speaker == &client ? &key : nullptr;
    std::size_t from = 0;
    for (opcode code = opcode::text; code == opcode::text || from < text.size(); code = opcode::continuation) {
      // May fall inside a character, and may be nothing.
      const std::size_t size = std::min(text.size() - from, below(5000));
      const bool is_last = from + size == text.size();
      append_frame(speaker.outgoing, code, text.substr(from, size), mask, is_last);
      from += size;
      if (!is_last && below(3) == 0) {
        append_frame(speaker.outgoing, opcode::ping, "between", mask);
        speaker.sent.push_back({kind::ping, "between"});
      }
    }
    speaker.sent.push_back({kind::text, text});
  }

  void close(end& closer) {
    const close_code codes[] = {close_code::normal, close_code::going_away, close_code::try_again_later,
                                static_cast<close_code>(3000 + below(2000))};
    const close_code code = codes[below(4)];
    if (!closer.talk.close(code, "because")) closer.closed_with = code;
  }

  bool is_silent(end& each) const { return each.outgoing.empty() && !each.talk.has_output(); }

  // Carries some of what waits, in one piece, and lets the other end read it.
  void carry(end& from, end& to) {
    from.talk.take_output(from.outgoing);
    const std::size_t most[] = {1, 7, 100, 4096, 65536};
    std::string piece = from.outgoing.substr(0, 1 + below(most[below(5)]));
    from.outgoing.erase(0, piece.size());
    if (piece.empty()) return;
    char* first = &piece[0];
    char* const last = first + piece.size();
    for (;;) {
      const input got = to.talk.receive(first, last);
      switch (got.what) {
        case kind::need_more: REQUIRE(first == last); return;
        case kind::failed: to.has_failed = true; return;
        case kind::pong: ++to.pongs; break;
        case kind::close:
          to.goodbye = got;
          to.goodbye_reason = std::string(got.payload);
          break;
        default: to.heard.push_back({got.what, std::string(got.payload)});
      }
    }
  }
};

// An end received what the other sent, and all of it unless it closed itself before everything was there.
bool is_faithful(const end& speaker, const end& listener) {
  if (listener.heard.size() > speaker.sent.size()) return false;
  const bool closed_first = listener.closed_with != close_code::no_status;
  if (!closed_first) return listener.heard == speaker.sent;
  // After its own close it passes data over, though not pings.
  std::size_t at = 0;
  for (const said& each : listener.heard) {
    while (at < speaker.sent.size() && !(speaker.sent[at] == each)) ++at;
    if (at++ == speaker.sent.size()) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("one role's messages reach the other, whole and in order, until one closes", "[rfc6455][simulation]") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    conversation subject(seed);
    subject.run();
    INFO("seed " << seed);
    CHECK_FALSE(subject.client.has_failed);
    CHECK_FALSE(subject.server.has_failed);
    CHECK(is_faithful(subject.client, subject.server));
    CHECK(is_faithful(subject.server, subject.client));
    for (const end* each : {&subject.client, &subject.server}) {
      const end& other = each == &subject.client ? subject.server : subject.client;
      CHECK(each->talk.current_state() == protocol::state::closed);
      CHECK(each->goodbye.what == kind::close);
      // The other's own code and reason, or the echo of ours.
      const bool has_own = other.closed_with != close_code::no_status;
      CHECK(each->goodbye.code == (has_own ? other.closed_with : each->closed_with));
      CHECK(each->goodbye_reason == (has_own ? "because" : ""));
    }
    CHECK(subject.server.talk.should_drop_connection());
    CHECK_FALSE(subject.client.talk.should_drop_connection());
    CHECK(subject.client.pongs <= subject.client.sent.size());
  }
}

TEST_CASE("damaged bytes end a connection in order, and never give a message that was not sent", "[rfc6455][simulation]") {
  std::mt19937 random(7);
  std::size_t failures = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string stream;
    const mask_key key{9, 8, 7, 6};
    for (int n = 0; n < 6; ++n) {
      append_frame(stream, n % 2 == 0 ? opcode::text : opcode::ping, std::string(random() % 30, 'x'), &key, true);
    }
    for (auto changes = 1 + random() % 3; changes > 0; --changes)
      stream[random() % stream.size()] = static_cast<char>(random());
    protocol_options options;
    options.max_message_bytes = 40;
    protocol subject(role::server, options);
    bool is_over = false;
    for (std::size_t at = 0; at < stream.size();) {
      std::string piece = stream.substr(at, 1 + random() % 20);
      at += piece.size();
      char* first = &piece[0];
      char* const last = first + piece.size();
      for (input got = subject.receive(first, last); got.what != kind::need_more; got = subject.receive(first, last)) {
        REQUIRE_FALSE(is_over);
        if (got.what == kind::failed) {
          ++failures;
          REQUIRE(may_be_sent(static_cast<std::uint16_t>(got.code)));
        }
        if (got.what == kind::text) REQUIRE(text::is_utf8(got.payload));
        REQUIRE(got.payload.size() <= 125);
        is_over = got.what == kind::failed || got.what == kind::close;
      }
      REQUIRE(first == last);
    }
    if (is_over) CHECK(subject.should_drop_connection());
  }
  CHECK(failures > 500);
}

TEST_CASE("two roles understand each other over a pipe that cuts anywhere", "[rfc6455][simulation]") {
  std::mt19937 random(20261123);
  const auto below = [&](std::uint32_t limit) { return static_cast<std::size_t>(random() % limit); };
  protocol_options options;
  options.max_message_bytes = 1U << 20U;
  protocol client(role::client, options, [&] { return static_cast<std::uint32_t>(random()); });
  protocol server(role::server, options);
  std::vector<std::string> expected;
  std::vector<std::string> arrived;
  std::string on_the_way;
  const auto deliver = [&] {
    client.take_output(on_the_way);
    while (!on_the_way.empty()) {
      const std::size_t size = 1 + below(static_cast<std::uint32_t>(std::min<std::size_t>(on_the_way.size(), 5000)));
      std::string piece = on_the_way.substr(0, size);
      on_the_way.erase(0, size);
      char* first = &piece[0];
      for (input got = server.receive(first, &piece[0] + piece.size()); got.what != kind::need_more;
           got = server.receive(first, &piece[0] + piece.size())) {
        REQUIRE(got.what != kind::failed);
        if (got.what == kind::binary) arrived.emplace_back(got.payload);
      }
    }
  };
  for (int round = 0; round < 2000; ++round) {
    std::string payload(below(10) == 0 ? below(70001) : below(300), '\0');
    for (char& each : payload) each = static_cast<char>(random());
    expected.push_back(payload);
    if (below(3) == 0) {
      client.take_output(on_the_way);
      std::size_t from = 0;
      bool is_first = true;
      do {
        const std::size_t size = std::min(payload.size() - from, 1 + below(4000));
        const mask_key key{1, 2, 3, static_cast<unsigned char>(random())};
        append_frame(on_the_way, is_first ? opcode::binary : opcode::continuation, payload.substr(from, size), &key,
                     from + size == payload.size());
        is_first = false;
        from += size;
        if (below(4) == 0) append_frame(on_the_way, opcode::ping, "between", &key);
      } while (from < payload.size());
    } else {
      REQUIRE_FALSE(client.send_binary(payload));
    }
    if (below(5) == 0) deliver();
  }
  deliver();
  CHECK(arrived == expected);
}

}  // namespace two_roles_test
