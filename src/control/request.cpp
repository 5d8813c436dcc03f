// SPDX-License-Identifier: Apache-2.0
#include "control/request.h"

#include <fmt/format.h>

#include <algorithm>

namespace bongsu {
namespace {

// token of RFC 9110, of which methods are made
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_version(std::string_view text) {
  constexpr std::string_view kPrefix = "HTTP/1.";
  return text.size() == kPrefix.size() + 1 && text.starts_with(kPrefix) && (text.back() == '0' || text.back() == '1');
}

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

}  // namespace

RequestHead parse_request_head(std::string_view bytes) {
  using State = RequestHead::State;
  const std::string_view seen = bytes.substr(0, kMaxRequestHeadBytes);
  const std::size_t line_end = seen.find('\n');
  // What cannot become a request is refused before its end has come.
  if (std::ranges::any_of(seen.substr(0, line_end),
                          [](char c) { return (c >= 0 && c < ' ' && c != '\r') || c == 127; })) {
    return {.state = State::malformed, .method = {}, .path = {}};
  }
  const bool ended = seen.find("\n\r\n") != std::string_view::npos || seen.find("\n\n") != std::string_view::npos;
  if (!ended) {
    return {
        .state = bytes.size() >= kMaxRequestHeadBytes ? State::too_large : State::incomplete, .method = {}, .path = {}};
  }
  std::string_view line = seen.substr(0, line_end);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return {.state = State::malformed, .method = {}, .path = {}};
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(method) || !is_version(line.substr(last + 1)) || target.empty() ||
      target.find(' ') != std::string_view::npos) {
    return {.state = State::malformed, .method = {}, .path = {}};
  }
  return {.state = State::complete, .method = method, .path = target.substr(0, target.find('?'))};
}

std::string to_http(const Response& response, bool head_only) {
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n{}",
                     response.status, reason(response.status), response.content_type, response.body.size(),
                     response.status == 405 ? "Allow: GET, HEAD\r\n" : "",
                     head_only ? std::string_view() : response.body);
}

}  // namespace bongsu
