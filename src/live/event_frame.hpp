// One event as it travels: the JSON text with its WebSocket frame header before it, made once and shared by every client.
// The publisher builds it on its own thread; the time stamp is put in later, where the order of events is decided.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "events/events.hpp"
#include "rfc6455/frame.hpp"

namespace wirthforge::live {

class event_frame {
 public:
  /// Precondition: `check(event)` found nothing.
  template <class Event>
  event_frame(const Event& event, const envelope& outer)
      : type_(event_traits<Event>::type), channel_(event_traits<Event>::channel_), timestamp_(outer.timestamp),
        timestamp_at_(header_room + event_traits<Event>::timestamp_offset) {
    buffer_.resize(header_room);
    write(buffer_, event, outer);
    char header[rfc6455::max_frame_header_bytes];
    const std::size_t size =
        rfc6455::encode_frame_header(header, rfc6455::opcode::text, buffer_.size() - header_room);
    begin_ = header_room - size;
    buffer_.replace(begin_, size, header, size);
  }

  /// Writes the time into the text in place: its field has a fixed width.
  void stamp(std::int64_t unix_ms) {
    timestamp_ = unix_ms;
    stamp_timestamp(&buffer_[timestamp_at_], unix_ms);
  }

  event_type type() const noexcept { return type_; }
  wirthforge::channel channel() const noexcept { return channel_; }
  std::int64_t timestamp() const noexcept { return timestamp_; }
  /// Header and text, as a server sends it (unmasked).
  std::string_view wire() const noexcept { return std::string_view(buffer_).substr(begin_); }
  /// The JSON text alone.
  std::string_view text() const noexcept { return std::string_view(buffer_).substr(header_room); }

 private:
  static constexpr std::size_t header_room = rfc6455::max_frame_header_bytes;

  event_type type_;
  wirthforge::channel channel_;
  std::int64_t timestamp_;
  std::size_t timestamp_at_;
  std::size_t begin_ = 0;
  std::string buffer_;
};

using frame_ptr = std::shared_ptr<const event_frame>;

template <class Event>
std::shared_ptr<event_frame> make_frame(const Event& event, const envelope& outer) {
  return std::make_shared<event_frame>(event, outer);
}

}  // namespace wirthforge::live
