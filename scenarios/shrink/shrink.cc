#include "scenarios/shrink/shrink.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "reports/signature.h"
#include "reports/text.h"
#include "scenarios/shrink/search.h"
#include "scenarios/shrink/simpler.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// Seeds that are tried in the place of the plan's own; small ones read well.
constexpr uint64_t kOtherSeeds = 4;
// By how much all faults come sooner, or later, than they did: with less to do before them, what
// they hit is somewhere else.
constexpr Duration kShifts[] = {-1ms, 1ms, -10ms, 10ms, -100ms, 100ms};
// A list is first cut into so many parts, and only later into single elements.
constexpr size_t kCoarse = 16;
constexpr size_t kCoarseVaried = 4;  // each of them is tried with every variation
// A few operations at once, so long before a fault: what most failures of a crash come down to.
constexpr size_t kBunches[] = {1, 2, 4, 8};
constexpr Duration kLeads[] = {0ms, 1ms, 3ms, 10ms, 30ms, 100ms, 300ms};
constexpr size_t kFaultsOfBunch = 2;  // the last ones

enum class Grain { kCoarse, kFine };
// Whether an edit is tried by itself, or once with each of the variations.
enum class Manner { kPlain, kVaried };

// One of the lists of a plan.
struct List {
  size_t (*size)(const Plan&);
  Plan (*without)(const Plan&, size_t begin, size_t end);
};
constexpr List kFaults{[](const Plan& plan) { return plan.faults.size(); }, WithoutFaults};
constexpr List kChores{[](const Plan& plan) { return plan.chores.size(); }, WithoutChores};
constexpr List kOperations{[](const Plan& plan) { return plan.operations.size(); },
                           WithoutOperations};

// Only the elements of [begin, end) of the list.
Plan Only(const List& list, const Plan& plan, size_t begin, size_t end) {
  return list.without(list.without(plan, end, list.size(plan)), 0, begin);
}

std::vector<Edit> Variations(uint64_t own_seed) {
  std::vector<Edit> all;
  for (uint64_t seed = 1; seed <= kOtherSeeds; ++seed) {
    if (seed == own_seed) continue;
    all.push_back([seed](Plan plan) {
      plan.seed = seed;
      return plan;
    });
  }
  for (Duration shift : kShifts) {
    all.push_back([shift](const Plan& plan) { return WithFaultsShifted(plan, shift); });
  }
  return all;
}

// The same edits, each with all variations before the next.
std::vector<Edit> Varied(const std::vector<Edit>& edits, uint64_t own_seed) {
  std::vector<Edit> all;
  const std::vector<Edit> variations = Variations(own_seed);
  for (const Edit& edit : edits) {
    for (const Edit& vary : variations) {
      all.push_back([edit, vary](const Plan& plan) {
        Plan edited = edit(plan);
        return edited == plan ? edited : vary(edited);
      });
    }
  }
  return all;
}

class Shrinker {
 public:
  explicit Shrinker(Search& search) : search_(search) {}

  void Run();

 private:
  bool Coarsely();
  void Finely();
  bool WithVariations();
  void CutTail();
  void Bunch();
  void Machines(Manner manner);
  void Clients();
  void Lists(Grain grain, Manner manner);
  void KeepFew(const List& list, Manner manner);
  void Shorten(const List& list, Grain grain, Manner manner);
  bool ShortenBy(const List& list, size_t chunk, Manner manner);
  void Take(const std::vector<Edit>& edits, Manner manner = Manner::kPlain);
  Pace pace() const;

  Search& search_;
};

Pace Shrinker::pace() const {
  return search_.first_record().invariant == "converges" ? Pace::kMustStay : Pace::kMayChange;
}

void Shrinker::Take(const std::vector<Edit>& edits, Manner manner) {
  search_.TakeAll(manner == Manner::kPlain ? edits : Varied(edits, search_.plan().seed));
}

// What comes after the failure has no part in it.
void Shrinker::CutTail() {
  const auto failed_at = std::chrono::microseconds(search_.record().failed_at_us);
  Take({[failed_at](const Plan& plan) { return CutAfter(plan, failed_at + 1ms); }});
}

// How long operations take is not known, so that few of them are hardly where they were before, in
// time. They are put where they are likely to matter.
void Shrinker::Bunch() {
  const std::vector<faults::Fault>& faults = search_.plan().faults;
  std::vector<Edit> edits;
  for (size_t count : kBunches) {
    for (size_t i = faults.size(); i > 0 && faults.size() - i < kFaultsOfBunch; --i) {
      for (Duration lead : kLeads) {
        edits.push_back([count, at = faults[i - 1].at, lead](const Plan& plan) {
          return Bunched(plan, count, at, lead);
        });
      }
    }
  }
  (void)search_.TakeFirst(edits);
}

void Shrinker::Machines(Manner manner) {
  std::vector<Edit> edits;
  for (const std::set<uint32_t>& spare : MachinesToSpare(search_.plan())) {
    edits.push_back([spare](const Plan& plan) {
      return plan.machines < *spare.rbegin() ? plan : WithoutMachines(plan, spare);
    });
  }
  if (manner == Manner::kVaried) edits = Varied(edits, search_.plan().seed);
  // Numbers change with each that is taken away: begin again.
  if (search_.TakeFirst(edits)) Machines(manner);
}

void Shrinker::Clients() {
  std::set<uint32_t> clients;
  for (const ClientOp& op : search_.plan().operations) clients.insert(op.client);
  std::vector<Edit> edits;
  for (uint32_t client : clients) {
    edits.push_back([client](const Plan& plan) { return WithoutClient(plan, client); });
  }
  Take(edits);
}

// Goes through the list once, from its end to its beginning, in chunks: what is taken away late
// leaves all that was before it as it was.
bool Shrinker::ShortenBy(const List& list, size_t chunk, Manner manner) {
  const uint64_t taken = search_.taken();
  size_t end = list.size(search_.plan());
  while (end > 0 && !search_.over()) {
    std::vector<Edit> edits;
    std::vector<size_t> begins;
    for (size_t at = end; at > 0; at -= std::min(at, chunk)) {
      const size_t begin = at - std::min(at, chunk);
      edits.push_back(
          [&list, begin, at](const Plan& plan) { return list.without(plan, begin, at); });
      begins.push_back(begin);
    }
    size_t per_chunk = 1;
    if (manner == Manner::kVaried) {
      const size_t chunks = edits.size();
      edits = Varied(edits, search_.plan().seed);
      per_chunk = edits.size() / chunks;
    }
    const std::optional<size_t> found = search_.TakeFirst(edits);
    end = found ? begins[*found / per_chunk] : 0;
  }
  return search_.taken() > taken;
}

// The first few alone, or the last few: where that is enough, it is soon done.
void Shrinker::KeepFew(const List& list, Manner manner) {
  const size_t size = list.size(search_.plan());
  std::vector<Edit> edits;
  for (size_t few : {1, 2, 4, 8}) {
    if (few > size / 2) break;
    edits.push_back([&list, few](const Plan& plan) {
      const size_t now = list.size(plan);
      return now <= few ? plan : Only(list, plan, now - few, now);
    });
    edits.push_back([&list, few](const Plan& plan) {
      return list.size(plan) <= few ? plan : Only(list, plan, 0, few);
    });
  }
  Take(edits, manner);
}

void Shrinker::Shorten(const List& list, Grain grain, Manner manner) {
  KeepFew(list, manner);
  const size_t size = list.size(search_.plan());
  const size_t parts = manner == Manner::kPlain || size <= kCoarse ? kCoarse : kCoarseVaried;
  const size_t finest = grain == Grain::kFine ? 1 : std::max<size_t>(1, size / parts);
  for (size_t chunk = std::max<size_t>(1, size); !search_.over(); chunk = (chunk + 1) / 2) {
    const bool again = ShortenBy(list, chunk, manner) && chunk == 1 && manner == Manner::kPlain;
    if (again) continue;  // (1 + 1) / 2 is 1: singles until none goes
    if (chunk <= finest) return;
  }
}

void Shrinker::Lists(Grain grain, Manner manner) {
  Shorten(kFaults, grain, manner);
  Shorten(kChores, grain, manner);
  if (manner == Manner::kPlain) Clients();
  Shorten(kOperations, grain, manner);
}

bool Shrinker::Coarsely() {
  const uint64_t taken = search_.taken();
  CutTail();
  Bunch();
  Lists(Grain::kCoarse, Manner::kPlain);
  Machines(Manner::kPlain);
  CutTail();
  Take(KnobEdits(search_.plan(), pace()));
  return search_.taken() > taken;
}

bool Shrinker::WithVariations() {
  const uint64_t taken = search_.taken();
  Lists(Grain::kCoarse, Manner::kVaried);
  Machines(Manner::kVaried);
  return search_.taken() > taken;
}

void Shrinker::Finely() {
  Lists(Grain::kFine, Manner::kPlain);
  Take(OperationEdits(search_.plan()));
  Take(FaultEdits(search_.plan()));
  Take(ChoreEdits(search_.plan()));
  Take(TimeEdits(search_.plan()));
}

void Shrinker::Run() {
  uint64_t taken = 0;
  Take(KnobEdits(search_.plan(), pace()));
  do {
    while (Coarsely() || WithVariations()) {
    }
    taken = search_.taken();
    Finely();
  } while (search_.taken() > taken && !search_.over());
}

}  // namespace

bool SameFailure(const reports::RunRecord& a, const reports::RunRecord& b) {
  return a.verdict == b.verdict && a.invariant == b.invariant &&
         reports::Normalised(a.message) == reports::Normalised(b.message);
}

PlanSize SizeOf(const Plan& plan) {
  return {.machines = plan.machines,
          .operations = plan.operations.size(),
          .faults = plan.faults.size(),
          .chores = plan.chores.size(),
          .knobs = KnobsOfNote(plan).size()};
}

Plan Explained(const Shrunk& shrunk, uint64_t seed_before) {
  Plan plan = shrunk.plan;
  plan.why = absl::StrFormat("%s: %s (shrunk from %s)", shrunk.record.invariant,
                             shrunk.record.message, reports::RunName(plan.scenario, seed_before));
  return plan;
}

std::string ShrinkText(const ShrinkProgress& progress) {
  return absl::StrFormat("%s: %s, %s, %s", reports::Plural(progress.runs, "run"),
                         reports::Plural(progress.size.operations, "operation"),
                         reports::Plural(progress.size.faults, "fault"),
                         reports::Plural(progress.size.machines, "machine"));
}

absl::StatusOr<Shrunk> Shrink(const Tank& tank, const Plan& plan, const ShrinkOptions& options) {
  Search search(tank, plan, options);
  if (const absl::Status begun = search.Begin(); !begun.ok()) return begun;
  if (search.fails()) Shrinker(search).Run();
  if (!search.problem().ok()) return search.problem();
  return Shrunk{.plan = search.plan(),
                .record = search.record(),
                .size = SizeOf(search.plan()),
                .first_record = search.first_record(),
                .first_size = SizeOf(plan),
                .runs = search.runs(),
                .end = search.fails() ? search.end() : ShrinkEnd::kNothingToDo};
}

}  // namespace wt::scenarios
