// Where the definitions of the public interface are compiled. As a header alone they are inline, in every file that uses
// them. With WIRTHFORGE_WS_SEPARATE_COMPILATION, which is defined for the whole program or not at all, all files but one see
// declarations only; the file that also defines WIRTHFORGE_WS_IMPLEMENTATION holds all definitions.
#pragma once

/// Placed before every definition that `src/wirthforge_ws.hpp` names above its #if.
#if defined(WIRTHFORGE_WS_SEPARATE_COMPILATION)
#define WIRTHFORGE_INLINE
#else
#define WIRTHFORGE_INLINE inline
#endif

/// Placed before an object that must exist once in the whole process although each shared library holds a copy of the header:
/// visible to the dynamic linker even if a program is compiled with -fvisibility=hidden.
#if defined(__GNUC__) && !defined(_WIN32)
#define WIRTHFORGE_VISIBLE [[gnu::visibility("default")]]
#else
#define WIRTHFORGE_VISIBLE
#endif
