// SPDX-License-Identifier: Apache-2.0
#include "cli/event_detail.h"

#include <gtest/gtest.h>

#include "support/fake_event.h"

namespace bongsu {
namespace {

TEST(EventDetail, OfProcesses) {
  FakeEvent exec(EventType::exec);
  EXPECT_EQ(event_detail(exec.text(FieldId::process_command_line, "sh -c id")), "sh -c id");
  FakeEvent fork(EventType::fork);
  fork.text(FieldId::process_thread_name, "sh").text(FieldId::process_parent_name, "init");
  EXPECT_EQ(event_detail(fork), "comm sh of init");
  FakeEvent failed(EventType::exec_failed);
  failed.text(FieldId::file_path, "/bin/none").text(FieldId::error_code, "ENOENT");
  EXPECT_EQ(event_detail(failed), "/bin/none = ENOENT");
  FakeEvent renamed(EventType::rename_comm);
  renamed.text(FieldId::process_previous_thread_name, "a").text(FieldId::process_thread_name, "b");
  EXPECT_EQ(event_detail(renamed), "a -> b");
}

TEST(EventDetail, OfAnEndAndHowLongItTook) {
  FakeEvent end(EventType::exit);
  end.number(FieldId::process_exit_code, 3).number(FieldId::event_duration, 1'230'000);
  EXPECT_EQ(event_detail(end), "code 3 after 1.23 ms");
  end.number(FieldId::event_duration, 2'500'000'000).text(FieldId::process_exit_signal, "SIGKILL");
  EXPECT_EQ(event_detail(end), "SIGKILL after 2.50 s");
}

TEST(EventDetail, OfFiles) {
  FakeEvent open(EventType::open);
  open.text(FieldId::file_path, "/etc/passwd")
      .list(FieldId::file_open_flags, {"read", "write"})
      .number(FieldId::file_descriptor, 3);
  EXPECT_EQ(event_detail(open), "/etc/passwd read write fd 3");
  open.number(FieldId::file_descriptor, -1).text(FieldId::error_code, "EACCES");
  EXPECT_EQ(event_detail(open), "/etc/passwd read write = EACCES");
  FakeEvent read(EventType::read);
  read.number(FieldId::file_descriptor, 4).number(FieldId::io_bytes, 100).text(FieldId::file_path, "/f");
  EXPECT_EQ(event_detail(read), "fd 4 100 bytes /f");
  FakeEvent close(EventType::close);
  EXPECT_EQ(event_detail(close.number(FieldId::file_descriptor, 4)), "fd 4");
  EXPECT_EQ(event_detail(close.text(FieldId::error_code, "EBADF")), "fd 4 = EBADF");
  FakeEvent link(EventType::link);
  link.text(FieldId::file_path, "/a").text(FieldId::file_target_path, "/b");
  EXPECT_EQ(event_detail(link), "/a -> /b");
}

TEST(EventDetail, AddressesAreHexadecimal) {
  FakeEvent brk(EventType::brk);
  EXPECT_EQ(event_detail(brk.number(FieldId::memory_break, 0x1000)), "0x1000");
  FakeEvent munmap(EventType::munmap);
  munmap.number(FieldId::memory_address, -4096).number(FieldId::memory_length, 4096);
  EXPECT_EQ(event_detail(munmap), "0xfffffffffffff000 +4096");
  FakeEvent mmap(EventType::mmap);
  mmap.number(FieldId::memory_address, 0x7f00).number(FieldId::memory_length, 1).number(FieldId::file_descriptor, -1);
  EXPECT_EQ(event_detail(mmap), "0x7f00 +1") << "no file";
  mmap.number(FieldId::file_descriptor, 3).text(FieldId::file_path, "/lib");
  EXPECT_EQ(event_detail(mmap), "0x7f00 +1 fd 3 /lib");
}

TEST(EventDetail, OfSockets) {
  FakeEvent connect(EventType::connect);
  connect.text(FieldId::network_transport, "tcp")
      .text(FieldId::source_ip, "10.0.0.1")
      .number(FieldId::source_port, 4000)
      .text(FieldId::destination_ip, "2001:db8::1")
      .number(FieldId::destination_port, 443);
  EXPECT_EQ(event_detail(connect), "tcp 10.0.0.1:4000 -> [2001:db8::1]:443");
  connect.text(FieldId::error_code, "EINPROGRESS");
  EXPECT_EQ(event_detail(connect), "tcp 10.0.0.1:4000 -> [2001:db8::1]:443 = EINPROGRESS");
  FakeEvent listen(EventType::listen);
  EXPECT_EQ(event_detail(listen.text(FieldId::socket_path, "/run/s")), "/run/s");
}

TEST(EventDetail, OfContainers) {
  FakeEvent start(EventType::container_start);
  EXPECT_EQ(event_detail(start.text(FieldId::container_id, "4f2a")), "4f2a");
  EXPECT_EQ(event_detail(start.text(FieldId::k8s_pod_uid, "u")), "4f2a pod u");
}

TEST(EventDetail, EventsWithoutWordsOfTheirOwnTellTheirFields) {
  FakeEvent unlink(EventType::unlink);
  unlink.text(FieldId::file_path, "/tmp/a")
      .text(FieldId::file_path_given, "a")
      .text(FieldId::file_name, "a")
      .text(FieldId::error_code, "ENOENT")
      .text(FieldId::process_name, "rm");
  EXPECT_EQ(event_detail(unlink), "/tmp/a = ENOENT") << "neither twice nor what other columns show";
  EXPECT_EQ(event_detail(FakeEvent(EventType::setuid)), "");
}

}  // namespace
}  // namespace bongsu
