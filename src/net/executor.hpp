// Names asio::any_io_executor, and needs no more of Asio than its macros: who only starts a server does not pay for Asio, and
// need not even have it where the library comes compiled.
#pragma once

#include "net/asio_version.hpp"

#if defined(ASIO_USE_TS_EXECUTOR_AS_DEFAULT)  // then it is an alias
#include <asio/any_io_executor.hpp>
#elif defined(ASIO_INLINE_NAMESPACE_BEGIN)  // newer ones put their version into every name
namespace asio {
ASIO_INLINE_NAMESPACE_BEGIN
class any_io_executor;
ASIO_INLINE_NAMESPACE_END
}  // namespace asio
#else
namespace asio {
class any_io_executor;
}  // namespace asio
#endif
