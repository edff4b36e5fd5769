// A small database as bytes: its files, an older state of them, and what it should say.
#ifndef WAVETANK_TESTS_DATABASE_FOLDERS_H_
#define WAVETANK_TESTS_DATABASE_FOLDERS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/env/env.h"
#include "tests/database/model.h"

namespace wt::test {

using Files = std::map<std::string, std::string>;  // by path

struct Folder {
  Files files;
  Files older;                   // of the life before
  std::vector<Contents> states;  // after each batch; the last is what it holds
};

// Two lives that end in order: tables on several levels, and a log that goes on behind them.
using OptionsFor = std::function<DatabaseOptions(Env)>;
Folder MakeFolder(const OptionsFor& options);

// Runs `body` on a simulated machine whose disk holds `files`; returns the files afterwards.
Files RunOn(const Files& files, const std::function<void(Env)>& body);

}  // namespace wt::test

#endif  // WAVETANK_TESTS_DATABASE_FOLDERS_H_
