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
