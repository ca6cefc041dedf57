// Runs a target without libFuzzer: each argument is an input, or a folder of them.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {
std::size_t replayed = 0;

void replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  ++replayed;
}
}  // namespace

int main(int count, char** arguments) {
  LLVMFuzzerInitialize(&count, &arguments);
  for (int index = 1; index < count; ++index) {
    if (!std::filesystem::is_directory(arguments[index])) replay(arguments[index]);
    else
      for (const auto& each : std::filesystem::directory_iterator(arguments[index])) replay(each.path());
  }
  std::printf("%zu inputs, no finding\n", replayed);
  return replayed > 0 ? 0 : 1;
}
