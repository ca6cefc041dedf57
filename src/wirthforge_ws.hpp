// The root of the parts: the public interface, and below the #if its implementation. With -Isrc this file takes the place of
// the generated header of the same name. No #pragma once: a file may name it first as an interface and then define it all.
// A comment after an include is a line of the header's contents: the parts to read first.

#include "server/server.hpp"           // the server: its calls, their threads and errors
#include "server/options.hpp"          // its options: defaults, ranges, units
#include "events/generated/types.hpp"  // the events, as structs
#include "server/tick.hpp"             // a step of the 60 Hz loop
#include "server/token_stream.hpp"     // an answer that grows piece by piece
#include "live/energy_meter.hpp"       // the energy of a flow of tokens
#include "server/model_bridge.hpp"     // an answer from a model server on this machine
#include "model/model_stream.hpp"      // the streams of model servers, read without a socket
#include "events/model_id.hpp"         // ids from the names of models
#include "events/read.hpp"             // events from JSON
#include "events/schemas.hpp"          // the schemas' texts
#include "journal/journal.hpp"         // a journal, read back
#include "base/error.hpp"              // every error, by its cause
#include "base/version.hpp"            // the version

#include "base/linkage.hpp"

// The public names that these use. Only a part that is named up to here may declare a name directly in namespace wirthforge.
#include "base/log.hpp"
#include "events/json_object.hpp"
#include "events/mended.hpp"
#include "events/violation.hpp"
#include "live/client_info.hpp"
#include "live/frame_overrun.hpp"
#include "journal/journal_options.hpp"
#include "model/first_bytes.hpp"
#include "model/model_url.hpp"
#include "model/signal.hpp"
#include "server/stats.hpp"
#include "server/token_file.hpp"
#include "text/grapheme.hpp"

#if !defined(WIRTHFORGE_WS_SEPARATE_COMPILATION) || defined(WIRTHFORGE_WS_IMPLEMENTATION)
#include "events/events.hpp"
#include "events/mended.ipp"
#include "events/model_id.ipp"
#include "events/read.ipp"
#include "events/schemas.ipp"
#include "model/exchange.hpp"
#include "model/model_stream.ipp"
#include "net/generated/assets.hpp"
#include "server/energy.ipp"
#include "server/generated/instances.ipp"
#include "server/models.ipp"
#include "server/model_bridge.ipp"
#include "server/server.ipp"
#include "server/token_file.ipp"
#endif
