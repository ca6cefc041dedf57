// The one file that holds what stands behind the interface, where all others are compiled without it.
#ifndef WIRTHFORGE_WS_SEPARATE_COMPILATION
#error "define WIRTHFORGE_WS_SEPARATE_COMPILATION for the whole program: the other files must know of this one"
#endif
#define WIRTHFORGE_WS_IMPLEMENTATION
#include "wirthforge_ws.hpp"
