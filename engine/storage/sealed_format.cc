#include "engine/storage/sealed_format.h"

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"

namespace wt {
namespace {

constexpr std::string_view kMagic = "WTSEALED";
constexpr uint32_t kPageMagic = 0x45475057;  // "WPGE"
constexpr uint16_t kVersion = 1;
constexpr uint8_t kAes256Gcm = 1;
constexpr uint64_t kKeyCheckBytes = 16;
constexpr uint64_t kHeaderTagAt = kSealedHeaderBytes - Cipher::kTagBytes;

constexpr uint16_t kEndFlag = 1;
constexpr uint16_t kClosedFlag = 2;

constexpr uint32_t kHeaderSpace = 1;
constexpr uint32_t kPageSpace = 2;

// Says which key it was, and nothing of the key.
std::string KeyCheck(const SecretKey& master) {
  return std::string(master.Derive("wavetank key check", "").bytes().substr(0, kKeyCheckBytes));
}

SecretKey FileKey(const SecretKey& master, std::string_view salt) {
  return master.Derive("wavetank file", salt);
}

std::string HeaderFields(const SecretKey& master, const FileDesc& fd, std::string_view salt) {
  WT_CHECK(IsValid(fd));
  WT_CHECK_EQ(salt.size(), kSaltBytes);
  std::string header(kMagic);
  PutU16(header, kVersion);
  PutU8(header, kAes256Gcm);
  PutU8(header, static_cast<uint8_t>(fd.type));
  PutU32(header, kSealedPageBytes);
  PutU64(header, fd.number);
  header.append(salt);
  header.append(KeyCheck(master));
  header.resize(kHeaderTagAt);
  return header;
}

std::string SealedHeader(const SecretKey& master, const FileDesc& fd, std::string_view salt) {
  std::string header = HeaderFields(master, fd, salt);
  const std::string fields = header;
  Cipher(FileKey(master, salt)).Seal({kHeaderSpace, 0}, fields, "", header);
  WT_CHECK_EQ(header.size(), kSealedHeaderBytes);
  return header;
}

std::string BytesOf(const FileDesc& fd, const PageHeader& page) {
  WT_CHECK_LE(page.length, kSealedPageBytes);
  std::string bytes;
  PutU32(bytes, kPageMagic);
  PutU16(bytes, static_cast<uint16_t>(page.length));
  PutU16(bytes, (page.is_end ? kEndFlag : 0) | (page.is_closed ? kClosedFlag : 0));
  PutU64(bytes, fd.number);
  PutU64(bytes, static_cast<uint64_t>(fd.type));
  PutU64(bytes, page.mark);
  PutU64(bytes, page.number);
  PutU64(bytes, page.offset);
  PutU64(bytes, page.synced);
  WT_CHECK_EQ(bytes.size(), kPageHeaderBytes);
  return bytes;
}

}  // namespace

SealedFile::SealedFile(const SecretKey& master, const FileDesc& fd, std::string_view salt)
    : fd_(fd),
      mark_(ByteReader(salt).U64()),
      header_(SealedHeader(master, fd, salt)),
      cipher_(FileKey(master, salt)) {}

void SealedFile::SealPage(const PageHeader& header, std::string_view plain,
                          std::string& out) const {
  WT_CHECK(header.length == plain.size() && header.mark == mark_);
  const std::string bound = BytesOf(fd_, header);
  const size_t start = out.size();
  out += bound;
  cipher_.Seal({kPageSpace, header.number}, bound, plain, out);
  WT_CHECK_EQ(out.size() - start, plain.size() + kPageOverhead);
}

bool SealedFile::OpenPage(const PageHeader& header, std::string_view sealed,
                          std::span<char> out) const {
  WT_CHECK_EQ(sealed.size(), header.length + kPageOverhead);
  WT_CHECK_EQ(out.size(), header.length);
  const std::string bound = BytesOf(fd_, header);
  if (header.mark != mark_ || !sealed.starts_with(bound)) return false;
  return cipher_.Open({kPageSpace, header.number}, bound, sealed.substr(kPageHeaderBytes), out);
}

OpenedHeader OpenHeader(const SecretKey& master, const FileDesc& fd, std::string_view bytes) {
  if (bytes.size() < kSealedHeaderBytes || !bytes.starts_with(kMagic)) {
    return {HeaderVerdict::kDamaged, {}, "the header is not that of a sealed file"};
  }
  bytes = bytes.substr(0, kSealedHeaderBytes);
  ByteReader in(bytes.substr(kMagic.size()));
  const uint16_t version = in.U16();
  const uint8_t algorithm = in.U8();
  FileDesc sealed_as;
  sealed_as.type = static_cast<FileType>(in.U8());
  const uint32_t page_bytes = in.U32();
  sealed_as.number = in.U64();
  const std::string_view salt = in.Raw(kSaltBytes);
  const std::string_view key_check = in.Raw(kKeyCheckBytes);
  WT_CHECK(in.ok());
  if (version != kVersion) {
    return {HeaderVerdict::kUnknownVersion,
            {},
            absl::StrFormat("sealed in version %d; this program reads %d", version, kVersion)};
  }
  const std::string expected =
      IsValid(sealed_as) ? SealedHeader(master, sealed_as, salt) : std::string();
  // With another key the tag differs too; alone, the key check is damaged.
  const bool same_tag =
      !expected.empty() && expected.substr(kHeaderTagAt) == bytes.substr(kHeaderTagAt);
  if (key_check != KeyCheck(master) && !same_tag) {
    return {HeaderVerdict::kWrongKey, {}, "another key"};
  }
  const bool is_known = algorithm == kAes256Gcm && page_bytes == kSealedPageBytes;
  if (!is_known || expected != bytes) {
    return {HeaderVerdict::kDamaged, {}, "the header is damaged"};
  }
  if (sealed_as != fd) {
    return {HeaderVerdict::kOtherFile, {}, "sealed as " + sealed_as.ToString()};
  }
  return {HeaderVerdict::kGood, SealedFile(master, fd, salt), ""};
}

std::optional<PageHeader> ParsePageHeader(const FileDesc& fd, std::string_view bytes) {
  if (bytes.size() < kPageHeaderBytes) return std::nullopt;
  ByteReader in(bytes);
  PageHeader page;
  const uint32_t magic = in.U32();
  page.length = in.U16();
  const uint16_t flags = in.U16();
  const uint64_t number = in.U64();
  const uint64_t type = in.U64();
  page.mark = in.U64();
  page.number = in.U64();
  page.offset = in.U64();
  page.synced = in.U64();
  WT_CHECK(in.ok());
  page.is_end = (flags & kEndFlag) != 0;
  page.is_closed = (flags & kClosedFlag) != 0;
  const bool is_ours = magic == kPageMagic && number == fd.number &&
                       type == static_cast<uint64_t>(fd.type) && page.length <= kSealedPageBytes &&
                       flags <= (kEndFlag | kClosedFlag);
  return is_ours ? std::optional(page) : std::nullopt;
}

std::optional<uint64_t> FindPageHeader(const FileDesc& fd, std::string_view bytes, uint64_t from) {
  std::string magic;
  PutU32(magic, kPageMagic);
  for (size_t at = bytes.find(magic, from); at != bytes.npos; at = bytes.find(magic, at + 1)) {
    if (ParsePageHeader(fd, bytes.substr(at)).has_value()) return at;
  }
  return std::nullopt;
}

}  // namespace wt
