// The functions that libFuzzer and replay.cpp call. A program has several targets, since they share most of what they compile, and runs
// the one that it is named after: engine-fuzz. run.sh writes the list, `fuzz_targets`, and includes this behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

inline void (*chosen)(std::string_view input) = nullptr;

}  // namespace fuzz

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments);
extern "C" int LLVMFuzzerInitialize(int*, char*** arguments) {
  std::string_view name = (*arguments)[0];
  name.remove_prefix(name.rfind('/') + 1);
  name = name.substr(0, name.find('-'));
  for (const fuzz::target& each : fuzz_targets) {
    if (each.name == name) fuzz::chosen = each.run;
  }
  if (fuzz::chosen == nullptr) {
    std::fprintf(stderr, "this program has no target of the name that it is called by\n");
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::chosen({reinterpret_cast<const char*>(data), size});
  return 0;
}
