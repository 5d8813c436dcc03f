// SPDX-License-Identifier: Apache-2.0
#include "alert/hold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bongsu {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MapEvent final : public EventView {
 public:
  MapEvent(std::int64_t time_ns, std::map<FieldId, std::string> texts) : time_ns_(time_ns), texts_(std::move(texts)) {}
  [[nodiscard]] EventType type() const override { return EventType::exec; }
  [[nodiscard]] Value value(FieldId id) const override {
    if (id == FieldId::timestamp) {
      return time_ns_ == 0 ? Value{} : Value::date(time_ns_);
    }
    const auto found = texts_.find(id);
    return found == texts_.end() ? Value{} : Value::of(std::string_view(found->second));
  }

 private:
  std::int64_t time_ns_;
  std::map<FieldId, std::string> texts_;
};

constexpr std::int64_t kSecond = 1'000'000'000;

class Hold : public ::testing::Test {
 protected:
  void hold(std::int64_t time_ns, const std::string& pod) {
    hold_.hold(MapEvent(time_ns, {{FieldId::k8s_pod_uid, pod},
                                  {FieldId::process_name, "of-" + pod},
                                  {FieldId::container_kind, "workload"},
                                  {FieldId::container_metadata, "partial"}}),
               rule_);
  }

  std::vector<std::string> told_;
  Rule rule_;
  AlertHold hold_{[this](const EventView& event, const Rule&) {
    told_.push_back(std::string(event.value(FieldId::process_name).string()) + " " +
                    std::string(event.value(FieldId::k8s_owner_name).string()) + " " +
                    std::string(event.value(FieldId::container_metadata).string()));
  }};
};

TEST_F(Hold, GoesOutWithThePodWhenItIsKnown) {
  hold(kSecond, "a");
  hold(kSecond, "b");
  const MapEvent pod(0, {{FieldId::k8s_owner_name, "web"}});
  hold_.complete("a", pod);
  EXPECT_THAT(told_, ElementsAre("of-a web complete"));
  EXPECT_FALSE(hold_.empty());
  EXPECT_EQ(hold_.counters().completed, 1U);
}

TEST_F(Hold, GoesOutAsItIsWhenTheTimeIsOver) {
  hold(kSecond, "a");
  hold_.advance(kSecond + AlertHold::kLongestNs - 1);
  EXPECT_THAT(told_, IsEmpty());
  hold_.advance(kSecond + AlertHold::kLongestNs);
  EXPECT_THAT(told_, ElementsAre("of-a  partial"));
  EXPECT_TRUE(hold_.empty());
  EXPECT_EQ(hold_.counters().expired, 1U);
}

TEST_F(Hold, AClockThatIsSetBackKeepsNothing) {
  hold(100 * kSecond, "a");
  hold_.advance(50 * kSecond);
  EXPECT_THAT(told_, ElementsAre("of-a  partial"));
}

TEST_F(Hold, NothingIsLostAtTheEndOrInACrowd) {
  for (std::size_t i = 0; i <= AlertHold::kMost; ++i) {
    hold(kSecond, std::to_string(i));
  }
  EXPECT_THAT(told_, ElementsAre("of-0  partial"));
  EXPECT_EQ(hold_.counters().crowded, 1U);
  hold_.flush();
  EXPECT_EQ(told_.size(), AlertHold::kMost + 1);
}

}  // namespace
}  // namespace bongsu
