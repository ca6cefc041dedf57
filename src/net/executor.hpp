// Declares asio::any_io_executor, and needs only Asio's macros: a program that only starts a server does not compile Asio, and
// need not even have it if the library is compiled separately.
#pragma once

#include "net/asio_version.hpp"

#if defined(ASIO_USE_TS_EXECUTOR_AS_DEFAULT)  // then it is an alias
#include <asio/any_io_executor.hpp>
#elif defined(ASIO_INLINE_NAMESPACE_BEGIN)  // newer versions put their version into every name
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
