// Wakes a loop from another thread without allocating memory. Asio reuses the memory of posted functions, but
// only on the loop's own threads; a publisher's thread would allocate for each wake-up.
#pragma once

#include <atomic>
#include <cstddef>
#include <new>
#include <utility>

#include <asio/post.hpp>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// Memory for two posted functions at a time, since a server has a batch and the check of each second pending at once; further
/// ones come from the heap. From any thread.
class spare_block {
 public:
  spare_block() = default;
  spare_block(const spare_block&) = delete;
  spare_block& operator=(const spare_block&) = delete;

  void* take(std::size_t bytes) {
    for (block& each : blocks_) {
      if (bytes <= sizeof each.bytes && !each.is_taken.exchange(true, std::memory_order_acquire)) return each.bytes;
    }
    return ::operator new(bytes);
  }
  void give_back(void* memory) noexcept {
    for (block& each : blocks_) {
      if (memory == each.bytes) return each.is_taken.store(false, std::memory_order_release);
    }
    ::operator delete(memory);
  }

 private:
  struct block {
    std::atomic<bool> is_taken{false};
    alignas(std::max_align_t) unsigned char bytes[256];
  };
  block blocks_[2];
};

namespace detail {

template <class Type>
struct spare_block_allocator {
  using value_type = Type;

  explicit spare_block_allocator(spare_block& from) noexcept : block(&from) {}
  template <class Other>
  spare_block_allocator(const spare_block_allocator<Other>& other) noexcept : block(other.block) {}

  Type* allocate(std::size_t count) { return static_cast<Type*>(block->take(count * sizeof(Type))); }
  void deallocate(Type* what, std::size_t) noexcept { block->give_back(what); }
  template <class Other>
  bool operator==(const spare_block_allocator<Other>& other) const noexcept {
    return block == other.block;
  }
  template <class Other>
  bool operator!=(const spare_block_allocator<Other>& other) const noexcept {
    return block != other.block;
  }

  spare_block* block;
};

template <class Function>
struct in_spare_block {
  using allocator_type = spare_block_allocator<Function>;
  allocator_type get_allocator() const noexcept { return allocator_type(*block); }
  void operator()() { function(); }

  Function function;
  spare_block* block;
};

}  // namespace detail

/// Calls `function` on the loop. `block` must outlive the loop. An executor that hides which loop it is (any_io_executor)
/// allocates memory in any case.
template <class Executor, class Function>
void post(spare_block& block, const Executor& executor, Function function) {
  asio::post(executor, detail::in_spare_block<Function>{std::move(function), &block});
}

}}}  // namespace wirthforge::net
