// SPDX-License-Identifier: Apache-2.0
//
// Every process there is, as records: from the BPF task iterator.
#pragma once

#include "base/result.h"
#include "sensor/sensor.h"

struct bpf_program;

namespace bongsu {

[[nodiscard]] Status read_task_iterator(const bpf_program* program, const RecordHandler& handle);

}  // namespace bongsu
