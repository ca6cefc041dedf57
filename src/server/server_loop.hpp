// The loop that a server runs on, with everything on it: listener, sockets, alarms. The core sees an interface, and its
// implementation is compiled for the executor in use: Asio's calls go straight to a loop of our own, and only a program that
// brings its own loop pays for code that supports any executor.
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include "base/cold.hpp"
#include "live/broker.hpp"
#include "live/memory_shortage.hpp"
#include "net/connection.hpp"
#include "net/descriptor_limit.hpp"
#include "net/listener.hpp"
#include "net/runs_here.hpp"
#include "net/sockets.hpp"
#include "net/spare_block.hpp"
#include "net/wake_descriptor.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

class server_core;

/// One step of the server, to be called on the loop's thread; null once the server is gone.
struct posted_step {
  void operator()() const noexcept;

  std::weak_ptr<server_core> whose;
  void (server_core::*what)() noexcept = nullptr;
};

class server_loop {
 public:
  server_loop() = default;
  server_loop(const server_loop&) = delete;
  server_loop& operator=(const server_loop&) = delete;
  virtual ~server_loop() = default;

  /// A caller's loop is not ours to run: then null.
  virtual asio::io_context* own() const noexcept = 0;
  /// The executor of a caller's loop, for other objects on it; null for a loop of our own, or once it is forgotten.
  virtual asio::any_io_executor callers_executor() const = 0;
  /// Keeps a loop of our own running without pending operations.
  virtual void keep_running() = 0;
  /// Lets the loop end, and cancels every alarm.
  virtual void let_go() = 0;

  /// From any thread. A loop of our own allocates little memory or none.
  virtual void post(posted_step what) = 0;
  virtual void await(live::alarm which, steady_time when, posted_step what) = 0;
  /// Calls the step when `wake` is called. Once, before the loop runs.
  virtual std::error_code await_wake(posted_step what) = 0;
  /// From any thread, and async-signal-safe.
  virtual void wake() noexcept = 0;
  /// Releases `last` on the loop, or when the loop is destroyed. False if there is no memory for that.
  virtual bool post_last(std::shared_ptr<void> last) noexcept = 0;
  /// Releases everything of a caller's loop, which may be destroyed before this object. On the loop's thread, or while none
  /// runs it; a call after that, except `post` and `wake`, is a fault.
  virtual void forget() noexcept = 0;
  /// True on a thread that runs the loop, if the executor can tell.
  virtual bool is_this_thread() const noexcept = 0;

  /// The owner of the connections, the size of the kernel's buffer for each (SO_SNDBUF; 0 leaves the system's own), and the
  /// number of descriptors. Called once, before any of the calls below.
  virtual void serve(live::broker& lines, std::size_t send_buffer_bytes, live::memory_shortage shortage,
                     std::shared_ptr<net::descriptor_limit> descriptors) = 0;

  // net::listener
  virtual std::error_code open(std::uint16_t first_port, std::uint16_t extra_ports) = 0;
  virtual std::uint16_t port() const noexcept = 0;
  virtual bool has_ipv6() const noexcept = 0;
  virtual void begin_to_accept() = 0;
  virtual void stop_accepting() noexcept = 0;
  /// Resumes accepting after a lack of memory.
  virtual void retry_accepting() = 0;
};

inline live::admission admission_of(net::descriptor_use use) noexcept {
  if (use == net::descriptor_use::serve) return live::admission::serve;
  return use == net::descriptor_use::refuse ? live::admission::refuse : live::admission::refuse_now;
}

template <class Executor>
class server_loop_on final : public server_loop {
  static constexpr bool is_own = std::is_same_v<Executor, net::loop_executor>;

 public:
  WIRTHFORGE_COLD server_loop_on(std::unique_ptr<asio::io_context> own, Executor executor)
      : own_(std::move(own)), on_(std::move(executor)) {}

  asio::io_context* own() const noexcept override { return own_.get(); }
  asio::any_io_executor callers_executor() const override {
    if constexpr (is_own) return {};
    else return on_ ? asio::any_io_executor(on_->executor) : asio::any_io_executor();
  }
  void keep_running() override {
    if (own_) work_.emplace(own_->get_executor());
  }
  void let_go() override {
    if (!on_) return;
    for (timer& each : on_->alarms) each.cancel();
    std::error_code ignored;
    on_->woken.close(ignored);
    work_.reset();
  }

  void post(posted_step what) override {
    if constexpr (is_own) return net::post(wake_, on_->executor, std::move(what));
    const std::lock_guard<std::mutex> lock(forget_mutex_);
    if (on_) net::post(wake_, on_->executor, std::move(what));
  }
  void await(live::alarm which, steady_time when, posted_step what) override {
    timer& waits = on_->alarms[static_cast<std::size_t>(which)];
    waits.expires_at(when);
    waits.async_wait([what = std::move(what)](std::error_code error) {
      if (!error) what();
    });
  }
#if defined(_WIN32)
  std::error_code await_wake(posted_step what) override {
    on_wake_ = std::move(what);
    return {};
  }
  void wake() noexcept override { post(on_wake_); }
#else
  WIRTHFORGE_COLD std::error_code await_wake(posted_step what) override {
    if (const std::error_code error = wake_now_.open()) return error;
    const int readable = wake_now_.duplicate();
    if (readable < 0) return {errno, std::generic_category()};
    std::error_code error;
    on_->woken.assign(asio::ip::tcp::v4(), readable, error);  // no socket, but Asio only watches it
    if (error) {
      ::close(readable);
      return {error.value(), std::system_category()};
    }
    on_->woken.async_wait(asio::socket_base::wait_read, [what = std::move(what)](std::error_code failed) {
      if (!failed) what();
    });
    return {};
  }
  void wake() noexcept override { wake_now_.raise(); }
#endif
  WIRTHFORGE_COLD bool post_last(std::shared_ptr<void> last) noexcept override {
    try {
      asio::post(on_->executor, [last = std::move(last)] {});
      return true;
    } catch (...) {
      return false;
    }
  }
  WIRTHFORGE_COLD void forget() noexcept override {
    const std::lock_guard<std::mutex> lock(forget_mutex_);
    on_.reset();
  }
  bool is_this_thread() const noexcept override { return on_ && net::runs_here(on_->executor); }

  WIRTHFORGE_COLD void serve(live::broker& lines, std::size_t send_buffer_bytes, live::memory_shortage shortage,
                             std::shared_ptr<net::descriptor_limit> descriptors) override {
    lines_ = &lines;
    send_buffer_bytes_ = send_buffer_bytes;
    descriptors_ = descriptors;
    on_->listener = std::make_shared<net::listener<Executor>>(on_->executor, std::move(shortage), std::move(descriptors));
  }

  std::error_code open(std::uint16_t first_port, std::uint16_t extra_ports) override {
    return on_->listener->open(first_port, extra_ports);
  }
  std::uint16_t port() const noexcept override { return on_->listener->port(); }
  bool has_ipv6() const noexcept override { return on_->listener->has_ipv6(); }
  void begin_to_accept() override {
    on_->listener->start([this](net::socket<Executor> socket) { take(std::move(socket)); },
                         [this](net::socket<Executor> socket) { add(std::move(socket), live::admission::refuse_now); });
  }
  void stop_accepting() noexcept override {
    if (on_) on_->listener->close();
  }
  void retry_accepting() override { on_->listener->resume(); }

 private:
  using timer = net::timer<Executor>;

  void take(net::socket<Executor> socket) {
    const auto use = descriptors_->use_of(static_cast<std::size_t>(static_cast<net::native_socket>(socket.native_handle())));
    lines_->limit_half_open(descriptors_->most_half_open(net::no_descriptor_limit));
    add(std::move(socket), admission_of(use));
    if (use != net::descriptor_use::serve && !lines_->is_full()) descriptors_->tell_short(0);
  }
  void add(net::socket<Executor> socket, live::admission how) {
    const instant now = machine_time();
    lines_->add(std::make_shared<net::connection<Executor>>(std::move(socket), lines_->shared(), send_buffer_bytes_, now), now,
                how);
  }

  // The objects on the loop.
  struct parts {
    explicit parts(Executor chosen)
        : executor(std::move(chosen)), alarms{timer(executor), timer(executor), timer(executor), timer(executor)},
          woken(executor) {}

    Executor executor;
    timer alarms[live::alarm_count];  // one for each `alarm`
    net::socket<Executor> woken;
    std::shared_ptr<net::listener<Executor>> listener;
  };

  net::spare_block wake_;                  // outlives the loop
  std::unique_ptr<asio::io_context> own_;  // none when the caller brought one
  std::optional<asio::executor_work_guard<net::loop_executor>> work_;
#if defined(_WIN32)
  posted_step on_wake_;
#else
  net::wake_descriptor wake_now_;
#endif
  std::mutex forget_mutex_;  // for threads that post to a caller's loop while the server releases it
  std::optional<parts> on_;
  live::broker* lines_ = nullptr;
  std::size_t send_buffer_bytes_ = 0;
  std::shared_ptr<net::descriptor_limit> descriptors_;
};

}}}  // namespace wirthforge::detail
