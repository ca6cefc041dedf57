// Passes a model server's signals to an answer of the server: text, thinking, tool calls, and how it ended.
#pragma once

#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "live/life_events.hpp"
#include "model/signal.hpp"
#include "net/model_call.hpp"
#include "server/server_core.hpp"
#include "server/token_stream.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

/// The models that clients were told are not ready, and how many answers wait for each of them. On the loop.
class bridge_models {
 public:
  void begin_loading(const std::string& id) { ++waiting_[id]; }
  /// True if clients were told that it is not ready: it answers.
  bool take_not_ready(const std::string& id) noexcept { return waiting_.erase(id) > 0; }
  /// An answer waits no more. True if no other waits for the model; it still is not ready.
  bool end_loading(const std::string& id) noexcept {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return false;
    if (found->second > 0) --found->second;
    return found->second == 0;
  }
  void note_not_ready(const std::string& id) { waiting_.emplace(id, 0); }

 private:
  std::map<std::string, std::size_t> waiting_;
};

class bridge_answer final : public net::model_hearer {
 public:
  WIRTHFORGE_COLD bridge_answer(std::weak_ptr<server_core> core, token_stream_writer answer, std::string model_id,
                                std::shared_ptr<bridge_models> models, std::size_t max_queued_bytes)
      : core_(std::move(core)), answer_(std::move(answer)), model_id_(std::move(model_id)), models_(std::move(models)),
        max_queued_bytes_(max_queued_bytes) {}

  /// A page asked for the end of the answer, or of its thinking or tool calls.
  bool is_unwanted() const noexcept override {
    if (answer_.stop_requested() || thinking_.stop_requested()) return true;
    for (const token_stream_writer& each : calls_) {
      if (each.stop_requested()) return true;
    }
    return false;
  }

  bool has_room() noexcept override {
    std::size_t bytes = answer_.queued_bytes() + thinking_.queued_bytes();
    for (const token_stream_writer& each : calls_) bytes += each.queued_bytes();
    return bytes <= max_queued_bytes_;
  }
  void heard(const model_signal& signal) override {
    using kind = model_signal::kind;
    switch (signal.what) {
      case kind::text:
        note_loaded();
        end_thinking();
        return write(answer_, signal.text);
      case kind::thinking: return think(signal.text);
      case kind::tool_call: return call(signal);
      case kind::progress: return wait(signal);
      case kind::usage:
        if (signal.usage.answer_tokens) answer_.usage(*signal.usage.answer_tokens);
        return;
      case kind::finished: return finish(signal.finish);
      case kind::failed: return fail(signal);
    }
  }
  WIRTHFORGE_COLD void lost() noexcept override {
    answer_.fail("a part of the answer could not be passed on");
    if (std::exchange(is_loading_, false)) models_->end_loading(model_id_);
  }
  void over() noexcept override {
    if (const auto core = core_.lock()) core->wake_loop_users();
  }

 private:
  void tell_model(live::loading_stage stage, std::optional<double> progress, std::string_view reason) {
    if (const auto core = core_.lock()) core->tell_model(model_id_, stage, progress, reason);
  }
  static void write(token_stream_writer& to, std::string_view piece) {
    std::error_code error;
    to.write(piece, error);
    if (error) throw std::system_error(error);
  }
  void think(std::string_view piece) {
    note_loaded();
    if (!thinks_) thinking_ = answer_.thinking();
    thinks_ = true;
    write(thinking_, piece);
  }
  void end_thinking() noexcept {
    if (thinks_) thinking_.finish();
    thinks_ = false;
  }
  void call(const model_signal& signal) {
    note_loaded();
    end_thinking();
    while (calls_.size() <= signal.call) {
      const bool is_this = calls_.size() == signal.call && !signal.name.empty();
      calls_.push_back(answer_.tool_call(is_this ? signal.name : std::string_view("unnamed")));
    }
    if (!signal.text.empty()) write(calls_[signal.call], signal.text);
  }
  void wait(const model_signal& signal) {
    if (signal.stage == model_stage::prompt) {
      note_loaded();
      return answer_.waiting(signal.progress);
    }
    if (!is_loading_) models_->begin_loading(model_id_);
    is_loading_ = true;
    tell_model(live::loading_stage::loading, signal.progress, {});
  }
  void note_loaded() {
    is_loading_ = false;
    if (models_->take_not_ready(model_id_)) tell_model(live::loading_stage::ready, {}, {});
  }
  void finish(model_finish why) {
    const bool is_unloaded = why == model_finish::unloaded;
    if (!is_unloaded && why != model_finish::loaded) note_loaded();
    end_thinking();
    answer_.finish(why == model_finish::length ? finish_reason::length : finish_reason::stop);
    if (!is_unloaded && why != model_finish::loaded) return;
    models_->take_not_ready(model_id_);
    if (is_unloaded) models_->note_not_ready(model_id_);
    is_loading_ = false;
    tell_model(is_unloaded ? live::loading_stage::unloaded : live::loading_stage::ready, {}, {});
  }
  WIRTHFORGE_COLD void fail(const model_signal& signal) {
    const bool is_stopped = signal.error == std::make_error_code(std::errc::operation_canceled);
    if (is_stopped) answer_.finish(finish_reason::stopped);
    else answer_.fail(signal.text);
    if (!std::exchange(is_loading_, false)) return;
    const bool is_last = models_->end_loading(model_id_);
    if (is_stopped || signal.error == errc::server_stopped) {  // the model did not fail, but nobody hears when it is ready
      if (is_last) tell_model(live::loading_stage::unloaded, {}, {});
      return;
    }
    models_->note_not_ready(model_id_);
    tell_model(live::loading_stage::failed, {}, signal.text);
  }

  const std::weak_ptr<server_core> core_;
  token_stream_writer answer_, thinking_;
  std::vector<token_stream_writer> calls_;
  const std::string model_id_;
  const std::shared_ptr<bridge_models> models_;
  const std::size_t max_queued_bytes_;
  bool thinks_ = false;
  bool is_loading_ = false;
};

}}}  // namespace wirthforge::detail
