// The newest event about the state of each model, for a client that connects after it (docs/protocol.md#states-told-again).
// I/O thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "base/cold.hpp"
#include "live/kept_answer.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class model_states {
 public:
  static constexpr std::size_t most_models = 256;
  static constexpr std::size_t max_bytes = 262'144;

  /// An event that is published now, of which `says_model_state` is true; `before`: the last time stamp before its own. It takes the
  /// place of the model's event before it. Past a bound the oldest event is forgotten of a model that neither loads nor failed; if there
  /// is none, the oldest. An event that alone is past it is not kept.
  WIRTHFORGE_COLD void record(const error_event& event, std::int64_t before) {
    std::string model_id = text_in_details(event, "modelId");
    if (model_id.empty()) return;
    states_.push_back({std::move(model_id), std::make_shared<const error_event>(event), before});
    bytes_ += bytes_of(states_.back());
    const auto news = std::prev(states_.end());  // the event before it is forgotten only now: there may be no memory
    const auto known = std::find_if(states_.begin(), news, [&](const entry& each) { return each.model_id == news->model_id; });
    if (known != news) erase(known);
    if (bytes_of(*news) > max_bytes) return erase(news);
    while (states_.size() > most_models || bytes_ > max_bytes) make_room();
  }

  /// Hands each whose time stamp is not above this one to `take(const error_event_ptr&)`, in the order in which they were published.
  template <class Take>
  void each(std::int64_t timestamp, Take take) const {
    for (const entry& one : states_) {
      if (one.before < timestamp) take(one.event);
    }
  }
  bool empty() const noexcept { return states_.empty(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct entry {
    std::string model_id;
    error_event_ptr event;
    std::int64_t before;
  };
  using place = std::list<entry>::iterator;

  static std::size_t bytes_of(const entry& each) noexcept {
    return sizeof(entry) + sizeof(error_event) + each.model_id.size() + kept_answer::bytes_of(*each.event);
  }
  WIRTHFORGE_COLD void make_room() {
    const auto last = std::prev(states_.end());  // the news
    const auto is_settled = [](const entry& each) { return says_it_settled(*each.event); };
    const auto found = std::find_if(states_.begin(), last, is_settled);
    erase(found != last ? found : states_.begin());
  }
  static bool says_it_settled(const error_event& event) noexcept {
    return event.code == "MODEL_READY" || event.code == "MODEL_UNLOADED";
  }
  WIRTHFORGE_COLD void erase(place which) {
    bytes_ -= bytes_of(*which);
    states_.erase(which);
  }

  std::list<entry> states_;  // the newest last
  std::size_t bytes_ = 0;
};

}}}  // namespace wirthforge::live
