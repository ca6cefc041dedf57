// Origins as browsers write them (RFC 6454 section 6.2, URL standard): the form that a list of invited origins needs,
// and, for any other text, its fault and the form that a browser would send instead. Origins are compared as bytes, so
// an origin in another form would never match.
#pragma once

#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "text/ascii.hpp"
#include "text/ip_address.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

/// The fault of an origin, if it has one.
struct origin_reading {
  const char* fault = nullptr;  ///< Null: it is in order.
  std::string form;             ///< The form in which a browser writes it; empty if that is unknown.
};

/// True for the origins of pages that have none of their own: sandboxed frames and files, in applications with a browser
/// inside (Electron, Cordova) `file://`. It does not say who made the page.
inline bool is_opaque_origin(std::string_view origin) noexcept { return origin == "null" || origin == "file://"; }

/// True for origins whose host a browser has connected to. With any other scheme, a program chose the host itself.
inline bool is_web_origin(std::string_view origin) noexcept {
  return origin.substr(0, 7) == "http://" || origin.substr(0, 8) == "https://";
}

namespace detail {

WIRTHFORGE_COLD inline std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& each : out) each = text::to_lower(each);
  return out;
}

/// Reads one part after the other; the first fault is reported.
class origin_reader {
 public:
  WIRTHFORGE_COLD origin_reading read(std::string_view origin) {
    for (const char each : origin) {
      if (each <= 0x20 || each >= 0x7F)
        return {"it has a character that is not visible ASCII (browsers write other scripts as xn--...)", {}};
    }
    if (origin == "*") return {"there is no wildcard, each origin is named by itself", {}};
    const std::size_t mark = origin.find("://");
    note(mark == std::string_view::npos, "it has no scheme such as http://");
    std::string scheme = mark == std::string_view::npos ? "http" : take_scheme(origin.substr(0, mark));
    std::string_view rest = origin.substr(mark == std::string_view::npos ? 0 : mark + 3);
    if (origin == "null" || scheme == "file") {
      return {"it tells nothing of whose page it is", origin == "null" ? "null" : "file://"};
    }
    if (is_hopeless_) return {fault_, {}};
    const std::size_t end = rest.find_first_of("/?#\\");
    note(end != std::string_view::npos, "something follows host and port; not even a slash may");
    rest = rest.substr(0, end);
    note(rest.find('@') != std::string_view::npos, "it has a user name");
    rest.remove_prefix(rest.rfind('@') + 1);  // npos + 1 is 0
    is_web_ = scheme == "http" || scheme == "https";
    const std::size_t bracket = rest.rfind(']');
    const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string host = take_host(rest.substr(0, colon));
    const std::string port = colon == std::string_view::npos ? std::string() : take_port(rest.substr(colon + 1), scheme);
    if (is_hopeless_) return {fault_, {}};
    return {fault_, concat({scheme, "://", host, port})};
  }

 private:
  void note(bool is_broken, const char* fault) noexcept {
    if (is_broken && fault_ == nullptr) fault_ = fault;
  }
  // No form that a browser sends can be made of it.
  void refuse(bool is_broken, const char* fault) noexcept {
    note(is_broken, fault);
    is_hopeless_ = is_hopeless_ || is_broken;
  }

  std::string take_scheme(std::string_view scheme) {
    std::string lower = lower_case(scheme);
    note(lower != scheme, "its scheme has an upper-case letter");
    const bool begins_with_letter = !lower.empty() && lower[0] >= 'a' && lower[0] <= 'z';
    const bool is_scheme = lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == std::string::npos;
    refuse(!begins_with_letter || !is_scheme, "it has no scheme such as http://");
    const bool is_ws = lower == "ws" || lower == "wss";
    note(is_ws, "it is an address that a page connects to; the origin of a page is http:// or https://");
    if (is_ws) lower.replace(0, 2, "http");
    return lower;
  }

  // Of other schemes than http and https browsers leave the host as it is.
  std::string take_host(std::string_view host) {
    std::string form = is_web_ ? lower_case(host) : std::string(host);
    note(form != host, "its host has an upper-case letter");
    refuse(form.empty(), "it has no host");
    if (!form.empty() && form.front() == '[') {
      const std::string address = form.size() > 2 && form.back() == ']' ? text::ipv6_form(form.substr(1, form.size() - 2))
                                                                        : std::string();
      refuse(address.empty(), "its host is no IPv6 address");
      note(form != "[" + address + "]", "its IPv6 address is not in its shortest form");
      return "[" + address + "]";
    }
    for (const char each : form) {
      const char lower = text::to_lower(each);
      const bool may_stand = (lower >= 'a' && lower <= 'z') || (each >= '0' && each <= '9') || each == '-' || each == '.' ||
                             each == '_';
      refuse(!may_stand, "its host has a character that no host has");
    }
    if (!is_web_ || is_hopeless_ || !text::ends_in_number(form)) return form;
    const std::string address = text::ipv4_form(form);
    refuse(address.empty(), "its host is no IPv4 address");
    note(form != address, "its IPv4 address is not written as four decimal numbers");
    return address;
  }

  // With its colon; empty for an omitted port.
  std::string take_port(std::string_view port, std::string_view scheme) {
    note(port.empty(), "it has a colon without a port");
    if (port.empty()) return {};
    const auto number = text::detail::number_of(port, 10);
    refuse(!number || *number == 0 || *number > 65535, "its port is not 1...65535");
    if (is_hopeless_) return {};
    const std::string digits = std::to_string(*number);
    note(digits != port, "its port has a leading zero");
    const bool is_default = (scheme == "http" && digits == "80") || (scheme == "https" && digits == "443");
    note(is_default, "it names the default port, 80 of http or 443 of https, which browsers leave out");
    return is_default ? std::string() : ":" + digits;
  }

  const char* fault_ = nullptr;
  bool is_hopeless_ = false;
  bool is_web_ = false;
};

}  // namespace detail

/// An origin as browsers send it: `scheme://host` or `scheme://host:port`, with nothing after it and without the default port.
WIRTHFORGE_COLD inline origin_reading read_origin(std::string_view origin) { return detail::origin_reader().read(origin); }

/// `errc::origin_malformed` for a text that no browser sends.
WIRTHFORGE_COLD inline std::error_code check_origin_syntax(std::string_view origin) {
  return read_origin(origin).fault == nullptr ? std::error_code{} : make_error_code(errc::origin_malformed);
}

}}}  // namespace wirthforge::rfc6455
