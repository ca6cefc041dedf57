// One of two units that include the header: a definition that is not inline would stand in both.
#include "wirthforge_ws.hpp"

const void* category_in_one();
const void* category_in_one() { return &wirthforge::wirthforge_category(); }
