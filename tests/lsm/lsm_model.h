// What the LSM's parts are compared with: entries in a std::map, and walks over them in lockstep.
#ifndef WAVETANK_TESTS_LSM_LSM_MODEL_H_
#define WAVETANK_TESTS_LSM_LSM_MODEL_H_

#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "engine/base/random.h"
#include "engine/lsm/iterator.h"

namespace wt {

inline void PrintTo(const InternalEntry& e, std::ostream* os) {
  *os << absl::StrFormat("(%s @%d %d \"%s\")", absl::CHexEscape(std::string(e.key)),
                         e.version.value(), static_cast<int>(e.kind),
                         absl::CHexEscape(std::string(e.value.substr(0, 40))));
}

namespace test {

struct OwnedEntry {
  std::string key;
  uint64_t version = 0;
  EntryKind kind = EntryKind::kPut;
  std::string value;
  InternalEntry view() const { return {key, LogIndex(version), kind, value}; }
};

// Ordered as internal keys are, by other means than the code's own.
class Entries {
 public:
  void Insert(const OwnedEntry& e) { map_[{e.key, ~e.version}] = e; }
  std::vector<OwnedEntry> Sorted() const {
    std::vector<OwnedEntry> sorted;
    for (const auto& [key, entry] : map_) sorted.push_back(entry);
    return sorted;
  }
  size_t size() const { return map_.size(); }

 private:
  // std::string compares bytes as unsigned char.
  std::map<std::pair<std::string, uint64_t>, OwnedEntry> map_;
};

// Keys that are hard on prefixes: of few letters, of equal beginnings longer than any prefix that
// is inlined somewhere, with zeros and 0xff at their ends, empty.
inline std::string DrawKey(Draw& draw) {
  static const std::string kBeginnings[] = {"",
                                            "a",
                                            std::string(7, 'p'),
                                            std::string(16, 'p'),
                                            std::string(16, 'p') + "qqqq",
                                            std::string(3, '\0'),
                                            std::string(9, '\xff'),
                                            std::string(300, 'z')};
  static const std::string kLetters("ab\0\xff", 4);
  std::string key = kBeginnings[draw.Below(std::size(kBeginnings))];
  for (uint64_t n = draw.Below(5); n > 0; --n) key += kLetters[draw.Below(kLetters.size())];
  return key;
}

inline OwnedEntry DrawEntry(Draw& draw, uint64_t version) {
  OwnedEntry entry{.key = DrawKey(draw), .version = version, .kind = EntryKind::kPut, .value = {}};
  if (draw.OneIn(4)) {
    entry.kind = EntryKind::kDelete;
  } else {
    const uint64_t bytes = draw.OneIn(20) ? draw.Below(9000) : draw.Below(40);
    const char letter = static_cast<char>(draw.Below(256));
    entry.value = std::to_string(version) + std::string(bytes, letter);
  }
  return entry;
}

// Versions of a few hundred, so that keys have many and reads fall between them.
inline Entries DrawEntries(Draw& draw, uint64_t count) {
  Entries entries;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t version = 1 + draw.Below(300);
    entries.Insert(DrawEntry(draw, version));
  }
  return entries;
}

// One random walk of `moves` moves, in both directions and with jumps. Returns what differed, or
// "".
inline std::string Walk(InternalIterator& it, const std::vector<OwnedEntry>& model, Draw& draw,
                        uint64_t moves) {
  const auto size = static_cast<int64_t>(model.size());
  int64_t at = -1;
  bool valid = false;
  std::string trail;
  const auto first_not_before = [&](InternalKey target, bool strictly_after) {
    int64_t i = 0;
    while (i < size && (model[i].view().internal_key() < target ||
                        (strictly_after && model[i].view().internal_key() == target))) {
      ++i;
    }
    return i;
  };
  for (uint64_t move = 0; move < moves; ++move) {
    const uint64_t kind = draw.Below(valid ? 12 : 4);
    std::string key = DrawKey(draw);
    uint64_t version = draw.Below(310);
    if (size > 0 && draw.OneIn(2)) {
      const OwnedEntry& known = model[draw.Below(size)];
      key = known.key;
      if (draw.OneIn(2)) version = known.version;
    }
    const InternalKey target{key, LogIndex(version)};
    if (kind == 0) {
      it.SeekToFirst();
      at = 0;
    } else if (kind == 1) {
      it.SeekToLast();
      at = size - 1;
    } else if (kind == 2) {
      it.Seek(target);
      at = first_not_before(target, false);
    } else if (kind == 3) {
      it.SeekForPrev(target);
      at = first_not_before(target, true) - 1;
    } else if (kind < 8) {
      it.Next();
      ++at;
    } else {
      it.Prev();
      --at;
    }
    trail += "FLSPnnnnpppp"[kind];
    valid = at >= 0 && at < size;
    if (!it.status().ok()) return trail + ": " + it.status().ToString();
    if (it.Valid() != valid) return trail + (valid ? ": ended early" : ": goes on too long");
    if (valid && it.entry() != model[at].view()) {
      return trail + ": at " + absl::CHexEscape(std::string(it.key())) + " @" +
             it.version().ToString() + ", want " + absl::CHexEscape(model[at].key) + " @" +
             std::to_string(model[at].version);
    }
  }
  return "";
}

// The newest entry of the key at or below the version.
inline const OwnedEntry* Visible(const std::vector<OwnedEntry>& model, std::string_view key,
                                 uint64_t version) {
  const OwnedEntry* found = nullptr;
  for (const OwnedEntry& entry : model) {
    if (entry.key != key || entry.version > version) continue;
    if (found == nullptr || entry.version > found->version) found = &entry;
  }
  return found;
}

// An iterator over a vector, for tests of what stands on iterators. Fails at a chosen move.
class VectorIterator final : public InternalIterator {
 public:
  explicit VectorIterator(std::vector<OwnedEntry> entries) : entries_(std::move(entries)) {}
  // The n-th move from now on, counting from 1, fails; 0 = none.
  void FailAt(uint64_t n) { fail_in_ = n; }
  uint64_t moves() const { return moves_; }

  void SeekToFirst() override { Show(0); }
  void SeekToLast() override { Show(static_cast<int64_t>(entries_.size()) - 1); }
  void Seek(InternalKey target) override { Show(CountBefore(target, false)); }
  void SeekForPrev(InternalKey target) override { Show(CountBefore(target, true) - 1); }
  void Next() override { Show(at_ + 1); }
  void Prev() override { Show(at_ - 1); }

 private:
  int64_t CountBefore(InternalKey target, bool with_equal) const {
    int64_t n = 0;
    for (const OwnedEntry& entry : entries_) {
      const auto order = entry.view().internal_key() <=> target;
      n += order < 0 || (with_equal && order == 0) ? 1 : 0;
    }
    return n;
  }
  void Show(int64_t at) {
    ForgetFailure();
    ++moves_;
    if (fail_in_ > 0 && --fail_in_ == 0) return SetFailed(absl::UnavailableError("told to fail"));
    at_ = at;
    valid_ = at >= 0 && at < static_cast<int64_t>(entries_.size());
    if (valid_) entry_ = entries_[at].view();
  }

  std::vector<OwnedEntry> entries_;
  int64_t at_ = -1;
  uint64_t fail_in_ = 0;
  uint64_t moves_ = 0;
};

}  // namespace test
}  // namespace wt

#endif  // WAVETANK_TESTS_LSM_LSM_MODEL_H_
