// Where the definitions of the public interface go. As a header alone they are inline, and stand in every file that uses
// them. With WIRTHFORGE_WS_SEPARATE_COMPILATION, which is defined for the whole program or not at all, every file but one sees
// declarations only; the one that defines WIRTHFORGE_WS_IMPLEMENTATION as well holds them all.
#pragma once

/// Before every definition of what `src/wirthforge_ws.hpp` names above its #if.
#if defined(WIRTHFORGE_WS_SEPARATE_COMPILATION)
#define WIRTHFORGE_INLINE
#else
#define WIRTHFORGE_INLINE inline
#endif

/// Before what must be one object in the whole process although each shared library holds a copy of the header: visible to the
/// dynamic linker also where a program is compiled with -fvisibility=hidden.
#if defined(__GNUC__) && !defined(_WIN32)
#define WIRTHFORGE_VISIBLE [[gnu::visibility("default")]]
#else
#define WIRTHFORGE_VISIBLE
#endif
