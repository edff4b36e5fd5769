// `wavetank describe SCENARIO`: a scenario in words.
#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/table.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

using Json = nlohmann::ordered_json;
using faults::FaultSpec;
using faults::Range;
using reports::Ink;
using reports::Look;
using reports::Plural;
using reports::Table;
using reports::WithThousands;
using scenarios::Scenario;
using scenarios::Spell;

std::string Text(std::string_view text) { return std::string(text); }

std::string InWords(const Range<Duration>& range) {
  if (range.low == range.high) return Spell(range.low);
  return Spell(range.low) + " to " + Spell(range.high);
}
std::string InWords(const Range<uint64_t>& range) {
  if (range.low == range.high) return WithThousands(range.low);
  return WithThousands(range.low) + " to " + WithThousands(range.high);
}
std::string InBytes(const Range<uint64_t>& range) {
  if (range.low == range.high) return reports::RoughBytes(range.low);
  return reports::RoughBytes(range.low) + " to " + reports::RoughBytes(range.high);
}

// "30 %", "0.25 %": of parts per million, exactly.
std::string Percent(uint64_t ppm) {
  std::string text = absl::StrFormat("%d.%04d", ppm / 10'000, ppm % 10'000);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

// Lines of at most 80 columns, two spaces in.
std::string Wrapped(std::string_view text) {
  std::string wrapped;
  size_t column = 0;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find_first_of(" \n", begin);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view word = text.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    if (column > 0 && column + 1 + reports::DisplayWidth(word) > 78) {
      wrapped += "\n";
      column = 0;
    }
    wrapped += column == 0 ? "  " : " ";
    wrapped += word;
    column += 1 + reports::DisplayWidth(word);
  }
  return wrapped + "\n";
}

std::string Heading(Look look, std::string_view text) {
  return "\n" + reports::Paint(look, Ink::kBold, text) + "\n";
}

std::string MixInWords(const scenarios::Mix& mix) {
  const std::pair<const char*, uint32_t> weights[] = {{"put", mix.put},
                                                      {"get", mix.get},
                                                      {"remove", mix.remove},
                                                      {"batch", mix.batch},
                                                      {"increment", mix.increment},
                                                      {"compare-and-set", mix.compare_and_set}};
  std::vector<std::string> parts;
  for (const auto& [name, weight] : weights) {
    if (weight > 0) parts.push_back(absl::StrFormat("%s %d", name, weight));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ShapeText(const Scenario& scenario) {
  const std::vector<uint32_t> counts = MachineCountsOf(scenario);
  std::string machines = Plural(counts.back(), "machine");
  if (counts.size() > 1) {
    machines = absl::StrJoin(counts.begin(), counts.end() - 1, ", ") + " or " + machines;
  }
  return Wrapped(absl::StrFormat(
      "%s. A storm of %s in which the faults happen, then a calm of %s in which they do not, and "
      "everything must be well again.%s",
      machines, Spell(scenario.storm), Spell(scenario.calm),
      scenario.swarm ? " Each seed draws which of the faults take part, and how strongly." : ""));
}

std::string WorkloadText(const scenarios::Workload& workload) {
  std::string text = absl::StrFormat(
      "%s do %s on %s, with values of %s bytes. Weights: %s.", Plural(workload.clients, "client"),
      Plural(workload.operations, "operation"), Plural(workload.keys, "key"),
      InWords(workload.value_bytes), MixInWords(workload.mix));
  const bool even = workload.think.high == Duration::zero();
  text += even ? " They are spread evenly over the storm."
               : " A client waits " + InWords(workload.think) + " between two operations.";
  return Wrapped(text);
}

std::string AmountInWords(const FaultSpec& spec, const faults::FaultInfo& info) {
  if (info.unit.empty()) return "";
  if (info.unit == "ppm") {
    const std::string low = Percent(spec.amount.low);
    if (spec.amount.low == spec.amount.high) return low;
    return low + " to " + Percent(spec.amount.high);
  }
  if (info.unit == "bytes") return InBytes(spec.amount);
  return InWords(spec.amount) + " " + Text(info.unit);
}

std::string OnInWords(const FaultSpec& spec) {
  std::string words = Text(faults::kScopeNames[static_cast<size_t>(spec.on)]);
  if (spec.cut_clients_ppm > 0) words += ", clients in " + Percent(spec.cut_clients_ppm);
  return words;
}

const faults::FaultInfo* InfoOf(const Shell& shell, faults::FaultKind kind) {
  const auto index = static_cast<size_t>(kind);
  return index < shell.harness.faults.size() ? &shell.harness.faults[index] : nullptr;
}

std::string FaultsText(const Shell& shell, const Scenario& scenario) {
  if (scenario.faults.empty()) return "  Nothing goes wrong by itself.\n";
  Table table(
      {{"  fault"}, {"every"}, {"lasts"}, {"amount"}, {"on"}, {"severity"}, {"what it does"}});
  for (const FaultSpec& spec : scenario.faults) {
    const faults::FaultInfo* info = InfoOf(shell, spec.kind);
    WT_CHECK(info != nullptr);
    const bool harmful = info->severity == faults::Severity::kHarmful;
    const bool lasts = spec.lasts.high > Duration::zero();
    table.AddRow({{"  " + Text(info->name)},
                  {InWords(spec.every)},
                  {lasts ? InWords(spec.lasts) : ""},
                  {AmountInWords(spec, *info)},
                  {OnInWords(spec)},
                  {harmful ? "harmful" : "benign", harmful ? Ink::kYellow : Ink::kPlain},
                  {Text(info->what)}});
  }
  return table.ToString(shell.terminal.out);
}

std::string KnobsText(const scenarios::Knobs& knobs) {
  return Wrapped(absl::StrFormat(
      "A seed draws: log segments of %s; a snapshot after every %s of log; %s snapshots kept; "
      "512-byte alignment in %s of seeds, zeros written ahead in %s, compression in %s, "
      "incremental snapshots in %s, the engine's rare paths armed in %s.",
      InBytes(knobs.segment_bytes), InBytes(knobs.snapshot_log_bytes),
      InWords(knobs.snapshots_kept), Percent(knobs.small_alignment_ppm),
      Percent(knobs.zeros_ahead_ppm), Percent(knobs.compress_ppm), Percent(knobs.incremental_ppm),
      Percent(knobs.rarely_ppm)));
}

std::string DatabaseText(const scenarios::DatabaseSetup& database) {
  return Wrapped(absl::StrFormat("A seed draws: memtables of %s, tables of %s, blocks of %s; a "
                                 "merge from %s tables of level 0 "
                                 "on; a first level of %s, each next one %s times as large; a "
                                 "manifest begun anew beyond %s; "
                                 "buffered writes, %s of all, synced within %s ms; refusals for "
                                 "want of room after %s ms; "
                                 "views held for %s.",
                                 InBytes(database.memtable_bytes), InBytes(database.table_bytes),
                                 InBytes(database.block_bytes), InWords(database.level0_trigger),
                                 InBytes(database.level1_bytes), InWords(database.level_ratio),
                                 InBytes(database.manifest_bytes), Percent(database.buffered_ppm),
                                 InWords(database.sync_interval_ms),
                                 InWords(database.room_patience_ms), InWords(database.view_held))) +
         Wrapped(
             absl::StrFormat("Without filters in %s of seeds, without a block cache in %s, every "
                             "block verified each "
                             "time in %s, no groups of writers in %s, merges slowed down in %s.",
                             Percent(database.no_filter_ppm), Percent(database.no_cache_ppm),
                             Percent(database.verify_always_ppm), Percent(database.alone_ppm),
                             Percent(database.paced_ppm)));
}

std::string InvariantsText(const Shell& shell) {
  Table table({{"  invariant"}, {"always true"}});
  for (const scenarios::InvariantInfo& invariant : shell.harness.invariants) {
    table.AddRow({{"  " + Text(invariant.name)}, {Text(invariant.always_true)}});
  }
  return table.empty() ? "  none\n" : table.ToString(shell.terminal.out);
}

std::string GoalsText(const Scenario& scenario) {
  return "  " + absl::StrJoin(scenario.goals, "\n  ") + "\n";
}

std::string Several(const std::vector<uint32_t>& choices) {
  std::vector<uint32_t> each = choices;
  std::ranges::sort(each);
  each.erase(std::unique(each.begin(), each.end()), each.end());
  return absl::StrJoin(each, ", ");
}

std::string TrustInWords(const std::vector<DiskTrust>& choices) {
  const bool verified = std::ranges::count(choices, DiskTrust::kVerified) > 0;
  const bool believed = std::ranges::count(choices, DiskTrust::kBelieved) > 0;
  if (verified && believed) return "verified at each start, or believed, as the seed has it";
  return verified ? "verified at each start" : "believed";
}

std::string GroupText(const scenarios::Group& group, bool is_story) {
  std::string text = absl::StrFormat(
      "Replicas, of which %s vote%s. An election begins after %s without a word from the primary, "
      "who is heard every %s.",
      Several(group.voters),
      group.learners > 0 ? absl::StrFormat(" and %d learn", group.learners) : "",
      Spell(group.election_timeout), Spell(group.heartbeat));
  text += absl::StrFormat(" Disks are %s.", TrustInWords(group.trust));
  if (is_story) return Wrapped(text);
  const scenarios::AckMix& acks = group.acks;
  text += absl::StrFormat(
      " Writes are acknowledged as async %d, quorum %d, all %d; %s of them are "
      "idempotent and tried again until they are answered.",
      acks.async, acks.quorum, acks.all, Percent(group.once_ppm));
  const scenarios::ReadMix& reads = group.reads;
  text += absl::StrFormat(" Reads: at the primary %d, at any replica %d, stale %d, by lease %d.",
                          reads.primary, reads.replica, reads.stale, reads.lease);
  if (group.transfers.high > Duration::zero()) {
    text += " The primary is asked to hand over every " + InWords(group.transfers) + ".";
  }
  if (group.stores == std::vector{scenarios::StateStore::kLsm}) {
    text += " The state lies in an LSM, and snapshots are sets of its tables.";
  }
  if (group.member_changes.high > Duration::zero()) {
    text += " The members change every " + InWords(group.member_changes) + ".";
  }
  return Wrapped(text);
}

std::string WeatherText(const scenarios::Group& group) {
  Table table({{"  weather"}, {"what it does"}});
  for (const scenarios::Weather weather : group.weathers) {
    table.AddRow({{"  " + Text(NameOf(weather))}, {Text(MeaningOf(weather))}});
  }
  return Wrapped(
             "Each seed draws one of these. It weighs the faults, and sets the dials of links, "
             "disks and engines.") +
         table.ToString(Look{});
}

std::string HowToRun(const Scenario& scenario) {
  std::string text = absl::StrFormat("  wavetank run %s --seeds 0..1000\n", scenario.name) +
                     absl::StrFormat("  wavetank repro %s:0x7\n", scenario.name);
  if (scenario.crash) text += absl::StrFormat("  wavetank crash %s\n", scenario.name);
  return text;
}

std::string Description(const Shell& shell, const Scenario& scenario) {
  const Look look = shell.terminal.out;
  std::string text =
      absl::StrFormat("%s  (%s)\n  %s\n", reports::Paint(look, Ink::kBold, scenario.name),
                      KindOf(scenario), scenario.summary);
  if (!scenario.story.empty()) text += "\n" + Wrapped(scenario.story);
  if (scenario.group) {
    text += Heading(look, "Group") + GroupText(*scenario.group, scenario.is_story());
  }
  if (scenario.is_story()) {
    text += Heading(look, "Shape") + Wrapped(
                                         "A directed story: the same steps for every seed; the "
                                         "seed chooses how tasks interleave, what a disk keeps "
                                         "when its power is cut, and what the story leaves "
                                         "open.");
  } else {
    text += Heading(look, "Shape") + ShapeText(scenario);
    if (scenario.group) text += Heading(look, "Weather") + WeatherText(*scenario.group);
    text += Heading(look, "Workload") + WorkloadText(scenario.workload);
    text += Heading(look, "Faults") + FaultsText(shell, scenario);
    text += Heading(look, "Knobs") + KnobsText(scenario.knobs);
    if (scenario.database) text += Heading(look, "Database") + DatabaseText(*scenario.database);
  }
  text += Heading(look, "Invariants") + InvariantsText(shell);
  if (!scenario.goals.empty()) text += Heading(look, "Goals of a campaign") + GoalsText(scenario);
  return text + Heading(look, "Run it") + HowToRun(scenario);
}

Json ToJson(const Range<Duration>& range) {
  return Json::array({range.low.count(), range.high.count()});
}
Json ToJson(const Range<uint64_t>& range) { return Json::array({range.low, range.high}); }

Json FaultsToJson(const Shell& shell, const Scenario& scenario) {
  Json faults = Json::array();
  for (const FaultSpec& spec : scenario.faults) {
    const faults::FaultInfo* info = InfoOf(shell, spec.kind);
    WT_CHECK(info != nullptr);
    faults.push_back(Json{{"fault", Text(info->name)},
                          {"every_ns", ToJson(spec.every)},
                          {"lasts_ns", ToJson(spec.lasts)},
                          {"amount", ToJson(spec.amount)},
                          {"on", Text(faults::kScopeNames[static_cast<size_t>(spec.on)])},
                          {"cut_clients_ppm", spec.cut_clients_ppm}});
  }
  return faults;
}

Json GroupToJson(const scenarios::Group& group) {
  Json weathers = Json::array();
  for (const scenarios::Weather weather : group.weathers) weathers.push_back(NameOf(weather));
  Json stores = Json::array();
  for (const scenarios::StateStore store : group.stores) {
    stores.push_back(scenarios::kStateStoreNames[static_cast<size_t>(store)]);
  }
  return Json{
      {"voters", group.voters},
      {"learners", group.learners},
      {"election_timeout_ns", group.election_timeout.count()},
      {"heartbeat_ns", group.heartbeat.count()},
      {"acks",
       {{"async", group.acks.async}, {"quorum", group.acks.quorum}, {"all", group.acks.all}}},
      {"once_ppm", group.once_ppm},
      {"weathers", std::move(weathers)},
      {"stores", std::move(stores)}};
}

Json DatabaseToJson(const scenarios::DatabaseSetup& database) {
  return Json{{"memtable_bytes", ToJson(database.memtable_bytes)},
              {"table_bytes", ToJson(database.table_bytes)},
              {"block_bytes", ToJson(database.block_bytes)},
              {"level0_trigger", ToJson(database.level0_trigger)},
              {"level1_bytes", ToJson(database.level1_bytes)},
              {"level_ratio", ToJson(database.level_ratio)},
              {"manifest_bytes", ToJson(database.manifest_bytes)},
              {"sync_interval_ms", ToJson(database.sync_interval_ms)},
              {"room_patience_ms", ToJson(database.room_patience_ms)},
              {"no_filter_ppm", database.no_filter_ppm},
              {"no_cache_ppm", database.no_cache_ppm},
              {"verify_always_ppm", database.verify_always_ppm},
              {"alone_ppm", database.alone_ppm},
              {"paced_ppm", database.paced_ppm},
              {"buffered_ppm", database.buffered_ppm},
              {"view_held_ns", ToJson(database.view_held)}};
}

Json DescriptionJson(const Shell& shell, const Scenario& scenario) {
  return Json{{"name", scenario.name},
              {"summary", scenario.summary},
              {"story", scenario.story},
              {"kind", Text(KindOf(scenario))},
              {"machines", MachineCountsOf(scenario).back()},
              {"group", scenario.group ? GroupToJson(*scenario.group) : Json()},
              {"database", scenario.database ? DatabaseToJson(*scenario.database) : Json()},
              {"crash", scenario.crash},
              {"swarm", scenario.swarm},
              {"storm_ns", scenario.storm.count()},
              {"calm_ns", scenario.calm.count()},
              {"workload",
               {{"clients", scenario.workload.clients},
                {"operations", scenario.workload.operations},
                {"keys", scenario.workload.keys},
                {"value_bytes", ToJson(scenario.workload.value_bytes)}}},
              {"faults", FaultsToJson(shell, scenario)},
              {"goals", scenario.goals}};
}

struct Options {
  Common common{};
  std::string scenario;
  std::vector<std::string> set;
};

absl::StatusOr<int> Describe(const Shell& shell, const Options& options) {
  WT_ASSIGN_OR_RETURN(const Scenario scenario,
                      Adjusted(shell, options.scenario, Assignments(options.set)));
  if (options.common.json)
    Print(DescriptionJson(shell, scenario).dump() + "\n");
  else
    Print(Description(shell, scenario));
  return reports::kExitPassed;
}

}  // namespace

Verb AddDescribe(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand("describe", "a scenario in words");
  verb->add_option("scenario", options->scenario, "its name")->required();
  AddFlag(*verb, "set", &options->set, "key=value, as of run");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return Describe(shell, *options); }};
}

}  // namespace wt::cli
