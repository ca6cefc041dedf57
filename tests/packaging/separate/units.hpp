// The declarations that the units of this program share.
#pragma once

#include <string>

#include "wirthforge_ws.hpp"

/// Offers one event of each kind; false when one is not taken, or a broken one is.
bool publish_all(wirthforge::server& server);
bool publish_all(wirthforge::tick& tick);
/// Reads the published events; false where they are not those of `publish_all`.
bool reads_all(const std::string& journal);
