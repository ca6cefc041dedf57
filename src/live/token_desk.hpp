// All open token streams: takes their pieces, and gives their events when the beat comes. I/O thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "live/token_assembler.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class token_desk {
 public:
  void open(std::uint64_t id, std::string session_id, std::string model_id) {
    streams_.emplace(id, token_assembler(std::move(session_id), std::move(model_id)));
  }
  /// Pieces for a stream that is not open are ignored: its handle has said so already.
  void write(std::uint64_t id, std::string_view piece, const double& energy_cost) {
    const auto found = streams_.find(id);
    if (found != streams_.end()) found->second.write(piece, energy_cost);
  }
  void finish(std::uint64_t id) {
    const auto found = streams_.find(id);
    if (found != streams_.end()) found->second.finish();
  }

  bool is_dirty() const noexcept {
    for (const auto& each : streams_) {
      if (each.second.is_dirty()) return true;
    }
    return false;
  }
  std::size_t size() const noexcept { return streams_.size(); }

  /// Hands every event that is due to `send(const token_stream&)`, and forgets streams that are finished.
  template <class Send>
  void take_all(Send send) {
    for (auto each = streams_.begin(); each != streams_.end();) {
      while (const token_stream* const event = each->second.take()) send(*event);
      each = each->second.is_over() ? streams_.erase(each) : std::next(each);
    }
  }

 private:
  std::map<std::uint64_t, token_assembler> streams_;  // in the order of opening
};

}}}  // namespace wirthforge::live
