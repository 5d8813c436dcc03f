// SPDX-License-Identifier: Apache-2.0
#include "recording/mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/recording/recording_testing.h"

namespace bongsu {
namespace {

using test::RecordBuilder;
using test::strings;
using test::text;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Mask mask(std::vector<std::string> names) {
  auto made = Mask::of(names);
  EXPECT_TRUE(made.has_value()) << made.error().to_string();
  return made.value_or(Mask());
}

std::string refusal(std::vector<std::string> names) {
  const auto made = Mask::of(names);
  return made ? "(taken)" : made.error().to_string();
}

RecordBuilder exec() {
  return RecordBuilder::exec({5, 5})
      .program("/usr/bin/curl", "./curl")
      .args({"curl", "", "-u", "me:secret"})
      .directory("/srv")
      .comm("curl");
}

Record masked(RecordBuilder& builder, const Mask& with) {
  const Record record = builder.record();
  with.apply(std::as_writable_bytes(std::span(&builder.as<std::byte>(), record.bytes().size())));
  return builder.record();
}

TEST(Mask, OverwritesAndMovesNothing) {
  RecordBuilder builder = exec();
  const Record record = masked(builder, mask({"process.command_line"}));
  EXPECT_THAT(strings(record.value(FieldId::process_args)), ElementsAre("****", "", "**", "*********"));
  EXPECT_EQ(text(record.value(FieldId::process_executable)), "/usr/bin/curl");
  EXPECT_EQ(record.string(record.task().working_directory), "/srv");
}

TEST(Mask, KnowsATextInAllItsForms) {
  RecordBuilder builder = exec();
  Record record = masked(builder, mask({"process.parent.name", "process.thread.name", "process.working_directory"}));
  EXPECT_EQ(text(record.value(FieldId::process_executable)), "*************");
  EXPECT_EQ(text(record.value(FieldId::process_requested_executable)), "******");
  EXPECT_STREQ(record.task().comm, "****");
  EXPECT_EQ(record.string(record.task().working_directory), "****");
  RecordBuilder rename = RecordBuilder::rename({5, 5}, "before");
  record = masked(rename, mask({"process.thread.name"}));
  EXPECT_EQ(text(record.value(FieldId::process_previous_thread_name)), "******");
}

TEST(Mask, SaysWhatCannotBeMasked) {
  EXPECT_THAT(refusal({"process.arg"}), HasSubstr("did you mean process.args?"));
  EXPECT_THAT(refusal({"process.pid"}), HasSubstr("these can be masked: "));
  EXPECT_THAT(refusal({"k8s.pod.label.app"}), HasSubstr("a record holds no text of it"));
  EXPECT_EQ(refusal({"process.args", "file.path", "dns.question.name"}), "(taken)");
}

TEST(Mask, KeepsASecretOutOfTheFile) {
  const test::Folder folder;
  const auto path = folder / "masked.rec";
  Recorder::Options options;
  options.mask = mask({"process.args", "process.working_directory", "process.args"});
  const auto recorder = test::recorder_at(path, std::move(options));
  const auto lines = test::record_run(*recorder);
  EXPECT_TRUE(recorder->finish(0, test::soon()));
  EXPECT_THAT(lines.front(), HasSubstr("hushed")) << "the run itself is not masked";
  const auto again = test::replay(path);
  ASSERT_EQ(again.lines.size(), lines.size());
  EXPECT_THAT(again.lines, Each(Not(HasSubstr("hushed"))));
  EXPECT_THAT(again.lines, Each(Not(HasSubstr("password"))));
  auto opened = Replay::open(path);
  ASSERT_TRUE(opened.has_value());
  EXPECT_THAT((*opened)->header().masked, ElementsAre("process.args", "process.working_directory"));
}

}  // namespace
}  // namespace bongsu
