// The version of the header, for preprocessors and for people, and the namespace of this version.
#pragma once

#include "base/requirements.hpp"

#define WIRTHFORGE_WS_VERSION_MAJOR 0
#define WIRTHFORGE_WS_VERSION_MINOR 1
#define WIRTHFORGE_WS_VERSION_PATCH 0

// Everything is in an inline namespace that names the version and the options which change how the library is compiled. Two
// versions can then be linked into one program, and units that were compiled with different options and pass each other a
// `server` do not link. Users write `wirthforge::server`, never the name in between; it may change with each version.
#if defined(WIRTHFORGE_WS_NO_DASHBOARD)
#define WIRTHFORGE_ABI_DASHBOARD _no_dashboard
#else
#define WIRTHFORGE_ABI_DASHBOARD
#endif
#if defined(WIRTHFORGE_WS_SEPARATE_COMPILATION)
#define WIRTHFORGE_ABI_COMPILATION _separate
#else
#define WIRTHFORGE_ABI_COMPILATION
#endif
#define WIRTHFORGE_ABI_PASTE(major, minor, patch, dashboard, compilation) v##major##_##minor##_##patch##dashboard##compilation
#define WIRTHFORGE_ABI_EXPAND(major, minor, patch, dashboard, compilation) \
  WIRTHFORGE_ABI_PASTE(major, minor, patch, dashboard, compilation)
#define WIRTHFORGE_ABI                                                                                         \
  WIRTHFORGE_ABI_EXPAND(WIRTHFORGE_WS_VERSION_MAJOR, WIRTHFORGE_WS_VERSION_MINOR, WIRTHFORGE_WS_VERSION_PATCH, \
                        WIRTHFORGE_ABI_DASHBOARD, WIRTHFORGE_ABI_COMPILATION)

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

// In `wirthforge` itself lies what an integrator may use. The library's own tools lie in `wirthforge::tools`, which its other inner
// namespaces see and `using namespace wirthforge` does not bring; the library's tests ask to see them as it does.
namespace tools {
}
#if defined(WIRTHFORGE_WS_UNDER_TEST)
using namespace tools;
#endif
namespace detail {
using namespace tools;
}
namespace text {
using namespace tools;
}
namespace rfc6455 {
using namespace tools;
}
namespace model {
using namespace tools;
}
namespace live {
using namespace tools;
}
namespace journal {
using namespace tools;
}
namespace net {
using namespace tools;
}

/// The library's version as `major.minor.patch` (https://semver.org).
inline constexpr const char* library_version = "0.1.0";

}}  // namespace wirthforge
