// The protocol against a plain reference that sees the whole stream at once and follows RFC 6455 section 5 sentence by
// sentence, on random streams that are wrong in random places, for both roles and in random pieces.
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace reference_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;
using kind = input::kind;

namespace {

constexpr std::uint64_t max_message = 300;
constexpr std::size_t max_fragments = 4;

// Decodes each character and looks at its code point: how many bytes may stay, and whether the last character is whole.
struct text_verdict {
  std::size_t good_bytes = 0;
  bool is_good = true;
  bool is_whole = true;
};
text_verdict judge_text(std::string_view text) {
  text_verdict result;
  const auto bits = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t lead = bits(at);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xC0 || lead > 0xF7 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t lowest = size == 1 ? lead : size == 2 ? lead & 31U : size == 3 ? lead & 15U : lead & 7U;
    std::size_t n = 0;  // bytes after the lead that are there and leave an allowed character possible
    std::uint32_t highest = lowest;
    const auto is_possible = [&](std::size_t left) {
      const std::uint32_t low = lowest << (6 * left);
      const std::uint32_t high = ((highest + 1) << (6 * left)) - 1;
      const std::uint32_t shortest = size == 1 ? 0 : size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
      return high >= shortest && low <= 0x10FFFF && !(low >= 0xD800 && high <= 0xDFFF);
    };
    if (size == 0 || !is_possible(size - 1)) return {at, false, false};
    for (n = 1; n < size && at + n < text.size(); ++n) {
      if (bits(at + n) >> 6U != 2) return {at + n, false, false};
      lowest = highest = lowest << 6U | (bits(at + n) & 63U);
      if (!is_possible(size - 1 - n)) return {at + n, false, false};
    }
    if (n < size) return {text.size(), true, false};
    at += size;
  }
  result.good_bytes = text.size();
  return result;
}

// One line for each input, and how many bytes it took to find the peer's fault.
struct story {
  std::string lines;
  std::size_t failed_after = 0;
};

const char* const names[] = {"", "text ", "binary ", "ping ", "pong ", "close ", "failed "};
std::string line(kind what, std::string_view payload, unsigned code = 0) {
  return names[static_cast<int>(what)] + std::to_string(code) + " " + std::string(payload) + "\n";
}

story by_the_rfc(const std::string& stream, role side) {
  story told;
  std::string message;
  bool in_message = false;
  bool is_text = false;
  std::size_t fragments = 0;
  std::size_t at = 0;
  const auto byte = [&](std::size_t where) { return static_cast<unsigned>(static_cast<unsigned char>(stream[where])); };
  const auto fail = [&](errc error, std::size_t after) {
    told.lines += line(kind::failed, make_error_code(error).message());
    told.failed_after = after;
    return told;
  };
  const auto has = [&](std::size_t count) { return stream.size() - at >= count; };
  for (;;) {
    if (!has(1)) return told;
    const unsigned code = byte(at) % 16;
    const bool is_final = byte(at) >= 128;
    if (byte(at) / 16 % 8 != 0) return fail(errc::reserved_bits, at + 1);
    const bool is_known = code == 0 || code == 1 || code == 2 || code == 8 || code == 9 || code == 10;
    if (!is_known) return fail(errc::opcode_unknown, at + 1);
    const bool is_about_control = code >= 8;
    if (is_about_control && !is_final) return fail(errc::control_fragmented, at + 1);
    if (!has(2)) return told;
    const bool is_masked = byte(at + 1) >= 128;
    if (side == role::server && !is_masked) return fail(errc::frame_unmasked, at + 2);
    if (side == role::client && is_masked) return fail(errc::frame_masked, at + 2);
    std::uint64_t size = byte(at + 1) % 128;
    if (is_about_control && size > 125) return fail(errc::control_too_big, at + 2);
    std::size_t header = 2;
    if (size == 126) {
      if (!has(4)) return told;
      header = 4;
      size = byte(at + 2) * 256U + byte(at + 3);
      if (size < 126) return fail(errc::length_not_minimal, at + 4);
    } else if (size == 127) {
      if (has(3) && byte(at + 2) >= 128) return fail(errc::length_high_bit, at + 3);
      if (!has(10)) return told;
      header = 10;
      size = 0;
      for (std::size_t n = 2; n < 10; ++n) size = size * 256 + byte(at + n);
      if (size < 65536) return fail(errc::length_not_minimal, at + 10);
    }
    if (!has(header + (is_masked ? 4 : 0))) return told;
    unsigned key[4] = {0, 0, 0, 0};
    for (std::size_t n = 0; is_masked && n < 4; ++n) key[n] = byte(at + header + n);
    at += header + (is_masked ? 4 : 0);
    if (!is_about_control) {
      if (code == 0 && !in_message) return fail(errc::continuation_unexpected, at);
      if (code != 0 && in_message) return fail(errc::continuation_expected, at);
      if (code != 0) {
        message.clear();
        fragments = 0;
        in_message = true;
        is_text = code == 1;
      }
      if (++fragments > max_fragments) return fail(errc::too_many_fragments, at);
      if (message.size() + size > max_message) return fail(errc::message_too_big, at);
    }
    std::string payload;
    for (std::size_t n = 0; n < size && at + n < stream.size(); ++n) {
      payload += static_cast<char>(byte(at + n) ^ key[n % 4]);
    }
    const bool is_there = payload.size() == size;
    if (!is_about_control && is_text) {
      const text_verdict verdict = judge_text(message + payload);
      if (!verdict.is_good) return fail(errc::utf8_invalid, at + verdict.good_bytes - message.size() + 1);
      if (is_there && is_final && !verdict.is_whole) return fail(errc::utf8_invalid, at + payload.size());
    }
    if (!is_there) return told;
    at += payload.size();
    if (code == 9) told.lines += line(kind::ping, payload);
    if (code == 10) told.lines += line(kind::pong, payload);
    if (code == 8) {
      if (payload.size() == 1) return fail(errc::close_payload_size, at);
      unsigned status = 1005;
      if (payload.size() >= 2) {
        status = static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
        const bool is_registered = status >= 1000 && status <= 1014 && !(status >= 1004 && status <= 1006);
        if (!is_registered && !(status >= 3000 && status <= 4999)) return fail(errc::close_code_invalid, at);
        payload.erase(0, 2);
        const text_verdict verdict = judge_text(payload);
        if (!verdict.is_good || !verdict.is_whole) return fail(errc::close_reason_utf8, at);
      } else {
        payload.clear();
      }
      told.lines += line(kind::close, payload, status);
      return told;
    }
    if (is_about_control) continue;
    message += payload;
    if (!is_final) continue;
    in_message = false;
    told.lines += line(is_text ? kind::text : kind::binary, message);
  }
}

// The same from the protocol, which gets at most `largest` bytes at a time.
story by_the_protocol(const std::string& stream, role side, std::size_t largest, std::mt19937& random) {
  protocol_options options;
  options.max_message_bytes = max_message;
  options.max_fragments = max_fragments;
  protocol subject(side, options, [] { return 0U; });
  story told;
  for (std::size_t at = 0; at < stream.size();) {
    std::string piece = stream.substr(at, largest == 1 ? 1 : 1 + random() % largest);  // its own memory
    at += piece.size();
    char* first = &piece[0];
    char* const last = first + piece.size();
    for (input got = subject.receive(first, last); got.what != kind::need_more; got = subject.receive(first, last)) {
      if (got.what == kind::failed) {
        told.lines += line(kind::failed, got.error.message());
        told.failed_after = at;
      } else {
        told.lines += line(got.what, got.payload, got.what == kind::close ? static_cast<unsigned>(got.code) : 0);
      }
    }
  }
  return told;
}

class stream_maker {
 public:
  explicit stream_maker(std::mt19937& random) : random_(random) {}

  std::string make(role side) {
    std::string stream;
    bool in_message = false;
    for (auto frames = 1 + below(8); frames > 0; --frames) {
      const bool is_about_control = below(4) == 0;
      const bool is_final = is_about_control || below(2) == 0;
      opcode code = in_message ? opcode::continuation : below(3) == 0 ? opcode::binary : opcode::text;
      if (is_about_control) code = below(8) == 0 ? opcode::close : below(2) == 0 ? opcode::ping : opcode::pong;
      else in_message = !is_final;
      if (below(30) == 0) code = static_cast<opcode>(below(16));
      std::string payload = code == opcode::close ? close_payload() : text();
      if (is_about_control && below(20) != 0) payload = payload.substr(0, 125);
      const mask_key key{static_cast<unsigned char>(random_()), static_cast<unsigned char>(random_()), 0, 255};
      const bool is_masked = (side == role::server) != (below(60) == 0);
      if (below(25) == 0) stream += header_with_long_length(is_masked);
      else append_frame(stream, code, payload, is_masked ? &key : nullptr, is_final != (below(60) == 0));
    }
    if (below(3) == 0) stream[below(stream.size())] = static_cast<char>(random_());
    if (below(3) == 0) stream.resize(1 + below(stream.size()));
    return stream;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string text() {
    // clang-format off
    static const std::string pieces[] = {"a", "plain words ", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                         "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xF0\x90\x80\x80",
                                         "\xE0\xA0\x80"};
    static const std::string wrongs[] = {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                                         "\xF4\x90\x80\x80", "\xF5", "\xFF", "\xE2\x82", "\xF0\x9F\x98"};
    // clang-format on
    std::string out;
    for (auto left = below(6) == 0 ? below(70) : below(6); left > 0; --left) out += pieces[below(10)];
    if (below(20) == 0) out.insert(below(out.size() + 1), wrongs[below(10)]);
    if (below(10) == 0) out.resize(below(out.size() + 1));
    if (below(20) == 0) out.resize(124 + below(4), 'x');
    return out;
  }
  // Lengths around each border, in the two long forms whether they need them or not.
  std::string header_with_long_length(bool is_masked) {
    static const std::uint64_t lengths[] = {
        0, 125, 126, 127, 300, 301, 65535, 65536, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000};
    const std::size_t size = below(2) == 0 ? 2 : 8;
    const std::uint64_t length = lengths[below(11)];
    std::string header(1, static_cast<char>(below(3) + 128 * below(2)));
    header += static_cast<char>((is_masked ? 128 : 0) + (size == 2 ? 126 : 127));
    for (std::size_t left = size; left > 0; --left) header += static_cast<char>(length >> (8 * (left - 1)));
    return is_masked ? header + "\x01\x02\x03\x04" : header;
  }
  std::string close_payload() {
    static const unsigned codes[] = {999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000, 65535};
    if (below(4) == 0) return std::string(below(2), 'c');
    const unsigned code = codes[below(14)];
    return std::string{static_cast<char>(code / 256), static_cast<char>(code % 256)} + text();
  }

  std::mt19937& random_;
};

}  // namespace

TEST_CASE("the reference itself knows the examples of the RFC", "[rfc6455][5.7][reference]") {
  CHECK(by_the_rfc("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", role::server).lines == "text 0 Hello\n");
  CHECK(by_the_rfc(std::string("\x01\x03Hel\x80\x02lo"), role::client).lines == "text 0 Hello\n");
  CHECK(by_the_rfc("\x81\x05Hello", role::server).failed_after == 2);
}

TEST_CASE("random streams give the reference's inputs, and fail at the same byte", "[rfc6455][5][reference]") {
  std::mt19937 random(6455);
  stream_maker maker(random);
  std::size_t failures = 0;
  std::size_t messages = 0;
  for (int round = 0; round < 6000; ++round) {
    const role side = round % 2 == 0 ? role::server : role::client;
    const std::string stream = maker.make(side);
    const story expected = by_the_rfc(stream, side);
    failures += expected.failed_after > 0 ? 1 : 0;
    messages += expected.lines.find("text ") != std::string::npos ? 1 : 0;
    const story bytewise = by_the_protocol(stream, side, 1, random);
    if (bytewise.lines != expected.lines || bytewise.failed_after != expected.failed_after) {
      FAIL_CHECK("round " << round << ", byte by byte: byte " << bytewise.failed_after << " instead of "
                          << expected.failed_after << "\n"
                          << bytewise.lines << "instead of\n"
                          << expected.lines);
    }
    for (const std::size_t largest : {3U, 20U, 100000U}) {
      const story pieces = by_the_protocol(stream, side, largest, random);
      if (pieces.lines != expected.lines) {
        FAIL_CHECK("round " << round << ", in pieces: " << pieces.lines << "instead of\n" << expected.lines);
      }
    }
  }
  CHECK(failures > 1000);  // else the streams have too few faults, or fail too early
  CHECK(messages > 1000);
}

TEST_CASE("strings of two bytes, and random ones up to twelve, are UTF-8 when the reference says so", "[text][utf8]") {
  const auto is_told_right = [](const std::string& text) {
    const text_verdict expected = judge_text(text);
    for (std::size_t split = 0; split <= text.size(); ++split) {
      text::utf8_checker checker;
      const bool is_good = checker.feed(std::string(text, 0, split)) && checker.feed(text.substr(split));
      if (is_good != expected.is_good || checker.is_complete() != expected.is_whole) return false;
      if (!is_good && checker.bad_at() != expected.good_bytes) return false;
    }
    return text::is_utf8(text) == (expected.is_good && expected.is_whole);
  };
  for (int pair = 0; pair < 65536; ++pair) {
    const std::string text{static_cast<char>(pair / 256), static_cast<char>(pair % 256)};
    if (!is_told_right(text)) FAIL_CHECK("bytes " << pair / 256 << " and " << pair % 256);
  }
  // Bytes at the borders of what the standard allows come more often than others.
  const std::string borders = "\x41\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xED\xEF\xF0\xF4\xF5\xFF";
  std::mt19937 random(3629);
  std::size_t good = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string text(random() % 13, '\0');
    for (char& each : text) each = random() % 8 == 0 ? static_cast<char>(random()) : borders[random() % borders.size()];
    good += text.size() > 1 && text::is_utf8(text) ? 1 : 0;
    if (!is_told_right(text)) FAIL_CHECK("round " << round);
  }
  CHECK(good > 1000);
}

}  // namespace reference_test
