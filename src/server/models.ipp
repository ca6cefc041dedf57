// The program's reports about itself and its models before and between its answers.
#pragma once

#include <string>
#include <system_error>
#include <utility>

#include "base/finite.hpp"
#include "base/linkage.hpp"
#include "events/model_id.hpp"
#include "server/server.ipp"
#include "text/mend.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {
namespace detail {

inline std::optional<double> within_one(const std::optional<double>& progress) noexcept {
  if (!progress || !is_finite(*progress)) return std::nullopt;
  return *progress < 0 ? 0 : *progress > 1 ? 1 : *progress;
}

inline std::error_code server_core::starting(std::string_view phase, std::optional<double> progress) {
  if (lifecycle_.is_stopped()) return errc::server_stopped;
  if (is_ready_.load()) return {};
  set_startup({text::mended(phase, 200), within_one(progress)});
  return {};
}

inline std::error_code server_core::tell_model(std::string_view model_id, live::loading_stage stage,
                                               std::optional<double> progress, std::string_view reason) {
  static constexpr std::string_view phases[] = {"loading ", "loaded ", "unloaded ", "failed to load "};
  if (!is_model_id(model_id)) return errc::model_name_invalid;
  if (is_queue_full()) return errc::queue_full;
  if (const std::error_code error = starting(concat({phases[static_cast<std::size_t>(stage)], model_id}), progress))
    return error;
  push(live::tell_model{std::string(model_id), stage, within_one(progress), text::mended(reason, live::max_reason_characters)});
  return {};
}

}  // namespace detail

WIRTHFORGE_INLINE void server::starting(std::string_view phase, std::optional<double> progress, std::error_code& error) {
  detail::without_memory(error, [&] { error = core_->starting(phase, progress); });
}
WIRTHFORGE_INLINE void server::starting(std::string_view phase, std::optional<double> progress) {
  detail::throw_if(core_->starting(phase, progress));
}
WIRTHFORGE_INLINE void server::loading(std::string_view model_id, std::optional<double> progress, std::error_code& error) {
  detail::without_memory(error, [&] { error = core_->tell_model(model_id, live::loading_stage::loading, progress, {}); });
}
WIRTHFORGE_INLINE void server::loading(std::string_view model_id, std::optional<double> progress) {
  detail::throw_if(core_->tell_model(model_id, live::loading_stage::loading, progress, {}));
}
WIRTHFORGE_INLINE void server::loaded(std::string_view model_id, std::error_code& error) {
  detail::without_memory(error, [&] { error = core_->tell_model(model_id, live::loading_stage::ready, {}, {}); });
}
WIRTHFORGE_INLINE void server::loaded(std::string_view model_id) {
  detail::throw_if(core_->tell_model(model_id, live::loading_stage::ready, {}, {}));
}
WIRTHFORGE_INLINE void server::unloaded(std::string_view model_id, std::error_code& error) {
  detail::without_memory(error, [&] { error = core_->tell_model(model_id, live::loading_stage::unloaded, {}, {}); });
}
WIRTHFORGE_INLINE void server::unloaded(std::string_view model_id) {
  detail::throw_if(core_->tell_model(model_id, live::loading_stage::unloaded, {}, {}));
}
WIRTHFORGE_INLINE void server::failed(std::string_view model_id, std::string_view reason, std::error_code& error) {
  detail::without_memory(error, [&] { error = core_->tell_model(model_id, live::loading_stage::failed, {}, reason); });
}
WIRTHFORGE_INLINE void server::failed(std::string_view model_id, std::string_view reason) {
  detail::throw_if(core_->tell_model(model_id, live::loading_stage::failed, {}, reason));
}

}}  // namespace wirthforge
