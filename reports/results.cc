#include "reports/results.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/text.h"

namespace wt::reports {
namespace {

using Json = nlohmann::ordered_json;

// Reads one line's keys, and remembers the first that was not as expected.
class Keys {
 public:
  explicit Keys(const Json& json) : json_(json) {}

  std::string Text(const char* key, bool null_is_empty = false) {
    const auto found = json_.find(key);
    if (null_is_empty && found != json_.end() && found->is_null()) return "";
    if (found != json_.end() && found->is_string()) return found->get<std::string>();
    Want(key, "a text");
    return "";
  }
  uint64_t Number(const char* key) {
    const auto found = json_.find(key);
    if (found != json_.end() && found->is_number_unsigned()) return found->get<uint64_t>();
    Want(key, "a number");
    return 0;
  }
  uint64_t HexNumber(const char* key) { return HexOf(key, Text(key)); }
  uint64_t HexOf(const char* key, const std::string& text) {
    uint64_t number = 0;
    const char* end = text.data() + text.size();
    const bool good = text.starts_with("0x") && text.size() > 2 &&
                      std::from_chars(text.data() + 2, end, number, 16).ptr == end;
    if (!good) Want(key, "a number such as \"0x1f\"");
    return number;
  }
  bool Bool(const char* key) {
    const auto found = json_.find(key);
    if (found != json_.end() && found->is_boolean()) return found->get<bool>();
    Want(key, "true or false");
    return false;
  }
  std::vector<std::string> Texts(const char* key) {
    std::vector<std::string> texts;
    const auto found = json_.find(key);
    if (found == json_.end() || !found->is_array())
      Want(key, "a list of texts");
    else
      for (const Json& each : *found) {
        if (each.is_string())
          texts.push_back(each.get<std::string>());
        else
          Want(key, "a list of texts");
      }
    return texts;
  }
  std::map<std::string, uint64_t> Counts(const char* key) {
    std::map<std::string, uint64_t> counts;
    const auto found = json_.find(key);
    if (found == json_.end() || !found->is_object())
      Want(key, "an object of counts");
    else
      for (const auto& [name, count] : found->items()) {
        if (count.is_number_unsigned())
          counts[name] = count.get<uint64_t>();
        else
          Want(key, "an object of counts");
      }
    return counts;
  }
  const Json* Child(const char* key) {
    const auto found = json_.find(key);
    if (found != json_.end()) return &*found;
    Want(key, "something");
    return nullptr;
  }
  void Want(const char* key, std::string_view what) {
    if (problem_.empty()) problem_ = absl::StrFormat("\"%s\": want %s", key, what);
  }
  const std::string& problem() const { return problem_; }

 private:
  const Json& json_;
  std::string problem_;
};

CampaignHeader ReadHeader(Keys& keys) {
  CampaignHeader header;
  header.name = keys.Text("campaign");
  header.scenarios = keys.Texts("scenarios");
  header.seeds = keys.Text("seeds");
  header.shard = keys.Text("shard", /*null_is_empty=*/true);
  header.overrides = keys.Texts("set");
  header.build = keys.Text("build");
  return header;
}

RunRecord ReadRun(Keys& keys, const Json& json) {
  RunRecord record;
  record.scenario = keys.Text("scenario");
  record.seed = keys.HexNumber("seed");
  const std::optional<Verdict> verdict = VerdictNamed(keys.Text("verdict"));
  if (!verdict) keys.Want("verdict", "pass, fail, inconclusive or error");
  record.verdict = verdict.value_or(Verdict::kError);
  record.invariant = keys.Text("invariant", /*null_is_empty=*/true);
  record.virtual_us = keys.Number("virtual_us");
  record.events = keys.Number("events");
  record.faults = keys.Counts("faults");
  for (const std::string& goal : keys.Texts("goals")) record.goals[goal] = 1;
  record.invariants = keys.Counts("invariants");
  record.digest = keys.HexNumber("digest");
  if (json.contains("message")) record.message = keys.Text("message");
  if (record.verdict != Verdict::kPass) record.signature = keys.Text("signature");
  return record;
}

Mismatch ReadMismatch(Keys& keys) {
  Mismatch mismatch{.scenario = keys.Text("scenario"), .seed = keys.HexNumber("seed")};
  const std::vector<std::string> digests = keys.Texts("digests");
  if (digests.size() != 2) keys.Want("digests", "two digests");
  for (size_t i = 0; i < 2 && i < digests.size(); ++i) {
    mismatch.digests[i] = keys.HexOf("digests", digests[i]);
  }
  return mismatch;
}

Finding ReadFinding(Keys& keys) {
  Finding finding{.signature = keys.Text("signature")};
  RunRecord& example = finding.example;
  example.scenario = keys.Text("scenario");
  example.seed = keys.HexNumber("seed");
  example.failed_at_us = keys.Number("failed_at_us");
  if (const Json* why = keys.Child("why")) {
    absl::StatusOr<std::vector<Step>> steps = StepsFromJson(why->dump());
    if (steps.ok())
      example.why = *std::move(steps);
    else
      keys.Want("why", "a list of steps");
  }
  return finding;
}

// One line. Returns what was expected, or nothing.
std::string ReadLine(std::string_view text, bool first, Results* results) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return "want a JSON object";
  Keys keys(json);
  const std::string kind = keys.Text("kind");
  if (first != (kind == "campaign")) {
    return first ? "want \"kind\":\"campaign\" in the first line" : "a second campaign";
  }
  if (results->ended) return "want nothing behind \"kind\":\"end\"";
  if (kind == "campaign") {
    results->header = ReadHeader(keys);
  } else if (kind == "run") {
    results->runs.push_back({ReadRun(keys, json), std::string(text)});
  } else if (kind == "finding" && keys.Text("verdict") == "not-deterministic") {
    results->mismatches.emplace_back(ReadMismatch(keys), std::string(text));
  } else if (kind == "finding") {
    Finding finding = ReadFinding(keys);
    results->findings[finding.signature] = std::move(finding);
  } else if (kind == "end") {
    results->ended = !keys.Bool("interrupted");
    if (keys.Number("runs") != results->runs.size()) keys.Want("runs", "as many as there are");
  } else {
    keys.Want("kind", "campaign, run, finding or end");
  }
  return keys.problem();
}

// "torn-tail-0..100-shard-1-4-8c1f22ab" -> "torn-tail".
std::string LabelOf(const CampaignHeader& header) {
  std::string ending = "-" + header.seeds;
  if (!header.shard.empty()) {
    ending += "-shard-" + header.shard;
    std::ranges::replace(ending, '/', '-');
  }
  const size_t at = header.name.rfind(ending);
  return at == header.name.npos ? header.name : header.name.substr(0, at);
}

auto WithoutShard(const CampaignHeader& header) {
  return std::tuple(header.scenarios, header.seeds, header.overrides, header.build,
                    LabelOf(header));
}

// "2/4" -> {2, 4}; of a whole campaign {1, 1}.
std::pair<uint32_t, uint32_t> ShardOf(const CampaignHeader& header) {
  std::pair<uint32_t, uint32_t> shard{1, 1};
  const char* end = header.shard.data() + header.shard.size();
  const auto slash = std::from_chars(header.shard.data(), end, shard.first);
  if (slash.ptr < end) std::from_chars(slash.ptr + 1, end, shard.second);
  return shard;
}

bool SameResult(const RunRecord& a, const RunRecord& b) {
  return a.digest == b.digest && a.verdict == b.verdict && a.invariant == b.invariant;
}

void NoteMissing(const std::vector<Results>& files, uint32_t expected, Merged* merged) {
  std::set<uint32_t> whole;
  for (const Results& file : files) {
    if (file.ended) whole.insert(ShardOf(file.header).first);
  }
  for (uint32_t shard = 1; shard <= expected; ++shard) {
    if (!whole.contains(shard)) {
      merged->missing.push_back(absl::StrFormat("shard %d/%d", shard, expected));
    }
  }
}

}  // namespace

absl::StatusOr<Results> ReadResults(const std::string& file, std::string_view text) {
  Results results{.file = file};
  uint64_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    if (end == text.npos) return DataLoss("%s: line %d: is cut off: want a newline", file, number);
    const std::string problem = ReadLine(text.substr(0, end), number == 1, &results);
    if (!problem.empty()) return DataLoss("%s: line %d: %s", file, number, problem);
    text.remove_prefix(end + 1);
  }
  if (number == 0) return DataLoss("%s: line 1: is empty: want \"kind\":\"campaign\"", file);
  return results;
}

absl::StatusOr<Merged> Merge(const std::vector<Results>& files, uint32_t expected) {
  WT_CHECK(!files.empty());
  const CampaignHeader& head = files.front().header;
  if (expected == 0) expected = ShardOf(head).second;
  Merged merged{.header = head};
  merged.header.shard.clear();
  merged.header.name = LabelOf(head);
  std::map<std::string, size_t> order;
  for (const std::string& name : head.scenarios) order.emplace(name, order.size());
  std::map<std::pair<uint64_t, size_t>, Results::Line> runs;
  std::set<std::string> told;
  for (const Results& file : files) {
    if (WithoutShard(file.header) != WithoutShard(head)) {
      return InvalidArgument("%s is of another campaign or build than %s", file.file,
                             files.front().file);
    }
    if (ShardOf(file.header).second != expected) {
      return InvalidArgument("%s is shard %s, want one of %d", file.file,
                             file.header.shard.empty() ? "1/1" : file.header.shard, expected);
    }
    for (const Results::Line& line : file.runs) {
      const auto at = order.find(line.record.scenario);
      if (at == order.end()) {
        return DataLoss("%s: a run of %s, which is none of its campaign's scenarios", file.file,
                        line.record.scenario);
      }
      const auto [known, fresh] = runs.insert({{line.record.seed, at->second}, line});
      if (fresh || SameResult(known->second.record, line.record)) continue;
      merged.conflicts.push_back({line.record.scenario,
                                  line.record.seed,
                                  {known->second.record.digest, line.record.digest}});
    }
    for (const auto& mismatch : file.mismatches) {
      if (told.insert(mismatch.second).second) merged.mismatches.push_back(mismatch);
    }
  }
  for (const auto& [key, line] : runs) merged.runs.push_back(line);
  NoteMissing(files, expected, &merged);
  // The example of all is the example of its own shard, which has its story.
  for (const Results& file : files) {
    for (const auto& [signature, finding] : file.findings) {
      const std::string key = RunName(finding.example.scenario, finding.example.seed);
      merged.findings.emplace(signature + " " + key, finding);
      merged.found_in.emplace(signature + " " + key, file.file);
    }
  }
  return merged;
}

void AddStories(const Merged& merged, Totals* totals) {
  for (Finding& finding : totals->findings) {
    RunRecord& example = finding.example;
    const auto told =
        merged.findings.find(finding.signature + " " + RunName(example.scenario, example.seed));
    if (told == merged.findings.end()) continue;
    example.why = told->second.example.why;
    example.failed_at_us = told->second.example.failed_at_us;
  }
}

}  // namespace wt::reports
