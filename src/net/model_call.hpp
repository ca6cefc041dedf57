// One question to a model server over a socket: connects to this machine only, carries out the calls of `model::exchange`,
// asks again while the model loads, and reads no faster than its listener can take. It lives on one loop, and its pending
// operations keep it alive; no call throws.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "model/echo.hpp"
#include "model/exchange.hpp"
#include "model/signal_queue.hpp"
#include "net/native_socket.hpp"
#include "net/sockets.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

struct model_call_options {
  model::exchange_options exchange;
  nanoseconds retry_interval = seconds(1);       ///< Between two attempts while the model loads.
  std::size_t max_text_bytes_per_beat = 16384;   ///< Handed to the listener in one 60th of a second.
  std::size_t max_read_bytes_per_beat = 262144;  ///< Read from the socket in that time.
};

/// The listener of an answer, called on the loop. None of these calls may call back.
class model_hearer {
 public:
  model_hearer() = default;
  model_hearer(const model_hearer&) = delete;
  model_hearer& operator=(const model_hearer&) = delete;
  virtual ~model_hearer() = default;

  /// Exactly one `finished` or `failed`, the last. May throw: then the call ends, and `lost` is called.
  virtual void heard(const model_signal& signal) = 0;
  /// True once a client asked for the end of the answer.
  virtual bool is_unwanted() const noexcept = 0;
  /// False while it can take no more; it is asked again at the next beat.
  virtual bool has_room() noexcept = 0;
  /// There was no memory to pass on a part of the answer.
  virtual void lost() noexcept = 0;
  /// The last call: the socket is closed.
  virtual void over() noexcept = 0;
};

template <class Executor = asio::any_io_executor>
class model_call final : public std::enable_shared_from_this<model_call<Executor>> {
  using exchange = model::exchange;

 public:
  WIRTHFORGE_COLD model_call(const Executor& executor, model::exchange_request request, std::shared_ptr<model_hearer> hearer,
                             const model_call_options& options)
      : options_(options), request_(std::move(request)), hearer_(std::move(hearer)),
        queue_([this](const model_signal& signal) { hearer_->heard(signal); }, options.max_text_bytes_per_beat),
        reads_(options.max_read_bytes_per_beat), socket_(executor), timer_(executor) {}

  // On the loop.
  void start() noexcept {
    began_ = now();
    guard([this] { ask(); });
  }
  /// The answer ends with this reason, unless it has ended, and the socket is closed. A second call does nothing.
  WIRTHFORGE_COLD void stop(std::error_code why) noexcept {
    guard([&] {
      queue_.cut(why);
      close();
    });
  }
  /// The listener gets no more calls, and the socket is closed.
  bool is_over() const noexcept { return is_over_; }

 private:
  static constexpr milliseconds look_interval{50};  // how often it checks whether the answer is still wanted

  static steady_time now() noexcept { return std::chrono::steady_clock::now(); }

  template <class Step>
  void guard(Step step) noexcept {
    if (is_over_) return;
    try {
      step();
    } catch (...) {
      hearer_->lost();
      close();
    }
  }

  // The timeout for the first byte covers all attempts together.
  void ask() {
    model::exchange_options options = options_.exchange;
    options.first_byte_timeout = std::max(nanoseconds(1), began_ + options.first_byte_timeout - now());
    is_loading_ = false;
    exchange_ = std::make_shared<exchange>(
        request_, [this](const model_signal& signal) { hear(signal); }, options, now());
    next_address_ = 0;
    was_connected_ = false;
    connect();
    wait_on();
  }
  void hear(const model_signal& signal) {
    const bool is_failed = signal.what == model_signal::kind::failed;
    if (is_failed && signal.error == errc::model_loading && may_ask_again()) {
      is_loading_ = true;
      model_signal loading;
      loading.what = model_signal::kind::progress;
      loading.stage = model_stage::loading;
      return queue_.take(loading, now());
    }
    if (!is_failed) return queue_.take(signal, now());
    const std::string reason = reason_of(signal);
    model_signal told = signal;
    told.text = reason;
    queue_.take(told, now());
  }
  // A sentence of the server's that repeats the prompt or the token is not passed on, however late it comes.
  WIRTHFORGE_COLD std::string reason_of(const model_signal& failed) const {
    if (!was_connected_) return concat({"no model server at ", request_.url.host, ": ", failed.text});
    const bool is_echo = model::repeats_request(failed.text, request_.body) ||
                         model::repeats_request(failed.text, request_.token);
    if (!is_echo) return std::string(failed.text);
    return failed.status == 0 ? failed.error.message() : concat({"the model server answered ", std::to_string(failed.status)});
  }
  bool may_ask_again() const noexcept {
    return now() + options_.retry_interval < began_ + options_.exchange.first_byte_timeout;
  }

  // `localhost` stands for both addresses, one after the other.
  std::optional<asio::ip::address> next_address() noexcept {
    using where = model::model_url::address;
    const where wanted = request_.url.where;
    const int nth = next_address_++;
    if (nth == 0 && wanted != where::v6) return asio::ip::address_v4::loopback();
    if (nth == (wanted == where::both ? 1 : 0)) return asio::ip::address_v6::loopback();
    return std::nullopt;
  }
  void connect(std::error_code why = {}) {
    const std::optional<asio::ip::address> address = next_address();
    if (!address) {
      exchange_->connect_failed(why);
      return go_on();
    }
    if (!open_for(*address, why)) return connect(why);
    const std::uint64_t attempt = ++attempt_;
    socket_.async_connect({*address, request_.url.port},
                          [this, self = this->shared_from_this(), attempt](std::error_code error) {
                            guard([&] {
                              if (attempt == attempt_) connected(error);
                            });
                          });
  }
  // Asio would make one that every program inherits.
  bool open_for(const asio::ip::address& where, std::error_code& error) noexcept {
    socket_.close(error);
    socket_handle made = make_socket(where.is_v4() ? AF_INET : AF_INET6);
    error.assign(made ? 0 : last_socket_error(), std::system_category());
    if (made) socket_.assign(where.is_v4() ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), made.get(), error);
    if (!error) made.release();
    return !error;
  }
  void connected(std::error_code error) {
    if (!is_open()) return;
    if (error) return connect(error);
    std::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    was_connected_ = true;
    exchange_->connected(now());
    write();
    go_on();
  }

  void write() {
    const std::string_view rest = exchange_->output();
    if (rest.empty()) return;
    const std::uint64_t attempt = attempt_;
    socket_.async_write_some(asio::buffer(rest.data(), rest.size()),
                             [this, self = this->shared_from_this(), attempt, bytes_of = exchange_](std::error_code error,
                                                                                                    std::size_t size) {
                               guard([&] {
                                 if (attempt != attempt_ || !is_open() || error) return;  // the read reports the error
                                 exchange_->sent(size, now());
                                 write();
                               });
                             });
  }

  void read() {
    if (is_reading_) return;
    is_reading_ = true;
    const std::uint64_t attempt = attempt_;
    socket_.async_read_some(asio::buffer(buffer_),
                            [this, self = this->shared_from_this(), attempt](std::error_code error, std::size_t size) {
                              guard([&] {
                                if (attempt == attempt_) take(error, size);
                              });
                            });
  }
  void take(std::error_code error, std::size_t size) {
    is_reading_ = false;
    if (!is_open()) return;
    if (size > 0) {
      reads_.use(size);
      exchange_->received({buffer_.data(), size}, now());
    }
    if (error) exchange_->end_of_stream(error == asio::error::eof ? std::error_code() : error);
    go_on();
  }
  bool is_open() const noexcept { return exchange_ && !exchange_->is_over(); }

  // Called after each event: decides the next step.
  void go_on() {
    const steady_time moment = now();
    if (!is_open()) return end_exchange(moment);
    if (queue_.has_room(moment) && reads_.left(moment) > 0 && hearer_->has_room()) {
      exchange_->resume(moment);
      if (exchange_->wants_input()) read();
    } else {
      exchange_->pause();
    }
    wait_on();
  }
  void end_exchange(steady_time moment) {
    close_socket();
    if (is_loading_) {
      exchange_.reset();
      again_ = moment + options_.retry_interval;
    } else if (queue_.is_over()) {
      return close();
    }
    wait_on();
  }
  // The next deadline. A wait that is already set stays if it is no later.
  void wait_on() {
    std::optional<steady_time> due;
    if (is_over_) return;
    if (!exchange_) due = again_;
    else if (is_open() && exchange_->wants_input()) due = exchange_->deadline();
    else if (is_open() && exchange_->current() == exchange::state::connecting) due = exchange_->deadline();
    else due = now() + model::beat_allowance::beat;
    due = std::min(due.value_or(steady_time::max()), now() + look_interval);
    if (awaited_ && *awaited_ <= *due) return;
    awaited_ = due;
    timer_.expires_at(*due);
    timer_.async_wait([this, self = this->shared_from_this()](std::error_code error) {
      guard([&] {
        if (error != asio::error::operation_aborted) ring();
      });
    });
  }
  void ring() {
    awaited_.reset();
    if (hearer_->is_unwanted()) return stop(std::make_error_code(std::errc::operation_canceled));
    const steady_time moment = now();
    if (hearer_->has_room()) queue_.go_on(moment);
    if (!exchange_) return moment < again_ ? wait_on() : ask();
    exchange_->expire(moment);
    go_on();
  }

  void close_socket() noexcept {
    ++attempt_;  // cancels pending operations
    is_reading_ = false;
    std::error_code ignored;
    socket_.close(ignored);
  }
  void close() noexcept {
    if (is_over_) return;
    is_over_ = true;
    close_socket();
    request_.body = request_.token = std::string();  // their memory too
    hearer_->over();
    try {
      timer_.cancel();
    } catch (...) {  // it fires, and finds the call ended
    }
  }

  const model_call_options options_;
  model::exchange_request request_;
  const std::shared_ptr<model_hearer> hearer_;
  model::signal_queue queue_;
  model::beat_allowance reads_;
  net::socket<Executor> socket_;
  net::timer<Executor> timer_;
  std::shared_ptr<exchange> exchange_;  // none between two attempts
  steady_time began_{};
  steady_time again_{};
  std::optional<steady_time> awaited_;
  std::uint64_t attempt_ = 0;
  int next_address_ = 0;
  bool was_connected_ = false;
  bool is_loading_ = false;  // the answer to this question was that the model loads
  bool is_reading_ = false;
  bool is_over_ = false;
  std::array<char, 16384> buffer_;
};

}}}  // namespace wirthforge::net
