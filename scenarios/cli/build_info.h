// How this program was built, as people want to know it.
#ifndef WAVETANK_SCENARIOS_CLI_BUILD_INFO_H_
#define WAVETANK_SCENARIOS_CLI_BUILD_INFO_H_

#include <string_view>

namespace wt::cli {

#ifdef __clang__
inline constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
inline constexpr std::string_view kCompiler = "gcc " __VERSION__;
#endif
inline constexpr std::string_view kBuildType = WAVETANK_BUILD_TYPE;
inline constexpr std::string_view kSanitizers = WAVETANK_SANITIZERS;  // empty: none

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_BUILD_INFO_H_
