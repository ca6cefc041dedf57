// The bridge's calls. The implementation behind them is compiled only by a program that makes a bridge.
#pragma once

#include <asio/any_io_executor.hpp>

#include "server/bridge_state.hpp"
#include "server/server.ipp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

template <class Executor>
model_bridge::model_bridge(server& owner, model_bridge_options options) {
  state_ = std::make_shared<detail::bridge_state_on<Executor>>(owner.core_, options);
  owner.core_->add_loop_user(state_);
}
WIRTHFORGE_INLINE model_bridge::~model_bridge() { state_->retire(); }

WIRTHFORGE_INLINE void model_bridge::ask(model_question question, std::string session_id, std::error_code& error) {
  state_->ask(std::move(question), std::move(session_id), error);
}
WIRTHFORGE_INLINE void model_bridge::ask(model_question question, std::string session_id) {
  std::error_code error;
  state_->ask(std::move(question), std::move(session_id), error);
  if (error == errc::option_out_of_range) throw std::system_error(error, state_->fault());
  detail::throw_if(error);
}
WIRTHFORGE_INLINE void model_bridge::cancel(std::string_view session_id) { state_->cancel(session_id); }
WIRTHFORGE_INLINE void model_bridge::cancel() { state_->cancel_all(); }
WIRTHFORGE_INLINE std::size_t model_bridge::open_questions() const noexcept { return state_->open_questions(); }

#if defined(WIRTHFORGE_WS_SEPARATE_COMPILATION)
template model_bridge::model_bridge(server&, model_bridge_options);
#endif

}}  // namespace wirthforge
