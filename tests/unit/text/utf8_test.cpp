// UTF-8, judged by its definition: which code points a sequence could still become (RFC 3629 section 3).
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "support/rounds.hpp"
#include "wirthforge_ws.hpp"

namespace utf8_test {

namespace {

namespace text = wirthforge::text;
using namespace std::string_literals;

enum class verdict { bad, unfinished, whole };

// The beginning of a character is fine when any allowed code point begins so.
verdict by_definition(std::string_view bytes) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])); };
  const std::uint32_t lead = byte(0);
  std::size_t length = 0;
  std::uint32_t bits = 0;
  if (lead < 0x80) length = 1, bits = lead;
  else if (lead >> 5 == 6) length = 2, bits = lead & 31;
  else if (lead >> 4 == 14) length = 3, bits = lead & 15;
  else if (lead >> 3 == 30) length = 4, bits = lead & 7;
  else return verdict::bad;
  if (bytes.size() > length) return verdict::bad;
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    if (byte(at) >> 6 != 2) return verdict::bad;
    bits = bits << 6 | (byte(at) & 63);
  }
  const std::uint32_t open_bits = static_cast<std::uint32_t>(6 * (length - bytes.size()));
  const std::uint32_t first = bits << open_bits;
  const std::uint32_t last = first | ((1U << open_bits) - 1);
  const auto reaches = [&](std::uint32_t low, std::uint32_t high) { return first <= high && last >= low; };
  const bool is_possible = (length == 1 && reaches(0, 0x7F)) || (length == 2 && reaches(0x80, 0x7FF)) ||
                           (length == 3 && (reaches(0x800, 0xD7FF) || reaches(0xE000, 0xFFFF))) ||
                           (length == 4 && reaches(0x10000, 0x10FFFF));
  if (!is_possible) return verdict::bad;
  return bytes.size() == length ? verdict::whole : verdict::unfinished;
}

// The checker's verdict on a text, byte by byte: where it failed, or that it did not.
struct outcome {
  bool is_good;
  bool is_complete;
  std::size_t bad_at;
};
bool operator==(const outcome& left, const outcome& right) {
  return left.is_good == right.is_good && left.is_complete == right.is_complete && left.bad_at == right.bad_at;
}
using way = text::detail::utf8_way;
constexpr way both_ways[] = {way::fastest, way::without_vectors};
outcome check(const std::vector<std::string_view>& pieces, way how = way::fastest) {
  text::utf8_checker checker;
  bool is_good = true;
  for (const std::string_view piece : pieces) is_good = checker.feed(piece, how) && is_good;
  return {is_good, checker.is_complete(), is_good ? 0 : checker.bad_at()};
}
// The plain reference: single bytes do not go through the fast ways.
outcome check_bytewise(std::string_view bytes) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); ++at) pieces.push_back(bytes.substr(at, 1));
  return check(pieces);
}

// So many bytes of whole characters, most of them the filling.
std::string filled(std::size_t size, std::string_view filling) {
  std::string out(size % filling.size(), 'z');
  while (out.size() < size) out += filling;
  return out;
}
using exact_copy = std::vector<char>;  // no byte behind it may be read, as a string's zero may be
std::string_view view_of(const exact_copy& bytes) { return {bytes.data(), bytes.size()}; }

const std::string borders =  // of what is valid
    "\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF3\x90\x80\x80\xF4\x80\x80\x80\xF4\x8F\xBF\xBF";
const std::vector<std::string> fillings = {"x", "\xC3\xA4", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80", "ab\xC3\xA9", borders};
struct invalid_text {
  const char* what;
  std::string bytes;
  std::size_t bad_at;
};
const std::vector<invalid_text> invalid_texts = {
    {"a continuation byte alone", "\x80", 0},
    {"the last continuation byte alone", "\xBF", 0},
    {"a continuation byte after a whole character", "\xC3\xA4\x80", 2},
    {"a lead of two bytes and then ASCII", "\xC3(", 1},
    {"a lead of three bytes and then ASCII", "\xE2\x82(", 2},
    {"a lead of four bytes and then ASCII", "\xF0\x9F\x98(", 3},
    {"two leads", "\xC3\xC3\xA4", 1},
    {"U+002F in two bytes", "\xC0\xAF", 0},
    {"U+007F in two bytes", "\xC1\xBF", 0},
    {"U+0000 in two bytes", "\xC0\x80", 0},
    {"U+002F in three bytes", "\xE0\x80\xAF", 1},
    {"U+07FF in three bytes", "\xE0\x9F\xBF", 1},
    {"U+002F in four bytes", "\xF0\x80\x80\xAF", 1},
    {"U+FFFF in four bytes", "\xF0\x8F\xBF\xBF", 1},
    {"the first surrogate, U+D800", "\xED\xA0\x80", 1},
    {"the last high surrogate, U+DBFF", "\xED\xAF\xBF", 1},
    {"the first low surrogate, U+DC00", "\xED\xB0\x80", 1},
    {"the last surrogate, U+DFFF", "\xED\xBF\xBF", 1},
    {"a pair of surrogates (CESU-8)", "\xED\xA1\x81\xED\xB0\x80", 1},
    {"U+110000, one past the last", "\xF4\x90\x80\x80", 1},
    {"a lead for U+140000", "\xF5\x80\x80\x80", 0},
    {"a lead of five bytes", "\xF8\x88\x80\x80\x80", 0},
    {"a lead of six bytes", "\xFC\x84\x80\x80\x80\x80", 0},
    {"the byte FE", "\xFE", 0},
    {"the byte FF", "\xFF", 0},
    {"Latin-1", "gr\xFC\xDF", 2},
};

}  // namespace

TEST_CASE("after every valid beginning every byte is judged as the definition says", "[text][utf8]") {
  using surrounding = std::pair<std::string, std::string>;
  const std::string han = "\xE6\xBC\xA2";
  const std::string five_han = filled(15, han);
  std::vector<std::string> beginnings{""};
  std::size_t wrong = 0;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < beginnings.size(); ++at) {
    const std::string beginning = beginnings[at];
    for (int byte = 0; byte < 256; ++byte) {
      // All that is no continuation ends three bytes in one way: some beginnings try each of it, the others what lies at its borders.
      const bool is_continuation = byte >> 6 == 2;
      const bool is_border = byte == 0 || byte == 0x7F || byte == 0xC0 || byte == 0xFF;
      if (beginning.size() == 3 && at % 16 != 0 && !is_continuation && !is_border) continue;
      const std::string bytes = beginning + static_cast<char>(byte);
      const verdict expected = by_definition(bytes);
      if (expected == verdict::unfinished) beginnings.push_back(bytes);
      if (expected == verdict::whole) ++characters;
      text::utf8_checker checker;
      const bool is_good = checker.feed(bytes);
      bool is_right = is_good == (expected != verdict::bad) && checker.is_complete() == (expected == verdict::whole);
      if (expected == verdict::bad) is_right = is_right && checker.bad_at() == beginning.size();
      // Followed by more, a character is judged by the fast ways: the automaton, and vectors from the length of a block on.
      for (const auto& [before, after] : {surrounding{"", "abcdefgh"}, surrounding{han, five_han}}) {
        text::utf8_checker fast;
        const bool is_fast_good = fast.feed(before + bytes + after);
        is_right = is_right && is_fast_good == (expected == verdict::whole);
        if (expected == verdict::bad) is_right = is_right && fast.bad_at() == before.size() + beginning.size();
        if (expected == verdict::unfinished) is_right = is_right && fast.bad_at() == before.size() + bytes.size();
      }
      if (!is_right) ++wrong;
    }
  }
  CHECK(wrong == 0);
  CHECK(characters == 0x110000 - 0x800);  // all of Unicode but the surrogates
}

TEST_CASE("the checker fails at the first byte that nothing could make valid", "[text][utf8]") {
  for (const invalid_text& each : invalid_texts) {
    INFO(each.what);
    for (const std::size_t before : {0U, 1U, 7U, 8U, 31U, 32U, 33U, 100U}) {
      for (const std::size_t after : {0U, 1U, 3U, 40U}) {
        const std::string bytes = std::string(before, 'x') + each.bytes + std::string(after, 'y');
        const outcome expected{false, false, before + each.bad_at};
        CHECK_FALSE(text::is_utf8(bytes));
        CHECK(check({bytes}) == expected);
        CHECK(check_bytewise(bytes) == expected);
        // Without the bytes after the bad one it has failed already; without the bad one it has not.
        CHECK(check({std::string_view(bytes).substr(0, expected.bad_at + 1)}) == expected);
        CHECK(check({std::string_view(bytes).substr(0, expected.bad_at)}).is_good);
      }
    }
  }
}

TEST_CASE("a text in pieces is judged the same as whole, wherever it is split", "[text][utf8]") {
  std::vector<std::string> texts{"",
                                 "a",
                                 "k\xC3\xB6sterliches \xE2\x82\xAC \xF0\x9F\x98\x80 und noch viel mehr Text dahinter",
                                 "\xE2\x82",
                                 "abc\xF0\x9F\x98",
                                 "nul\0inside"s,
                                 "\xEF\xBB\xBF with a mark",
                                 "\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF"};
  for (const invalid_text& each : invalid_texts) {
    texts.push_back("before " + each.bytes + " and after, for long enough");
    for (const std::size_t before : {15U, 16U, 82U})  // some blocks of vectors
      texts.push_back(filled(before, "ab\xC3\xA9") + each.bytes + filled(90, "\xE6\xBC\xA2"));
  }
  for (const std::string_view each : texts) {
    const outcome whole = check_bytewise(each);
    for (const way how : both_ways) {
      CHECK(check({each}, how) == whole);
      for (std::size_t first = 0; first <= each.size(); ++first) {
        CHECK(check({each.substr(0, first), each.substr(first)}, how) == whole);
        CHECK(check({each.substr(0, first), "", each.substr(first)}, how) == whole);
      }
    }
  }
}

TEST_CASE("vectors, the automaton and single bytes agree on a fault wherever it lies among blocks", "[text][utf8]") {
  std::vector<invalid_text> faults = invalid_texts;
  for (const std::string& character : {"\xC3\xA4"s, "\xE2\x82\xAC"s, "\xF0\x9F\x98\x80"s}) {
    for (std::size_t size = 1; size < character.size(); ++size) {
      for (const std::string& next : {"a"s, character})
        faults.push_back({"a character that is broken off", character.substr(0, size) + next, size});
      faults.push_back({"the same with what follows, and no fault at the end", character.substr(0, size), size});
    }
  }
  std::size_t wrong = 0;
  for (const std::string& filling : fillings) {
    for (const invalid_text& fault : faults) {
      for (std::size_t before = 0; before <= 75; before += test::step_of(5)) {  // each place in a block of 16
        for (const std::size_t after : {0U, 1U, 2U, 5U, 15U, 16U, 40U, 64U, 90U}) {
          const std::string bytes = filled(before, filling) + fault.bytes + filled(after, filling);
          const exact_copy copy(bytes.begin(), bytes.end());
          const outcome expected = check_bytewise(bytes);
          bool is_right = expected.is_good ? fault.bad_at == bytes.size() - before : expected.bad_at == before + fault.bad_at;
          for (const way how : both_ways) is_right = is_right && check({view_of(copy)}, how) == expected;
          if (!is_right) ++wrong;
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("vectors skip all valid text, and stop between characters close before a fault", "[text][utf8]") {
  if (!text::detail::has_utf8_vectors()) return;  // without vectors the automaton reads all bytes
  constexpr std::size_t least = text::detail::least_for_utf8_vectors;
  const auto skipped = [](const exact_copy& bytes) {
    const char* const end = bytes.data() + bytes.size();
    return static_cast<std::size_t>(text::detail::skip_by_utf8_vectors(bytes.data(), end) - bytes.data());
  };
  std::size_t wrong = 0;
  for (const std::string& filling : fillings) {
    for (std::size_t size = least; size < 230; ++size) {
      const std::string whole = filled(size, filling);
      if (skipped(exact_copy(whole.begin(), whole.end())) != size) ++wrong;
      for (const std::string& beginning : {"\xC3"s, "\xE6"s, "\xE6\xBC"s, "\xF0"s, "\xF0\x9F"s, "\xF0\x9F\x98"s}) {
        const std::string unfinished = whole + beginning;
        if (skipped(exact_copy(unfinished.begin(), unfinished.end())) != size) ++wrong;
        const std::string broken_off = unfinished + "y" + whole;
        const std::size_t at = skipped(exact_copy(broken_off.begin(), broken_off.end()));
        if (at > size || at + 67 < unfinished.size() || !text::is_utf8(whole.substr(0, at))) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("random bytes and random damage are judged alike in every way", "[text][utf8]") {
  std::mt19937 random(1);
  for (int round = 0; round < 6000; ++round) {
    std::string bytes;
    while (bytes.size() < (round % 2 == 0 ? 60 : 250)) {
      const char* const pieces[] = {
          "plain ascii text ", "\xC3\xA4", "\xE6\xBC\xA2\xE5\xAD\x97",
          "\xF0\x9F\x98\x80",  " ",        "as much of it as a few blocks hold, and not one accent in all that "};
      bytes += pieces[random() % (round % 3 == 0 ? 6 : 5)];
    }
    for (auto changes = random() % 3; changes > 0; --changes) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % bytes.size());
    const exact_copy copy(bytes.begin(), bytes.end());
    const std::string_view view = view_of(copy);
    const std::size_t cut = random() % (bytes.size() + 1);
    const outcome expected = check_bytewise(bytes);
    for (const way how : both_ways) {
      if (check({view}, how) == expected && check({view.substr(0, cut), view.substr(cut)}, how) == expected) continue;
      CAPTURE(round, bytes);
      CHECK(false);
    }
  }
}

TEST_CASE("a checker that has failed stays so until it is reset", "[text][utf8]") {
  text::utf8_checker checker;
  CHECK_FALSE(checker.feed("ab\xFF"));
  CHECK_FALSE(checker.feed(""));
  CHECK_FALSE(checker.feed("fine"));
  CHECK_FALSE(checker.is_complete());
  CHECK(checker.has_failed());
  CHECK(checker.bad_at() == 2);
  checker.reset();
  CHECK_FALSE(checker.has_failed());
  CHECK(checker.feed("fine"));
  CHECK(checker.is_complete());
}

TEST_CASE("code points are counted, not bytes", "[text][utf8]") {
  CHECK(text::count_code_points("") == 0);
  CHECK(text::count_code_points("abc") == 3);
  CHECK(text::count_code_points("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80") == 3);
}

}  // namespace utf8_test
