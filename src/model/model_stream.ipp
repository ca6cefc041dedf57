// The public interface of `stream_reader`.
#pragma once

#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/linkage.hpp"
#include "base/version.hpp"
#include "model/model_stream.hpp"
#include "model/stream_reader.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE model_stream::model_stream(listener hear, const model_stream_options& options)
    : reader_(std::make_unique<model::stream_reader>(std::move(hear), options)) {}
WIRTHFORGE_INLINE model_stream::model_stream(model_stream&& other) noexcept = default;
WIRTHFORGE_INLINE model_stream& model_stream::operator=(model_stream&& other) noexcept = default;
WIRTHFORGE_INLINE model_stream::~model_stream() = default;

WIRTHFORGE_INLINE void model_stream::head(int status, std::string_view content_type) { reader_->head(status, content_type); }
WIRTHFORGE_INLINE bool model_stream::feed(std::string_view body) {
  try {
    reader_->feed(body);
  } catch (...) {
    reader_->abandon();
    throw;
  }
  return !reader_->is_over();
}
WIRTHFORGE_INLINE void model_stream::end(bool was_clean) {
  try {
    reader_->end(was_clean);
  } catch (...) {
    reader_->abandon();
    throw;
  }
}
WIRTHFORGE_INLINE void model_stream::fail(std::error_code reason) { reader_->fail(reason); }
WIRTHFORGE_INLINE bool model_stream::is_over() const noexcept { return reader_->is_over(); }
WIRTHFORGE_INLINE model_dialect model_stream::dialect() const noexcept { return reader_->dialect(); }

}}  // namespace wirthforge
