// SPDX-License-Identifier: Apache-2.0
//
// An image's name, taken apart: `registry:5000/team/app:1.2@sha256:...`. Pure text; nothing is added to what was
// written, so that a short name stays short.
#pragma once

#include <string_view>

namespace bongsu {

// All of it borrows the text. What is not there is empty; a bare digest or image id has no name.
struct ImageReference {
  std::string_view name;
  std::string_view tag;
  std::string_view digest;  // as sha256:..., or 64 hex digits where only the id was written
};

[[nodiscard]] ImageReference parse_image_reference(std::string_view text);

// An algorithm, a colon and hex digits: sha256:... (OCI image specification, "Digests"), at most sha512's.
[[nodiscard]] bool is_digest(std::string_view text);

// 64 hex digits, as engines write the id of an image, which is the sha256 of its configuration.
[[nodiscard]] bool is_image_id(std::string_view text);

}  // namespace bongsu
