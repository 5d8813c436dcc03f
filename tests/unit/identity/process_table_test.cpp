// SPDX-License-Identifier: Apache-2.0
#include "identity/process_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "support/record_builder.h"

namespace bongsu {
namespace {

using namespace std::string_literals;
using test::kSecond;
using test::RecordBuilder;
using test::Who;

class FakeReader final : public ProcReader {
 public:
  bool arguments(std::uint32_t pid, std::uint64_t start_ns, std::size_t, std::string& out, bool& truncated) override {
    const auto found = args.find({pid, start_ns});
    out = found == args.end() ? "" : found->second;
    truncated = false;
    return found != args.end();
  }
  bool exists(std::uint32_t, std::uint64_t) override { return true; }

  std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> args;
};

class ProcessTableTest : public testing::Test {
 protected:
  ProcessTable::Subject observe(const RecordBuilder& builder) {
    last_ = builder;  // what is returned borrows its bytes
    return table_.observe(last_.record());
  }
  const Process& known(Who who) {
    const Process* process = table_.find(who.pid, who.start_ns);
    EXPECT_NE(process, nullptr) << who.pid;
    static const Process kNone;
    return process == nullptr ? kNone : *process;
  }
  std::string executable(Who who) {
    const Process& process = known(who);
    return process.program == nullptr ? "(none)" : process.program->executable;
  }
  std::uint32_t parent_pid(Who who) {
    const Process* parent = table_.parent_of(known(who));
    return parent == nullptr ? 0 : parent->pid;
  }

  FakeReader reader_;
  ProcessTable table_{{}, "boot", &reader_};
  RecordBuilder last_ = RecordBuilder::exit({1, 1});
  const Who init_{1, 10};
  const Who shell_{100, 1 * kSecond};
  const Who child_{101, 2 * kSecond};
};

TEST_F(ProcessTableTest, ForkInheritsAndExecReplaces) {
  observe(RecordBuilder::exec(shell_)
              .program("/bin/bash", "/bin/sh")
              .args({"sh", "-i"})
              .directory("/root")
              .at(kSecond + 5));
  const auto fork = observe(RecordBuilder::fork(child_, shell_));
  EXPECT_FALSE(fork.duplicate);
  EXPECT_EQ(fork.program.executable, "/bin/bash");
  EXPECT_EQ(fork.program.name(), "sh");
  EXPECT_EQ(parent_pid(child_), 100U);
  EXPECT_EQ(table_.programs().size(), 1U);  // shared, not copied

  const auto exec = observe(RecordBuilder::exec(child_).program("/bin/ls", "ls").args({"ls"}).at(2 * kSecond + 7));
  EXPECT_EQ(exec.program.executable, "/bin/ls");
  EXPECT_EQ(executable(child_), "/bin/ls");
  EXPECT_EQ(executable(shell_), "/bin/bash");
  EXPECT_EQ(known(child_).entity(), std::string_view(table_.entity_ids().of(101, 2 * kSecond).data(), 16));
}

TEST_F(ProcessTableTest, TheCreatorIsTheParentNotTheAdopter) {
  // CLONE_PARENT: the real parent at the fork is the creator's own parent.
  observe(RecordBuilder::fork(child_, shell_).parent(init_));
  EXPECT_EQ(parent_pid(child_), 100U);
  // The creator ends, init adopts: what later records say of the parent changes nothing.
  observe(RecordBuilder::exit(shell_).at(3 * kSecond));
  observe(RecordBuilder::exec(child_).parent(init_).program("/bin/x").at(4 * kSecond));
  EXPECT_EQ(parent_pid(child_), 100U);
  EXPECT_EQ(known(child_).parent_pid, 100U);
}

TEST_F(ProcessTableTest, WithoutItsForkAProcessHasTheParentOfTheMoment) {
  observe(RecordBuilder::exec(child_).parent(shell_).program("/bin/x"));
  EXPECT_EQ(parent_pid(child_), 100U);
  EXPECT_EQ(executable(shell_), "(none)");
  // The parent's own record fills the place that was kept for it, its parent included.
  observe(RecordBuilder::exec(shell_).parent(init_).program("/bin/bash").comm("bash"));
  EXPECT_EQ(table_.parent_of(known(child_))->name(), "bash");
  EXPECT_EQ(parent_pid(shell_), 1U);
  // And the late fork record tells the creator.
  observe(RecordBuilder::fork(child_, init_));
  EXPECT_EQ(parent_pid(child_), 1U);
}

TEST_F(ProcessTableTest, ExecReadBeforeFork) {
  observe(RecordBuilder::exec(shell_).program("/bin/bash").at(kSecond + 5));
  observe(RecordBuilder::exec(child_).parent(init_).program("/bin/ls", "ls").at(2 * kSecond + 50));
  const auto fork = observe(RecordBuilder::fork(child_, shell_).at(2 * kSecond));
  EXPECT_FALSE(fork.duplicate);
  EXPECT_EQ(fork.program.executable, "/bin/bash");  // what it ran when it was forked
  EXPECT_EQ(executable(child_), "/bin/ls");
  EXPECT_EQ(parent_pid(child_), 100U);
}

TEST_F(ProcessTableTest, ExecsReadInTheWrongOrder) {
  observe(RecordBuilder::exec(child_).program("/bin/second").at(2 * kSecond + 20));
  const auto first = observe(RecordBuilder::exec(child_).program("/bin/first").args({"f"}).at(2 * kSecond + 10));
  EXPECT_FALSE(first.duplicate);
  EXPECT_EQ(first.program.executable, "/bin/first");  // the event tells its own
  EXPECT_EQ(executable(child_), "/bin/second");       // the table the newest
}

TEST_F(ProcessTableTest, ExitReadBeforeForkAndExec) {
  EXPECT_FALSE(observe(RecordBuilder::exit(child_).parent(init_).at(5 * kSecond)).duplicate);
  EXPECT_FALSE(observe(RecordBuilder::fork(child_, shell_)).duplicate);
  EXPECT_FALSE(observe(RecordBuilder::exec(child_).program("/bin/x").at(3 * kSecond)).duplicate);
  EXPECT_TRUE(known(child_).dead);
  EXPECT_EQ(parent_pid(child_), 100U);
  EXPECT_EQ(executable(child_), "/bin/x");
  EXPECT_TRUE(observe(RecordBuilder::exit(child_).at(5 * kSecond)).duplicate);
}

TEST_F(ProcessTableTest, DuplicatesAreToldFromEvents) {
  observe(RecordBuilder::fork(child_, shell_));
  EXPECT_TRUE(observe(RecordBuilder::fork(child_, shell_)).duplicate);
  EXPECT_FALSE(observe(RecordBuilder::exit(child_).thread(150).at(3 * kSecond)).duplicate);
  EXPECT_TRUE(observe(RecordBuilder::exit(child_).thread(151).at(3 * kSecond + 1)).duplicate);
  EXPECT_EQ(table_.counters().duplicate_exits, 1U);
  EXPECT_EQ(table_.counters().duplicate_forks, 1U);
}

TEST_F(ProcessTableTest, AForkedChildOfAnExecutedCreatorIsNotGivenTheWrongProgram) {
  observe(RecordBuilder::exec(shell_).program("/bin/new").at(9 * kSecond));
  const auto fork = observe(RecordBuilder::fork(child_, shell_));  // at 2 s, read late
  EXPECT_FALSE(fork.program.known);
  EXPECT_EQ(executable(child_), "(none)");
}

TEST_F(ProcessTableTest, ThreadsAreTheirProcess) {
  observe(RecordBuilder::exec(shell_).program("/bin/java").comm("java"));
  // The kernel gives a thread that executes the leader's ids; a record from another thread keeps its own tid.
  observe(RecordBuilder::rename(shell_, "java").thread(140).comm("worker").at(2 * kSecond));
  EXPECT_EQ(known(shell_).comm(), "java");
  observe(RecordBuilder::rename(shell_, "java").comm("renamed").at(3 * kSecond));
  EXPECT_EQ(known(shell_).comm(), "renamed");
  observe(RecordBuilder::rename(shell_, "x").comm("older").at(2 * kSecond + 1));
  EXPECT_EQ(known(shell_).comm(), "renamed");
  EXPECT_EQ(table_.size(), 1U);
}

TEST_F(ProcessTableTest, PidReuseIsAnotherProcess) {
  const Who again{child_.pid, 50 * kSecond};
  observe(RecordBuilder::fork(child_, shell_));
  observe(RecordBuilder::exec(child_).program("/bin/old"));
  observe(RecordBuilder::fork(again, init_));  // the old one's exit was lost
  EXPECT_EQ(executable(child_), "/bin/old");
  EXPECT_EQ(executable(again), "(none)");
  EXPECT_TRUE(known(child_).dead);
  EXPECT_FALSE(known(again).dead);
  EXPECT_EQ(table_.counters().implied_exits, 1U);
  // When it comes after all, it is no duplicate.
  EXPECT_FALSE(observe(RecordBuilder::exit(child_).at(49 * kSecond)).duplicate);
  EXPECT_FALSE(known(again).dead);
}

TEST_F(ProcessTableTest, ALateRecordOfAnOlderOwnerOfThePidDoesNotKillTheNewOne) {
  const Who again{child_.pid, 50 * kSecond};
  observe(RecordBuilder::fork(again, init_));
  observe(RecordBuilder::exec(child_).program("/bin/old").at(3 * kSecond));
  EXPECT_FALSE(known(again).dead);
  EXPECT_TRUE(known(child_).dead);
}

TEST_F(ProcessTableTest, SnapshotReadsArgumentsFromProc) {
  reader_.args[{100, kSecond}] = "bash\0-l\0"s;
  observe(RecordBuilder::snapshot(shell_).parent(init_).program("/bin/bash").at(20 * kSecond));
  EXPECT_EQ(known(shell_).program->args, "bash\0-l\0"s);
  EXPECT_EQ(known(shell_).program->args_count, 2U);
  EXPECT_TRUE(known(shell_).program->args_known);
  EXPECT_EQ(known(shell_).name(), "bash");
  EXPECT_EQ(parent_pid(shell_), 1U);
  observe(RecordBuilder::snapshot(child_).program("/bin/gone").at(20 * kSecond));
  EXPECT_FALSE(known(child_).program->args_known);
}

TEST_F(ProcessTableTest, SnapshotOfAKernelThread) {
  observe(RecordBuilder::snapshot({2, 10}).comm("kthreadd").at(20 * kSecond));
  EXPECT_EQ(known({2, 10}).program, nullptr);
  EXPECT_EQ(known({2, 10}).name(), "kthreadd");
}

TEST_F(ProcessTableTest, SnapshotDoesNotOverwriteNewerEvents) {
  observe(RecordBuilder::exec(shell_).program("/bin/new", "new").args({"new", "x"}).comm("new").at(30 * kSecond));
  observe(RecordBuilder::snapshot(shell_).program("/bin/old").comm("old").at(20 * kSecond));
  EXPECT_EQ(executable(shell_), "/bin/new");
  EXPECT_EQ(known(shell_).comm(), "new");
  // Nor does a newer one, when it only knows less of the same.
  observe(RecordBuilder::snapshot(shell_).program("/bin/new").at(40 * kSecond));
  EXPECT_EQ(known(shell_).program->requested, "new");
  // But an exec that was lost is made good.
  observe(RecordBuilder::snapshot(shell_).program("/bin/other").at(50 * kSecond));
  EXPECT_EQ(executable(shell_), "/bin/other");
  // Dead stays dead.
  observe(RecordBuilder::exit(shell_).at(45 * kSecond));
  observe(RecordBuilder::snapshot(shell_).program("/bin/dead").at(60 * kSecond));
  EXPECT_TRUE(known(shell_).dead);
  EXPECT_EQ(executable(shell_), "/bin/other");
}

TEST_F(ProcessTableTest, EventsFromBeforeTheSnapshotAreStillEvents) {
  observe(RecordBuilder::snapshot(child_).parent(init_).program("/bin/ls").at(20 * kSecond));
  observe(RecordBuilder::snapshot(shell_).parent(init_).program("/bin/bash").at(20 * kSecond));
  // These waited in the ring while the snapshot was taken.
  const auto fork = observe(RecordBuilder::fork(child_, shell_));
  EXPECT_FALSE(fork.duplicate);
  EXPECT_EQ(fork.program.executable, "/bin/bash");
  EXPECT_EQ(parent_pid(child_), 100U);
  EXPECT_FALSE(observe(RecordBuilder::exec(child_).program("/bin/ls", "ls").args({"ls"}).at(3 * kSecond)).duplicate);
  EXPECT_EQ(known(child_).program->requested, "ls");
  EXPECT_EQ(executable(child_), "/bin/ls");
}

TEST_F(ProcessTableTest, TheWorkingDirectoryStaysWhenARecordHasNone) {
  observe(RecordBuilder::exec(shell_).directory("/srv").program("/bin/x"));
  observe(RecordBuilder::exit(shell_).at(5 * kSecond));
  EXPECT_EQ(known(shell_).working_directory, "/srv");
}

TEST_F(ProcessTableTest, AProcessIsNotItsOwnParent) {
  observe(RecordBuilder::exec(shell_).parent(shell_).program("/bin/x"));
  EXPECT_EQ(table_.parent_of(known(shell_)), nullptr);
  observe(RecordBuilder::exec(init_).program("/sbin/init"));
  EXPECT_EQ(table_.parent_of(known(init_)), nullptr);
  EXPECT_EQ(known(init_).parent_pid, 0U);
}

}  // namespace
}  // namespace bongsu
