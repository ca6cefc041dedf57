// Finds the number or text inside an open JSON object that makes it impossible to write.
#pragma once

#include "base/finite.hpp"
#include "base/linkage.hpp"
#include "events/json_object.hpp"
#include "text/json_text.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE json_object::fault json_object::fault_in_number(const double& value) noexcept {
  return tools::is_finite(value) ? fault::none : fault::finite;
}
WIRTHFORGE_INLINE json_object::fault json_object::fault_in_text(std::string_view any) noexcept {
  return text::is_utf8(any) ? fault::none : fault::utf8;
}
WIRTHFORGE_INLINE json_object& json_object::fail(fault found) noexcept {
  fault_ = found;
  text_.resize(2);  // it is as long, at least
  text_[0] = '{';
  text_[1] = '}';
  return *this;
}
WIRTHFORGE_INLINE json_object& json_object::add_text(std::string_view name, std::string_view json) {
  if (fault_ != fault::none) return *this;
  if (fault_in_text(name) != fault::none) return fail(fault::utf8);
  std::string whole = text_.substr(0, text_.rfind('}'));
  if (whole.find('"') != std::string::npos) whole += ',';
  text::append_json_string(whole, name);
  whole += ':';
  whole += json;
  whole += '}';
  text_ = std::move(whole);
  return *this;
}
WIRTHFORGE_INLINE json_object& json_object::add(std::string_view name, std::string_view value) {
  if (fault_in_text(value) != fault::none) return fault_ == fault::none ? fail(fault::utf8) : *this;
  std::string json;
  text::append_json_string(json, value);
  return add_text(name, json);
}
WIRTHFORGE_INLINE json_object& json_object::add_number(std::string_view name, const double& value) {
  if (fault_in_number(value) != fault::none) return fault_ == fault::none ? fail(fault::finite) : *this;
  std::string json;
  text::append_json_number(json, value);
  return add_text(name, json);
}

}}  // namespace wirthforge
