// The state of a bridge: questions come in from any thread, and stay on the server's loop until they are answered. State
// on the loop is used only there, or while no thread runs the loop.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/option_table.hpp"
#include "events/model_id.hpp"
#include "model/json_line.hpp"
#include "model/model_url.hpp"
#include "net/model_call.hpp"
#include "server/bridge_answer.hpp"
#include "server/check_options.hpp"
#include "server/loop_user.hpp"
#include "server/model_bridge.hpp"
#include "server/server_core.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

/// A question that is open.
template <class Executor>
struct bridge_question {
  std::string session_id;
  std::shared_ptr<bridge_answer> answer;
  std::shared_ptr<net::model_call<Executor>> call;
};

class bridge_state : public loop_user {
 public:
  virtual void ask(model_question question, std::string session_id, std::error_code& error) = 0;
  virtual void cancel(std::string_view session_id) = 0;
  virtual void cancel_all() noexcept = 0;
  /// Its bridge was destroyed: cancels all questions, and is done when they have ended.
  virtual void retire() noexcept = 0;
  virtual std::size_t open_questions() const noexcept = 0;
  /// The option that is out of its range; empty when all are within.
  virtual const std::string& fault() const noexcept = 0;
};

WIRTHFORGE_COLD inline std::string bridge_fault(const model_bridge_options& options) {
  range_check check("model_bridge_options");
  each_model_bridge_option(options, [&](const char* name, const auto& value, const auto&, auto least, auto most, bool also_zero,
                                        const char* unit) { check.row(name, value, least, most, also_zero, unit); });
  return check.fault();
}
WIRTHFORGE_COLD inline net::model_call_options call_options_of(const model_bridge_options& options) {
  net::model_call_options result;
  result.exchange.connect_timeout = options.connect_timeout;
  result.exchange.first_byte_timeout = options.first_byte_timeout;
  result.exchange.silence_timeout = options.silence_timeout;
  result.exchange.stream.max_line_bytes = options.max_line_bytes;
  result.exchange.stream.max_body_bytes = options.max_body_bytes;
  result.exchange.response.max_body_bytes = options.max_body_bytes;
  result.retry_interval = options.retry_interval;
  result.max_text_bytes_per_beat = options.max_text_bytes_per_beat;
  result.max_read_bytes_per_beat = options.max_read_bytes_per_beat;
  return result;
}
/// As described at `model_question::model_id`.
WIRTHFORGE_COLD inline std::string model_id_of(const model_question& question, std::error_code& error) {
  if (!question.model_id.empty()) return question.model_id;
  std::optional<text::json_view> body;
  std::string memory, name;
  if (question.body.empty() || model::read_json(question.body, memory, body)) return "model";
  const std::optional<text::json_view> found = model::find_member(body, "model");
  if (!model::is_string(found)) return "model";
  return model_id_from_name(model::string_of(found, name), error);
}

// A template for the executor of its sockets: a program without a bridge compiles nothing of it.
template <class Executor>
class bridge_state_on final : public bridge_state {
 public:
  WIRTHFORGE_COLD bridge_state_on(std::weak_ptr<server_core> core, const model_bridge_options& options)
      : core_(std::move(core)), fault_(bridge_fault(options)),
        options_(fault_.empty() ? call_options_of(options) : net::model_call_options()),
        max_queued_bytes_(options.max_queued_bytes) {}

  const std::string& fault() const noexcept override { return fault_; }
  std::size_t open_questions() const noexcept override { return open_.load(); }

  void ask(model_question question, std::string session_id, std::error_code& error) override {
    incoming next;
    error = model::parse_model_url(question.url, next.request.url);
    if (!error && !fault_.empty()) error = errc::option_out_of_range;
    std::string model_id = error ? std::string() : model_id_of(question, error);
    const auto core = core_.lock();
    if (!error && !core) error = errc::server_stopped;
    if (error) return;
    token_stream opening;
    opening.session_id = session_id;
    opening.model_id = model_id;
    token_stream_writer writer = core->open_tokens(std::move(opening), nullptr, error);
    if (error) return;
    next.request.body = std::move(question.body);
    next.request.token = std::move(question.token);
    next.question.session_id = std::move(session_id);
    next.question.answer = std::make_shared<bridge_answer>(core_, std::move(writer), std::move(model_id), max_queued_bytes_);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (has_left_) return;  // the server stops meanwhile: the answer fails with its writer
      incoming_.push_back(std::move(next));
      ++open_;
    }
    core->wake_loop_users();
  }
  void cancel(std::string_view session_id) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      cancelled_.emplace_back(session_id);
    }
    if (const auto core = core_.lock()) core->wake_loop_users();
  }
  void cancel_all() noexcept override { cancel_all(false); }
  void retire() noexcept override { cancel_all(true); }

  bool take_turn() noexcept override {
    const auto core = core_.lock();
    if (!core) return false;
    admit(*core);
    const bool is_retired = take_cancellations();
    for (const auto& each : questions_) {
      if (each.answer->is_unwanted()) each.call->stop(std::make_error_code(std::errc::operation_canceled));
    }
    forget_ended();
    return !is_retired || !questions_.empty();
  }
  void leave() noexcept override {
    std::vector<incoming> never_asked;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      has_left_ = true;
      never_asked.swap(incoming_);
    }
    for (const auto& each : questions_) each.call->stop(errc::server_stopped);
    questions_.clear();
    open_ = 0;
  }

 private:
  void cancel_all(bool is_last) noexcept {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_all_cancelled_ = true;
      is_retired_ = is_last;
    }
    if (const auto core = core_.lock()) core->wake_loop_users();
  }

  using bridge_question = detail::bridge_question<Executor>;
  struct incoming {
    model::exchange_request request;
    bridge_question question;
  };

  static Executor executor_of(const server_loop& loop) {
    if (asio::io_context* const own = loop.own()) return own->get_executor();
    return loop.callers_executor();
  }
  // Starts the questions that came since the last turn. If there is no memory for one, its writer reports a failure.
  void admit(const server_core& core) noexcept {
    std::vector<incoming> next;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (has_left_) return;
      next.swap(incoming_);
    }
    for (incoming& each : next) {
      try {
        bridge_question& question = each.question;
        question.call = std::make_shared<net::model_call<Executor>>(executor_of(core.loop()), std::move(each.request),
                                                                    question.answer, options_);
        questions_.push_back(question);
        question.call->start();
      } catch (...) {
        each.question.answer->lost();
        --open_;
      }
    }
  }
  // True when no caller can ask any more.
  bool take_cancellations() noexcept {
    std::vector<std::string> cancelled;
    bool is_all = false;
    bool is_retired = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      cancelled.swap(cancelled_);
      is_all = std::exchange(is_all_cancelled_, false);
      is_retired = is_retired_;
    }
    for (const auto& each : questions_) {
      const bool is_named = std::find(cancelled.begin(), cancelled.end(), each.session_id) != cancelled.end();
      if (is_all || is_named) each.call->stop(std::make_error_code(std::errc::operation_canceled));
    }
    return is_retired;
  }
  void forget_ended() noexcept {
    const auto ended = std::remove_if(questions_.begin(), questions_.end(),
                                      [](const auto& each) { return each.call->is_over(); });
    open_ -= static_cast<std::size_t>(questions_.end() - ended);
    questions_.erase(ended, questions_.end());
  }

  const std::weak_ptr<server_core> core_;
  const std::string fault_;
  const net::model_call_options options_;
  const std::size_t max_queued_bytes_;
  std::atomic<std::size_t> open_{0};

  std::mutex mutex_;  // guards the members below
  std::vector<incoming> incoming_;
  std::vector<std::string> cancelled_;
  bool is_all_cancelled_ = false;
  bool is_retired_ = false;
  bool has_left_ = false;

  std::vector<bridge_question> questions_;  // on the loop
};

}}}  // namespace wirthforge::detail
