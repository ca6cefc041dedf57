// The resume parameters of a query.
// covers: live/resume.hpp
//
// Any query. Oracles: a plain reading of the wire contract (docs/protocol.md#resume), parameter by parameter into a
// map; valid parameters, written again as a query, are read the same; each gap is told by a valid event.
#include "live/resume.hpp"

#include <map>

#include "fuzz/support/fuzz.hpp"

namespace fuzz::resume_target {
namespace {

using wirthforge::live::resume_request;
using kind = resume_request::kind;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char each : text) {
    if (each == at) parts.emplace_back();
    else parts.back() += each;
  }
  return parts;
}

bool is_decimal(const std::string& text, std::int64_t& value) {
  if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos) return false;
  value = std::stoll(text);
  return std::to_string(value) == text;
}

std::string decoded(std::string text) {
  for (const auto& [from, to] : {std::pair<const char*, const char*>{"%3A", ":"}, {"%3a", ":"}, {"%2C", ","}, {"%2c", ","}}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) text.replace(at, 3, to);
  }
  return text;
}

bool read_frames(const std::string& value, resume_request& out) {
  std::vector<std::string> items = split(decoded(value), ',');
  if (items.back().empty()) items.pop_back();  // a list may end in a comma
  for (const std::string& each : items) {
    const std::size_t colon = each.find(':');
    std::int64_t number = 0;
    if (colon == std::string::npos || colon == 0 || !is_decimal(each.substr(colon + 1), number)) return false;
    out.frames.emplace_back(each.substr(0, colon), number);
  }
  return !items.empty() && items.size() <= 64;
}

resume_request read_plainly(const std::string& query) {
  resume_request out;
  std::map<std::string, std::string> found;
  bool is_sound = true;
  for (const std::string& each : split(query, '&')) {
    const std::size_t equals = each.find('=');
    const std::string name = each.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : each.substr(equals + 1);
    for (const char* known : {"epoch", "since", "frame", "began", "frames", "replay"}) {
      if (name == known) is_sound = found.emplace(name, value).second && is_sound;
    }
  }
  const auto has = [&](const char* name) { return found.count(name) > 0; };
  const auto number = [&](const char* name, std::optional<std::int64_t>& into) {
    std::int64_t value = 0;
    if (!has(name)) return;
    if (is_decimal(found[name], value)) into = value;
    else is_sound = false;
  };
  std::optional<std::int64_t> since;
  number("since", since);
  number("frame", out.frame);
  number("began", out.began);
  out.since = since.value_or(0);
  if (has("epoch")) {
    out.epoch = found["epoch"];
    is_sound = is_sound && out.epoch.size() == 32 && out.epoch.find_first_not_of("0123456789abcdef") == std::string::npos;
  }
  if (has("frames")) is_sound = read_frames(found["frames"], out) && is_sound;
  if (has("replay") && found["replay"] == "open") out.replay = wirthforge::live::replay_of::open_answers;
  if (has("replay") && found["replay"] == "recent") out.replay = wirthforge::live::replay_of::recent_answers;
  const bool has_cursor = has("epoch") && has("since");
  const bool has_any = has("epoch") || has("since") || has("frame") || has("began") || has("frames");
  if (!is_sound || (has_any && !has_cursor)) out.what = kind::invalid;
  else if (has_cursor) out.what = kind::resume;
  return out;
}

bool same(const resume_request& left, const resume_request& right) {
  if (left.what != right.what) return false;
  if (left.what == kind::invalid) return true;  // nothing else of it counts
  return left.epoch == right.epoch && left.since == right.since && left.frame == right.frame && left.began == right.began &&
         left.frames == right.frames && left.replay == right.replay;
}

std::string write_query(const resume_request& from) {
  using wirthforge::live::replay_of;
  std::string out = from.replay == replay_of::nothing          ? ""
                    : from.replay == replay_of::recent_answers ? "replay=recent"
                                                               : "replay=open";
  if (from.what != kind::resume) return out;
  out += "&epoch=" + from.epoch + "&since=" + std::to_string(from.since);
  if (from.frame) out += "&frame=" + std::to_string(*from.frame);
  if (from.began) out += "&began=" + std::to_string(*from.began);
  for (std::size_t n = 0; n < from.frames.size(); ++n) {
    out += (n == 0 ? "&frames=" : "%2C") + from.frames[n].first + ":" + std::to_string(from.frames[n].second);
  }
  return out;
}

}  // namespace

void fuzz_one(std::string_view input) {
  const exact_copy copy(input);
  const resume_request found = wirthforge::live::parse_resume(copy.view());
  require(same(found, read_plainly(std::string(input))), "another reading than the contract's");
  for (const auto& each : found.frames) require(found.frame_of(each.first).has_value(), "a model without its frame");
  require(found.frame_of("") == (found.began ? std::nullopt : found.frame), "another frame for a model that is not named");
  require(found.energy_since() == (found.began ? *found.began : found.since), "energy is owed since another time");
  if (found.what != kind::invalid && input.find('%') == std::string_view::npos) {
    require(same(wirthforge::live::parse_resume(write_query(found)), found), "written again it is another wish");
  }
  for (unsigned why = 1; why <= 5; ++why) {
    const auto event = wirthforge::live::gap_event(static_cast<wirthforge::live::gap>(why), found.since, found.since + 1);
    require(!wirthforge::check(event), "a gap is told by an event that is not valid");
  }
}

}  // namespace fuzz::resume_target
