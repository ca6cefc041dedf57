// A lock-free queue from many producers to one consumer. A producer pushes with one compare-and-swap; the consumer takes
// everything at once. The items of one producer come out in the order in which it pushed them.
//
// It is a stack that is emptied whole and then reversed: nodes are never popped singly, so the ABA problem of
// lock-free stacks cannot arise. Emptied nodes wait on a spare_pool to be filled again, so that a producer at
// its usual pace allocates no memory.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// A few spare objects for any thread, without a lock: each place is taken and filled by one atomic exchange.
template <class Type, std::size_t Places>
class spare_pool {
 public:
  spare_pool() = default;
  spare_pool(const spare_pool&) = delete;
  spare_pool& operator=(const spare_pool&) = delete;
  ~spare_pool() {
    for (auto& each : places_) delete each.load(std::memory_order_relaxed);
  }

  /// A spare object, or null.
  std::unique_ptr<Type> take() noexcept {
    for (auto& each : places_) {
      if (each.load(std::memory_order_relaxed) == nullptr) continue;
      if (Type* const found = each.exchange(nullptr, std::memory_order_acquire)) return std::unique_ptr<Type>(found);
    }
    return nullptr;
  }
  /// Keeps it, or deletes it if every place is taken.
  void put(std::unique_ptr<Type> spare) noexcept {
    for (auto& each : places_) {
      Type* none = nullptr;
      if (each.load(std::memory_order_relaxed) != nullptr) continue;
      if (!each.compare_exchange_strong(none, spare.get(), std::memory_order_release, std::memory_order_relaxed)) continue;
      (void)spare.release();
      return;
    }
  }

 private:
  std::array<std::atomic<Type*>, Places> places_{};
};

/// `Item` is owned by the queue between `push` and `take_all`.
template <class Item>
class handoff {
  struct node {
    std::optional<Item> item;  // constructed anew each time: an assignment between two variants is much code
    node* next = nullptr;
  };

 public:
  /// An item with its place in the queue, allocated ahead: pushing it needs no memory.
  using slot = std::unique_ptr<node>;
  static slot make_slot(Item item) {
    slot made = std::make_unique<node>();
    made->item.emplace(std::move(item));
    return made;
  }

  /// The same with a spare node of this queue, if there is one.
  slot fill_slot(Item item) {
    slot spare = spare_.take();
    if (!spare) return make_slot(std::move(item));
    spare->item.emplace(std::move(item));
    return spare;
  }

  handoff() = default;
  handoff(const handoff&) = delete;
  handoff& operator=(const handoff&) = delete;
  ~handoff() {
    take_all([](Item&&) {});
  }

  /// Adds an item, from any thread. True when the queue was empty: the consumer then has to be woken.
  bool push(Item item) { return push(fill_slot(std::move(item))); }
  bool push(slot item) noexcept {
    node* const fresh = item.release();
    node* previous = top_.load(std::memory_order_relaxed);
    do {
      fresh->next = previous;
    } while (!top_.compare_exchange_weak(previous, fresh, std::memory_order_release, std::memory_order_relaxed));
    return previous == nullptr;  // not read from `fresh`, which the consumer may already have freed
  }

  /// Hands every item to `take`, oldest first. From the consumer's thread only; `take` must not throw.
  template <class Take>
  void take_all(Take take) {
    node* newest = top_.exchange(nullptr, std::memory_order_acquire);
    node* oldest = nullptr;
    while (newest != nullptr) {
      node* const next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest != nullptr) {
      slot current(oldest);
      oldest = current->next;
      take(std::move(*current->item));
      current->item.reset();  // releases the item's resources now, not when the node is filled again
      spare_.put(std::move(current));
    }
  }

 private:
  std::atomic<node*> top_{nullptr};
  spare_pool<node, 32> spare_;
};

}}}  // namespace wirthforge::tools
