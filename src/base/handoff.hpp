// A lock-free queue from many producers to one consumer. A producer pushes with one compare-and-swap; the consumer takes
// everything at once. What one producer pushed first comes out first.
//
// It is a stack that is emptied whole and then turned around: nodes are never popped singly, so the ABA problem that
// haunts lock-free stacks cannot arise.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace wirthforge {

/// `Item` is owned by the queue between `push` and `take_all`.
template <class Item>
class handoff {
  struct node {
    explicit node(Item&& value) : item(std::move(value)) {}
    Item item;
    node* next = nullptr;
  };

 public:
  /// An item with its place in the queue, made ahead: pushing it needs no memory.
  using slot = std::unique_ptr<node>;
  static slot make_slot(Item item) { return std::make_unique<node>(std::move(item)); }

  handoff() = default;
  handoff(const handoff&) = delete;
  handoff& operator=(const handoff&) = delete;
  ~handoff() {
    take_all([](Item&&) {});
  }

  /// Adds an item, from any thread. True when the queue was empty: the consumer then wants a wake-up.
  bool push(Item item) { return push(make_slot(std::move(item))); }
  bool push(slot item) noexcept {
    node* const fresh = item.release();
    node* previous = top_.load(std::memory_order_relaxed);
    do {
      fresh->next = previous;
    } while (!top_.compare_exchange_weak(previous, fresh, std::memory_order_release, std::memory_order_relaxed));
    return previous == nullptr;  // not read from `fresh`, which the consumer may have freed by now
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
      const std::unique_ptr<node> current(oldest);
      oldest = current->next;
      take(std::move(current->item));
    }
  }

 private:
  std::atomic<node*> top_{nullptr};
};

}  // namespace wirthforge
