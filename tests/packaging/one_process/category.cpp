// A shared library, or with MAIN the program that loads two of them. Each holds a copy of the header, and is compiled with
// -fvisibility=hidden, as many libraries are.
#include "base/error.hpp"

#if defined(MAIN)
std::error_code error_of_one();
std::error_code error_of_two();
bool is_known_to_one(std::error_code error);
bool is_known_to_two(std::error_code error);

int main() {
  const bool is_one_object = error_of_one() == error_of_two() && error_of_one() == wirthforge::errc::port_in_use;
  const bool is_known = is_known_to_one(error_of_two()) && is_known_to_two(error_of_one());
  const bool is_grouped = error_of_two() == wirthforge::condition::environment_fault;
  return is_one_object && is_known && is_grouped ? 0 : 1;
}
#else
[[gnu::visibility("default")]] std::error_code ERROR_OF();
[[gnu::visibility("default")]] bool IS_KNOWN_TO(std::error_code error);

std::error_code ERROR_OF() { return wirthforge::errc::port_in_use; }
bool IS_KNOWN_TO(std::error_code error) {
  return error == wirthforge::errc::port_in_use && error == wirthforge::condition::environment_fault;
}
#endif
