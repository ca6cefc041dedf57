// Refuses an Asio that the library does not work with, in one line and before it is used. Where the library comes compiled, Asio
// need not be there.
#pragma once

#ifndef ASIO_STANDALONE  // without Boost
#define ASIO_STANDALONE
#endif
#if __has_include(<asio/detail/config.hpp>)
#include <asio/detail/config.hpp>
#endif
#if __has_include(<asio/version.hpp>)
#include <asio/version.hpp>
#endif

#if defined(ASIO_VERSION) && ASIO_VERSION < 101802
#error "wirthforge_ws.hpp needs Asio 1.18.2 or later (ASIO_VERSION 101802): asio/version.hpp says which one is found first"
#endif

#if !defined(WIRTHFORGE_WS_SEPARATE_COMPILATION) || defined(WIRTHFORGE_WS_IMPLEMENTATION)
#if !defined(ASIO_VERSION)
#error "wirthforge_ws.hpp needs Asio 1.18.2 or later, without Boost, and <asio/version.hpp> is not found"
#endif
#if defined(ASIO_DISABLE_THREADS)
#error "wirthforge_ws.hpp has threads of its own, which would race inside Asio: do without ASIO_DISABLE_THREADS"
#endif
#if defined(ASIO_NO_EXCEPTIONS)
#error "wirthforge_ws.hpp turns what Asio throws into errors: do without ASIO_NO_EXCEPTIONS where it is compiled"
#endif
#if !defined(__cpp_rtti) && !defined(__GXX_RTTI) && !defined(_CPPRTTI) && !defined(ASIO_NO_TYPEID)
#error "without RTTI, Asio wants ASIO_NO_TYPEID to be defined, for the whole program"
#endif
#endif
