// The messages that a client may send. Standard library only; `control_reader.hpp` holds the definition.
#pragma once

#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "events/generated/control_types.hpp"
#include "events/violation.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// Reads a client's text message. The text may have any size, shape and nesting: nothing is thrown, nothing
/// recurses. Errors: `errc::control_message_malformed`: not JSON, not an object, or a violation of its schema;
/// `errc::control_message_unknown`: an object whose `type` is missing or unknown. `message` is only written
/// if there is no error.
std::error_code read_control(std::string_view text, control_message& message);

/// Describes a text that `read_control` refused: the place and the broken rule. It holds nothing of the text, not even the
/// name of a member that no schema has: the text may be a prompt. The pointer's characters need no escape in JSON.
violation find_control_fault(std::string_view text);

}}}  // namespace wirthforge::tools
