#include "scenarios/shrink/search.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/checksum.h"

namespace wt::scenarios {
namespace {

constexpr uint64_t kAtOnce = 4;  // plans a worker that are made before the first of them is run

}  // namespace

Search::Search(const Tank& tank, const Plan& plan, const ShrinkOptions& options)
    : tank_(tank), options_(options), pool_(tank, options.pool), plan_(plan) {
  WT_CHECK(options.runs > 0);
}

absl::Status Search::Begin() {
  absl::StatusOr<Run> run = pool_.RunOne(plan_, {});
  if (!run.ok()) return run.status();
  ++runs_;
  first_ = record_ = std::move(run->record);
  tried_.insert(Hash64(tank_.plan_to_json(plan_)));
  Tell();
  return absl::OkStatus();
}

std::vector<Search::Attempt> Search::NextAttempts(std::span<const Edit> edits, size_t* next) const {
  std::vector<Attempt> attempts;
  std::set<uint64_t> keys;
  const size_t most = std::min(kAtOnce * options_.pool.jobs, options_.runs - runs_);
  for (; *next < edits.size() && attempts.size() < most; ++*next) {
    Plan edited = edits[*next](plan_);
    if (edited == plan_) continue;
    const uint64_t key = Hash64(tank_.plan_to_json(edited));
    if (tried_.contains(key) || !keys.insert(key).second) continue;
    attempts.push_back({*next, std::move(edited), key});
  }
  return attempts;
}

void Search::EndFor(const absl::Status& status) {
  WT_CHECK(!status.ok());
  const bool late = status.code() == absl::StatusCode::kDeadlineExceeded;
  end_ = late ? ShrinkEnd::kTime : ShrinkEnd::kInterrupted;
  if (!late && status.code() != absl::StatusCode::kAborted) problem_ = status;
}

void Search::Tell() const {
  if (options_.on_progress) options_.on_progress({.runs = runs_, .size = SizeOf(plan_)});
}

std::optional<size_t> Search::TakeFirst(std::span<const Edit> edits, size_t from) {
  WT_CHECK(fails());
  size_t next = from;
  while (!over() && next < edits.size()) {
    if (runs_ >= options_.runs) end_ = ShrinkEnd::kBudget;
    const std::vector<Attempt> attempts = NextAttempts(edits, &next);
    if (attempts.empty()) continue;
    size_t seen = 0;
    absl::StatusOr<std::optional<PlanPool::Found>> found = pool_.FirstThat(
        attempts.size(), [&](size_t i) { return attempts[i].plan; },
        [&](const reports::RunRecord& record) {
          ++runs_;
          tried_.insert(attempts[seen++].key);
          Tell();
          return SameFailure(record, first_);
        });
    if (!found.ok()) {
      EndFor(found.status());
      return std::nullopt;
    }
    if (!found->has_value()) continue;
    const Attempt& best = attempts[(*found)->index];
    plan_ = best.plan;
    record_ = std::move((*found)->record);
    ++taken_;
    return best.edit;
  }
  return std::nullopt;
}

void Search::TakeAll(std::span<const Edit> edits) {
  size_t from = 0;
  while (const std::optional<size_t> taken = TakeFirst(edits, from)) from = *taken + 1;
}

}  // namespace wt::scenarios
