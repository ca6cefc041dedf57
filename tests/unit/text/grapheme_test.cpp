// Text is cut between characters as people count them, wherever its bytes were cut.
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace grapheme_test {

using namespace wirthforge;

namespace {

using pieces = std::vector<std::string>;

std::string joined(const pieces& all) {
  std::string text;
  for (const std::string& each : all) text += each;
  return text;
}

// Examples of each rule of UAX #29, section 3.1.1: none of these may be cut.
const pieces& clusters() {
  static const pieces all = {"a",                                                 // a letter
                             "\r\n",                                              // GB3
                             "\xEA\xB0\x80",                                      // a Hangul syllable
                             "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8",              // GB6-8: its parts
                             "\xEA\xB0\x80\xE1\x86\xA8",                          // a syllable and a final
                             "e\xCC\x81\xCC\xA7",                                 // GB9: marks
                             "\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7\xE0\xA4\xBF",  // GB9c: a Devanagari conjunct and its vowel
                             "\xE0\xB8\x81\xE0\xB8\xB3",                          // GB9a: a Thai letter and SARA AM
                             "\xD8\x80\xD9\xA1",                                  // GB9b: an Arabic number sign and its digit
                             "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",  // GB11: a family
                             "\xF0\x9F\x91\x8B\xF0\x9F\x8F\xBD",                                          // a hand and its tone
                             "\xE2\x9D\xA4\xEF\xB8\x8F",          // a heart and its variation selector
                             "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA",  // GB12: a flag
                             "\xF0\x9F\x8F\xB4\xF3\xA0\x81\xA7\xF3\xA0\x81\xA2\xF3\xA0\x81\xBF",  // a flag of tags
                             "\xE6\x97\xA5",                                                      // an ideograph
                             "\xE8\x91\x9B\xF3\xA0\x84\x80",  // an ideograph and its variation
                             "\xE3\x81\x8B\xE3\x82\x99",      // kana and a voicing mark
                             "1\xEF\xB8\x8F\xE2\x83\xA3",     // a keycap
                             " ",
                             "\n",
                             ".",
                             "\xE3\x80\x82"};
  return all;
}

// All that comes when the text is fed in these pieces; `finish` is the last.
pieces split(const pieces& fed) {
  text::grapheme_splitter splitter;
  pieces got;
  for (const std::string& each : fed) {
    const std::string copy = each;
    if (const std::string_view out = splitter.take(copy); !out.empty()) got.emplace_back(out);
  }
  if (const std::string_view out = splitter.finish(); !out.empty()) got.emplace_back(out);
  return got;
}
pieces bytes_of(const std::string& text) {
  pieces all;
  for (const char each : text) all.emplace_back(1, each);
  return all;
}

}  // namespace

TEST_CASE("Chinese comes a character at a time", "[text][grapheme]") {
  const std::string text = "\xE4\xBD\xA0\xE5\xA5\xBD\xEF\xBC\x8C\xE4\xB8\x96\xE7\x95\x8C";
  CHECK(split(bytes_of(text)) == pieces{"\xE4\xBD\xA0", "\xE5\xA5\xBD", "\xEF\xBC\x8C", "\xE4\xB8\x96", "\xE7\x95\x8C"});
  text::grapheme_splitter splitter;
  CHECK(splitter.take(text) == text.substr(0, 12));
  CHECK(splitter.take_kept() == text.substr(12));
  CHECK(splitter.take("\xE4\xBD").empty());
  CHECK(splitter.take_kept().empty());
  CHECK(splitter.take("\xA0").empty());
  CHECK(splitter.take_kept() == "\xE4\xBD\xA0");
}

TEST_CASE("no user-perceived character is cut, wherever the bytes are cut", "[text][grapheme][uax29]") {
  for (const std::string& each : clusters()) {
    INFO(each);
    const pieces got = split(bytes_of("x" + each + "y"));
    CHECK(got.back() == "y");
    CHECK((got == pieces{"x", each, "y"} || got == pieces{"x" + each, "y"}));  // text is never cut before some scripts
    CHECK(text::last_cut(each) == 0);
  }
}

TEST_CASE("a row of any characters is cut only between them", "[text][grapheme]") {
  std::mt19937 random(18);
  for (int round = 0; round < 3000; ++round) {
    pieces in_a_row;
    for (auto count = 1 + random() % 6; count > 0; --count) in_a_row.push_back(clusters()[random() % clusters().size()]);
    const std::string text = joined(in_a_row);
    std::vector<bool> is_between(text.size() + 1, false);
    std::size_t at = 0;
    for (const std::string& each : in_a_row) is_between[at += each.size()] = true;
    pieces fed;
    for (std::size_t begin = 0, size = 0; begin < text.size(); begin += size)
      fed.push_back(text.substr(begin, size = 1 + random() % 7));
    const pieces got = split(fed);
    INFO(text);
    REQUIRE(joined(got) == text);
    at = 0;
    for (const std::string& each : got) REQUIRE(is_between[at += each.size()]);
  }
}

TEST_CASE("flags in a row stay together, and a character without end is not kept for ever", "[text][grapheme]") {
  const std::string flag = "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA";
  CHECK(split({flag + flag + "x"}) == pieces{flag + flag, "x"});
  text::grapheme_splitter splitter;
  std::size_t handed_out = splitter.take("e").size();
  for (int count = 0; count < 10000; ++count) handed_out += splitter.take("\xCC\x81").size();
  CHECK(handed_out > 20001 - text::grapheme_splitter::max_kept_bytes - 8);
  CHECK(splitter.finish().size() + handed_out == 20001);
}

TEST_CASE("invalid bytes are handed on unchanged", "[text][grapheme]") {
  for (const std::string& bytes : {std::string("a\xFFz"), std::string("\xC0\xAF"),
                                   std::string("\xE6\x97"
                                               "a"),
                                   std::string("\x80\x80\xED\xA0\x80"), std::string("\xF4\x90\x80\x80")}) {
    CHECK(joined(split(bytes_of(bytes))) == bytes);
    CHECK(joined(split({bytes})) == bytes);
  }
}

TEST_CASE("the ranges are in order, as the search requires", "[text][grapheme]") {
  std::uint32_t last = 0;
  for (const auto& each : text::detail::goes_on) {
    CHECK((each.first > last && each.last >= each.first));
    last = each.last;
  }
  last = 0;
  for (const auto& each : text::detail::joins_next) {
    CHECK((each.first > last && each.last >= each.first));
    last = each.last;
  }
}

}  // namespace grapheme_test
