// Which failures are the same one: grouped by invariant, the sentence without its particulars, and
// the kinds of the causal steps.
#ifndef WAVETANK_REPORTS_SIGNATURE_H_
#define WAVETANK_REPORTS_SIGNATURE_H_

#include <string>
#include <string_view>

#include "reports/run_record.h"

namespace wt::reports {

// The sentence with every number, and every word that holds one, as '#': "k017=v412" is "#".
std::string Normalised(std::string_view message);

// "acked-writes-survive-8c1f": fit to name a folder. The same on every machine and for ever.
std::string SignatureOf(const RunRecord& record);

// record.signature, or SignatureOf when that is empty; only [a-z0-9._-] remain.
std::string FolderOf(const RunRecord& record);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_SIGNATURE_H_
