// The socket of one `live::line`: carries out its calls with Asio, and makes no decisions.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "live/line.hpp"
#include "net/sockets.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

inline live::transfer transfer_of(std::size_t size, const std::error_code& error) noexcept {
  using outcome = live::transfer::outcome;
  if (!error) return {outcome::done, size, {}};
  if (error == asio::error::would_block || error == asio::error::try_again) return {outcome::would_block, 0, {}};
  return {error == asio::error::eof ? outcome::end : outcome::failed, 0, error};
}

/// A sequence of buffers in the form that Asio requires.
class buffer_list {
 public:
  using value_type = asio::const_buffer;
  using const_iterator = const asio::const_buffer*;

  explicit buffer_list(const std::vector<std::string_view>& runs) noexcept : size_(runs.size()) {
    for (std::size_t index = 0; index < size_; ++index) all_[index] = {runs[index].data(), runs[index].size()};
  }
  const_iterator begin() const noexcept { return all_.data(); }
  const_iterator end() const noexcept { return all_.data() + size_; }

 private:
  std::size_t size_;
  std::array<asio::const_buffer, live::peer::most_runs> all_;
};

template <class Executor = asio::any_io_executor>
class connection final : public live::line, public std::enable_shared_from_this<connection<Executor>> {
 public:
  /// `send_buffer_bytes`: the size of the kernel's buffer (SO_SNDBUF); 0 leaves the system's own.
  connection(net::socket<Executor> socket, std::shared_ptr<live::line_shared> shared, std::size_t send_buffer_bytes,
             const instant& now)
      : line(std::move(shared), now), socket_(std::move(socket)) {
    std::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    const auto send_buffer = static_cast<int>(send_buffer_bytes);
    if (send_buffer > 0) socket_.set_option(asio::socket_base::send_buffer_size(send_buffer), ignored);
  }

 private:
  live::transfer read_some(char* to, std::size_t room) noexcept override {
    std::error_code error;
    const std::size_t size = socket_.read_some(asio::buffer(to, room), error);
    return transfer_of(size, error);
  }
  live::transfer write_some(const std::vector<std::string_view>& runs) noexcept override {
    std::error_code error;
    // send() for one; several are sendmsg(), which costs more
    const std::size_t size = runs.size() == 1
                                 ? socket_.write_some(asio::buffer(runs.front().data(), runs.front().size()), error)
                                 : socket_.write_some(buffer_list(runs), error);
    return transfer_of(size, error);
  }
  void await_input(char* to, std::size_t room) override {
    socket_.async_read_some(asio::buffer(to, room), [self = this->shared_from_this()](std::error_code error, std::size_t size) {
      self->take_input(transfer_of(size, error), machine_time());
    });
  }
  WIRTHFORGE_COLD void await_writable() override {
    socket_.async_wait(asio::socket_base::wait_write, [self = this->shared_from_this()](std::error_code error) {
      self->take_writable(error, machine_time());
    });
  }
  std::error_code end_sending() noexcept override {
    std::error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    return error;
  }
  void close_socket() noexcept override {
    std::error_code ignored;
    socket_.close(ignored);
  }

  net::socket<Executor> socket_;
};

}}}  // namespace wirthforge::net
