// Which sanitizers this program is built with. GCC and Clang tell it in different ways.
#pragma once

#if defined(__has_feature)
#define WIRTHFORGE_HAS_FEATURE(name) __has_feature(name)
#else
#define WIRTHFORGE_HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_THREAD__) || WIRTHFORGE_HAS_FEATURE(thread_sanitizer)
#define WIRTHFORGE_UNDER_TSAN 1
#else
#define WIRTHFORGE_UNDER_TSAN 0
#endif

#if defined(__SANITIZE_ADDRESS__) || WIRTHFORGE_HAS_FEATURE(address_sanitizer)
#define WIRTHFORGE_UNDER_ASAN 1
#else
#define WIRTHFORGE_UNDER_ASAN 0
#endif
