// SPDX-License-Identifier: Apache-2.0
#include "rules/report.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/strings.h"

namespace bongsu {

std::string Cursor::pointer() const {
  if (parent_ == nullptr) {
    return {};
  }
  std::string pointer = parent_->pointer();
  append_pointer(pointer, parent_->node_.kind == JsonNode::Kind::array ? std::to_string(index_) : std::string(key_));
  return pointer;
}

void Report::add(Diagnostic::Level level, std::size_t offset, std::string pointer, std::string message,
                 std::string hint) {
  const JsonPlace place = document_.place(offset);
  diagnostics_.push_back(
      {level, file_, place.line, place.column, std::move(pointer), std::move(message), std::move(hint)});
}

void Report::error(const Cursor& at, std::string message, std::string hint) {
  ++errors_;
  add(Diagnostic::Level::error, at.node().offset, at.pointer(), std::move(message), std::move(hint));
}

void Report::error(const ir::Place& place, Error error) {
  ++errors_;
  add(Diagnostic::Level::error, place.offset, place.pointer, std::move(error.message), std::move(error.hint));
}

void Report::key_error(const Cursor& at, std::string message, std::string hint) {
  ++errors_;
  add(Diagnostic::Level::error, at.key_offset(), at.pointer(), std::move(message), std::move(hint));
}

void Report::warning(const ir::Place& place, std::string message, std::string hint) {
  add(Diagnostic::Level::warning, place.offset, place.pointer, std::move(message), std::move(hint));
}

bool Report::expect(const Cursor& at, JsonNode::Kind kind, std::string_view what) {
  if (at.node().kind == kind) {
    return true;
  }
  error(at, std::string(what) + ", not " + std::string(at.node().kind_name()));
  return false;
}

std::string Report::where(std::size_t offset) const {
  const JsonPlace place = document_.place(offset);
  return file_ + ':' + std::to_string(place.line) + ':' + std::to_string(place.column);
}

std::vector<Diagnostic> Report::take() {
  std::ranges::stable_sort(diagnostics_, [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return std::move(diagnostics_);
}

Diagnostic parse_diagnostic(std::string file, const Error& error) {
  Diagnostic diagnostic{Diagnostic::Level::error, std::move(file), 0, 0, {}, error.message, error.hint};
  const char* const end = error.message.data() + error.message.size();
  const auto line = std::from_chars(error.message.data(), end, diagnostic.line);
  if (line.ec == std::errc() && line.ptr != end && *line.ptr == ':') {
    const auto column = std::from_chars(line.ptr + 1, end, diagnostic.column);
    constexpr std::string_view kSeparator = ": ";
    if (column.ec == std::errc() && std::string_view(column.ptr, end).starts_with(kSeparator)) {
      diagnostic.message = std::string(column.ptr + kSeparator.size(), end);
    }
  }
  return diagnostic;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view near = nearest(word, candidates);
  return near.empty() ? std::string() : "did you mean " + std::string(near) + "?";
}

}  // namespace bongsu
