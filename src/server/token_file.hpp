// A token for one launch, and a file that passes it on: readable by this user alone.
#pragma once

#include <string>
#include <system_error>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// 256 bits from the operating system, as 43 characters of A-Z a-z 0-9 - _. Throws `std::exception` if the system has no
/// randomness.
[[nodiscard]] std::string make_token();

/// Writes the token and a line end to a file that only this user can read (mode 0600; on Windows an access list that names
/// nobody else). The path is UTF-8 on every system. An existing file is replaced, never written into: another program may hold
/// it open; on Windows it is an error if that keeps it from being replaced. A symbolic link of that name is replaced as well,
/// not followed: a user who may put links there must not choose where a token goes. From any thread, also for one path from
/// several at once. Errors: the system's own.
void write_token_file(const std::string& path, const std::string& token, std::error_code& error);
void write_token_file(const std::string& path, const std::string& token);

}}  // namespace wirthforge
