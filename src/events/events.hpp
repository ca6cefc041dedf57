// The nine events: structs, enums, checks and writers. All of it is generated from `schemas/`; the standard library is
// enough.
#pragma once

#include "events/generated/checks.hpp"
#include "events/generated/types.hpp"
#include "events/generated/writers.hpp"
#include "events/write_support.hpp"
