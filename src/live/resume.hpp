// The request of a returning client, in its query (docs/protocol.md#resume), and how it is told what it missed.
//
//   /ws?epoch=E&since=T&frame=F     the required parameters
//   &frames=a:12,b:11&began=T       optional, for several models: one `frame` cannot say which models' part of it arrived
//                                   before the line was cut. The last frame of each model; for a model that is not named, the
//                                   client gets everything since `began`, the startup_complete at which it began to add up, or
//                                   since T if `began` is missing.
//   &replay=open                    for a newly loaded page: the text so far of each open answer
//   &replay=recent                  and the answers that ended recently
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "events/events.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// Why a client cannot be sent everything since its cursor.
enum class gap { none, epoch_changed, too_old, lagged, invalid, answer_too_long, before_ready };

/// Which answers are sent again to a page that cannot be replayed the log.
enum class replay_of { nothing, open_answers, recent_answers };

struct resume_request {
  enum class kind { fresh, resume, invalid };
  kind what = kind::fresh;
  std::string epoch;
  std::int64_t since = 0;
  std::optional<std::int64_t> frame;
  std::optional<std::int64_t> began;
  std::vector<std::pair<std::string, std::int64_t>> frames;
  replay_of replay = replay_of::nothing;

  /// The last frame of a model's energy that the client has, or nothing when the numbers do not say.
  std::optional<std::int64_t> frame_of(std::string_view model_id) const {
    for (const auto& each : frames) {
      if (each.first == model_id) return each.second;
    }
    if (began) return std::nullopt;
    return frame;
  }
  /// From when on the client gets the energy of a model of which it has no frame.
  std::int64_t energy_since() const { return began.value_or(since); }
};

namespace detail {

/// A decimal as it is written by a machine: digits alone, no leading zero, within 63 bits.
inline bool parse_decimal(std::string_view digits, std::int64_t& out) noexcept {
  constexpr std::size_t most_digits = 18;  // each such number fits
  if (digits.empty() || digits.size() > most_digits || (digits.size() > 1 && digits[0] == '0')) return false;
  out = 0;
  for (const char each : digits) {
    if (each < '0' || each > '9') return false;
    out = out * 10 + (each - '0');
  }
  return true;
}

inline bool is_epoch(std::string_view text) noexcept {
  constexpr std::size_t digits = 32;
  if (text.size() != digits) return false;
  for (const char each : text) {
    if (!((each >= '0' && each <= '9') || (each >= 'a' && each <= 'f'))) return false;
  }
  return true;
}

// Browsers write ':' and ',' in a query as %3A and %2C.
inline std::string decode_list(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view three = text.substr(at, 3);
    const bool is_colon = three == "%3A" || three == "%3a";
    const bool is_comma = three == "%2C" || three == "%2c";
    out += is_colon ? ':' : is_comma ? ',' : text[at];
    if (is_colon || is_comma) at += 2;
  }
  return out;
}

inline bool parse_frames(std::string_view value, resume_request& out) {
  constexpr std::size_t most_models = 64;
  const std::string list = decode_list(value);
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::size_t colon = item.find(':');
    std::int64_t number = 0;
    if (colon == 0 || colon == std::string_view::npos || !parse_decimal(item.substr(colon + 1), number)) return false;
    if (out.frames.size() == most_models) return false;
    out.frames.emplace_back(std::string(item.substr(0, colon)), number);
  }
  return !out.frames.empty();
}

/// Each parameter as it was sent.
struct resume_texts {
  std::optional<std::string_view> epoch, since, frame, began, frames, replay;

  std::optional<std::string_view>* named(std::string_view name) noexcept {
    if (name == "epoch") return &epoch;
    if (name == "since") return &since;
    if (name == "frame") return &frame;
    if (name == "began") return &began;
    if (name == "frames") return &frames;
    return name == "replay" ? &replay : nullptr;
  }
  /// False when a parameter came twice.
  bool take_all(std::string_view query) noexcept {
    bool is_sound = true;
    while (!query.empty()) {
      const std::string_view item = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(query.size(), item.size() + 1));
      const std::size_t equals = std::min(item.find('='), item.size());
      std::optional<std::string_view>* const known = named(item.substr(0, equals));
      if (known == nullptr) continue;  // not ours
      if (*known) is_sound = false;
      *known = item.substr(std::min(item.size(), equals + 1));
    }
    return is_sound;
  }
};

inline bool parse_decimal(std::string_view digits, std::optional<std::int64_t>& out) noexcept {
  return parse_decimal(digits, out.emplace());
}

}  // namespace detail

/// Reads the query of an upgrade request. Parameters that do not belong to resume are ignored; a value of `replay` that only a
/// later version knows asks for nothing, and has no other effect.
inline resume_request parse_resume(std::string_view query) {
  resume_request result;
  detail::resume_texts came;
  bool is_sound = came.take_all(query);
  const bool has_cursor = came.epoch && came.since;
  const bool names_any = came.epoch || came.since || came.frame || came.began || came.frames;
  if (names_any && !has_cursor) is_sound = false;
  if (came.epoch && !detail::is_epoch(result.epoch = *came.epoch)) is_sound = false;
  if (came.since && !detail::parse_decimal(*came.since, result.since)) is_sound = false;
  if (came.frame && !detail::parse_decimal(*came.frame, result.frame)) is_sound = false;
  if (came.began && !detail::parse_decimal(*came.began, result.began)) is_sound = false;
  if (came.frames && !detail::parse_frames(*came.frames, result)) is_sound = false;
  if (came.replay == "open") result.replay = replay_of::open_answers;
  if (came.replay == "recent") result.replay = replay_of::recent_answers;
  if (!is_sound) result.what = resume_request::kind::invalid;
  else if (has_cursor) result.what = resume_request::kind::resume;
  return result;
}

/// Tells a client that it did not get the events between two times. `from` 0: from the beginning.
WIRTHFORGE_COLD inline error_event gap_event(gap why, std::int64_t from, std::int64_t to) {
  error_event event;
  event.severity = severity::warning;
  event.component = component::websocket;
  event.recoverable = true;
  const char* cause = "";
  switch (why) {
    case gap::none: break;
    case gap::epoch_changed:
      event.code = "RESUME_EPOCH_CHANGED";
      event.message = "the server was restarted since this client was connected";
      cause = "epoch_changed";
      break;
    case gap::too_old:
      event.code = "RESUME_GAP";
      event.message = "the client was away for longer than the log reaches back";
      cause = "too_old";
      break;
    case gap::lagged:
      event.code = "RESUME_LAGGED";
      event.message = "the client was too slow, and the log went on without it";
      cause = "lagged";
      break;
    case gap::answer_too_long:
      event.code = "RESUME_GAP";
      event.message = "an answer is too long to be sent again; an open one continues from here";
      cause = "answer_too_long";
      break;
    case gap::before_ready:
      event.code = "RESUME_GAP";
      event.message = "more was published before the server was ready than its log holds";
      cause = "before_ready";
      break;
    case gap::invalid:
      event.code = "RESUME_INVALID";
      event.message = "the resume parameters are invalid; this is a new connection";
      cause = "invalid";
      break;
  }
  event.details = json_object::of_valid_text(R"({"cause":")" + std::string(cause) + R"(","from":)" + std::to_string(from) +
                                             R"(,"to":)" + std::to_string(to) + "}");
  return event;
}

}}}  // namespace wirthforge::live
