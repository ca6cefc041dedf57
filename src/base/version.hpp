// The version of the header, for preprocessors and for people.
#pragma once

#define WIRTHFORGE_WS_VERSION_MAJOR 0
#define WIRTHFORGE_WS_VERSION_MINOR 1
#define WIRTHFORGE_WS_VERSION_PATCH 0

namespace wirthforge {

/// The library's version as `major.minor.patch` (https://semver.org).
inline constexpr const char* library_version = "0.1.0";

}  // namespace wirthforge
