// The loop that a server runs on, with all that lives on it: listener, connections, alarms. The core sees an interface, and what
// stands behind it is compiled for the executor that is there: Asio's calls go straight to a loop of our own, and only who
// brings a loop pays for code that asks which one it is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "base/cold.hpp"
#include "net/connection_pool.hpp"
#include "net/listener.hpp"
#include "net/sockets.hpp"
#include "net/spare_block.hpp"
#include "net/stall.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

class server_core;

/// One step of the server's, to be taken on the loop's thread; none once the server is gone.
struct errand {
  void operator()() const noexcept;

  std::weak_ptr<server_core> whose;
  void (server_core::*what)();
  bool* is_waiting = nullptr;  ///< False again when the step is taken.
};

/// Those of the server's steps that wait for a moment.
enum class alarm { tokens, stop, journal };

class server_loop {
 public:
  server_loop() = default;
  server_loop(const server_loop&) = delete;
  server_loop& operator=(const server_loop&) = delete;
  virtual ~server_loop() = default;

  /// The loop of a caller's is not ours to run: then there is none.
  virtual asio::io_context* own() const noexcept = 0;
  /// Keeps a loop of our own running while nothing happens.
  virtual void keep_running() = 0;
  /// Lets it end, and cancels every alarm.
  virtual void let_go() = 0;

  /// From any thread. A loop of our own asks for no memory, or little.
  virtual void post(errand what) = 0;
  virtual void await(alarm which, steady_time when, errand what) = 0;

  /// Whom the connections talk to. Once, before anything below.
  virtual void serve(live::service& behind, const net::connection_options& options, net::sweeper sweep, net::stall stalled) = 0;

  // net::listener
  virtual std::error_code open(std::uint16_t first_port, std::uint16_t extra_ports) = 0;
  virtual std::uint16_t port() const noexcept = 0;
  virtual bool has_ipv6() const noexcept = 0;
  virtual void begin_to_accept() = 0;
  virtual void stop_accepting() = 0;

  // net::connection_pool
  virtual void flush_all(const instant& now) = 0;
  virtual void close_all(rfc6455::close_code code, const instant& now) = 0;
  virtual void abandon_all(std::error_code why) = 0;
  virtual bool is_empty() = 0;
  virtual net::traffic traffic() const noexcept = 0;

  /// Both go on where memory was short.
  virtual void resume() = 0;
};

template <class Executor>
class server_loop_on final : public server_loop {
 public:
  WIRTHFORGE_COLD server_loop_on(std::unique_ptr<asio::io_context> own, Executor executor)
      : own_(std::move(own)), executor_(std::move(executor)), alarms_{timer(executor_), timer(executor_), timer(executor_)} {}

  asio::io_context* own() const noexcept override { return own_.get(); }
  void keep_running() override {
    if (own_) work_.emplace(own_->get_executor());
  }
  void let_go() override {
    for (timer& each : alarms_) each.cancel();
    work_.reset();
  }

  void post(errand what) override { net::post(wake_, executor_, std::move(what)); }
  void await(alarm which, steady_time when, errand what) override {
    timer& waits = alarms_[static_cast<std::size_t>(which)];
    waits.expires_at(when);
    waits.async_wait([what = std::move(what)](std::error_code error) {
      if (!error) what();
    });
  }

  WIRTHFORGE_COLD void serve(live::service& behind, const net::connection_options& options, net::sweeper sweep,
                             net::stall stalled) override {
    pool_ = std::make_shared<net::connection_pool<Executor>>(executor_, behind, options, std::move(sweep), stalled);
    listener_ = std::make_shared<net::listener<Executor>>(executor_, stalled);
  }

  std::error_code open(std::uint16_t first_port, std::uint16_t extra_ports) override {
    return listener_->open(first_port, extra_ports);
  }
  std::uint16_t port() const noexcept override { return listener_->port(); }
  bool has_ipv6() const noexcept override { return listener_->has_ipv6(); }
  void begin_to_accept() override {
    listener_->start([pool = pool_](net::socket<Executor> socket) { pool->add(std::move(socket)); });
  }
  void stop_accepting() override { listener_->close(); }

  void flush_all(const instant& now) override { pool_->flush_all(now); }
  void close_all(rfc6455::close_code code, const instant& now) override { pool_->close_all(code, now); }
  void abandon_all(std::error_code why) override { pool_->abandon_all(why); }
  bool is_empty() override { return pool_->is_empty(); }
  net::traffic traffic() const noexcept override { return pool_->traffic(); }

  void resume() override {
    listener_->resume();
    pool_->resume();
  }

 private:
  using timer = net::timer<Executor>;

  net::spare_block wake_;                  // outlives the loop
  std::unique_ptr<asio::io_context> own_;  // none when the caller brought one
  Executor executor_;
  std::optional<asio::executor_work_guard<net::loop_executor>> work_;
  std::shared_ptr<net::connection_pool<Executor>> pool_;
  std::shared_ptr<net::listener<Executor>> listener_;
  timer alarms_[3];  // one for each `alarm`
};

}}}  // namespace wirthforge::detail
