// UTF-8 as RFC 3629 section 4 writes it down, production by production: the slow reference.
#pragma once

#include <cstddef>
#include <string_view>

namespace fuzz {

/// How a text stands.
struct utf8_answer {
  std::size_t sound = 0;  ///< Bytes before the first that no continuation could make valid; all, when there is none.
  bool is_sound = true;   ///< True when there is no such byte.
  std::size_t open = 0;   ///< The number of valid bytes at the end that begin an unfinished character.
};

inline utf8_answer plain_utf8(std::string_view text) {
  // clang-format off
  struct range { unsigned char low, high; };
  struct production { std::size_t size; range bytes[4]; };
  static constexpr production grammar[] = {
      {1, {{0x00, 0x7F}, {}, {}, {}}},
      {2, {{0xC2, 0xDF}, {0x80, 0xBF}, {}, {}}},
      {3, {{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}, {}}},
      {3, {{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}, {}}},
      {3, {{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}, {}}},
      {3, {{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}, {}}},
      {4, {{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {4, {{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {4, {{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}}};
  // clang-format on
  utf8_answer answer;
  while (answer.sound < text.size()) {
    std::size_t longest = 0;
    bool is_whole = false;
    for (const production& each : grammar) {
      std::size_t fits = 0;
      while (fits < each.size && answer.sound + fits < text.size()) {
        const auto byte = static_cast<unsigned char>(text[answer.sound + fits]);
        if (byte < each.bytes[fits].low || byte > each.bytes[fits].high) break;
        ++fits;
      }
      if (fits > longest) longest = fits;
      is_whole = is_whole || fits == each.size;
    }
    answer.sound += longest;
    if (is_whole) continue;
    answer.open = longest;
    answer.is_sound = answer.sound == text.size();
    return answer;
  }
  return answer;
}

}  // namespace fuzz
