// What a worker says when it dies: a stack on stderr, for the campaign to keep.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_CRASH_HANDLER_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_CRASH_HANDLER_H_

#include <string>
#include <string_view>

namespace wt::scenarios {

// Prints "died of SIGSEGV" and the stack to stderr on a fatal signal, then dies of that signal.
// Works on a stack of its own, since a fiber may have run out of its. SIGABRT is how a campaign
// ends a run that hangs, so its stack says where it hung. Under AddressSanitizer only SIGABRT is
// taken: the others it reports better.
void InstallCrashHandler();

// The output of a process that died, without what differs from one run to the next (addresses,
// process ids) and with C++ names as they are written.
std::string TidyOutput(std::string_view output);

// The one line that says most: a failed check, a sanitizer's verdict; empty if there is none.
std::string TellingLine(std::string_view tidied);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_CRASH_HANDLER_H_
