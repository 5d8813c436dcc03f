// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the files that engines keep of a container: OCI bundle, Docker's configuration, the list of
// containers/storage, runc's state. Nothing may crash, read outside, hang or grow, and what comes of it can be shown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "identity/engine_files.h"
#include "identity/oci_bundle.h"
#include "recording/facts_json.h"

namespace {

void check(const bongsu::ContainerFacts& facts) {
  for (const std::string* text : {&facts.runtime, &facts.name, &facts.image_name, &facts.image_tag, &facts.pod_name,
                                  &facts.pod_namespace, &facts.pod_uid, &facts.sandbox_id}) {
    if (bongsu::presentable(*text).size() != text->size()) {
      std::abort();
    }
  }
  const auto again = bongsu::parse_container_facts(bongsu::container_facts_json(facts));
  if (facts.image_hashes.size() > bongsu::ContainerFacts::kMaxHashes || !again || *again != facts) {
    std::abort();
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view runtime : {"", "containerd", "cri-o", "docker", "podman"}) {
    if (const auto facts = bongsu::parse_oci_bundle(text, runtime)) {
      check(*facts);
    }
  }
  bongsu::ContainerFacts facts;
  (void)bongsu::add_docker_config(text, facts);
  check(facts);
  facts = {};
  (void)bongsu::add_storage_entry(text, std::string(64, 'a'), facts);
  check(facts);
  if (bongsu::runc_bundle(text).size() > bongsu::ContainerFacts::kMaxText) {
    std::abort();
  }
  return 0;
}
