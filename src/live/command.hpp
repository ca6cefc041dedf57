// The commands that publishers hand to the engine: an event, already checked and framed, or a step of a token stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "live/energy_lane.hpp"
#include "live/life_events.hpp"
#include "live/token_stream_state.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// An event of the reliable lane. A token_stream, and an event that says a state, also carry their content, for
/// pages that connect later; the `frame` is missing when no client could receive it.
struct reliable_publication {
  std::shared_ptr<event_frame> frame;
  std::unique_ptr<token_stream> tokens;
  std::unique_ptr<error_event> state;
};
struct open_tokens {
  std::shared_ptr<token_stream_state> state;
};
struct write_tokens {
  std::uint64_t id;
  std::string piece;
  double energy_cost;
  std::optional<double> certainty{};
};
/// There is news of how far the prompt is read, in the answer's state.
struct wait_tokens {
  std::uint64_t id;
};
/// `reason` is used for a failure only, and is repaired text.
struct finish_tokens {
  std::uint64_t id;
  answer_end how = answer_end::stop;
  std::string reason{};
};
/// An event for one connection, which may be gone.
struct send_to {
  std::string connection_id;
  std::shared_ptr<event_frame> frame;
};
/// Closes that connection, if it is open. Code and reason may be sent.
struct disconnect {
  std::string connection_id;
  std::uint16_t close_code;
  std::string reason;
};
/// `reason` counts for a failure, and is mended.
struct tell_model {
  std::string model_id;
  loading_stage stage;
  std::optional<double> progress;
  std::string reason;
};

using command = std::variant<reliable_publication, energy_publication, startup_complete, open_tokens, write_tokens, wait_tokens,
                             finish_tokens, send_to, disconnect, tell_model>;

/// Approximately the memory that a command holds while it waits.
inline std::size_t bytes_of(const command& any) noexcept {
  std::size_t bytes = sizeof(command);
  if (const auto* reliable = std::get_if<reliable_publication>(&any)) {
    if (reliable->frame) bytes += reliable->frame->wire().size();
  } else if (const auto* energy = std::get_if<energy_publication>(&any)) {
    if (energy->frame) bytes += energy->frame->wire().size();
  } else if (const auto* to = std::get_if<send_to>(&any)) {
    bytes += to->frame->wire().size();
  } else if (const auto* piece = std::get_if<write_tokens>(&any)) {
    bytes += piece->piece.size();
  }
  return bytes;
}

}}}  // namespace wirthforge::live
