// One event as it is sent: the JSON text with its WebSocket frame header before it, made once and shared by every client.
// The publisher builds it on its own thread; the time stamp is put in later, where the order of events is decided.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

#include "events/events.hpp"
#include "rfc6455/frame.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// Made by `make_frame`, and held by `frame_ptr`.
class event_frame {
 public:
  /// `header_room` bytes and then the bytes of the text are writable at `memory` for as long as the frame lives.
  template <class Event>
  event_frame(const Event& event, const envelope& outer, char* const& memory)
      : type_(event_traits<Event>::type), channel_(event_traits<Event>::channel_), timestamp_(outer.timestamp),
        text_(memory + header_room), timestamp_at_(text_ + event_traits<Event>::timestamp_offset) {
    size_ = static_cast<std::size_t>(event_writer<Event>::fill(text_, event, outer) - text_);
    put_header();
  }
  /// A frame of text that was written before, byte for byte. It must not be stamped.
  event_frame(event_type type, wirthforge::channel channel, std::int64_t timestamp, std::string_view text, char* const& memory)
      : type_(type), channel_(channel), timestamp_(timestamp), text_(memory + header_room), timestamp_at_(nullptr),
        size_(text.size()) {
    std::memcpy(text_, text.data(), size_);
    put_header();
  }
  event_frame(const event_frame&) = delete;
  event_frame& operator=(const event_frame&) = delete;

  /// Writes the time into the text in place: its field has a fixed width.
  void stamp(std::int64_t unix_ms) {
    timestamp_ = unix_ms;
    stamp_timestamp(timestamp_at_, unix_ms);
  }

  event_type type() const noexcept { return type_; }
  wirthforge::channel channel() const noexcept { return channel_; }
  std::int64_t timestamp() const noexcept { return timestamp_; }
  /// Header and text, as a server sends it (unmasked).
  std::string_view wire() const noexcept { return {text_ - header_size_, header_size_ + size_}; }
  /// The JSON text alone.
  std::string_view text() const noexcept { return {text_, size_}; }

  static constexpr std::size_t header_room = rfc6455::max_frame_header_bytes;

 private:
  void put_header() noexcept {
    char header[rfc6455::max_frame_header_bytes];
    header_size_ = rfc6455::encode_frame_header(header, rfc6455::opcode::text, size_);
    std::memcpy(text_ - header_size_, header, header_size_);
  }

  event_type type_;
  wirthforge::channel channel_;
  std::int64_t timestamp_;
  char* text_;
  char* timestamp_at_;
  std::size_t header_size_ = 0;
  std::size_t size_ = 0;
};

using frame_ptr = std::shared_ptr<const event_frame>;

namespace detail {

// Gives std::allocate_shared `room` more bytes than it asks for, and reports where they begin: reference count, frame and text
// are one block of memory.
template <class Type>
struct allocator_with_room {
  using value_type = Type;

  allocator_with_room(std::size_t wanted, char*& tell) noexcept : room(wanted), behind(&tell) {}
  template <class Other>
  allocator_with_room(const allocator_with_room<Other>& other) noexcept : room(other.room), behind(other.behind) {}

  Type* allocate(std::size_t count) {
    char* const block = static_cast<char*>(::operator new(count * sizeof(Type) + room));
    *behind = block + count * sizeof(Type);
    return reinterpret_cast<Type*>(block);
  }
  void deallocate(Type* block, std::size_t) noexcept { ::operator delete(block); }

  std::size_t room;
  char** behind;  // valid only during the allocation
};

template <class Type, class Other>
bool operator==(const allocator_with_room<Type>&, const allocator_with_room<Other>&) noexcept {
  return true;
}
template <class Type, class Other>
bool operator!=(const allocator_with_room<Type>&, const allocator_with_room<Other>&) noexcept {
  return false;
}

}  // namespace detail

// Not in the template below: otherwise each program would hold the assertion's text once for each event.
inline void assert_fits([[maybe_unused]] const event_frame& frame, [[maybe_unused]] std::size_t room) {
  assert(frame.text().size() <= room - event_frame::header_room);  // else the room was too small
}

/// Precondition: `check(event)` found nothing. One allocation.
template <class Event>
std::shared_ptr<event_frame> make_frame(const Event& event, const envelope& outer) {
  char* memory = nullptr;
  const std::size_t room = event_frame::header_room + event_writer<Event>::room(event);
  auto frame = std::allocate_shared<event_frame>(detail::allocator_with_room<event_frame>(room, memory), event, outer, memory);
  assert_fits(*frame, room);
  return frame;
}

}}}  // namespace wirthforge::live
