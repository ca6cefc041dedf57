// Makes a token and writes its file. token_file.hpp describes the behaviour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <atomic>

#if !defined(_WIN32)
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>
#endif

#include "base/concat.hpp"
#include "base/linkage.hpp"
#include "base/random.hpp"
#include "base/folder.hpp"
#include "base/windows_file.hpp"
#include "server/token_file.hpp"
#include "text/base64.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE std::string make_token() {
  const tools::random_source random = tools::machine_randomness();
  std::string bytes;
  for (int word = 0; word < 8; ++word) {
    const std::uint32_t bits = random();
    for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((bits >> shift) & 0xFFU);
  }
  std::string token = text::base64_encode(bytes);
  token.erase(token.find('='));
  for (char& each : token) each = each == '+' ? '-' : each == '/' ? '_' : each;
  return token;
}

WIRTHFORGE_INLINE void write_token_file(const std::string& path, const std::string& token, std::error_code& error) {
  error.clear();
  const std::string line = token + "\n";
  // The folder is opened once: a chdir in between must not separate the file from its name, or it would stay there with its
  // token.
  tools::folder within;
  error = within.open_of(path);
  if (error) return;
  static std::atomic<unsigned> written{0};  // two threads may write the same file at once, each its own
#if defined(_WIN32)
  const std::string process = std::to_string(::GetCurrentProcessId());
#else
  const std::string process = std::to_string(::getpid());
#endif
  const std::string name = path.substr(tools::folder_part(path).size());
  const std::string fresh = tools::concat({name, ".", process, ".", std::to_string(++written), ".new"});
  static_cast<void>(within.remove(fresh));
#if defined(_WIN32)
  const HANDLE file = net::open_file(within.path_of(fresh), GENERIC_WRITE, 0, CREATE_NEW);
  const auto check = [&error](bool is_done) {
    if (!is_done && !error) error = net::last_file_error();
  };
  check(file != INVALID_HANDLE_VALUE);
  if (error) return;
  DWORD size = 0;
  check(::WriteFile(file, line.data(), static_cast<DWORD>(line.size()), &size, nullptr) != 0);
  check(::CloseHandle(file) != 0);
#else
  const int file = ::openat(within.handle(), fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const auto check = [&error](bool is_done) {
    if (!is_done && !error) error.assign(errno, std::generic_category());
  };
  check(file >= 0);
  if (error) return;
  for (std::size_t done = 0; done < line.size() && !error;) {
    const ::ssize_t size = ::write(file, line.data() + done, line.size() - done);
    if (size >= 0) done += static_cast<std::size_t>(size);
    else check(errno == EINTR);
  }
  check(::close(file) == 0 || errno == EINTR);  // the file is closed even so
#endif
  if (!error) error = within.rename(fresh, name);
  if (error) static_cast<void>(within.remove(fresh));
}
WIRTHFORGE_INLINE void write_token_file(const std::string& path, const std::string& token) {
  std::error_code error;
  write_token_file(path, token, error);
  if (error) throw std::system_error(error, path);
}

}}  // namespace wirthforge
