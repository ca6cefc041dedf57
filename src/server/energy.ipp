// How the energy of models is measured and published.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/cold.hpp"
#include "base/linkage.hpp"
#include "live/energy_meter.ipp"
#include "server/check_options.hpp"
#include "server/server.ipp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {
namespace detail {

inline energy_reading server_core::energy_of(std::string_view model_id) const {
  const auto found = energies_.find(model_id);
  return found ? found->read(machine_time().steady) : energy_reading();
}
// Energy that could not be published is part of the next event.
inline publish_result server_core::publish_energy(tick& now, std::string_view model_id, energy_update& event,
                                                  std::error_code& error) {
  event.model_id = std::string(model_id);
  const auto found = energies_.find(model_id);
  if (found) found->fill(event, machine_time().steady);
  const publish_result result = now.publish(event, error);
  if (found && !error) found->note_published(event);
  return result;
}

}  // namespace detail

WIRTHFORGE_INLINE energy_meter::energy_meter(const energy_options& options) : options_(options) {
  const std::string fault = detail::option_fault(options);
  if (!fault.empty()) throw std::system_error(errc::option_out_of_range, fault);
}
WIRTHFORGE_INLINE energy_meter::energy_meter(const energy_options& options, std::error_code& error) {
  error.clear();
  if (detail::option_fault(options).empty()) options_ = options;
  else error = errc::option_out_of_range;
}

WIRTHFORGE_INLINE energy_reading server::energy(std::string_view model_id) const { return core_->energy_of(model_id); }

WIRTHFORGE_INLINE publish_result tick::publish_energy(std::string_view model_id, std::error_code& error) {
  energy_update event;
  return core_->publish_energy(*this, model_id, event, error);
}
WIRTHFORGE_INLINE publish_result tick::publish_energy(std::string_view model_id) {
  energy_update event;
  std::error_code error;
  const publish_result result = core_->publish_energy(*this, model_id, event, error);
  detail::throw_if(error, event);
  return result;
}

}}  // namespace wirthforge
