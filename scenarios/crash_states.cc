#include "scenarios/crash_states.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

using sim::Atom;
using sim::AtomKind;
using sim::CrashFill;
using sim::CrashSubset;
using sim::CrashTear;
using sim::TearKind;

// Beyond so many atoms the quadratic families are sampled at a stride.
constexpr size_t kQuadraticAtoms = 48;
constexpr size_t kGhosts = 4;

class Enumeration {
 public:
  Enumeration(const CrashPoint& point, const SubsetOptions& options,
              const std::function<bool(const CrashSubset&)>& visit)
      : atoms_(point.atoms()), ghosts_(point.ghosts()), options_(options), visit_(visit) {}

  void Run() {
    if (atoms_.size() <= options_.exhaustive_atoms) {
      All();
    } else {
      Structured();
    }
    if (options_.tears) Tears();
  }

 private:
  std::vector<bool> Prefix(size_t n) const {
    std::vector<bool> kept(atoms_.size(), false);
    std::fill(kept.begin(), kept.begin() + static_cast<ptrdiff_t>(n), true);
    return kept;
  }

  void Try(const CrashSubset& subset) {
    if (stopped_ || !sim::Legal(sim::DiskProfile::kPosixMin, atoms_, subset)) return;
    stopped_ = !visit_(subset);
  }

  // The fill matters where a size is kept and data behind it is not.
  void TryWithFills(std::vector<bool> kept) {
    bool sized = false;
    bool dropped = false;
    for (size_t i = 0; i < atoms_.size(); ++i) {
      const AtomKind kind = atoms_[i].kind;
      sized = sized || (kept[i] && (kind == AtomKind::kSize || kind == AtomKind::kAllocate));
      dropped = dropped || (!kept[i] && kind == AtomKind::kData);
    }
    CrashSubset subset{.kept = std::move(kept)};
    Try(subset);
    if (!sized || !dropped) return;
    subset.fill = CrashFill::kGarbage;
    Try(subset);
    if (!options_.ghosts) return;
    subset.fill = CrashFill::kGhost;
    // The youngest: blocks are given out again soon.
    subset.ghost = ghosts_ - std::min(ghosts_, kGhosts);
    for (; subset.ghost < ghosts_; ++subset.ghost) Try(subset);
  }

  void All() {
    for (uint64_t bits = 0; bits < uint64_t{1} << atoms_.size() && !stopped_; ++bits) {
      std::vector<bool> kept(atoms_.size());
      for (size_t i = 0; i < atoms_.size(); ++i) kept[i] = (bits >> i & 1) != 0;
      TryWithFills(std::move(kept));
    }
  }

  void Structured() {
    const size_t m = atoms_.size();
    const size_t stride = 1 + m / kQuadraticAtoms;
    for (size_t n = 0; n <= m && !stopped_; ++n) {
      TryWithFills(Prefix(n));
      if (n % stride != 0 && n != m) continue;
      for (size_t one = 0; one < m; one += stride) {
        std::vector<bool> kept = Prefix(n);
        kept[one] = !kept[one];  // inside the prefix: dropped; behind it: early
        TryWithFills(std::move(kept));
      }
    }
    DropOperations();
  }

  // The whole data of one write is missing, its size kept: a hole.
  void DropOperations() {
    std::set<uint64_t> ops;
    for (const Atom& atom : atoms_) ops.insert(atom.op);
    for (uint64_t op : ops) {
      std::vector<bool> kept = Prefix(atoms_.size());
      for (size_t i = 0; i < atoms_.size(); ++i) {
        if (atoms_[i].op == op && atoms_[i].kind == AtomKind::kData) kept[i] = false;
      }
      TryWithFills(std::move(kept));
    }
  }

  void Tears() {
    for (size_t i = 0; i < atoms_.size() && !stopped_; ++i) {
      if (!IsEdgeOfWrite(i)) continue;
      for (size_t upto : {i + 1, atoms_.size()}) TearAt(i, upto);
    }
  }

  // The first sector of a write, which it may share with what was synced before, or its last.
  bool IsEdgeOfWrite(size_t atom) const {
    if (atoms_[atom].kind != AtomKind::kData) return false;
    const auto is_of_it = [&](const Atom& other) {
      return other.kind == AtomKind::kData && other.op == atoms_[atom].op;
    };
    const auto at = atoms_.begin() + static_cast<ptrdiff_t>(atom);
    return std::none_of(atoms_.begin(), at, is_of_it) ||
           std::none_of(at + 1, atoms_.end(), is_of_it);
  }

  void TearAt(size_t atom, size_t upto) {
    const uint64_t length = atoms_[atom].length;
    CrashSubset subset{.kept = Prefix(upto)};
    for (TearKind kind : {TearKind::kPrefixNew, TearKind::kSuffixNew}) {
      for (uint64_t at : std::set<uint64_t>{1, length / 2, length - 1}) {
        subset.tear = CrashTear{.atom = atom, .at = at, .kind = kind};
        if (at > 0 && at < length) Try(subset);
      }
    }
    for (TearKind kind : {TearKind::kGarbage, TearKind::kZeros, TearKind::kGarbled}) {
      subset.tear = CrashTear{.atom = atom, .at = 0, .kind = kind};
      Try(subset);
    }
  }

  const std::vector<Atom>& atoms_;
  const size_t ghosts_;
  const SubsetOptions options_;
  const std::function<bool(const CrashSubset&)>& visit_;
  bool stopped_ = false;
};

std::string_view NameOf(CrashFill fill) {
  return fill == CrashFill::kZeros ? "zeros" : fill == CrashFill::kGarbage ? "garbage" : "ghost";
}

}  // namespace

CrashPoint::CrashPoint(const sim::VirtualDisk& disk, std::string where)
    : where_(std::move(where)), platter_(disk.platter()), atoms_(disk.PendingAtoms()) {
  for (Atom& atom : atoms_) {
    atom.bytes = texts_.emplace_back(atom.bytes);
    atom.path = texts_.emplace_back(atom.path);
    atom.changes = changes_.emplace_back(atom.changes.begin(), atom.changes.end());
  }
}

sim::DiskImage CrashPoint::Materialize(const CrashSubset& subset) const {
  return sim::ApplyCrash(platter_, atoms_, sim::OutcomeOf(subset), 0);
}

std::string CrashPoint::Describe(const CrashSubset& subset) const {
  std::string dropped;
  for (size_t i = 0; i < atoms_.size(); ++i) {
    if (subset.kept[i]) continue;
    dropped += (dropped.empty() ? "" : "; ") + atoms_[i].ToString();
  }
  std::string text = absl::StrFormat("%s: of %d atoms drop {%s}, fill %s", where_, atoms_.size(),
                                     dropped, NameOf(subset.fill));
  if (subset.tear.has_value()) {
    text +=
        absl::StrFormat(", tear %s at %d", atoms_[subset.tear->atom].ToString(), subset.tear->at);
  }
  return text;
}

void ForEachSubset(const CrashPoint& point, const SubsetOptions& options,
                   const std::function<bool(const CrashSubset&)>& visit) {
  Enumeration(point, options, visit).Run();
}

}  // namespace wt::scenarios
