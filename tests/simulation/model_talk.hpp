// The news of models and the events made of them: a model's newest state is sent soon, its progress not too often.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/failure.hpp"
#include "simulation/scheduler.hpp"
#include "simulation/wire.hpp"

namespace simulation {

class model_talk {
 public:
  static constexpr ticks interval = 250 * millisecond;
  struct entry {
    std::string model_id;
    std::string told, said;
    double told_progress = -1, said_progress = -1;
    ticks told_at = 0, said_at = -1;
    std::int64_t said_stamp = 0;
    bool is_certain = true;  ///< False while something else may have been said, which no client could be told.
  };

  static bool is_state(std::string_view code) {
    return code == "MODEL_LOADING" || code == "MODEL_READY" || code == "MODEL_UNLOADED" || code == "MODEL_FAILED";
  }
  static double progress_of(std::string_view text) {
    return text.find("\"progress\":") != std::string_view::npos ? number_field(text, "\"progress\":") : -1;
  }
  const std::vector<entry>& entries() const noexcept { return models_; }

  /// The program has told; it was carried out.
  void note_told(const wirthforge::live::tell_model& news, ticks now) {
    entry& of = entry_of(news.model_id);
    of.told = code_of(news.stage);
    of.told_progress = news.progress.value_or(-1);
    of.told_at = now;
  }
  /// An event that names a model. `is_prompt`: it was said now, and not held before.
  void note_said(std::string_view code, std::string_view text, ticks now, bool is_prompt) {
    entry& of = entry_of(std::string(string_field(text, "\"modelId\":")));
    if (is_prompt && code == "MODEL_LOADING" && of.said_at >= 0 && now - of.said_at < interval) {
      throw failure(oracle::timeouts, say("that a model loads is said after ", (now - of.said_at) / millisecond, " ms again"));
    }
    of.said = std::string(code);
    of.said_progress = progress_of(text);
    of.said_stamp = integer_field(text, "\"timestamp\":");
    of.is_certain = true;
    if (is_prompt) of.said_at = now;
    if (of.told.empty()) throw failure(oracle::order, "of a model is said what nobody told");
  }
  /// A new run does not know when the previous one said what.
  void begin_run() {
    for (entry& each : models_) {
      each.said_at = -1;
      each.is_certain = false;  // it knows the states that its log has
    }
  }
  /// No client was connected.
  void omit() {
    for (entry& each : models_) said_as_told(each);
  }
  /// By now it must have been said.
  void check(ticks now, ticks grace, ticks listened_since) const {
    for (const entry& each : models_) {
      if (each.told_at <= listened_since) continue;
      if (now - each.told_at <= interval + grace ||
          (each.said == each.told && std::abs(each.said_progress - each.told_progress) < 1e-9))
        continue;
      throw failure(oracle::completeness, say("of ", each.model_id, " was told ", each.told, ", and said is ", each.said));
    }
  }

 private:
  static const char* code_of(wirthforge::live::loading_stage stage) {
    static constexpr const char* codes[] = {"MODEL_LOADING", "MODEL_READY", "MODEL_UNLOADED", "MODEL_FAILED"};
    return codes[static_cast<int>(stage)];
  }
  static void said_as_told(entry& each) {
    if (each.said != each.told || each.said_progress != each.told_progress) each.is_certain = false;
    each.said = each.told;
    each.said_progress = each.told_progress;
  }
  entry& entry_of(const std::string& id) {
    for (entry& each : models_) {
      if (each.model_id == id) return each;
    }
    models_.push_back({id, {}, {}, -1, -1, 0, -1, 0, true});
    return models_.back();
  }

  std::vector<entry> models_;
};

}  // namespace simulation
