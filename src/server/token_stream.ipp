// How an answer is opened, written to and ended.
#pragma once

#include <exception>
#include <string>
#include <system_error>
#include <utility>

#include "base/linkage.hpp"
#include "server/server.hpp"
#include "server/server_core.hpp"
#include "server/throw.hpp"
#include "text/mend.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {
namespace detail {

/// The last step of a token stream with its place in the queue.
struct token_stream_end {
  handoff<live::command>::slot slot;
};

inline token_stream_writer server_core::open_tokens(token_stream opening, answer_ptr whole, std::error_code& error) {
  error.clear();
  if (check(opening)) error = errc::schema_violation;
  else if (lifecycle_.is_stopped()) error = errc::server_stopped;
  if (error) return {};
  const std::uint64_t id = last_token_stream_.fetch_add(1) + 1;
  auto state = std::make_shared<live::token_stream_state>(id, std::move(opening.session_id), std::move(opening.model_id),
                                                          std::move(whole));
  state->energy = energies_.of(state->model_id);
  std::unique_ptr<token_stream_end> end(new token_stream_end{handoff<live::command>::make_slot(live::finish_tokens{id})});
  auto begin = handoff<live::command>::make_slot(live::open_tokens{state});
  if (!sessions_.open(state)) {
    error = errc::session_open;
    return {};
  }
  if (broker_.push(std::move(begin))) post(&server_core::drain);
  return {weak_from_this(), std::move(state), std::move(end)};
}
inline std::error_code server_core::write_tokens(live::token_stream_state& to, std::string_view piece, double energy_cost) {
  if (lifecycle_.is_stopped()) return errc::server_stopped;
  if (is_queue_full()) return errc::queue_full;
  live::command next(live::write_tokens{to.id, std::string(piece), energy_cost, to.known_certainty()});
  to.queued_bytes.fetch_add(piece.size());  // first: the I/O thread may be quick
  try {
    push(std::move(next));
  } catch (...) {
    to.queued_bytes.fetch_sub(piece.size());
    throw;
  }
  return {};
}
inline std::error_code server_core::wait_tokens(live::token_stream_state& with, const std::optional<double>& progress) {
  if (lifecycle_.is_stopped()) return errc::server_stopped;
  with.set_progress(progress);
  if (with.is_waiting_queued.exchange(true)) return {};
  try {
    push(live::wait_tokens{with.id});
  } catch (...) {
    with.is_waiting_queued.store(false);
    throw;
  }
  return {};
}
// It is pushed before the session is free again: an answer that is then opened comes after it.
inline void server_core::finish_tokens(live::token_stream_state& which, token_stream_end& end, live::answer_end how,
                                       std::string_view reason) noexcept {
  if (which.is_over()) return;  // it ended with its parent answer
  auto& last = std::get<live::finish_tokens>(*end.slot->item);
  last.how = how;
  try {
    last.reason = text::mended(reason, live::max_reason_characters);
  } catch (...) {  // no memory: it fails without a reason
  }
  if (broker_.push(std::move(end.slot))) post(&server_core::drain);
  sessions_.close(which);
}

}  // namespace detail

WIRTHFORGE_INLINE token_stream_writer::token_stream_writer() noexcept = default;
WIRTHFORGE_INLINE token_stream_writer::token_stream_writer(std::weak_ptr<detail::server_core> core,
                                                           std::shared_ptr<live::token_stream_state> state,
                                                           std::unique_ptr<detail::token_stream_end> end) noexcept
    : core_(std::move(core)), state_(std::move(state)), is_open_(true), exceptions_(std::uncaught_exceptions()),
      end_(std::move(end)) {}
WIRTHFORGE_INLINE token_stream_writer::token_stream_writer(token_stream_writer&& other) noexcept
    : core_(std::move(other.core_)), state_(std::move(other.state_)), is_open_(other.is_open_.exchange(false)),
      exceptions_(std::uncaught_exceptions()), end_(std::move(other.end_)) {}
WIRTHFORGE_INLINE token_stream_writer& token_stream_writer::operator=(token_stream_writer&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  core_ = std::move(other.core_);
  state_ = std::move(other.state_);
  is_open_.store(other.is_open_.exchange(false));
  end_ = std::move(other.end_);
  return *this;
}
WIRTHFORGE_INLINE token_stream_writer::~token_stream_writer() { let_go(); }

WIRTHFORGE_INLINE void token_stream_writer::write(std::string_view piece, double energy_cost, std::error_code& error) {
  error.clear();
  const auto core = core_.lock();
  if (!is_open_ || state_->is_over()) error = errc::token_stream_finished;
  else if (!core) error = errc::server_stopped;
  else detail::without_memory(error, [&] { error = core->write_tokens(*state_, piece, energy_cost); });
}
WIRTHFORGE_INLINE void token_stream_writer::write(std::string_view piece, std::error_code& error) { write(piece, 0, error); }
WIRTHFORGE_INLINE void token_stream_writer::write(std::string_view piece, double energy_cost) {
  std::error_code error;
  write(piece, energy_cost, error);
  detail::throw_if(error);
}

WIRTHFORGE_INLINE void token_stream_writer::conclude(live::answer_end how, std::string_view reason) noexcept {
  if (!is_open_.exchange(false)) return;
  if (const auto core = core_.lock()) core->finish_tokens(*state_, *end_, how, reason);
}
WIRTHFORGE_INLINE void token_stream_writer::finish(finish_reason why) noexcept {
  switch (why) {
    case finish_reason::stop: return conclude(live::answer_end::stop, {});
    case finish_reason::length: return conclude(live::answer_end::length, {});
    case finish_reason::stopped: return conclude(live::answer_end::stopped, {});
  }
}
WIRTHFORGE_INLINE void token_stream_writer::fail(std::string_view reason) noexcept {
  conclude(live::answer_end::failed, reason);
}
WIRTHFORGE_INLINE void token_stream_writer::let_go() noexcept {
  fail(std::uncaught_exceptions() > exceptions_ ? "an exception ended it" : "its writer was destroyed before it was finished");
}

WIRTHFORGE_INLINE const std::shared_ptr<live::token_stream_state>& token_stream_writer::whole_answer() const noexcept {
  return state_->parent ? state_->parent : state_;
}
WIRTHFORGE_INLINE token_stream_writer token_stream_writer::open_side(const char* kind, std::uint64_t number,
                                                                     std::error_code& error) {
  error.clear();
  const auto core = core_.lock();
  if (!is_open_ || state_->is_over()) error = errc::token_stream_finished;
  else if (!core) error = errc::server_stopped;
  if (error) return {};
  token_stream_writer made;
  detail::without_memory(error, [&] {
    const auto& whole = whole_answer();
    token_stream opening;
    opening.session_id = tools::concat({whole->session_id, ":", kind, number == 0 ? "" : ":" + std::to_string(number)});
    opening.model_id = whole->model_id;
    made = core->open_tokens(std::move(opening), whole, error);
  });
  return made;
}
WIRTHFORGE_INLINE token_stream_writer token_stream_writer::thinking(std::error_code& error) {
  return open_side("thinking", 0, error);
}
WIRTHFORGE_INLINE token_stream_writer token_stream_writer::thinking() {
  std::error_code error;
  token_stream_writer made = thinking(error);
  detail::throw_if(error);
  return made;
}
WIRTHFORGE_INLINE token_stream_writer token_stream_writer::tool_call(std::string_view name, std::error_code& error) {
  std::string whole;  // a token of its own: no tail of it waits for the arguments
  error.clear();
  detail::without_memory(error, [&] { text::append_repaired(whole, name); });
  if (error) return {};
  token_stream_writer made = open_side("tool", state_ ? whole_answer()->tool_calls.fetch_add(1) + 1 : 1, error);
  if (!error) made.write(whole, error);
  if (error && made.is_open_) made.fail(error.message());
  return error ? token_stream_writer() : std::move(made);
}
WIRTHFORGE_INLINE token_stream_writer token_stream_writer::tool_call(std::string_view name) {
  std::error_code error;
  token_stream_writer made = tool_call(name, error);
  detail::throw_if(error);
  return made;
}

WIRTHFORGE_INLINE void token_stream_writer::waiting(std::optional<double> progress, std::error_code& error) {
  error.clear();
  const auto core = core_.lock();
  if (!is_open_ || state_->is_over()) error = errc::token_stream_finished;
  else if (!core) error = errc::server_stopped;
  else detail::without_memory(error, [&] { error = core->wait_tokens(*state_, progress); });
}
WIRTHFORGE_INLINE void token_stream_writer::waiting(std::optional<double> progress) {
  std::error_code error;
  waiting(progress, error);
  detail::throw_if(error);
}

WIRTHFORGE_INLINE bool token_stream_writer::stop_requested() const noexcept { return state_ && state_->is_stop_requested(); }
WIRTHFORGE_INLINE std::size_t token_stream_writer::queued_bytes() const noexcept {
  return state_ ? state_->queued_bytes.load() : 0;
}
WIRTHFORGE_INLINE void token_stream_writer::certainty(std::optional<double> of_what_follows) noexcept {
  if (state_) state_->set_certainty(of_what_follows);
}
WIRTHFORGE_INLINE void token_stream_writer::usage(std::uint64_t tokens) noexcept {
  constexpr std::uint64_t most = 9007199254740991;  // a JavaScript number holds it
  if (state_) state_->usage.store(static_cast<std::int64_t>(tokens < most ? tokens : most));
}

}}  // namespace wirthforge
