// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own types (BTF), of which reading takes some ten milliseconds and keeping some ten megabytes: read once
// for as long as somebody holds them.
#pragma once

#include <memory>
#include <string_view>

struct btf;

namespace bongsu {

// As whoever else holds it has them; null when they cannot be read. One thread.
[[nodiscard]] std::shared_ptr<const btf> kernel_types();

// BTF ids; 0 when the kernel has no such. Quick only while somebody holds the types.
[[nodiscard]] int kernel_function(std::string_view name);
[[nodiscard]] int kernel_tracepoint(std::string_view name);  // for typed programs
[[nodiscard]] int kernel_iterator(std::string_view name);

}  // namespace bongsu
