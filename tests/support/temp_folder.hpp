// A folder for one test, which is removed at its end.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace test {

class temp_folder {
 public:
  temp_folder() {
    std::random_device random;
    do {
      path_ = std::filesystem::temp_directory_path() / ("wirthforge-" + std::to_string(random()) + std::to_string(random()));
    } while (!std::filesystem::create_directory(path_));
  }
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  ~temp_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  /// In UTF-8, as the library takes it on every system.
  std::string file(const std::string& name) const { return (path_ / std::filesystem::u8path(name)).u8string(); }

 private:
  std::filesystem::path path_;
};

inline std::string contents(const std::string& path) {
  std::ifstream file(std::filesystem::u8path(path), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
inline void put_contents(const std::string& path, std::string_view text) {
  std::ofstream(std::filesystem::u8path(path), std::ios::binary) << text;
}

}  // namespace test
