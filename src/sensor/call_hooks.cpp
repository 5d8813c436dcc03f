// SPDX-License-Identifier: Apache-2.0
#include "sensor/call_hooks.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>

#include "events/syscalls.h"
#include "probes.skel.h"
#include "sensor/call_functions.h"

namespace bongsu {
namespace {

// Whether one of the events that a row names is among these.
bool names_any(std::string_view names, const std::bitset<kEventCount>& events) {
  while (!names.empty()) {
    const std::size_t space = names.find(' ');
    const auto event = find_event(names.substr(0, space));
    if (event && events[static_cast<std::size_t>(*event)]) {
      return true;
    }
    names = space == std::string_view::npos ? std::string_view{} : names.substr(space + 1);
  }
  return false;
}

bool is_watched(const SyscallInfo& call, const std::bitset<kEventCount>& events) {
  return !call.program.empty() && names_any(call.events, events);
}

#if defined(__aarch64__)
constexpr SyscallAbi kNative = SyscallAbi::aarch64;
constexpr SyscallAbi kNarrow = SyscallAbi::arm;
#else
constexpr SyscallAbi kNative = SyscallAbi::x86_64;
constexpr SyscallAbi kNarrow = SyscallAbi::i386;
#endif

using Dispatch = std::array<bongsu_dispatch, BONGSU_CALL_NUMBERS>;

void put(Dispatch& table, int number, std::size_t column, std::size_t handler, std::uint16_t call) {
  bongsu_dispatch& entry = table.at(static_cast<std::size_t>(number));
  entry.program[column] = static_cast<std::uint16_t>(handler + 1);
  entry.call[column] = call;
}

void put_call(Dispatch& table, const SyscallInfo& call, std::size_t handler) {
  if (const auto number = call.number(kNative); number) {
    put(table, *number, 0, handler, call.call);
  }
  if (const auto number = call.number(kNarrow); number) {
    put(table, *number, 1, handler, call.call);
  }
  if (kNative == SyscallAbi::x86_64) {
    for (const X32Number& x32 : x32_numbers()) {
      if (x32.name == call.name) {
        put(table, x32.number, 0, handler, call.call);
      }
    }
  }
}

Result<UniqueFd> attach_function(int program) {
  UniqueFd link(bpf_link_create(program, 0, BPF_TRACE_FEXIT, nullptr));
  if (link.get() < 0) {
    return fail_errno("cannot attach to a function", errno);
  }
  return link;
}

Result<UniqueFd> load_for(const bpf_insn* code, std::size_t count, int function) {
  bpf_prog_load_opts options{};
  options.sz = sizeof(options);
  options.expected_attach_type = BPF_TRACE_FEXIT;
  options.attach_btf_id = static_cast<__u32>(function);
  UniqueFd program(bpf_prog_load(BPF_PROG_TYPE_TRACING, "on_call_return", "Dual BSD/GPL", code, count, &options));
  if (program.get() < 0) {
    return fail_errno("the kernel refused a program at a function's return", errno);
  }
  return program;
}

// On connect: Debian's 5.10 has functions, those of sockets among them, whose argument its BTF knows by name only
// (struct pt_regs was but declared where they were compiled). There no program may read the argument.
std::string try_function() {
  const int function = find_call_function(call_functions("connect", false));
  if (function <= 0) {
    return "the calls' functions are not in the kernel's BTF";
  }
  // r0 = the argument; r0 = 0; exit
  const std::array<bpf_insn, 3> nothing{
      {{.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 0, .src_reg = 1, .off = 0, .imm = 0},
       {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
       {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}}};
  const auto program = load_for(nothing.data(), nothing.size(), function);
  if (!program) {
    return program.error().to_string();
  }
  const auto link = attach_function(program->get());
  return link ? std::string() : link.error().to_string();
}

// A program keeps its place among all that the table names, whatever is wanted: entries stay true while they change.
std::uint32_t place_of(std::string_view program) {
  static const ProgramSet kAll = call_programs(std::bitset<kEventCount>{}.set());
  return static_cast<std::uint32_t>(std::distance(kAll.begin(), kAll.find(program)));
}

// At once where the kernel can (5.6): a thousand calls to it each second are most of what an idle monitor would do.
bool read_calls(int map, Dispatch& table) {
  std::array<std::uint32_t, BONGSU_CALL_NUMBERS> numbers{};
  std::uint32_t next = 0;
  auto count = static_cast<std::uint32_t>(table.size());
  if ((bpf_map_lookup_batch(map, nullptr, &next, numbers.data(), table.data(), &count, nullptr) == 0 ||
       errno == ENOENT) &&
      count == table.size()) {
    return true;
  }
  for (std::uint32_t number = 0; number < table.size(); ++number) {
    if (bpf_map_lookup_elem(map, &number, &table.at(number)) != 0) {
      return false;
    }
  }
  return true;
}

// 0 where the kernel does not tell.
std::uint32_t id_of(int program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.id : 0;
}

}  // namespace

bool is_call_return(std::string_view attach) { return attach == kFunctionReturns || attach == kEveryReturn; }

std::string_view dispatcher(int rung) { return rung == 2 ? "on_call_return" : "on_sys_exit"; }

const std::string& functions_unavailable() {
  static const std::string kWhy = try_function();
  return kWhy;
}

ProgramSet call_programs(const std::bitset<kEventCount>& events) {
  ProgramSet programs;
  for (const SyscallInfo& call : syscalls()) {
    if (is_watched(call, events)) {
      programs.emplace(call.program);
    }
  }
  return programs;
}

Status CallHooks::fill_handlers(const ProgramSet& programs, const ProbeObject& maps, const Find& find) const {
  const int handlers = bpf_map__fd(maps.skeleton().maps.handlers);
  for (const std::string& name : programs) {
    const ProbeObject* object = find(name);
    if (object == nullptr) {
      return fail("the BPF program " + name + " is not loaded");
    }
    const std::uint32_t place = place_of(name);
    const int program = bpf_program__fd(object->program(name));
    if (bpf_map_update_elem(handlers, &place, &program, BPF_ANY) != 0) {
      return fail_errno("cannot put " + name + " into its place", errno);
    }
  }
  return {};
}

Status CallHooks::watch(const std::bitset<kEventCount>& events, const Find& find) {
  const ProgramSet wanted = call_programs(events);
  if (rung_ == 3) {
    if (Status filled = fill_handlers(wanted, maps_, find); !filled) {
      return filled;
    }
    handlers_.clear();
    for (const std::string& name : wanted) {
      const int program = bpf_program__fd(find(name)->program(name));
      if (const std::uint32_t id = id_of(program); id != 0) {
        handlers_.push_back({.place = place_of(name), .program = program, .id = id});
      }
    }
  }
  Dispatch table{};
  for (const SyscallInfo& call : syscalls()) {
    if (is_watched(call, events)) {
      put_call(table, call, place_of(call.program));
    }
  }
  const int call_map = bpf_map__fd(maps_.skeleton().maps.calls);
  for (std::uint32_t number = 0; number < table.size(); ++number) {
    if (bpf_map_update_elem(call_map, &number, &table.at(number), BPF_ANY) != 0) {
      return fail_errno("cannot set what system calls are watched", errno);
    }
  }
  table_.assign(table.begin(), table.end());
  if (rung_ == 2) {
    return follow_functions(events);
  }
  for (const std::string& name : call_programs(std::bitset<kEventCount>{}.set())) {
    const std::uint32_t place = place_of(name);  // one that is not asked for any more may be unloaded
    if (!wanted.contains(name) && bpf_map_delete_elem(bpf_map__fd(maps_.skeleton().maps.handlers), &place) != 0 &&
        errno != ENOENT) {
      return fail_errno("cannot take " + name + " out of its place", errno);
    }
  }
  return {};
}

bool CallHooks::restore() {
  const bool handlers = restore_handlers();
  return restore_calls() || handlers;
}

// On rung 2 each object has a map of its own, which is not looked at.
bool CallHooks::restore_handlers() {
  const int map = bpf_map__fd(maps_.skeleton().maps.handlers);
  bool changed = false;
  for (const Handler& handler : handlers_) {
    std::uint32_t found = 0;  // the program's id
    if (bpf_map_lookup_elem(map, &handler.place, &found) != 0 || found != handler.id) {
      changed = true;
      bpf_map_update_elem(map, &handler.place, &handler.program, BPF_ANY);
    }
  }
  return changed;
}

bool CallHooks::restore_calls() {
  const int map = bpf_map__fd(maps_.skeleton().maps.calls);
  Dispatch found{};
  if (!read_calls(map, found) || std::memcmp(found.data(), table_.data(), table_.size() * sizeof(table_[0])) == 0) {
    return false;
  }
  for (std::uint32_t number = 0; number < table_.size(); ++number) {
    if (std::memcmp(&found.at(number), &table_[number], sizeof(table_[number])) != 0) {
      bpf_map_update_elem(map, &number, &table_[number], BPF_ANY);
    }
  }
  return true;
}

// The object whose programs fit the function's prototype, with all these programs.
Result<const ProbeObject*> CallHooks::object_for(const std::string& function, const ProgramSet& programs,
                                                 std::vector<std::unique_ptr<ProbeObject>>& retired) {
  const int prototype = call_prototype(function);
  auto& object = objects_[prototype];
  if (object == nullptr ||
      !std::includes(object->programs().begin(), object->programs().end(), programs.begin(), programs.end())) {
    ProbeSettings settings = settings_;
    settings.function = function;
    auto loaded = ProbeObject::load(programs, settings, &maps_);
    if (!loaded) {
      return tl::make_unexpected(loaded.error());
    }
    retired.push_back(std::exchange(object, std::move(*loaded)));
    ProgramSet handled = programs;
    handled.erase(std::string(dispatcher(2)));
    const ProbeObject& own = *object;
    if (Status filled = fill_handlers(handled, own, [&](std::string_view) { return &own; }); !filled) {
      return tl::make_unexpected(filled.error());
    }
  }
  return object.get();
}

Status CallHooks::follow_functions(const std::bitset<kEventCount>& events) {
  std::set<std::string> wanted;
  missing_.clear();
  for (const SyscallInfo& call : syscalls()) {
    for (const SyscallAbi abi : {kNative, kNarrow}) {
      if (!is_watched(call, events) || !call.number(abi)) {
        continue;
      }
      const std::vector<std::string> names = call_functions(call.name, abi == kNarrow);
      const auto found = std::find_if(names.begin(), names.end(),
                                      [](const std::string& name) { return find_call_function({name}) > 0; });
      if (found != names.end()) {
        wanted.insert(*found);
      } else if (abi == kNative) {
        missing_.emplace_back(call.name);
      }
    }
  }
  std::erase_if(copies_, [&](const auto& copy) { return !wanted.contains(copy.first); });
  ProgramSet programs = call_programs(events);
  programs.emplace(dispatcher(2));
  // The kernel empties a map of programs when its last descriptor is closed: what was in use stays until its copies of
  // the dispatcher are gone.
  std::vector<std::unique_ptr<ProbeObject>> retired;
  std::map<std::string, Copy> made;
  for (const std::string& name : wanted) {
    const auto object = object_for(name, programs, retired);
    if (!object) {
      return fail(name + ": " + object.error().message, object.error().hint);
    }
    const auto before = copies_.find(name);
    if (before != copies_.end() && before->second.of == *object) {
      made.insert(copies_.extract(before));
      continue;
    }
    const bpf_program* code = (*object)->program(dispatcher(2));
    auto program = load_for(bpf_program__insns(code), bpf_program__insn_cnt(code), find_call_function({name}));
    if (!program) {
      return fail(name + ": " + program.error().message, program.error().hint);
    }
    auto link = attach_function(program->get());
    if (!link) {
      return fail(name + ": " + link.error().message, link.error().hint);
    }
    copies_.erase(name);  // the new one is there already, this one goes: for a moment both tell
    made.emplace(name, Copy{std::move(*program), std::move(*link), *object});
  }
  copies_ = std::move(made);
  if (copies_.empty()) {
    objects_.clear();
  }
  return {};
}

}  // namespace bongsu
