/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The arguments of the calls that set user and group ids. In the 32-bit tables the calls without "32" at their name's
 * end take ids of 16 bits (kernel/uid16.c).
 */
#pragma once

#include "lib/call.bpf.h"

#define NO_ID (-1LL)       /* not asked for: the kernel leaves it as it is */
#define KEEP_ID 0xffffffff /* the same as an argument */
#define KEEP_SHORT_ID 0xffff

static __always_inline bool is_user_call(const struct call* c) {
  switch (c->call) {
    case BONGSU_CALL_setuid:
    case BONGSU_CALL_setuid32:
    case BONGSU_CALL_setreuid:
    case BONGSU_CALL_setreuid32:
    case BONGSU_CALL_setresuid:
    case BONGSU_CALL_setresuid32:
    case BONGSU_CALL_setfsuid:
    case BONGSU_CALL_setfsuid32:
      return true;
    default:
      return false;
  }
}

static __always_inline bool has_short_ids(const struct call* c) {
  if (!is_narrow(c->abi)) return false;
  switch (c->call) {
    case BONGSU_CALL_setuid:
    case BONGSU_CALL_setreuid:
    case BONGSU_CALL_setresuid:
    case BONGSU_CALL_setfsuid:
    case BONGSU_CALL_setgid:
    case BONGSU_CALL_setregid:
    case BONGSU_CALL_setresgid:
    case BONGSU_CALL_setfsgid:
    case BONGSU_CALL_setgroups:
      return true;
    default:
      return false;
  }
}

/* How many ids the call takes: the effective one, or real and effective, or real, effective and saved. */
static __always_inline int count_ids(const struct call* c) {
  switch (c->call) {
    case BONGSU_CALL_setreuid:
    case BONGSU_CALL_setreuid32:
    case BONGSU_CALL_setregid:
    case BONGSU_CALL_setregid32:
      return 2;
    case BONGSU_CALL_setresuid:
    case BONGSU_CALL_setresuid32:
    case BONGSU_CALL_setresgid:
    case BONGSU_CALL_setresgid32:
      return 3;
    default:
      return 1;
  }
}

static __always_inline __s64 id_arg(const struct call* c, const int n) {
  __u32 id = call_arg(c, n);

  if (has_short_ids(c)) {
    id &= KEEP_SHORT_ID;
    return id == KEEP_SHORT_ID ? NO_ID : id;
  }
  return id == KEEP_ID ? NO_ID : id;
}

/* The effective id asked for; without one the real, without that the saved. */
static __always_inline __s64 requested_id(const struct call* c) {
  int count = count_ids(c);
  __s64 first = id_arg(c, 0);
  __s64 second = count > 1 ? id_arg(c, 1) : NO_ID;

  if (second != NO_ID) return second;
  if (first != NO_ID) return first;
  return count > 2 ? id_arg(c, 2) : NO_ID;
}
