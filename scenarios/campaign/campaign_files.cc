#include "scenarios/campaign/campaign_files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/status.h"
#include "reports/text.h"

namespace wt::scenarios {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(std::string_view what, const std::string& path, const std::error_code& error) {
  return Unavailable("%s %s: %s", what, path, error.message());
}

absl::Status FailedNow(std::string_view what, const std::string& path) {
  return Failed(what, path, std::error_code(errno, std::generic_category()));
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  return error ? Failed("make", path, error) : absl::OkStatus();
}

// Only what a campaign writes: the folder may hold what people put there.
absl::Status RemoveOld(const std::string& folder) {
  for (const char* name : {"results.jsonl", "summary.md", "junit.xml", "host.json", "findings"}) {
    std::error_code error;
    fs::remove_all(folder + "/" + name, error);
    if (error) return Failed("remove", folder + "/" + name, error);
  }
  return absl::OkStatus();
}

}  // namespace

std::string CampaignName(std::string_view scenarios, const reports::CampaignHeader& header) {
  std::string all = header.seeds + "\n" + header.shard + "\n" + header.build + "\n" +
                    absl::StrJoin(header.scenarios, " ") + "\n" +
                    absl::StrJoin(header.overrides, " ");
  std::string name = absl::StrFormat("%s-%s", scenarios, header.seeds);
  if (!header.shard.empty()) name += "-shard-" + header.shard;
  for (char& c : name) {
    if (c == '/') c = '-';
  }
  return name + absl::StrFormat("-%08x", Hash64(all) & 0xffffffff);
}

absl::StatusOr<std::string> BuildId() {
  WT_ASSIGN_OR_RETURN(const std::string program, ReadWholeFile("/proc/self/exe"));
  return reports::HexDigest(Hash64(program));
}

CampaignFiles::CampaignFiles(std::string out, std::string name, std::FILE* results)
    : out_(std::move(out)), name_(std::move(name)), folder_(out_ + "/" + name_),
      results_(results) {
  WT_CHECK(results_ != nullptr);
}

absl::StatusOr<std::unique_ptr<CampaignFiles>> CampaignFiles::Create(std::string out,
                                                                     std::string name) {
  const std::string folder = out + "/" + name;
  WT_RETURN_IF_ERROR(MakeFolder(folder));
  WT_RETURN_IF_ERROR(RemoveOld(folder));
  std::FILE* results = std::fopen((folder + "/results.jsonl").c_str(), "we");
  if (results == nullptr) return FailedNow("create", folder + "/results.jsonl");
  return std::unique_ptr<CampaignFiles>(
      new CampaignFiles(std::move(out), std::move(name), results));
}

void CampaignFiles::Result(std::string_view line) {
  WT_CHECK(results_ != nullptr);
  std::fwrite(line.data(), 1, line.size(), results_.get());
  std::fputc('\n', results_.get());
}

absl::Status CampaignFiles::Write(const std::string& name, std::string_view text) {
  const std::string path = folder_ + "/" + name;
  WT_RETURN_IF_ERROR(MakeFolder(fs::path(path).parent_path()));
  return WriteWholeFile(path, text);
}

absl::Status CampaignFiles::Finish() {
  WT_CHECK(results_ != nullptr);
  const bool failed = std::ferror(results_.get()) != 0;
  const bool flushed = std::fclose(results_.release()) == 0;
  if (failed || !flushed) return FailedNow("write", folder_ + "/results.jsonl");
  // A new link over the old one: somebody who reads `latest` finds one or the other.
  const std::string link = out_ + "/.latest-" + name_;
  std::error_code error;
  fs::remove(link, error);
  fs::create_directory_symlink(name_, link, error);
  if (!error) fs::rename(link, out_ + "/latest", error);
  return error ? Failed("link", out_ + "/latest", error) : absl::OkStatus();
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                       &std::fclose);
  if (file == nullptr) return NotFound("%s: %s", path, std::strerror(errno));
  std::string text;
  char buffer[64 * 1024];
  size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof(buffer), file.get())) > 0) text.append(buffer, got);
  if (std::ferror(file.get())) return FailedNow("read", path);
  return text;
}

absl::Status WriteWholeFile(const std::string& path, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return FailedNow("create", path);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  return written && closed ? absl::OkStatus() : FailedNow("write", path);
}

absl::Status WriteInFolder(const std::string& path, std::string_view text) {
  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) return Unavailable("%s: %s", folder.string(), error.message());
  return WriteWholeFile(path, text);
}

}  // namespace wt::scenarios
