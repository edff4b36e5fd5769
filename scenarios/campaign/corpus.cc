#include "scenarios/campaign/corpus.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/status.h"
#include "reports/signature.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/nearest.h"

namespace wt::scenarios {
namespace {

namespace fs = std::filesystem;

// The plan without its comment: what it does.
std::string Deeds(const Tank& tank, const Plan& plan) { return CorpusText(tank, plan, ""); }

absl::StatusOr<std::vector<fs::path>> FilesIn(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == ".json") files.push_back(file->path());
  }
  if (error) return NotFound("%s: %s", folder, error.message());
  std::ranges::sort(files);
  return files;
}

}  // namespace

absl::StatusOr<Plan> PlanOfFile(const Tank& tank, const std::string& file, std::string_view text) {
  absl::StatusOr<Plan> plan = tank.plan_from_json(text);
  if (!plan.ok()) return DataLoss("%s: %s", file, MessageOf(plan.status()));
  const Scenario* scenario = FindIn(tank.scenarios, plan->scenario);
  if (scenario == nullptr) {
    std::vector<std::string> known;
    for (const Scenario& other : tank.scenarios) known.push_back(other.name);
    return DataLoss("%s: %s", file, UnknownName("scenario", plan->scenario, known));
  }
  if (scenario->is_story()) {
    return DataLoss("%s: %s is directed: want a plan of a random scenario", file, plan->scenario);
  }
  return plan;
}

absl::StatusOr<std::vector<CorpusEntry>> LoadCorpus(const Tank& tank, const std::string& folder) {
  WT_ASSIGN_OR_RETURN(const std::vector<fs::path> files, FilesIn(folder));
  std::vector<CorpusEntry> corpus;
  for (const fs::path& file : files) {
    CorpusEntry entry{.file = file.string(), .name = file.stem().string()};
    WT_ASSIGN_OR_RETURN(entry.text, ReadWholeFile(entry.file));
    WT_ASSIGN_OR_RETURN(entry.plan, PlanOfFile(tank, entry.file, entry.text));
    corpus.push_back(std::move(entry));
  }
  return corpus;
}

std::string CorpusText(const Tank& tank, Plan plan, std::string why) {
  plan.why = std::move(why);
  return tank.plan_to_json(plan);
}

std::string CorpusName(const Tank& tank, const Plan& plan, const reports::RunRecord& record) {
  if (record.verdict == reports::Verdict::kFail) {
    return plan.scenario + "-" + reports::FolderOf(record);
  }
  return absl::StrFormat("%s-%08x", plan.scenario, Hash64(Deeds(tank, plan)) & 0xffffffff);
}

const CorpusEntry* FindSame(const Tank& tank, const std::vector<CorpusEntry>& corpus,
                            const Plan& plan) {
  const std::string deeds = Deeds(tank, plan);
  const auto found = std::ranges::find_if(
      corpus, [&](const CorpusEntry& entry) { return Deeds(tank, entry.plan) == deeds; });
  return found == corpus.end() ? nullptr : &*found;
}

// To the campaign's runner each entry is a scenario of its own, of which it runs seed 0.
absl::StatusOr<CampaignEnd> RunCorpus(const Tank& tank, const std::vector<CorpusEntry>& corpus,
                                      CampaignOptions options) {
  WT_CHECK(!corpus.empty());
  std::vector<Scenario> entries;
  for (const CorpusEntry& entry : corpus) entries.push_back({.name = entry.name});
  Tank plans = tank;
  plans.scenarios = entries;
  plans.execute = [&](const Scenario& scenario, uint64_t, const ExecuteOptions& how) {
    const auto entry = std::ranges::find(corpus, scenario.name, &CorpusEntry::name);
    WT_CHECK(entry != corpus.end());
    Run run = tank.execute_plan(entry->plan, how);
    run.record.scenario = entry->name;
    return run;
  };
  options.seeds = {0, 1};
  options.shard = {};
  options.time_limit = {};
  return RunCampaign(plans, options);
}

}  // namespace wt::scenarios
