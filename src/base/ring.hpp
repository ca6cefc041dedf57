// A queue in one block of memory: in at the back, out at the front, any element by its index. It allocates memory only when it
// becomes longer than ever before, never while its length stays in that bound: std::deque does so again and again, and some
// hold half a KiB while they are empty.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// `Item` must have a default constructor; an item that is taken out is replaced by a default one at once. One thread only.
template <class Item>
class ring {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  /// Precondition: index < size(). The oldest has index 0.
  Item& operator[](std::size_t index) noexcept { return items_[place_of(index)]; }
  const Item& operator[](std::size_t index) const noexcept { return items_[place_of(index)]; }
  Item& front() noexcept { return items_[first_]; }
  const Item& front() const noexcept { return items_[first_]; }
  Item& back() noexcept { return (*this)[size_ - 1]; }
  const Item& back() const noexcept { return (*this)[size_ - 1]; }

  void push_back(Item item) {
    if (size_ == items_.size()) grow();
    items_[place_of(size_)] = std::move(item);
    ++size_;
  }
  void pop_front() {
    items_[first_] = Item();
    first_ = place_of(1);
    --size_;
  }
  /// Also gives the memory back.
  void clear() noexcept {
    items_ = std::vector<Item>();
    first_ = size_ = 0;
  }

  /// The first index for which `is_before(item)` is false. Precondition: the items for which it is true come first.
  template <class Predicate>
  std::size_t partition_point(Predicate is_before) const {
    std::size_t begin = 0;
    std::size_t end = size_;
    while (begin < end) {
      const std::size_t middle = begin + (end - begin) / 2;
      if (is_before((*this)[middle])) begin = middle + 1;
      else end = middle;
    }
    return begin;
  }

 private:
  // The block's size is a power of two.
  std::size_t place_of(std::size_t index) const noexcept { return (first_ + index) & (items_.size() - 1); }
  WIRTHFORGE_COLD void grow() {
    std::vector<Item> larger(items_.empty() ? 2 : items_.size() * 2);
    for (std::size_t index = 0; index < size_; ++index) larger[index] = std::move((*this)[index]);
    items_.swap(larger);
    first_ = 0;
  }

  std::vector<Item> items_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}}}  // namespace wirthforge::tools
