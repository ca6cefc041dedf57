// Files on Windows: names in UTF-8 whatever the code page is, an access list that names this user alone, and errors as
// on other systems. Empty on other systems, where a name is bytes.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "base/cold.hpp"
#include "base/version.hpp"

#if defined(_WIN32)

#if !defined(NOMINMAX)
#define NOMINMAX  // as Asio has it
#endif
#include <winsock2.h>  // before windows.h, or Asio refuses it

#include <windows.h>

#if defined(_MSC_VER)
#pragma comment(lib, "advapi32.lib")  // access lists
#endif

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// A name in Windows' form; empty, which names no file, for text that is not UTF-8.
WIRTHFORGE_COLD inline std::wstring wide(const std::string& utf8) {
  const int size = static_cast<int>(utf8.size());
  const int needs = ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.data(), size, nullptr, 0);
  std::wstring result(static_cast<std::size_t>(needs > 0 ? needs : 0), L'\0');
  if (needs > 0) ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.data(), size, &result[0], needs);
  return result;
}
WIRTHFORGE_COLD inline std::string narrow(const std::wstring& name) {
  const int size = static_cast<int>(name.size());
  const int needs = ::WideCharToMultiByte(CP_UTF8, 0, name.data(), size, nullptr, 0, nullptr, nullptr);
  std::string result(static_cast<std::size_t>(needs > 0 ? needs : 0), '\0');
  if (needs > 0) ::WideCharToMultiByte(CP_UTF8, 0, name.data(), size, &result[0], needs, nullptr, nullptr);
  return result;
}

/// The error of this thread's last call, as std::errc if it has a value for it, since not every library compares Windows' own
/// numbers.
WIRTHFORGE_COLD inline std::error_code last_file_error() noexcept {
  const DWORD error = ::GetLastError();
  int known = 0;
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME: known = ENOENT; break;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION: known = EACCES; break;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS: known = EEXIST; break;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL: known = ENOSPC; break;
    case ERROR_TOO_MANY_OPEN_FILES: known = EMFILE; break;
    case ERROR_NOT_ENOUGH_MEMORY: known = ENOMEM; break;
    default: return {static_cast<int>(error), std::system_category()};
  }
  return {known, std::generic_category()};
}

/// The permissions of a new file: for the user of this process, and without inheritance from the folder.
class own_access {
 public:
  WIRTHFORGE_COLD own_access() noexcept {
    HANDLE token = nullptr;
    DWORD size = 0;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) == 0) return;
    const bool is_known = ::GetTokenInformation(token, TokenUser, user_, sizeof user_, &size) != 0;
    ::CloseHandle(token);
    auto* const list = reinterpret_cast<ACL*>(list_);
    is_made_ = is_known && ::InitializeAcl(list, sizeof list_, ACL_REVISION) != 0 &&
               ::AddAccessAllowedAce(list, ACL_REVISION, FILE_ALL_ACCESS, reinterpret_cast<TOKEN_USER*>(user_)->User.Sid) !=
                   0 &&
               ::InitializeSecurityDescriptor(&descriptor_, SECURITY_DESCRIPTOR_REVISION) != 0 &&
               ::SetSecurityDescriptorDacl(&descriptor_, TRUE, list, FALSE) != 0 &&
               ::SetSecurityDescriptorControl(&descriptor_, SE_DACL_PROTECTED, SE_DACL_PROTECTED) != 0;
  }
  own_access(const own_access&) = delete;
  own_access& operator=(const own_access&) = delete;

  /// For the call that creates the file; null, and `last_file_error`, if the system did not say which user this is.
  SECURITY_ATTRIBUTES* get() noexcept { return is_made_ ? &attributes_ : nullptr; }

 private:
  static constexpr std::size_t most_of_a_sid = 68;  // SECURITY_MAX_SID_SIZE, which not every header has
  alignas(void*) unsigned char user_[sizeof(TOKEN_USER) + most_of_a_sid] = {};
  alignas(void*) unsigned char list_[sizeof(ACL) + sizeof(ACCESS_ALLOWED_ACE) + most_of_a_sid] = {};
  SECURITY_DESCRIPTOR descriptor_ = {};
  SECURITY_ATTRIBUTES attributes_ = {sizeof(SECURITY_ATTRIBUTES), &descriptor_, FALSE};
  bool is_made_ = false;
};

/// Opens a file that no child inherits; INVALID_HANDLE_VALUE, and `last_file_error`. A new file belongs to this user alone.
WIRTHFORGE_COLD inline HANDLE open_file(const std::string& path, DWORD access, DWORD shares, DWORD how) {
  own_access ours;
  if (how != OPEN_EXISTING && ours.get() == nullptr) return INVALID_HANDLE_VALUE;
  return ::CreateFileW(wide(path).c_str(), access, shares, ours.get(), how, FILE_ATTRIBUTE_NORMAL, nullptr);
}

WIRTHFORGE_COLD inline bool is_a_folder(const std::string& path) {
  const DWORD what = ::GetFileAttributesW(wide(path).c_str());
  return what != INVALID_FILE_ATTRIBUTES && (what & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

}}}  // namespace wirthforge::tools
#endif
