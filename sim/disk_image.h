// The platter: what is there when the power comes back. Copies are cheap (they share pages), so a
// crash state, a backup or another machine's disk is a value.
//
// The ledger is part of it: where the platter holds something else than an honest disk would, it
// keeps what should be there and why it is not. Honest = what successful syncs promised.
#ifndef WAVETANK_SIM_DISK_IMAGE_H_
#define WAVETANK_SIM_DISK_IMAGE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/env/disk.h"
#include "sim/paged_bytes.h"

namespace wt::sim {

using InodeNumber = uint64_t;
inline constexpr InodeNumber kNoInode = 0;
inline constexpr InodeNumber kRootInode = 1;

enum class HarmCause : uint8_t {
  kLostSync,      // a sync said OK and moved nothing
  kPhantomWrite,  // the sector kept what it had
  kMisdirected,   // written elsewhere, or overwritten by what belonged elsewhere
  kCorruptWrite,  // a bit flipped on the way
  kRot,           // a bit flipped at rest, or the sector became zeros
  kLatentError,   // the sector cannot be read
  kStale,         // an older version is back
  kSwapped,       // two sectors changed places
};

std::string_view NameOf(HarmCause cause);

// A sector of a file that the platter does not hold as it promised.
struct Harm {
  uint64_t sector = 0;
  HarmCause cause = HarmCause::kRot;
  auto operator<=>(const Harm&) const = default;
};

// A name that is there although its durable removal was promised, or the reverse.
struct NameHarm {
  std::string path;
  HarmCause cause = HarmCause::kLostSync;
};

// A file as the platter has it.
struct DurableFile {
  std::string path;
  std::string bytes;
};

// One file or directory on the platter. Offsets and sizes in bytes.
class PlatterFile {
 public:
  explicit PlatterFile(bool is_directory) : is_directory_(is_directory) {}

  bool is_directory() const { return is_directory_; }
  const PagedBytes& bytes() const { return bytes_; }
  uint64_t size() const { return bytes_.size(); }
  const std::set<uint64_t>& bad_sectors() const { return bad_; }

  // The end of what successful syncs promised, whatever became of it.
  uint64_t promised_end() const { return promised_end_; }
  void set_promised_end(uint64_t end) { promised_end_ = end; }

  // What the honest disk does as well. A write beyond the end grows the file physically; the size
  // is promised only with Extend. `epoch` is the sync (or crash) that this belongs to: the history
  // keeps, per sector, what was there before the latest epoch that touched it.
  void Write(uint64_t offset, std::string_view bytes, uint64_t epoch);
  void Extend(uint64_t size);
  void Truncate(uint64_t size);

  // What the honest disk did when it was promised (Expect...), and this one does only now.
  void WriteLate(uint64_t offset, std::string_view bytes, uint64_t epoch);
  void ResizeLate(uint64_t size);

  // What the honest disk does and this one does not (yet).
  void ExpectWrite(uint64_t offset, std::string_view bytes, HarmCause cause);
  void ExpectExtend(uint64_t size);
  void ExpectTruncate(uint64_t size);

  // Between Owe and Settle, promised changes are on their way: what they touch is remembered even
  // where platter and promise agree for the moment.
  void Owe() { owes_ = true; }
  void Settle();
  bool owes() const { return owes_; }

  // For a crash, which sets the size last (ResizeLate): forget bytes without settling the size, and
  // sizes that the honest disk would have as well.
  void CutPhysically(uint64_t size);
  void NoteHonestExtend(uint64_t size);
  void NoteHonestTruncate(uint64_t size);

  // The sector becomes `content` (512 bytes; the part past the end is dropped), dishonestly.
  // Requires: the sector starts before the end.
  void Damage(uint64_t sector, std::string_view content, HarmCause cause);
  void MarkBad(uint64_t sector);
  void HealBad(uint64_t sector);

  // 512 bytes, zeros past the end.
  std::string Sector(uint64_t sector) const;
  // What the sector held before its latest change; null when it is not remembered.
  const std::string* OlderSector(uint64_t sector) const;

  // Sorted by sector.
  std::vector<Harm> Harms() const;
  // Bytes as an honest disk would have them.
  std::string HonestBytes() const;

 private:
  struct Honest {
    HarmCause cause;
    std::string content;  // 512 bytes
  };
  struct Older {
    uint64_t epoch;
    std::string content;
  };

  void Remember(uint64_t offset, uint64_t length, uint64_t epoch);
  void OverlayHonest(uint64_t offset, std::string_view bytes);
  void ForgetCured(uint64_t first_sector, uint64_t last_sector);
  void SettleSize();

  bool is_directory_;
  PagedBytes bytes_;
  uint64_t promised_end_ = 0;
  std::set<uint64_t> bad_;
  std::map<uint64_t, Honest> honest_;    // where the platter may deviate
  std::optional<uint64_t> honest_size_;  // where it may differ from size()
  bool owes_ = false;
  std::map<uint64_t, Older> older_;
};

// (directory, name) -> inode.
using NameKey = std::pair<InodeNumber, std::string>;
using NameMap = std::map<NameKey, InodeNumber>;

class DiskImage {
 public:
  DiskImage();

  const NameMap& names() const { return *names_; }
  const PlatterFile* Find(InodeNumber inode) const;
  PlatterFile& Mutable(InodeNumber inode);
  // Every inode, reachable or not, in order of number.
  std::vector<InodeNumber> Inodes() const;

  // Numbers are reused last in, first out, as ext4 does.
  InodeNumber NewInode(bool is_directory);
  void FreeInode(InodeNumber inode);

  // kNoInode removes.
  void SetName(const NameKey& key, InodeNumber inode);
  void AddNameHarm(std::string path, HarmCause cause);
  void ClearNameHarm(std::string_view path);
  std::vector<NameHarm> NameHarms() const;
  bool NameHarmed(std::string_view path) const;  // the path or a folder above it

  // Contents of removed files and cut tails, oldest first: what an unwritten block may show.
  const std::vector<PagedBytes>& ghosts() const { return ghosts_; }
  void AddGhost(const PagedBytes& bytes);

  // kNoInode when there is no such path. "" is the root.
  InodeNumber Resolve(std::string_view path) const;
  // Reachable files and directories by path; a file under two names appears twice.
  std::vector<std::pair<std::string, InodeNumber>> Walk() const;
  // Frees what cannot be reached from the root; file contents become ghosts.
  void DropUnreachable();
  // After a crash nothing is on its way any more.
  void SettleAll();

  std::vector<DurableFile> Files() const;
  std::optional<std::string> BytesOf(std::string_view path) const;
  std::vector<Harm> HarmsOf(std::string_view path) const;

 private:
  NameMap& MutableNames();

  std::map<InodeNumber, std::shared_ptr<PlatterFile>> inodes_;
  std::shared_ptr<NameMap> names_;
  std::map<std::string, HarmCause, std::less<>> name_harms_;
  std::vector<PagedBytes> ghosts_;
  std::vector<InodeNumber> free_;
  InodeNumber next_ = kRootInode;
};

// Of everything that a recovering engine could see: names, directories, bytes, unreadable sectors,
// and which names share a file. Independent of inode numbers and of the ledger.
uint64_t HashImage(const DiskImage& image);

// Folder and last component. Requires: a valid path, not "".
std::pair<std::string_view, std::string_view> SplitPath(std::string_view path);

}  // namespace wt::sim

#endif  // WAVETANK_SIM_DISK_IMAGE_H_
