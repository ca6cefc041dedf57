// The requirements of the header on the compiler: a compiler that misses one says so in one line. Read before any other part.
#pragma once

#if (defined(_MSVC_LANG) && _MSVC_LANG < 201703L) || (!defined(_MSVC_LANG) && __cplusplus < 201703L)
#error "wirthforge_ws.hpp needs C++17 or later: -std=c++17, or /std:c++17 with MSVC"
#endif

// The interface works without exceptions, through its calls that take a std::error_code; the implementation survives a lack of
// memory and callbacks that throw because it catches exceptions.
#if !defined(__cpp_exceptions) && !defined(__EXCEPTIONS) && !defined(_CPPUNWIND)
#if !defined(WIRTHFORGE_WS_SEPARATE_COMPILATION) || defined(WIRTHFORGE_WS_IMPLEMENTATION)
#error "wirthforge_ws.hpp needs exceptions where it is compiled: with WIRTHFORGE_WS_SEPARATE_COMPILATION, that is one file"
#endif
#endif
