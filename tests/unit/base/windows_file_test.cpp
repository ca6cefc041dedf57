// Windows alone: names, access lists and sharing.
#if defined(_WIN32)
#include <string>
#include <system_error>
#include <vector>

#include "catch.hpp"
#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

#include <aclapi.h>  // after what includes windows.h

namespace windows_file_test {

using namespace wirthforge;

const std::string
    name = "\xC3\xA4-\xE6\x97\xA5-\xF0\x9F\x94\xA5.ndjson";  // an umlaut, a character of Chinese, a surrogate pair

// Wine reports for every file that the system itself may use it, which is always so.
bool is_ours_alone(const std::string& path) {
  PACL list = nullptr;
  PSECURITY_DESCRIPTOR all = nullptr;
  std::wstring file = tools::wide(path);
  if (::GetNamedSecurityInfoW(&file[0], SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr, &list, nullptr, &all) != 0)
    return false;
  HANDLE token = nullptr;
  alignas(void*) unsigned char user[256];
  DWORD size = 0;
  ::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token);
  const bool is_known = ::GetTokenInformation(token, TokenUser, user, sizeof user, &size) != 0;
  ::CloseHandle(token);
  bool is_so = is_known && list != nullptr && list->AceCount > 0;
  for (DWORD index = 0; is_so && index < list->AceCount; ++index) {
    void* each = nullptr;
    is_so = ::GetAce(list, index, &each) != 0;
    auto* const entry = static_cast<ACCESS_ALLOWED_ACE*>(each);
    const bool is_us = is_so && ::EqualSid(&entry->SidStart, reinterpret_cast<TOKEN_USER*>(user)->User.Sid) != 0;
    is_so = is_so && (is_us || ::IsWellKnownSid(&entry->SidStart, WinLocalSystemSid) != 0);
  }
  ::LocalFree(all);
  return is_so;
}

TEST_CASE("names are UTF-8 whatever the code page is", "[net][windows]") {
  CHECK(tools::narrow(tools::wide(name)) == name);
  CHECK(tools::wide("\xFF").empty());
  CHECK(tools::wide("").empty());
  test::temp_folder folder;
  tools::folder within;
  REQUIRE_FALSE(within.open_of(folder.file(name)));
  journal::append_file file;
  REQUIRE_FALSE(file.open(within, name));
  CHECK(::GetFileAttributesW(tools::wide(folder.file(name)).c_str()) != INVALID_FILE_ATTRIBUTES);
  CHECK(within.has(name));
  std::error_code error;
  CHECK(within.names("\xC3\xA4", error) == std::vector<std::string>{name});
  CHECK_FALSE(error);
  file.close();
  CHECK_FALSE(within.rename(name, name + ".1"));
  CHECK_FALSE(within.has(name));
  CHECK_FALSE(within.remove(name + ".1"));
  CHECK(within.remove(name + ".1") == std::errc::no_such_file_or_directory);
  CHECK(file.open(folder.file("a") + "\xFF") == std::errc::no_such_file_or_directory);
}

TEST_CASE("others can read a journal that is being written, and cannot write it", "[net][windows][journal]") {
  test::temp_folder folder;
  journal::append_file file, second, reader;
  tools::folder within;
  REQUIRE_FALSE(within.open_of(folder.file(name)));
  REQUIRE_FALSE(file.open(within, name));
  CHECK(file.is_regular());
  CHECK(second.open(within, name) == errc::journal_in_use);
  std::error_code error;
  CHECK(file.append("one\n", error) == 4);
  REQUIRE_FALSE(reader.open_to_read(within, name, true));
  char read[8];
  CHECK(reader.read(0, read, sizeof read) == 4);
  file.close();
  CHECK_FALSE(within.rename(name, name + ".1"));  // rotated while somebody reads it
  CHECK(reader.read(0, read, sizeof read) == 4);
}

TEST_CASE("a folder is no journal in use", "[net][windows][journal]") {
  test::temp_folder folder;
  journal::append_file file;
  CHECK(file.open(folder.file(".")) == std::errc::is_a_directory);
}

TEST_CASE("the access list of a token's file names this user alone", "[net][windows][token]") {
  test::temp_folder folder;
  const std::string path = folder.file(name);
  for (int count = 0; count < 2; ++count) {  // the second replaces the first
    std::error_code error;
    write_token_file(path, make_token(), error);
    REQUIRE_FALSE(error);
    CHECK(is_ours_alone(path));
  }
  journal::append_file file;
  REQUIRE_FALSE(file.open(folder.file("journal")));
  file.close();
  CHECK(is_ours_alone(folder.file("journal")));
}

TEST_CASE("a port that the system reserves is reported as taken", "[net][windows]") {
  CHECK(net::is_port_taken(WSAEADDRINUSE));
  CHECK(net::is_port_taken(WSAEACCES));
  CHECK_FALSE(net::is_port_taken(WSAEADDRNOTAVAIL));
}

}  // namespace windows_file_test
#endif
