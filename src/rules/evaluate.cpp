// SPDX-License-Identifier: Apache-2.0
//
// The hot path: one event against the rules of its type.
#include <utility>

#include "rules/program.h"

namespace bongsu {
namespace {

// Calls use(entry) for the rules that one value of the field calls for.
template <typename Use>
void find(const FieldLook& look, const Value& value, const Postings& filed, Use&& use) {
  const auto found = [&](std::uint32_t key) {
    for (const std::uint32_t entry : filed.of(key)) {
      use(entry);
    }
  };
  if (look.index != nullptr) {
    look.index->keys(value, look.methods, found);
  }
  for (const auto& search : look.searches) {
    if (search != nullptr) {
      search->candidates(value.string(), found);
    }
  }
}

// Marks them.
void look_up(const FieldLook& look, const Value& value, const Postings& filed, Scratch& scratch) {
  if (value.kind() != Value::Kind::string) {
    find(look, value, filed, [&](std::uint32_t entry) { scratch.mark(entry); });
    return;
  }
  const FoundEntries* known = scratch.memo().find(look.number, value.string());
  if (known != nullptr) {
    scratch.mark_words(known->words());
    return;
  }
  FoundEntries found;
  find(look, value, filed, [&](std::uint32_t entry) {
    found.add(entry);
    scratch.mark(entry);
  });
  scratch.memo().keep(look.number, value.string(), found);
}

}  // namespace

Ruleset::Ruleset(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Ruleset::~Ruleset() = default;

std::span<const Rule> Ruleset::rules() const { return program_->rules; }

const std::bitset<kEventCount>& Ruleset::wanted() const { return program_->wanted; }

void Ruleset::judge(const EventView& event, const std::function<void(const Match&)>& on_match) const {
  const auto type = static_cast<std::size_t>(event.type());
  if (type >= program_->by_event.size() || program_->by_event[type].entries.empty()) {
    return;
  }
  const EventProgram& rules = program_->by_event[type];
  std::unique_ptr<Scratch> scratch = program_->scratch.take();
  scratch->begin();
  const auto verdict = [&](AtomId atom) {
    return scratch->verdict(atom, [&] { return program_->atoms.verdict(atom, event, scratch->verdict_memo()); });
  };
  const auto walk = [&](std::uint32_t at) {
    while (at < kReject) {
      const Step& step = program_->steps[at];
      at = verdict(step.atom) ? step.on_true : step.on_false;
    }
    return at == kAccept;
  };

  for (const FieldLook& look : rules.looks) {
    const Value value = event.value(look.field);
    if (value.kind() == Value::Kind::string_list) {
      (void)value.list().any([&](std::string_view item) {
        look_up(look, Value::of(item), rules.filed, *scratch);
        return false;
      });
    } else if (value.has_value()) {
      look_up(look, value, rules.filed, *scratch);
    }
  }
  for (const Guard& guard : rules.guards) {
    if (verdict(guard.atom)) {
      for (const std::uint32_t entry : rules.filed.of(guard.key)) {
        scratch->mark(entry);
      }
    }
  }
  for (const EntryWord& word : rules.always) {
    scratch->mark_word(word.word, word.bits);
  }
  scratch->take_marked([&](std::uint32_t at) {
    const Entry& entry = rules.entries[at];
    if (walk(entry.start) && !walk(entry.exceptions)) {
      on_match(entry.match);
    }
  });
  program_->scratch.give(std::move(scratch));
}

}  // namespace bongsu
