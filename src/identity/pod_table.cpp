// SPDX-License-Identifier: Apache-2.0
#include "identity/pod_table.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/strings.h"

namespace bongsu {
namespace {

// All of it as JSON fits the 64 KiB of a recording's frame, were every byte of the names escaped as six.
constexpr std::size_t kMaxText = 512;                         // bytes of a name or uid: the API server allows 253
constexpr std::size_t kMaxMapBytes = std::size_t{16} * 1024;  // of the labels, and of the annotations, as JSON

std::uint64_t hash_of(std::string_view text) { return mix(std::hash<std::string_view>{}(text)); }

void cut(std::string& text) {
  if (text.size() > kMaxText) {
    text.clear();
  }
}

// As JSON, for that is how a recording holds it. What does not fit is left out, and what is smaller may still fit.
void cut(PodFacts::Map& map) {
  std::size_t left = kMaxMapBytes;
  std::string json;
  std::erase_if(map, [&](const auto& entry) {
    if (entry.first.size() + entry.second.size() > left) {
      return true;
    }
    json.clear();
    append_json_string(json, entry.first);
    append_json_string(json, entry.second);
    const bool fits = json.size() + 2 <= left;  // a colon and a comma
    left -= fits ? json.size() + 2 : 0;
    return !fits;
  });
}

}  // namespace

PodChange bounded(PodChange change) {
  PodFacts& facts = change.facts;
  for (std::string* text : {&facts.uid, &facts.name, &facts.namespace_name, &facts.controller_kind,
                            &facts.controller_name, &facts.owner_kind, &facts.owner_name, &facts.config_hash}) {
    cut(*text);
  }
  cut(facts.labels);
  cut(facts.annotations);
  return change;
}

PodTable::PodTable(std::size_t capacity) : slab_(capacity), uids_(capacity), hashes_(capacity) {}

void PodTable::learn(const PodChange& change, std::uint64_t now_ns) {
  switch (change.kind) {
    case PodChange::Kind::known: {
      PodChange kept = bounded(change);
      counters_.cut += kept.facts == change.facts ? 0U : 1U;
      if (!kept.facts.uid.empty()) {
        ++counters_.told;
        put(std::move(kept.facts));
      }
      break;
    }
    case PodChange::Kind::gone:
      if (const Slot slot = by_uid(change.facts.uid); slot != kNoSlot && slab_[slot].gone_ns == 0) {
        slab_[slot].gone_ns = std::max<std::uint64_t>(now_ns, 1);
        known_.remove(slot);
        gone_.push_back(slot);
      }
      break;
    case PodChange::Kind::synced:
      state_ = State::synced;
      break;
    case PodChange::Kind::unsynced:
      state_ = State::unsynced;
      break;
  }
}

void PodTable::expire(std::uint64_t now_ns) {
  while (gone_.front() != kNoSlot && slab_[gone_.front()].gone_ns + kKeepGoneNs <= now_ns) {
    forget(gone_.front());
  }
}

const PodFacts* PodTable::find(std::string_view uid) const {
  if (uid.empty()) {
    return nullptr;
  }
  Slot slot = by_uid(uid);
  if (slot == kNoSlot) {
    slot = hashes_.find(hash_of(uid), [&](Slot candidate) { return slab_[candidate].facts.config_hash == uid; });
  }
  return slot == kNoSlot ? nullptr : &slab_[slot].facts;
}

Slot PodTable::by_uid(std::string_view uid) const {
  return uids_.find(hash_of(uid), [&](Slot candidate) { return slab_[candidate].facts.uid == uid; });
}

void PodTable::put(PodFacts facts) {
  if (const Slot known = by_uid(facts.uid); known != kNoSlot) {
    forget(known);
  }
  const Slot slot = acquire();
  Entry& entry = slab_[slot];
  entry.facts = std::move(facts);
  entry.gone_ns = 0;
  uids_.insert(hash_of(entry.facts.uid), slot);
  if (!entry.facts.config_hash.empty()) {
    hashes_.insert(hash_of(entry.facts.config_hash), slot);
  }
  known_.push_back(slot);
}

Slot PodTable::acquire() {
  if (slab_.full()) {
    const bool any_gone = gone_.front() != kNoSlot;
    ++(any_gone ? counters_.evicted_gone : counters_.evicted_known);
    forget(any_gone ? gone_.front() : known_.front());
  }
  return slab_.acquire();
}

void PodTable::forget(Slot slot) {
  Entry& entry = slab_[slot];
  uids_.erase(hash_of(entry.facts.uid), slot);
  if (!entry.facts.config_hash.empty()) {
    hashes_.erase(hash_of(entry.facts.config_hash), slot);
  }
  known_.remove(slot);
  gone_.remove(slot);
  entry.facts = {};
  slab_.release(slot);
}

}  // namespace bongsu
