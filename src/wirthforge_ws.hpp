// The root of the parts: what the product offers, and below the #if what stands behind it. With -Isrc this file stands in for
// the generated header of the same name. No #pragma once: a file may name it first as an interface and then define it all.

#include "base/linkage.hpp"
#include "base/version.hpp"
#include "events/model_id.hpp"
#include "events/read.hpp"
#include "events/schemas.hpp"
#include "live/journal.hpp"
#include "model/model_stream.hpp"
#include "server/server.hpp"

#if !defined(WIRTHFORGE_WS_SEPARATE_COMPILATION) || defined(WIRTHFORGE_WS_IMPLEMENTATION)
#include "events/events.hpp"
#include "events/model_id.ipp"
#include "events/read.ipp"
#include "model/exchange.hpp"
#include "model/model_stream.ipp"
#include "server/server.ipp"
#include "server/token_file.ipp"
#include "text/grapheme.hpp"
#endif
