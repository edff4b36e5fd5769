// A small database, one piece of damage to one of its files, in every kind of file and at many
// places: bytes flipped, zeroed, cut off, exchanged, or the whole file as it was a life ago. Opened
// and read, it says exactly what it holds, or names what is wrong. It never says anything else.
//
// Where nothing can vouch, at the end of the log, it may say what it held some batches ago. With
// GTEST_ALSO_RUN_DISABLED_TESTS every place is tried (ctest -C Nightly).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/check.h"
#include "engine/storage/encrypted_storage.h"
#include "tests/database/folders.h"

namespace wt::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

enum class Damage { kFlip, kZero, kTruncate, kSwap, kStale };
constexpr Damage kDamages[] = {Damage::kFlip, Damage::kZero, Damage::kTruncate, Damage::kSwap,
                               Damage::kStale};
constexpr size_t kPiece = 256;

DatabaseOptions Clear(Env) {
  DatabaseOptions options = TinyOptions();
  options.lsm.table.filter_bits_per_key = 10;
  return options;
}

DatabaseOptions Sealed(Env env) {
  DatabaseOptions options = Clear(env);
  options.wrap_storage = [env](std::unique_ptr<Storage> base) {
    return OpenEncryptedStorage(env, std::move(base), SecretKey(std::string(32, 'k')));
  };
  return options;
}

// The kind of the file, by its name.
std::string KindOf(const std::string& path) {
  if (path.starts_with("log/")) return "log";
  if (path.ends_with(".ldb")) return "table";
  if (path.find("MANIFEST") != path.npos) return "manifest";
  return path.find("CURRENT") != path.npos ? "pointer" : "other";
}

// False when it changes nothing.
bool Apply(Damage damage, const Folder& folder, const std::string& path, uint64_t at,
           std::string& bytes) {
  const std::string before = bytes;
  const size_t length = std::min<size_t>(kPiece, bytes.size() - at);
  const uint64_t other = (at + bytes.size() / 2) % bytes.size();
  switch (damage) {
    case Damage::kFlip:
      bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
      break;
    case Damage::kZero:
      bytes.replace(at, length, length, '\0');
      break;
    case Damage::kTruncate:
      bytes.resize(at);
      break;
    case Damage::kSwap:
      for (size_t i = 0; i < length && other + i < bytes.size(); ++i) {
        std::swap(bytes[at + i], bytes[other + i]);
      }
      break;
    case Damage::kStale:
      if (folder.older.count(path) > 0) bytes = folder.older.at(path);
      break;
  }
  return bytes != before;
}

struct Tally {
  uint64_t cases = 0;
  uint64_t right = 0;
  uint64_t earlier = 0;
  uint64_t named = 0;
};

class Sweep {
 public:
  explicit Sweep(OptionsFor options) : options_(std::move(options)), folder_(MakeFolder(options_)) {
    for (const auto& [path, bytes] : folder_.files) {
      if (path.starts_with("log/")) last_segment_ = path;
    }
  }

  // At `places` of each file for each damage; 0: everywhere.
  void Run(uint64_t places) {
    Draw draw(11, {KeyOf("sweep")});
    for (const auto& [path, bytes] : folder_.files) {
      const std::string kind = KindOf(path);
      if (bytes.empty() || kind == "other") continue;
      const uint64_t used = bytes.find_last_not_of('\0') + 1;
      for (const Damage damage : kDamages) {
        const uint64_t count = damage == Damage::kStale ? 1 : places == 0 ? used : places;
        for (uint64_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
          TryOne(path, damage, places == 0 ? i : draw.Below(used));
        }
      }
    }
  }

  const Tally& of(const std::string& kind) { return tallies_[kind]; }

 private:
  void TryOne(const std::string& path, Damage damage, uint64_t at) {
    SCOPED_TRACE(absl::StrFormat("damage %d of %s at %d", static_cast<int>(damage), path, at));
    Files files = folder_.files;
    if (!Apply(damage, folder_, path, at, files[path])) return;
    Tally& tally = tallies_[KindOf(path)];
    ++tally.cases;
    RunOn(files, [&](Env env) {
      bool is_whole = true;
      CheckOffline(env, is_whole);
      Judge(Look(env), path, is_whole, tally);
    });
  }

  // It never changes anything, and finds at least what an opening refuses.
  void CheckOffline(Env env, bool& is_whole) {
    CheckOptions options;
    options.wrap_storage = options_(env).wrap_storage;
    const absl::StatusOr<CheckReport> report = CheckFolder(env, options);
    is_whole = report.ok() && report->is_whole();
  }

  absl::StatusOr<Contents> Look(Env env) {
    WT_ASSIGN_OR_RETURN(const std::unique_ptr<Database> db, Database::Open(options_(env), env));
    absl::StatusOr<Contents> forward = ReadAll(*db, false);
    const absl::StatusOr<Contents> backward = ReadAll(*db, true);
    if (forward.ok()) {
      if (!backward.ok())
        forward = backward.status();
      else
        EXPECT_EQ(*forward, *backward);
    }
    if (absl::Status verified = db->Verify(); forward.ok() && !verified.ok()) forward = verified;
    EXPECT_TRUE(db->Close().ok());
    return forward;
  }

  void Judge(const absl::StatusOr<Contents>& found, const std::string& path, bool is_whole,
             Tally& tally) {
    if (!found.ok()) {
      ++tally.named;
      const bool is_told =
          absl::IsDataLoss(found.status()) || absl::IsFailedPrecondition(found.status());
      EXPECT_TRUE(is_told) << found.status();
      EXPECT_THAT(MessageOf(found.status()),
                  AnyOf(HasSubstr(path.substr(path.rfind('/') + 1)), HasSubstr("log"),
                        HasSubstr("pointer"), HasSubstr("MANIFEST"), HasSubstr("table")));
      EXPECT_FALSE(is_whole) << "refused, and whole to the offline check: " << found.status();
      return;
    }
    if (*found == folder_.states.back()) {
      ++tally.right;
      return;
    }
    ++tally.earlier;
    EXPECT_EQ(path, last_segment_) << "an answer of another time";
    EXPECT_NE(std::find(folder_.states.begin(), folder_.states.end(), *found), folder_.states.end())
        << "an answer of no time";
  }

  const OptionsFor options_;
  const Folder folder_;
  std::string last_segment_;
  std::map<std::string, Tally> tallies_;
};

void ExpectEveryKindWasNamed(Sweep& sweep) {
  for (const char* kind : {"log", "table", "manifest"}) {
    EXPECT_GT(sweep.of(kind).named, 0u) << kind;
  }
  EXPECT_GT(sweep.of("pointer").cases, 0u);
  // Every byte of a table counts.
  EXPECT_EQ(sweep.of("table").named, sweep.of("table").cases);
  EXPECT_EQ(sweep.of("table").right, 0u);
}

TEST(CorruptionSweepTest, RightAnswersOrNamedDamage) {
  Sweep sweep(Clear);
  sweep.Run(12);
  ExpectEveryKindWasNamed(sweep);
}

TEST(CorruptionSweepTest, RightAnswersOrNamedDamageOfSealedFiles) {
  Sweep sweep(Sealed);
  sweep.Run(8);
  ExpectEveryKindWasNamed(sweep);
}

TEST(CorruptionSweepTest, DISABLED_EveryPlace) { Sweep(Clear).Run(0); }
TEST(CorruptionSweepTest, DISABLED_EveryPlaceOfSealedFiles) { Sweep(Sealed).Run(0); }

}  // namespace
}  // namespace wt::test
