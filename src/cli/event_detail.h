// SPDX-License-Identifier: Apache-2.0
//
// The last column of the trace table: what an event is about, in one line for a person.
#pragma once

#include <string>

#include "events/event_view.h"

namespace bongsu {

[[nodiscard]] std::string event_detail(const EventView& event);

}  // namespace bongsu
