// SPDX-License-Identifier: Apache-2.0
//
// Text for Slack: its three control characters escaped, cut to a length that Slack takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bongsu {

// Slack's limits count characters of what is sent; these are of bytes, so never beyond them.
// https://docs.slack.dev/reference/block-kit/blocks: header 150, section 3000, a section's field 2000, ten fields,
// fifty blocks a message.
inline constexpr std::size_t kSlackHeaderBytes = 150;
inline constexpr std::size_t kSlackSectionBytes = 3000;
inline constexpr std::size_t kSlackFieldBytes = 2000;
inline constexpr std::size_t kSlackFields = 10;
inline constexpr std::size_t kSlackBlocks = 50;

// `text`, which is valid UTF-8, with &, < and > escaped; at most `most` bytes, no character and no escape cut in two.
// "..." where something is missing. So nothing in it is a link, a mention of somebody or of a channel.
[[nodiscard]] std::string slack_text(std::string_view text, std::size_t most);

}  // namespace bongsu
