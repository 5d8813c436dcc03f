// SPDX-License-Identifier: Apache-2.0
#include "sinks/file_channel.h"

#include <string>

namespace bongsu {

Attempt FileChannel::send(Alerts alerts) {
  if (interrupted_) {
    return Attempt::retry("");
  }
  std::string lines;
  for (const auto& alert : alerts) {
    lines += alert->json;
    lines += '\n';
  }
  const Status appended = file_->append(lines);
  return appended ? Attempt() : Attempt::retry(appended.error().to_string());
}

}  // namespace bongsu
