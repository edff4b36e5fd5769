// The folder that a campaign leaves behind:
//
//   tank-out/<campaign>/  results.jsonl  summary.md  junit.xml  host.json  findings/<signature>/...
//   tank-out/latest       -> the newest campaign
//
// Everything but host.json (and findings/*/output.txt, a dead process's last words) is
// byte-identical for the same build and seeds. The name says what was run and is no timestamp: the
// same campaign again replaces its folder.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_CAMPAIGN_FILES_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_CAMPAIGN_FILES_H_

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "reports/json_lines.h"

namespace wt::scenarios {

// "torn-tail-0..100-8c1f22ab": scenarios and seeds as people say them, then a hash of everything
// that decides the outcome.
std::string CampaignName(std::string_view scenarios, const reports::CampaignHeader& header);

// A hash of the running program's file: which build this is. Errors: Unavailable.
absl::StatusOr<std::string> BuildId();

class CampaignFiles {
 public:
  // Makes `out`/`name` and empties it of an earlier campaign of that name. Errors: Unavailable.
  static absl::StatusOr<std::unique_ptr<CampaignFiles>> Create(std::string out, std::string name);

  const std::string& folder() const { return folder_; }

  // One line of results.jsonl. What went wrong shows in Finish.
  void Result(std::string_view line);
  // `name` is relative to the folder; its own folder is made. Errors: Unavailable.
  absl::Status Write(const std::string& name, std::string_view text);
  // Completes results.jsonl and points `latest` here. Errors: Unavailable.
  absl::Status Finish();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  CampaignFiles(std::string out, std::string name, std::FILE* results);

  std::string out_;
  std::string name_;
  std::string folder_;
  std::unique_ptr<std::FILE, Closer> results_;
};

// The whole file. Errors: NotFound, Unavailable.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);
absl::Status WriteWholeFile(const std::string& path, std::string_view text);
// The same, in folders that are made if need be.
absl::Status WriteInFolder(const std::string& path, std::string_view text);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_CAMPAIGN_FILES_H_
