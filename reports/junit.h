// JUnit's XML, which every CI shows: a test case an invariant, a class name a scenario.
//
// Well-formed for whatever bytes a message holds: what XML 1.0 has no character for, and what is
// not UTF-8, becomes U+FFFD. No times: the file is a function of build and seeds.
#ifndef WAVETANK_REPORTS_JUNIT_H_
#define WAVETANK_REPORTS_JUNIT_H_

#include <string>
#include <string_view>
#include <vector>

#include "reports/campaign.h"
#include "reports/failure_block.h"

namespace wt::reports {

struct JUnitCase {
  enum class Result { kPassed, kFailed, kError, kSkipped };

  std::string classname;
  std::string name;
  Result result = Result::kPassed;
  std::string type{};     // of what went wrong: a signature, "vacuous", ...
  std::string message{};  // one line
  std::string text{};     // the failure block
};

struct JUnitSuite {
  std::string name;
  std::vector<JUnitCase> cases;
};

std::string JUnitXml(const std::vector<JUnitSuite>& suites);

// A case for each invariant that a scenario evaluated or broke, one for its runs as such
// ("runs-complete": none was inconclusive or an error of the tank), and one for each goal when
// those are judged. An invariant that only ever saw trivial state, and a goal that was missed, fail
// as "vacuous".
JUnitSuite CampaignSuite(std::string name, const Totals& totals, Goals goals,
                         const BlockOptions& options);

// As text and as attribute value of XML 1.0.
std::string XmlEscaped(std::string_view text);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_JUNIT_H_
