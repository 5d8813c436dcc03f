// SPDX-License-Identifier: Apache-2.0
//
// The alerts that wait for one destination, in the order in which they came. Bounded: where there is no room for a new
// one, the oldest of the lowest severity make it, which may be the new one itself. In memory, or in a spool, of which
// it then is the index; what a spool does not take (a full or slow disk) waits in memory, and is counted.
//
// Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alert/alert.h"
#include "base/clock.h"
#include "base/result.h"
#include "sinks/spool.h"

namespace bongsu {

class Backlog {
 public:
  struct Options {
    // Of what is in memory alone.
    std::size_t max_alerts = 10'000;
    std::size_t max_bytes = std::size_t{64} << 20;
  };
  // With a spool, every alert that waits there has an entry of some 100 bytes here.
  static constexpr std::size_t kMostSpooled = 500'000;
  // Alerts of a spool that are kept in memory as well, so that they need not be read again.
  static constexpr std::size_t kCopiesBytes = std::size_t{8} << 20;
  // A disk that makes us wait longer than that twice in a row is left alone for a while: who delivers is not to be held
  // up.
  static constexpr std::int64_t kSlowNs = 100'000'000;
  static constexpr std::int64_t kRestNs = 10'000'000'000;

  struct Entry {
    std::shared_ptr<const Alert> alert;  // null: it is to be read from `place`
    Spool::Place place;                  // without a file: in memory alone
    std::uint64_t order = 0;
    std::int64_t since_ns = 0;  // Clock::boot_ns()
    std::size_t bytes = 0;
  };

  struct Counters {
    std::uint64_t evicted = 0;    // made room
    std::uint64_t refused = 0;    // there was none, nor anything less severe
    std::uint64_t unspooled = 0;  // in memory alone though there is a spool
  };

  // Without a spool (null), or with what is left in one. Borrows the clock.
  Backlog(Options options, const Clock& clock) : options_(options), clock_(clock) {}
  Backlog(Options options, const Clock& clock, std::unique_ptr<Spool> spool, std::vector<Spool::Place> left);

  // False: refused, and counted.
  bool push(const std::shared_ptr<const Alert>& alert);

  // Moves the oldest to `out`, until it has that many alerts, or one more would be too many bytes. They are no longer
  // evicted, and their place in the spool is theirs until settled() or put_back().
  void take(std::size_t max_alerts, std::size_t max_bytes, std::vector<Entry>& out);
  // All that was taken is through, whatever became of it.
  void settled();
  void put_back(std::vector<Entry> taken);

  // Whether take() would stop for its bounds rather than for want of alerts.
  [[nodiscard]] bool fills(std::size_t max_alerts, std::size_t max_bytes) const {
    return alerts_ >= max_alerts || bytes_ >= max_bytes;
  }
  [[nodiscard]] bool empty() const { return alerts_ == 0; }
  [[nodiscard]] std::size_t alerts() const { return alerts_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // of alerts
  [[nodiscard]] std::optional<std::int64_t> oldest_ns() const;
  void set_spool_bytes(std::uint64_t bytes) { spool_ != nullptr ? spool_->set_max_bytes(bytes) : void(); }
  [[nodiscard]] const Spool* spool() const { return spool_.get(); }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] std::size_t in_memory_alone() const { return unspooled_; }
  // Why the disk is left alone now; empty: it is not.
  [[nodiscard]] std::string resting() const { return clock_.boot_ns() < rest_until_ns_ ? why_resting_ : std::string(); }
  // Why the disk took something no more, since the last call; empty: it did.
  [[nodiscard]] std::string take_failure() { return std::exchange(failure_, {}); }
  // The rest of another one, to come before what is pushed here.
  void append(Backlog& other);

 private:
  using Row = std::deque<Entry>;
  using Rows = std::array<Row, 5>;  // by severity; each in order
  [[nodiscard]] static Row& row_of(Rows& rows, Severity severity) {
    return rows.at(static_cast<std::size_t>(severity) - 1);
  }
  [[nodiscard]] Row* first_row();
  [[nodiscard]] bool has_memory(std::size_t bytes) const;
  [[nodiscard]] bool write(const Alert& alert, Spool::Place& place);
  bool make_room_on_disk(Severity severity);
  bool make_room_in_memory(Severity severity, std::size_t bytes);
  void time_the_disk(std::int64_t began_ns);
  void rest(std::string why);
  void add(Entry entry, Severity severity, bool in_front = false);
  void forget(const Entry& entry);

  Options options_;
  const Clock& clock_;
  std::unique_ptr<Spool> spool_;
  Rows in_memory_;  // alone
  Rows on_disk_;
  std::vector<std::shared_ptr<const SpoolFile>> taken_from_;
  std::uint64_t taken_up_to_ = 0;  // sequence in the spool
  std::uint64_t next_order_ = 1;
  std::size_t alerts_ = 0;
  std::size_t bytes_ = 0;
  std::size_t unspooled_ = 0;        // of these: in memory alone
  std::size_t unspooled_bytes_ = 0;  // the same
  std::size_t copies_bytes_ = 0;     // of these: in a spool and in memory
  unsigned slow_in_a_row_ = 0;
  std::int64_t rest_until_ns_ = 0;  // the disk is left alone
  std::string why_resting_;
  std::string failure_;
  Counters counters_;
};

}  // namespace bongsu
