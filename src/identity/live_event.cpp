// SPDX-License-Identifier: Apache-2.0
#include "identity/live_event.h"

#include "events/derived.h"
#include "events/keyed_field.h"
#include "identity/lists.h"

namespace bongsu {
namespace {

Value text_or_none(std::string_view text) { return text.empty() ? Value{} : Value::of(text); }
Value number(std::uint64_t value) { return Value::of(static_cast<std::int64_t>(value)); }

Value args_of(const ProgramView& program) {
  return program.args.empty() ? Value{} : Value::of(nul_separated(program.args));
}

// Fits the memory reserved for it: a record has no more than BONGSU_ARGS_BYTES of arguments, and joining adds nothing.
template <typename Joined>
Value command_line(Joined& joined, const ProgramView& program) {
  if (!joined.done) {
    joined.done = true;
    joined.text.clear();
    bool first = true;
    (void)nul_separated(program.args).any([&](std::string_view argument) {
      if (!first) {
        joined.text += ' ';
      }
      joined.text += argument;
      first = false;
      return false;
    });
  }
  return text_or_none(joined.text);
}

}  // namespace

LiveEvent::LiveEvent(const HostFacts& host, const ProcessTable& processes, const PodTable& pods)
    : host_(host), processes_(processes), pods_(pods) {
  command_line_.text.reserve(BONGSU_ARGS_BYTES);
  parent_command_line_.text.reserve(BONGSU_ARGS_BYTES);
}

void LiveEvent::set(const Record& record, const ProcessTable::Subject& subject, const Where& where) {
  record_ = record;
  process_ = subject.process;
  parent_ = processes_.parent_of(*process_);
  where_ = where;
  pod_found_ = false;
  program_ = subject.program;
  name_ = program_.name();
  if (name_.empty()) {
    name_ = comm_text(record_->task().comm);
  }
  if (process_->parent_pid != 0) {
    parent_entity_ = processes_.entity_ids().of(process_->parent_pid, process_->parent_start_ns);
  }
  command_line_.done = false;
  parent_command_line_.done = false;
  ancestors_found_ = false;
}

Value LiveEvent::value(FieldId id) const {
  const bongsu_task& task = record_->task();
  switch (id) {
    case FieldId::timestamp:
      return date(record_->header().time_ns);
    case FieldId::event_action:
      return Value::of(info(type()).name);
    case FieldId::event_category:
      return Value::of(single(info(type()).ecs_category));
    case FieldId::event_type:
      return Value::of(single(info(type()).ecs_type));
    case FieldId::host_name:
      return text_or_none(host_.name);
    case FieldId::k8s_node_name:
      return text_or_none(host_.node_name);
    case FieldId::process_pid:
      return number(task.pid);
    case FieldId::process_thread_id:
      return number(task.tid);
    case FieldId::process_thread_name:
      return text_or_none(comm_text(task.comm));
    case FieldId::process_entity_id:
      return Value::of(process_->entity());
    case FieldId::process_start:
      return date(task.start_ns);
    case FieldId::process_name:
      return text_or_none(name_);
    case FieldId::process_working_directory:
      return text_or_none(task.working_directory.len != 0 ? record_->string(task.working_directory)
                                                          : std::string_view(process_->working_directory));
    case FieldId::process_user_id:
      return number(task.euid);
    case FieldId::process_real_user_id:
      return number(task.uid);
    case FieldId::process_group_id:
      return number(task.egid);
    case FieldId::process_real_group_id:
      return number(task.gid);
    case FieldId::process_capabilities_effective:
      return task.cap_effective == 0 ? Value{} : Value::of(capability_names(task.cap_effective));
    case FieldId::process_interactive:
      return Value::of(task.tty_major != 0);
    case FieldId::process_tty_major:
      return task.tty_major == 0 ? Value{} : number(task.tty_major);
    case FieldId::process_tty_minor:
      return task.tty_major == 0 ? Value{} : number(task.tty_minor);
    case FieldId::process_namespaces: {
      const std::uint64_t foreign = foreign_namespaces();
      return foreign == 0 ? Value{} : Value::of(namespace_names(foreign));
    }
    case FieldId::process_ancestors_name:
    case FieldId::process_ancestors_executable:
      return ancestors(id);
    case FieldId::process_executable:
    case FieldId::process_requested_executable:
    case FieldId::process_args:
    case FieldId::process_args_count:
    case FieldId::process_args_truncated:
    case FieldId::process_command_line:
    case FieldId::process_executable_upper_layer:
    case FieldId::process_executable_memfd:
    case FieldId::process_executable_deleted:
      return program_value(id);
    case FieldId::process_parent_pid:
    case FieldId::process_parent_entity_id:
    case FieldId::process_parent_name:
    case FieldId::process_parent_executable:
    case FieldId::process_parent_args:
    case FieldId::process_parent_command_line:
      return parent_value(id);
    case FieldId::container_id:
    case FieldId::container_runtime:
    case FieldId::container_name:
    case FieldId::container_kind:
    case FieldId::container_setup:
    case FieldId::container_image_name:
    case FieldId::container_image_tag:
    case FieldId::container_image_hash:
    case FieldId::container_privileged:
    case FieldId::container_metadata:
    case FieldId::k8s_namespace_name:
    case FieldId::k8s_pod_name:
    case FieldId::k8s_pod_uid:
    case FieldId::k8s_container_name:
    case FieldId::k8s_deployment_name:
    case FieldId::k8s_replicaset_name:
    case FieldId::k8s_statefulset_name:
    case FieldId::k8s_daemonset_name:
    case FieldId::k8s_job_name:
    case FieldId::k8s_cronjob_name:
    case FieldId::k8s_owner_kind:
    case FieldId::k8s_owner_name:
    case FieldId::k8s_pod_label:
    case FieldId::k8s_pod_annotation:
      return where_.container == nullptr ? Value{} : container_value(id);
    case FieldId::container_target_id:
      return where_.other == nullptr ? Value{} : Value::of(std::string_view(where_.other->id));
    case FieldId::process_target_entity_id:
    case FieldId::process_target_name:
    case FieldId::process_target_executable:
      return target_value(id);
    default:
      return is_keyed(id) ? keyed_value(*this, id) : record_->value(id);  // the event's own fields
  }
}

Value LiveEvent::program_value(FieldId id) const {
  if (!program_.known) {
    return {};
  }
  const auto flag = [&](std::uint32_t bit) { return Value::of((program_.flags & bit) != 0); };
  switch (id) {
    case FieldId::process_executable:
      return text_or_none(program_.executable);
    case FieldId::process_requested_executable:
      return text_or_none(program_.requested);
    case FieldId::process_args:
      return args_of(program_);
    case FieldId::process_args_count:
      return program_.args_known ? number(program_.args_count) : Value{};
    case FieldId::process_args_truncated:
      return program_.args_known ? flag(BONGSU_EXEC_ARGS_TRUNCATED) : Value{};
    case FieldId::process_command_line:
      return command_line(command_line_, program_);
    case FieldId::process_executable_upper_layer:
      return flag(BONGSU_EXEC_UPPER_LAYER);
    case FieldId::process_executable_memfd:
      return flag(BONGSU_EXEC_MEMFD);
    case FieldId::process_executable_deleted:
      return flag(BONGSU_EXEC_DELETED);
    default:
      return {};
  }
}

Value LiveEvent::parent_value(FieldId id) const {
  if (process_->parent_pid == 0) {
    return {};
  }
  if (id == FieldId::process_parent_pid) {
    return number(process_->parent_pid);
  }
  if (id == FieldId::process_parent_entity_id) {
    return Value::of(std::string_view(parent_entity_.data(), parent_entity_.size()));
  }
  if (parent_ == nullptr) {
    return {};
  }
  if (id == FieldId::process_parent_name) {
    return text_or_none(parent_->name());
  }
  if (parent_->program == nullptr) {
    return {};
  }
  const ProgramView program = parent_->program->view();
  switch (id) {
    case FieldId::process_parent_executable:
      return text_or_none(program.executable);
    case FieldId::process_parent_args:
      return args_of(program);
    default:
      return command_line(parent_command_line_, program);
  }
}

Value LiveEvent::target_value(FieldId id) const {
  const bongsu_target* target = target_of(*record_);
  if (target == nullptr || target->pid == 0) {
    return {};
  }
  if (id == FieldId::process_target_entity_id) {
    target_entity_ = processes_.entity_ids().of(target->pid, target->start_ns);
    return Value::of(std::string_view(target_entity_.data(), target_entity_.size()));
  }
  const Process* process = processes_.find(target->pid, target->start_ns);
  if (process == nullptr) {
    return {};
  }
  if (id == FieldId::process_target_name) {
    return text_or_none(process->name());
  }
  return process->program == nullptr ? Value{} : text_or_none(process->program->view().executable);
}

Value LiveEvent::date(std::uint64_t boot_ns) const {
  return boot_ns == 0 ? Value{} : Value::date(static_cast<std::int64_t>(boot_ns) + host_.wall_minus_boot_ns);
}

std::uint64_t LiveEvent::foreign_namespaces() const {
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < BONGSU_NS_COUNT; ++i) {
    const std::uint32_t own = record_->task().namespaces[i];
    if (own != 0 && host_.namespaces[i] != 0 && own != host_.namespaces[i]) {
      mask |= std::uint64_t{1} << i;
    }
  }
  return mask;
}

// `extra` is the field; an ancestor that has no such value is left out.
bool LiveEvent::next_ancestor(const void* source, std::uint64_t extra, std::uint64_t& cursor, std::string_view& out) {
  const auto& event = *static_cast<const LiveEvent*>(source);
  while (cursor < event.ancestor_count_) {
    const Process& ancestor = *event.ancestors_[cursor++];
    if (static_cast<FieldId>(extra) == FieldId::process_ancestors_name) {
      out = ancestor.name();
    } else {
      out = ancestor.program == nullptr ? std::string_view{} : std::string_view(ancestor.program->executable);
    }
    if (!out.empty()) {
      return true;
    }
  }
  return false;
}

Value LiveEvent::ancestors(FieldId id) const {
  if (!ancestors_found_) {
    find_ancestors();
  }
  const StringList list(this, static_cast<std::uint64_t>(id), &next_ancestor);
  return list.any([](std::string_view) { return true; }) ? Value::of(list) : Value{};
}

// From the parent up to the container's init, or the host's. What the runtime left behind in the container's cgroup on
// its way in (runc's first stage, which made the container's pid namespace but lives outside it) is no ancestor of the
// workload.
void LiveEvent::find_ancestors() const {
  ancestors_found_ = true;
  ancestor_count_ = 0;
  const bool contained = !process_->container.empty();
  const std::uint32_t host_pids = host_.namespaces[BONGSU_NS_PID];
  const bool own_pids = host_pids != 0 && record_->task().namespaces[BONGSU_NS_PID] != host_pids;
  for (const Process* ancestor = parent_;
       ancestor != nullptr && ancestor != process_ && ancestor_count_ < kMaxAncestors;
       ancestor = processes_.parent_of(*ancestor)) {
    if (contained && (ancestor->container != process_->container ||
                      (own_pids && ancestor->task.namespaces[BONGSU_NS_PID] == host_pids))) {
      return;
    }
    ancestors_[ancestor_count_++] = ancestor;
  }
}

}  // namespace bongsu
