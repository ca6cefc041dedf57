// What a client may send. Standard library only; `control_reader.hpp` holds the definition.
#pragma once

#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "events/generated/control_types.hpp"
#include "events/violation.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { WIRTHFORGE_TOOLS {

/// Reads a client's text message. Any text may come in, of any size, shape and nesting: nothing is thrown, nothing
/// recurses. Errors: `errc::control_message_malformed`: no JSON, no object, or not as its schema says;
/// `errc::control_message_unknown`: an object whose `type` is missing or is none of ours. `message` is only written
/// where there is no error.
std::error_code read_control(std::string_view text, control_message& message);

/// Of a text that `read_control` refused: where it breaks which rule. Nothing of the text is in it, not even the name of a member
/// that no schema has: it may be a prompt. The pointer's characters need no escape in JSON.
violation find_control_fault(std::string_view text);

}}}  // namespace wirthforge::tools
