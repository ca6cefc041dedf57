// Describes the fault of an event: the place, the rule, the value that was found, and the values that the rule permits.
#pragma once

#include <string>

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// The first rule of a schema that an event or a JSON text breaks.
///
/// It never holds token text, messages or other free text: it gives only their length, so that a violation can
/// be logged. Ids, codes and versions are shown, shortened to 40 bytes.
struct violation {
  std::string pointer;  ///< JSON Pointer (RFC 6901), such as `/payload/intensity`. Empty: the whole text.
  /// The schema's keyword (`type`, `required`, `additionalProperties`, `enum`, `const`, `minimum`, `maximum`,
  /// `maxLength`, `pattern`, `minItems`), or a rule that no schema can express: `finite`, `utf8` (JSON has no form for it),
  /// `representable` (valid, but not a value of the C++ type), `json` (not a JSON text at all).
  std::string rule;
  std::string value;  ///< The value that was found, shortened.
  std::string limit;  ///< The values that the rule permits.

  /// Such as `/payload/intensity violates maximum: 1.5, limit 1`.
  [[nodiscard]] WIRTHFORGE_COLD std::string message() const {
    std::string text = pointer.empty() ? std::string("the text") : pointer;
    text += " violates " + rule;
    if (!value.empty()) text += ": " + value;
    if (!limit.empty()) text += (value.empty() ? ": limit " : ", limit ") + limit;
    return text;
  }
};

}}  // namespace wirthforge
