// Majorities on golden vectors that nobody here wrote (data/README.md), and on all small cases by
// counting.
#include "replicas/consensus/quorum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace wt {
namespace {

struct Case {
  int line = 0;
  std::string command;
  std::string want;
};

std::vector<Case> ReadCases(const std::string& name) {
  std::ifstream file(std::string(WAVETANK_SOURCE_DIR) + "/tests/consensus/data/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::vector<Case> cases;
  std::string last;
  bool answering = false;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line == "----") {
      answering = true;
      cases.push_back({number, last, ""});
    } else if (line.empty()) {
      answering = false;
    } else if (answering) {
      cases.back().want = line;
    } else if (line[0] != '#') {
      last = line;
    }
  }
  return cases;
}

// "cfgj=(1,2)" -> {"1", "2"}; nothing when the argument is not there.
std::optional<std::vector<std::string>> Argument(const std::string& command,
                                                 const std::string& name) {
  const size_t at = command.find(" " + name + "=");
  if (at == std::string::npos) return std::nullopt;
  std::string text = command.substr(at + name.size() + 2);
  if (text[0] != '(') return std::vector<std::string>{};  // zero
  text = text.substr(1, text.find(')') - 1);
  std::vector<std::string> values;
  std::stringstream in(text);
  for (std::string value; std::getline(in, value, ',');) {
    std::erase(value, ' ');
    values.push_back(value);
  }
  return values;
}

std::vector<NodeId> Nodes(const std::optional<std::vector<std::string>>& values) {
  std::vector<NodeId> nodes;
  for (const std::string& value : values.value_or(std::vector<std::string>{})) {
    nodes.push_back(NodeId(std::stoull(value)));
  }
  return nodes;
}

struct Question {
  Configuration configuration;
  std::map<NodeId, std::string> answers;
};

// Values are given to the nodes of both halves in the order in which they are first named.
Question Parse(const Case& one, const std::string& values_name) {
  Question question;
  std::vector<NodeId> named = Nodes(Argument(one.command, "cfg"));
  question.configuration.voters = named;
  question.configuration.old_voters = Nodes(Argument(one.command, "cfgj"));
  for (NodeId node : question.configuration.old_voters) {
    if (std::find(named.begin(), named.end(), node) == named.end()) named.push_back(node);
  }
  const auto values = Argument(one.command, values_name).value_or(std::vector<std::string>{});
  for (size_t i = 0; i < values.size() && i < named.size(); ++i) {
    if (values[i] != "_") question.answers[named[i]] = values[i];
  }
  std::sort(question.configuration.voters.begin(), question.configuration.voters.end());
  std::sort(question.configuration.old_voters.begin(), question.configuration.old_voters.end());
  return question;
}

class QuorumTest : public ::testing::TestWithParam<const char*> {};
class QuorumCommitTest : public QuorumTest {};
class QuorumVoteTest : public QuorumTest {};

TEST_P(QuorumCommitTest, AgreesWithGoldenVectors) {
  const std::vector<Case> cases = ReadCases(GetParam());
  ASSERT_GT(cases.size(), 15u);
  for (const Case& one : cases) {
    const Question question = Parse(one, "idx");
    const LogIndex found = CommittedBy(question.configuration, [&](NodeId node) {
      const auto answer = question.answers.find(node);
      return answer == question.answers.end() ? LogIndex(0) : LogIndex(std::stoull(answer->second));
    });
    const std::string text = found == kEverything ? "∞" : found.ToString();
    EXPECT_TRUE(one.want.ends_with(text)) << one.line << ": " << one.command << " -> " << text;
    if (found != kEverything) {
      EXPECT_EQ(text, one.want) << one.line;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, QuorumCommitTest,
                         ::testing::Values("majority_commit.txt", "joint_commit.txt"),
                         [](const auto& file) { return file.index == 0 ? "majority" : "joint"; });

TEST_P(QuorumVoteTest, AgreesWithGoldenVectors) {
  const std::vector<Case> cases = ReadCases(GetParam());
  ASSERT_GT(cases.size(), 15u);
  for (const Case& one : cases) {
    const Question question = Parse(one, "votes");
    const VoteOutcome found =
        CountVotes(question.configuration, [&](NodeId node) -> std::optional<bool> {
          const auto answer = question.answers.find(node);
          if (answer == question.answers.end()) return std::nullopt;
          return answer->second == "y";
        });
    const char* text = found == VoteOutcome::kWon    ? "VoteWon"
                       : found == VoteOutcome::kLost ? "VoteLost"
                                                     : "VotePending";
    EXPECT_EQ(text, one.want) << one.line << ": " << one.command;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, QuorumVoteTest,
                         ::testing::Values("majority_vote.txt", "joint_vote.txt"),
                         [](const auto& file) { return file.index == 0 ? "majority" : "joint"; });

}  // namespace
}  // namespace wt
