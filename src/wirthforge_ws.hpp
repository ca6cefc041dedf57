// The root of the parts: what the product offers. With -Isrc this file stands in for the generated header of the same name.
#pragma once

#include "base/version.hpp"
#include "events/events.hpp"
#include "events/model_id.hpp"
#include "events/read.hpp"
#include "live/journal.hpp"
#include "server/server.hpp"
#include "server/server.ipp"
