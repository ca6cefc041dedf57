// The news of models, at most four a second of each while it loads: the newest value is kept and published when it is due. I/O
// thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <list>
#include <utility>

#include "base/cold.hpp"
#include "base/clock.hpp"
#include "live/command.hpp"
#include "live/life_events.hpp"
#include "live/token_streams.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class model_news {
 public:
  /// Hands the news to `say(const error_event&)` at once if it is due.
  template <class Say>
  WIRTHFORGE_COLD void tell(tell_model& news, const instant& now, Say say) {
    forget_old(now);
    entry* const known = entry_of(news.model_id);
    if (known != nullptr && news.stage == loading_stage::loading && known->said &&
        now.steady < *known->said + token_streams::progress_interval) {
      known->waiting = std::move(news);
      expect(*known->said + token_streams::progress_interval);
      return;
    }
    if (known != nullptr) {
      known->waiting.reset();
      known->said = now.steady;
    }
    say(model_event(news.model_id, news.stage, news.progress, news.reason));
  }

  /// When `take` must be called next, if at all.
  std::optional<steady_time> due() const noexcept { return due_; }
  template <class Say>
  void take(const instant& now, const Say& say) {
    if (due_ && now.steady >= *due_) take_due(now, say);
  }

 private:
  static constexpr std::size_t most_models = 256;  // if more load at once, no news is held back
  struct entry {
    std::string model_id;
    std::optional<steady_time> said;
    std::optional<tell_model> waiting;
  };

  template <class Say>
  WIRTHFORGE_COLD void take_due(const instant& now, const Say& say) {
    due_.reset();
    for (entry& each : models_) {
      if (!each.waiting) continue;
      const steady_time when = *each.said + token_streams::progress_interval;
      if (now.steady < when) {
        expect(when);
        continue;
      }
      const tell_model news = *std::exchange(each.waiting, std::nullopt);
      each.said = now.steady;
      say(model_event(news.model_id, news.stage, news.progress, news.reason));
    }
  }

  void expect(steady_time when) noexcept {
    if (!due_ || when < *due_) due_ = when;
  }
  WIRTHFORGE_COLD void forget_old(const instant& now) {
    const auto is_old = [&](const entry& each) {
      return !each.waiting && each.said && now.steady >= *each.said + token_streams::progress_interval;
    };
    models_.remove_if(is_old);
  }
  WIRTHFORGE_COLD entry* entry_of(const std::string& model_id) {
    for (entry& each : models_) {
      if (each.model_id == model_id) return &each;
    }
    if (models_.size() == most_models) return nullptr;
    models_.push_back({model_id, std::nullopt, std::nullopt});
    return &models_.back();
  }

  std::list<entry> models_;
  std::optional<steady_time> due_;
};

}}}  // namespace wirthforge::live
