// no-leak, of a database: every file is needed.
#ifndef WAVETANK_SCENARIOS_DATABASE_LEAKS_H_
#define WAVETANK_SCENARIOS_DATABASE_LEAKS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/base/units.h"
#include "engine/database.h"
#include "sim/disk_image.h"

namespace wt::scenarios {

// Sentences, one for each file that should be gone, or is missing: in tables/ whatever is neither
// the pointer, nor the manifest that it names, nor one of the `tables`; in log/ segments whose
// entries are all at or before `in_tables`.
std::vector<std::string> LeaksIn(const std::vector<sim::DurableFile>& files,
                                 const std::set<uint64_t>& tables, LogIndex in_tables);

// The same, of an open database.
std::vector<std::string> LeaksIn(const std::vector<sim::DurableFile>& files, Database& database);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_LEAKS_H_
