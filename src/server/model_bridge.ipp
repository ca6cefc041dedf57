// The bridge's calls. The implementation behind them is compiled only by a program that makes a bridge.
#pragma once

#include <asio/any_io_executor.hpp>

#include "server/bridge_desk.hpp"
#include "server/server.ipp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

template <class Executor>
model_bridge::model_bridge(server& owner, model_bridge_options options) {
  desk_ = std::make_shared<detail::bridge_desk_on<Executor>>(owner.core_, options);
  owner.core_->add_guest(desk_);
}
WIRTHFORGE_INLINE model_bridge::~model_bridge() { desk_->retire(); }

WIRTHFORGE_INLINE void model_bridge::ask(model_question question, std::string session_id, std::error_code& error) {
  desk_->ask(std::move(question), std::move(session_id), error);
}
WIRTHFORGE_INLINE void model_bridge::ask(model_question question, std::string session_id) {
  std::error_code error;
  desk_->ask(std::move(question), std::move(session_id), error);
  if (error == errc::option_out_of_range) throw std::system_error(error, desk_->fault());
  detail::throw_if(error);
}
WIRTHFORGE_INLINE void model_bridge::cancel(std::string_view session_id) { desk_->cancel(session_id); }
WIRTHFORGE_INLINE void model_bridge::cancel() { desk_->cancel_all(); }
WIRTHFORGE_INLINE std::size_t model_bridge::open_questions() const noexcept { return desk_->open_questions(); }

#if defined(WIRTHFORGE_WS_SEPARATE_COMPILATION)
template model_bridge::model_bridge(server&, model_bridge_options);
#endif

}}  // namespace wirthforge
