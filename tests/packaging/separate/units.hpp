// What the units of this program know of each other.
#pragma once

#include <string>

#include "wirthforge_ws.hpp"

/// Offers one event of each kind; false when one is not taken, or a broken one is.
bool publish_all(wirthforge::server& server);
bool publish_all(wirthforge::tick& tick);
/// Reads what was published; false where it is not what `publish_all` offers.
bool reads_all(const std::string& journal);
