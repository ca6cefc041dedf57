// Text helpers: UTF-8, base64, numbers and strings of JSON, and token streams, which mend what is cut.
// covers: text/utf8.hpp text/base64.hpp text/json_text.hpp text/grapheme.hpp live/token_assembler.hpp
//
// The input: a byte that seeds the cuts, and any bytes. Oracles: the grammar of RFC 3629 finds the same first bad byte, whole,
// byte by byte and cut; repaired text is valid, and the same as the grammar's parts each replaced; base64 there and
// back, and no second text for the same bytes; nlohmann/json reads a JSON string or number as the written value, in no
// more characters than by the slow way; tokens written in any pieces give together the whole text; text that is
// cut for readers is all there, is cut nowhere inside a sound character, and never before a mark or behind a joiner.
#include "live/token_assembler.hpp"
#include "text/base64.hpp"
#include "text/grapheme.hpp"
#include "text/json_text.hpp"
#include "text/utf8.hpp"

#include <nlohmann/json.hpp>

#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/utf8.hpp"

namespace fuzz::text_target {
namespace {

namespace text = wirthforge::text;

// Each maximal part that is wrong becomes one U+FFFD (Unicode 15, 3.9: "substitution of maximal subparts").
std::string repair_plainly(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const utf8_answer answer = plain_utf8(bytes);
    out += bytes.substr(0, answer.sound - answer.open);
    if (answer.is_sound && answer.open == 0) break;
    out += "\xEF\xBF\xBD";
    bytes.remove_prefix(answer.open > 0 ? answer.sound : answer.sound + 1);
  }
  return out;
}

void check_utf8(std::string_view bytes, unsigned cuts) {
  const utf8_answer expected = plain_utf8(bytes);
  for (const unsigned seed : {0U, cuts, 1U}) {
    text::utf8_checker checker;
    bool is_sound = true;
    in_pieces(bytes, seed, [&](exact_copy& piece) { return is_sound = checker.feed(piece.view()); });
    require(is_sound == expected.is_sound && checker.has_failed() != is_sound, "UTF-8 for one and not for the other");
    if (!is_sound) require(checker.bad_at() == expected.sound && !checker.feed(""), "another bad byte");
    else require(checker.is_complete() == (expected.open == 0), "another end");
  }
  const exact_copy copy(bytes);
  const bool is_whole = expected.is_sound && expected.open == 0;
  require(text::is_utf8(copy.view()) == is_whole, "is_utf8");
  if (expected.is_sound) require(text::incomplete_tail(copy.view()) == expected.open, "another tail");
  std::string repaired = "=";
  text::append_repaired(repaired, copy.view());
  require(repaired == "=" + repair_plainly(bytes), "repaired in another way");
  require(text::is_utf8(repaired) && (!is_whole || repaired == "=" + std::string(bytes)), "valid text was repaired");
}

void check_base64(std::string_view bytes) {
  const exact_copy copy(bytes);
  const std::string encoded = text::base64_encode(copy.view());
  require(encoded.size() == (bytes.size() + 2) / 3 * 4, "base64: another length");
  const auto back = text::base64_decode(encoded);
  require(back && *back == bytes, "base64: there and back");
  if (const auto decoded = text::base64_decode(copy.view())) {
    require(text::base64_encode(*decoded) == bytes, "base64: two texts for the same bytes");
  }
}

void check_json(std::string_view valid) {
  std::string out;
  char* const begin = text::make_room(out, text::json_string_size(valid));
  require(text::put_json_string(begin, valid) == begin + out.size(), "JSON: a string of another size than was said");
  require(nlohmann::json::parse(out).get<std::string>() == valid, "JSON: another string");
}

void check_number(std::uint64_t bits) {
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  char integer[text::max_json_integer_bytes];
  const auto number = static_cast<std::int64_t>(bits);
  const char* const end = text::put_integer(integer, number);
  require(std::string_view(integer, static_cast<std::size_t>(end - integer)) == std::to_string(number), "JSON: an integer");
  if (!wirthforge::is_finite(value)) return;
  char fast[text::max_json_number_bytes];
  char slow[64];
  const std::string_view written(fast, static_cast<std::size_t>(text::put_number(fast, value) - fast));
  const std::string_view trial(slow, static_cast<std::size_t>(text::put_number_by_trial(slow, value) - slow));
  require(nlohmann::json::parse(written).get<double>() == value, "JSON: another number");
  require(nlohmann::json::parse(trial).get<double>() == value, "JSON: another number, by trial");
  require(written.size() <= trial.size() && trial.size() <= text::max_json_number_bytes, "JSON: not the shortest");
}

void check_tokens(std::string_view bytes, unsigned cuts) {
  wirthforge::live::token_assembler stream("session", "model");
  std::string got;
  unsigned pieces = 0;
  const auto take = [&] {
    while (const auto event = stream.take()) {
      require(!wirthforge::check(*event), "tokens: an event that is not valid");
      for (const std::string& each : event->tokens) got += each;
      require(event->is_complete == stream.is_over(), "tokens: complete and not over");
    }
  };
  in_pieces(bytes, cuts, [&](exact_copy& piece) {
    stream.write(piece.view(), 0.5);
    if (++pieces % 3 == cuts % 3) take();
    return true;
  });
  stream.finish();
  take();
  require(stream.is_over() && !stream.is_dirty(), "tokens: not over");
  require(got == repair_plainly(bytes), "tokens: another text than the whole");
}

void check_cuts(std::string_view bytes, unsigned seed) {
  wirthforge::text::grapheme_splitter splitter;
  const utf8_answer whole = plain_utf8(bytes);
  std::string all;
  const auto take = [&](std::string_view piece, bool is_cut) {
    all += piece;
    if (piece.empty() || !is_cut || !whole.is_sound || piece.size() > 500) return;
    const std::string_view rest = bytes.substr(all.size());
    require((static_cast<unsigned char>(rest[0]) & 0xC0U) != 0x80, "a cut inside a character");
    // A line end belongs to nothing on either side.
    const bool is_at_line_end = all.back() == '\r' || all.back() == '\n' || rest[0] == '\r' || rest[0] == '\n';
    for (const std::string_view mark : {"\xCC\x81", "\xE2\x80\x8D", "\xEF\xB8\x8F", "\xF0\x9F\x8F\xBD"}) {
      require(is_at_line_end || rest.substr(0, mark.size()) != mark, "a cut before a mark");
    }
    require(is_at_line_end || all.size() < 3 || all.substr(all.size() - 3) != "\xE2\x80\x8D", "a cut behind a joiner");
    require(all.back() != '\r' || rest[0] != '\n', "a cut inside a line end");
  };
  in_pieces(bytes, seed, [&](exact_copy& piece) {
    take(splitter.take(piece.view()), true);
    return true;
  });
  take(splitter.finish(), false);
  require(all == bytes, "text that is lost, or another");
}

}  // namespace

void fuzz_one(std::string_view input) {
  source choices(input);
  const unsigned cuts = choices.byte();
  const std::string_view bytes = choices.rest();
  check_utf8(bytes, cuts);
  check_base64(bytes);
  check_json(repair_plainly(bytes));
  check_tokens(bytes, cuts);
  check_cuts(bytes, cuts);
  check_number(choices.number(8));
}

}  // namespace fuzz::text_target
