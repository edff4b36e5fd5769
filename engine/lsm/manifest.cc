#include "engine/lsm/manifest.h"

#include <optional>

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/storage/errors.h"

namespace wt {
namespace {

constexpr std::string_view kMagic = "WTMANIF1";
constexpr uint32_t kVersion = 1;
constexpr uint64_t kHeaderBytes = 40;      // magic 8, version 4, zero 4, number 8, salt 8, hash 8
constexpr uint64_t kRecordHeadBytes = 24;  // length 4, zero 4, edit number 8, hash 8
// The next record begins at a multiple of this: a power cut may take a sector that is being written
// with all that was durable in it.
constexpr uint64_t kAlignment = 4 * kKiB;

uint64_t Aligned(uint64_t at) { return (at + kAlignment - 1) / kAlignment * kAlignment; }

// Bound to the file and to the place: the bytes of another manifest are no edit of this one.
uint64_t RecordHash(uint64_t salt, uint64_t number, std::string_view payload) {
  return Hash64(payload, salt + number * 0x9e3779b97f4a7c15 + payload.size());
}

std::string EncodeHeader(uint64_t number, uint64_t salt) {
  std::string out(kMagic);
  PutU32(out, kVersion);
  PutU32(out, 0);
  PutU64(out, number);
  PutU64(out, salt);
  PutU64(out, Hash64(out));
  WT_CHECK_EQ(out.size(), kHeaderBytes);
  return out;
}

std::string EncodeRecord(uint64_t salt, uint64_t number, std::string_view payload) {
  std::string out;
  PutU32(out, static_cast<uint32_t>(payload.size()));
  PutU32(out, 0);
  PutU64(out, number);
  PutU64(out, RecordHash(salt, number, payload));
  out.append(payload);
  return out;
}

// The payload of edit `number` at the beginning of `bytes`; none where there is none.
std::optional<std::string_view> RecordAt(std::string_view bytes, uint64_t salt, uint64_t number) {
  ByteReader in(bytes);
  const uint32_t length = in.U32();
  const uint32_t zero = in.U32();
  const uint64_t found = in.U64();
  const uint64_t hash = in.U64();
  const std::string_view payload = in.Raw(length);
  const bool is_one = in.ok() && zero == 0 && found == number && length > 0 &&
                      hash == RecordHash(salt, number, payload);
  if (!is_one) return std::nullopt;
  return payload;
}

// Whether any edit behind number `number` lies anywhere in `bytes`.
bool HasLaterRecord(std::string_view bytes, uint64_t salt, uint64_t number) {
  for (size_t at = 0; at + kRecordHeadBytes < bytes.size(); ++at) {
    const uint64_t found = LoadLittle<uint64_t>(bytes.data() + at + 8);
    if (found <= number || found - number > bytes.size()) continue;
    if (RecordAt(bytes.substr(at), salt, found).has_value()) return true;
  }
  return false;
}

absl::StatusOr<uint64_t> ParseHeader(const FileDesc& fd, std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) {
    return CorruptedError(fd, "no manifest: its first bytes are not those of one");
  }
  ByteReader in(bytes.substr(kMagic.size(), kHeaderBytes - kMagic.size()));
  const uint32_t version = in.U32();
  in.U32();
  const uint64_t number = in.U64();
  const uint64_t salt = in.U64();
  const uint64_t hash = in.U64();
  if (hash != Hash64(bytes.substr(0, kHeaderBytes - 8))) {
    return CorruptedError(fd, "header: its checksum does not fit");
  }
  if (version != kVersion) {
    return FailedPrecondition("%s: manifest format %d, this program reads %d: use a newer one",
                              fd.ToString(), version, kVersion);
  }
  if (number != fd.number) {
    return CorruptedError(fd, absl::StrFormat("header: this is manifest %d", number));
  }
  return salt;
}

}  // namespace

absl::StatusOr<ManifestContent> ReadManifest(Storage& storage, const FileDesc& fd) {
  WT_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(storage, fd, kMaxManifestBytes));
  WT_ASSIGN_OR_RETURN(const uint64_t salt, ParseHeader(fd, bytes));
  ManifestContent content;
  for (uint64_t at = kHeaderBytes; at < bytes.size();) {
    const std::string_view rest = std::string_view(bytes).substr(at);
    const uint64_t number = content.edits.size() + 1;
    const std::optional<std::string_view> payload = RecordAt(rest, salt, number);
    if (!payload.has_value()) {
      if (number == 1 || HasLaterRecord(rest, salt, number)) {
        return CorruptedError(
            fd, absl::StrFormat("edit %d at %d: damaged, and more follows", number, at));
      }
      content.tail_cut = true;
      break;
    }
    WT_ASSIGN_OR_RETURN(ManifestEdit edit, DecodeEdit(*payload));
    content.edits.push_back(std::move(edit));
    at = Aligned(at + kRecordHeadBytes + payload->size());
  }
  if (content.edits.empty()) return CorruptedError(fd, "no edit: its first was durable once");
  return content;
}

absl::StatusOr<std::unique_ptr<ManifestWriter>> ManifestWriter::Create(Storage& storage,
                                                                       uint64_t number,
                                                                       uint64_t salt,
                                                                       const ManifestEdit& whole,
                                                                       uint64_t max_bytes) {
  const FileDesc fd{FileType::kManifest, number};
  WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageWriter> file, storage.Create(fd));
  std::unique_ptr<ManifestWriter> writer(
      new ManifestWriter(std::move(file), number, salt, max_bytes));
  absl::Status written = writer->Write(EncodeHeader(number, salt));
  if (written.ok()) written = writer->Append(whole);
  if (written.ok()) written = storage.SetMeta(fd);
  if (!written.ok()) return written;
  return writer;
}

absl::Status ManifestWriter::Append(const ManifestEdit& edit) {
  const std::string payload = EncodeEdit(edit);
  WT_CHECK(!payload.empty());
  const uint64_t end = Aligned(bytes_ + kRecordHeadBytes + payload.size());
  if (end > max_bytes_) {
    return absl::OutOfRangeError(
        absl::StrFormat("manifest %d: %d bytes with this edit, and at most %d can be read", number_,
                        end, max_bytes_));
  }
  std::string record = EncodeRecord(salt_, ++edits_, payload);
  record.resize(Aligned(bytes_ + record.size()) - bytes_, '\0');
  WT_RETURN_IF_ERROR(Write(record));
  return writer_->Sync();
}

absl::Status ManifestWriter::Write(std::string_view bytes) {
  WT_RETURN_IF_ERROR(writer_->Append(bytes));
  bytes_ += bytes.size();
  return absl::OkStatus();
}

}  // namespace wt
