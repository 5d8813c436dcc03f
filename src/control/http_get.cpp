// SPDX-License-Identifier: Apache-2.0
#include "control/http_get.h"

#include <httplib.h>

#include <cstddef>

namespace bongsu {
namespace {

constexpr std::size_t kMaxBodyBytes = std::size_t{16} << 20;

std::string explain(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
      return "nobody answers there";
    case httplib::Error::ConnectionTimeout:
      return "no connection in time";
    case httplib::Error::Read:
      return "no answer in time, or the connection was closed";
    default:
      return httplib::to_string(error);
  }
}

}  // namespace

Result<HttpReply> http_get(const std::string& host, std::uint16_t port, const std::string& path,
                           std::chrono::milliseconds timeout) {
  httplib::Client client(host, port);
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  client.set_write_timeout(timeout);
  HttpReply reply;
  bool too_large = false;
  const httplib::Result result = client.Get(
      path,
      [&reply](const httplib::Response& response) {
        reply.status = response.status;
        return true;
      },
      [&reply, &too_large](const char* data, std::size_t bytes) {
        too_large = reply.body.size() + bytes > kMaxBodyBytes;
        if (!too_large) {
          reply.body.append(data, bytes);
        }
        return !too_large;
      });
  if (too_large) {
    return fail("the answer is larger than 16 MiB");
  }
  if (!result) {
    return fail(explain(result.error()));
  }
  return reply;
}

}  // namespace bongsu
