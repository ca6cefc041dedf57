// Message assembly and the protocol state machine, in both roles.
// covers: rfc6455/message.hpp rfc6455/protocol.hpp rfc6455/close_code.hpp
//
// The input: a byte of role, limits and whether we have begun to close, a byte that seeds the cuts, and the peer's bytes. Oracles: a plain reading of RFC
// 6455 sections 5 to 7 that looks at one byte after the other and judges text by the grammar of RFC 3629; it must give the
// same messages, the same error, and with bytes one by one at the same byte: bad text fails at once. Bytes whole, one by one
// and cut anywhere give the same. The answers are valid frames for the peer, with a pong for each ping or for the last.
#include "rfc6455/protocol.hpp"

#include <utility>
#include <vector>

#include "fuzz/support/frames.hpp"
#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/utf8.hpp"

namespace fuzz::message_target {
namespace {

namespace rfc = wirthforge::rfc6455;
using wirthforge::errc;
using kind = rfc::input::kind;

struct heard {
  kind what = kind::need_more;
  std::string payload;
  unsigned code = 1005;
  std::error_code error;
  std::size_t at = 0;  // bytes that were known when it was said
  bool same_as(const heard& other) const {
    return what == other.what && payload == other.payload && code == other.code && error == other.error;
  }
};

bool may_travel(unsigned code) {  // section 7.4 and the registry
  switch (code) {
    // clang-format off
    case 1000: case 1001: case 1002: case 1003: case 1007: case 1008: case 1009: case 1010: case 1011: case 1012: case 1013:
    case 1014: return true;
    // clang-format on
    default: return code >= 3000 && code <= 4999;
  }
}

unsigned code_of(std::error_code error) {
  if (error == errc::utf8_invalid || error == errc::close_reason_utf8) return 1007;
  if (error == errc::message_too_big) return 1009;
  return error == errc::too_many_fragments ? 1008 : 1002;
}

// One byte after the other.
class plain_peer {
 public:
  plain_peer(mask_rule rule, const rfc::message_limits& limits, bool ignores_data = false)
      : rule_(rule), limits_(limits), ignores_data_(ignores_data) {}

  const std::vector<heard>& read(std::string_view bytes) {
    for (at_ = 0; at_ < bytes.size() && !is_over_;) {
      const char next = bytes[at_++];
      if (in_payload_) take(next);
      else take_header(next);
    }
    return said_;
  }

 private:
  void take_header(char next) {
    partial_ += next;
    header_ = read_plain_header(partial_, rule_);
    if (header_.error) return fail(header_.error);
    if (header_.size == 0) return;
    partial_.clear();
    done_ = 0;
    if (header_.opcode >= 8) control_.clear();
    else if (const auto error = ignores_data_ ? std::error_code() : begin_data()) return fail(error);
    in_payload_ = true;
    if (header_.length == 0) end();
  }
  std::error_code begin_data() {
    if (header_.opcode == 0 && !in_message_) return errc::continuation_unexpected;
    if (header_.opcode != 0 && in_message_) return errc::continuation_expected;
    if (header_.opcode != 0) {
      message_.clear();
      fragments_ = 0;
      is_text_ = header_.opcode == 1;
      in_message_ = true;
    }
    if (++fragments_ > limits_.max_fragments) return errc::too_many_fragments;
    return message_.size() + header_.length > limits_.max_message_bytes ? errc::message_too_big : std::error_code{};
  }
  void take(char next) {
    if (header_.is_masked) next = static_cast<char>(static_cast<unsigned char>(next) ^ header_.key[done_ % 4]);
    ++done_;
    if (header_.opcode >= 8) {
      control_ += next;
    } else if (!ignores_data_) {
      message_ += next;
      // The text before the last character was judged before.
      const std::size_t from = message_.size() < 8 ? 0 : boundary();
      if (is_text_ && !plain_utf8(std::string_view(message_).substr(from)).is_sound) return fail(errc::utf8_invalid);
    }
    if (done_ == header_.length) end();
  }
  std::size_t boundary() const {  // of a character, near the end
    std::size_t from = message_.size() - 5;
    while (from > 0 && (static_cast<unsigned char>(message_[from]) & 0xC0U) == 0x80) --from;
    return from;
  }
  void end() {
    in_payload_ = false;
    if (header_.opcode == 8) return end_close();
    if (header_.opcode > 8) return say(header_.opcode == 9 ? kind::ping : kind::pong, control_);
    if (!header_.is_final || ignores_data_) return;
    in_message_ = false;
    if (is_text_ && plain_utf8(message_).open > 0) return fail(errc::utf8_invalid);
    say(is_text_ ? kind::text : kind::binary, message_);
  }
  void end_close() {
    if (control_.size() == 1) return fail(errc::close_payload_size);
    unsigned code = 1005;
    std::string reason;
    if (!control_.empty()) {
      code = static_cast<unsigned char>(control_[0]) * 256U + static_cast<unsigned char>(control_[1]);
      reason = control_.substr(2);
      if (!may_travel(code)) return fail(errc::close_code_invalid);
      const utf8_answer answer = plain_utf8(reason);
      if (!answer.is_sound || answer.open > 0) return fail(errc::close_reason_utf8);
    }
    say(kind::close, reason, code);
    is_over_ = true;
  }
  void say(kind what, std::string payload, unsigned code = 1005) { said_.push_back({what, std::move(payload), code, {}, at_}); }
  void fail(std::error_code error) {
    said_.push_back({kind::failed, {}, code_of(error), error, at_});
    is_over_ = true;
  }

  mask_rule rule_;
  rfc::message_limits limits_;
  bool ignores_data_;
  std::vector<heard> said_;
  std::string partial_, control_, message_;
  plain_header header_;
  std::uint64_t done_ = 0;
  std::size_t at_ = 0, fragments_ = 0;
  bool in_payload_ = false, in_message_ = false, is_text_ = false, is_over_ = false;
};

struct reading {
  std::vector<heard> said;
  std::string answers;
};

rfc::protocol make(rfc::role side, const rfc::message_limits& limits, bool is_closing) {
  rfc::protocol made(side, limits, [] { return 0x12345678U; });
  if (is_closing) made.close(rfc::close_code::going_away);
  return made;
}

void take_all(rfc::protocol& from, char* first, char* last, std::size_t known, reading& into) {
  for (;;) {
    const rfc::input got = from.receive(first, last);
    if (got.what == kind::need_more) break;
    into.said.push_back({got.what, std::string(got.payload), static_cast<unsigned>(got.code), got.error, known});
  }
  require(first == last, "bytes are left over");
}

reading read_in_pieces(rfc::protocol reader, std::string_view bytes, unsigned seed) {
  reading result;
  std::size_t known = 0;
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    known += piece.view().size();
    take_all(reader, piece.begin(), piece.end(), known, result);
    return true;
  });
  reader.take_output(result.answers);
  return result;
}

// Our answers, read by the reference as our peer would read them.
void check_answers(const reading& ours, rfc::role side) {
  const mask_rule rule = side == rfc::role::server ? mask_rule::forbidden : mask_rule::required;
  plain_peer other(rule, {1U << 20U, 1U << 20U});
  const std::vector<heard>& got = other.read(ours.answers);
  std::vector<const std::string*> pings;
  const heard* end = nullptr;
  for (const heard& each : ours.said) {
    if (each.what == kind::ping) pings.push_back(&each.payload);
    if (each.what == kind::close || each.what == kind::failed) end = &each;
  }
  std::size_t next = 0;
  for (std::size_t index = 0; index < got.size(); ++index) {
    if (got[index].what == kind::pong) {
      while (next < pings.size() && *pings[next] != got[index].payload) ++next;
      require(next++ < pings.size(), "a pong that answers no ping");
    } else {
      require(got[index].what == kind::close && index + 1 == got.size(), "an answer that is neither pong nor the last close");
      require(end != nullptr && got[index].code == end->code, "a close frame with another code");
    }
  }
  require(end == nullptr || (!got.empty() && got.back().what == kind::close), "the end was not answered");
  const bool has_failed = end != nullptr && end->what == kind::failed;
  require(pings.empty() || has_failed || (!got.empty() && next == pings.size()), "the last ping has no pong");
}

}  // namespace

void fuzz_one(std::string_view input) {
  source choices(input);
  const unsigned how = choices.byte();
  const unsigned cuts = choices.byte();
  const rfc::role side = (how & 1U) == 0 ? rfc::role::server : rfc::role::client;
  const rfc::message_limits limits{(how & 2U) == 0 ? 65536U : 100U, (how & 4U) == 0 ? 1024U : 3U};
  const bool is_closing = (how & 24U) == 24;
  const std::string_view bytes = choices.rest();

  const mask_rule rule = side == rfc::role::server ? mask_rule::required : mask_rule::forbidden;
  plain_peer plain(rule, limits, is_closing);
  const std::vector<heard>& expected = plain.read(bytes);
  reading whole;
  rfc::protocol reader = make(side, limits, is_closing);
  exact_copy copy(bytes);
  take_all(reader, copy.begin(), copy.end(), bytes.size(), whole);
  reader.take_output(whole.answers);
  const reading single = read_in_pieces(make(side, limits, is_closing), bytes, 0);
  const reading cut = read_in_pieces(make(side, limits, is_closing), bytes, cuts);

  for (const reading* each : {&std::as_const(whole), &single, &cut}) {
    require(each->said.size() == expected.size(), "more or fewer messages than the reference");
    for (std::size_t n = 0; n < expected.size(); ++n) require(each->said[n].same_as(expected[n]), "another message");
    require(each->answers == whole.answers, "answers that depend on the cuts");
  }
  for (std::size_t n = 0; n < expected.size(); ++n) require(single.said[n].at == expected[n].at, "not said at its byte");
  if (!is_closing) return check_answers(whole, side);
  plain_peer other(side == rfc::role::server ? mask_rule::forbidden : mask_rule::required, limits);
  require(other.read(whole.answers).size() == 1, "something besides our close frame");
}

}  // namespace fuzz::message_target
