// How a call says its error: as an exception, or through its twin's std::error_code also where there is no memory.
#pragma once

#include <new>
#include <system_error>

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

// A want of memory is thrown as what it is.
[[noreturn]] WIRTHFORGE_COLD inline void throw_error(std::error_code error) {
  if (error == std::errc::not_enough_memory) throw std::bad_alloc();
  throw std::system_error(error);
}
inline void throw_if(std::error_code error) {
  if (error) throw_error(error);
}
// The error of a call that found no memory for its step.
template <class Step>
void without_memory(std::error_code& error, Step step) {
  try {
    step();
  } catch (const std::bad_alloc&) {
    error = std::make_error_code(std::errc::not_enough_memory);
  }
}

}}}  // namespace wirthforge::detail
