// Finds the number or text inside an open JSON object that makes it impossible to write.
#pragma once

#include "base/finite.hpp"
#include "base/linkage.hpp"
#include "events/json_object.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE json_object::fault json_object::fault_in_number(const double& value) noexcept {
  return tools::is_finite(value) ? fault::none : fault::finite;
}
WIRTHFORGE_INLINE json_object::fault json_object::fault_in_text(std::string_view any) noexcept {
  return text::is_utf8(any) ? fault::none : fault::utf8;
}

}}  // namespace wirthforge
