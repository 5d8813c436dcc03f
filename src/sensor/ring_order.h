// SPDX-License-Identifier: Apache-2.0
//
// Two rings, one order: which of two rings gives the next record.
//
// A writer stamps its record, then reserves room in one ring, then writes. Say X caused Y and is in the other ring:
// then X was written before Y was stamped. When Y is the oldest record of its ring and can be read, X can be read too
// by who looks at its ring from then on. If X was not handed over yet, that ring's oldest record is X, or was reserved
// before X and so stamped before Y: it has the smaller time and comes first. So does whatever stands between it and X.
// It may still be busy, and its time not written yet: then X may wait behind it, and nothing is handed over until it is
// done, which takes its writer no longer than a copy.
// Within a ring the order is that of the reservations.
#pragma once

#include "sensor/ring_reader.h"

namespace bongsu {

// The ring whose oldest record is next; null when none may be handed over now. At the same time `first` goes first.
template <typename Reader>
[[nodiscard]] Reader* earlier_of(Reader& first, Reader& second) {
  RingHead of_first = first.peek();
  const RingHead of_second = second.peek();
  if (of_first == RingHead::none && of_second == RingHead::ready) {
    of_first = first.peek();  // what caused second's record may have come between the two looks
  }
  if (of_first == RingHead::busy || of_second == RingHead::busy) {
    return nullptr;
  }
  if (of_first == RingHead::ready && of_second == RingHead::ready) {
    return second.time_ns() < first.time_ns() ? &second : &first;
  }
  if (of_first == RingHead::ready) {
    return &first;
  }
  return of_second == RingHead::ready ? &second : nullptr;
}

}  // namespace bongsu
