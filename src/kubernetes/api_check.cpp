// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/api_check.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include "kubernetes/api_client.h"
#include "kubernetes/pod_json.h"
#include "kubernetes/pod_target.h"

namespace bongsu {
namespace {

using std::chrono::seconds;

class Text final : public ApiBody {
 public:
  bool take(std::string_view piece) override {
    constexpr std::size_t kMostBytes = std::size_t{64} << 20;
    text.append(piece.substr(0, kMostBytes - text.size()));
    return text.size() < kMostBytes;
  }
  std::string text;
};

ApiRequest request(std::string target, std::string_view accept) {
  ApiRequest request{.target = std::move(target), .accept = std::string(accept)};
  request.silence = seconds(10);
  request.head = seconds(10);
  request.total = seconds(20);
  return request;
}

ApiCheckLine wrong(std::string what, const ApiAnswer& answer, std::string_view verb) {
  const bool refused = answer.error == ApiError::forbidden || answer.error == ApiError::unauthorized;
  return {std::move(what), false,
          answer.words + (refused ? fmt::format(": the service account needs {} on pods", verb) : std::string())};
}

void ask(const PodWatchOptions& options, const Clock& clock, std::vector<ApiCheckLine>& lines) {
  ApiClient client(options.server, clock);
  PodJson json({});
  Text listed;
  if (const ApiAnswer answer = client.get(request(list_target(options.node, "0", ""), kAcceptPods), listed);
      answer.error != ApiError::none) {
    lines.push_back(wrong("pods", answer, "list"));
    return;
  }
  std::size_t pods = 0;
  const auto page = json.page(listed.text, [&](PodFacts&) { ++pods; });
  if (!page) {
    lines.push_back({"pods", false, page.error().message});
    return;
  }
  lines.push_back({"pods", true,
                   fmt::format("{}{} on {}, from {}:{}", pods, page->continuation.empty() ? "" : " and more",
                               options.node, options.server.host, options.server.port)});
  Text watched;
  const ApiAnswer answer =
      client.get(request(watch_target(options.node, page->resource_version, 1), kAcceptPodEvents), watched);
  lines.push_back(answer.error == ApiError::none ? ApiCheckLine{"pod changes", true, "the API server tells them"}
                                                 : wrong("pod changes", answer, "watch"));
}

}  // namespace

std::vector<ApiCheckLine> check_api(const ApiPlace& place, const Clock& clock) {
  std::vector<ApiCheckLine> lines;
  const auto found = discover_api(place);
  if (!found) {
    lines.push_back({"pods", false, found.error().to_string()});
  } else if (!found->options) {
    lines.push_back({"pods", true, "without the API server: " + found->why_not});
  } else {
    try {
      ask(*found->options, clock, lines);
    } catch (const std::system_error& error) {
      lines.push_back({"pods", false, std::string("no thread for it: ") + error.what()});
    }
  }
  return lines;
}

}  // namespace bongsu
