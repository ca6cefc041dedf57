// The origins that an integrator has invited, beside the server's own: compared as bytes, changed while the server runs. For
// any thread; its lock is held only while the list is read or changed.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "rfc6455/origin.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

/// The names of this machine's loopback, as they appear in a Host field and in an origin.
inline constexpr std::string_view loopback_names[] = {"127.0.0.1", "[::1]", "localhost"};

/// For an http:// or https:// origin on one of the three names of loopback: it and the same on the other two; any other origin
/// alone.
WIRTHFORGE_COLD inline std::vector<std::string> with_loopback_twins(std::string_view origin) {
  std::vector<std::string> all{std::string(origin)};
  if (!is_web_origin(origin)) return all;
  const std::size_t begin = origin.find("://") + 3;
  const std::string_view scheme = origin.substr(0, begin);
  const std::string_view rest = origin.substr(begin);
  for (const std::string_view name : loopback_names) {
    const std::string_view port = rest.substr(std::min(name.size(), rest.size()));
    if (rest.substr(0, name.size()) != name || !(port.empty() || port.front() == ':')) continue;
    for (const std::string_view twin : loopback_names) {
      if (twin != name) all.push_back(concat({scheme, twin, port}));
    }
    break;
  }
  return all;
}

class origin_list {
 public:
  origin_list() = default;
  /// Each passed `check_origin_syntax`.
  WIRTHFORGE_COLD origin_list(const std::vector<std::string>& origins, bool takes_twins) : takes_twins_(takes_twins) {
    for (const std::string& each : origins) invite(each);
  }

  /// Adding an origin a second time changes nothing.
  WIRTHFORGE_COLD void invite(std::string_view origin) {
    std::vector<std::string> all = forms_of(origin);
    const std::lock_guard<std::mutex> lock(mutex_);
    for (std::string& each : all) {
      if (!holds(each)) origins_.push_back(std::move(each));
    }
  }
  /// Connected clients stay. Removing an origin that was not invited is no error.
  WIRTHFORGE_COLD void uninvite(std::string_view origin) {
    const std::vector<std::string> all = forms_of(origin);
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const std::string& each : all) origins_.erase(std::remove(origins_.begin(), origins_.end(), each), origins_.end());
  }
  WIRTHFORGE_COLD bool contains(std::string_view origin) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return holds(origin);
  }

 private:
  std::vector<std::string> forms_of(std::string_view origin) const {
    return takes_twins_ ? with_loopback_twins(origin) : std::vector<std::string>{std::string(origin)};
  }
  bool holds(std::string_view origin) const { return std::find(origins_.begin(), origins_.end(), origin) != origins_.end(); }

  const bool takes_twins_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> origins_;
};

}}}  // namespace wirthforge::rfc6455
