#include "scenarios/explain/chain.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "faults/fault.h"
#include "scenarios/campaign/values.h"
#include "scenarios/explain/parts.h"

namespace wt::scenarios {
namespace {

using reports::Step;

constexpr int kLast = 1000;
constexpr int kNecessary = 900;
constexpr int kInevitable = 850;
constexpr int kLikely = 800;
constexpr int kHelping = 500;
constexpr int kLastRecord = 380;  // when another step is what the failure was seen at
constexpr int kTelling = 350;     // the least score of what a failure can be seen at
constexpr int kLeast = 60;        // what scores less says nothing
constexpr int kElsewhere = 4;  // of a machine that has nothing to do with it: a part of the score
constexpr int kFirstBoot = 4;  // nothing has happened to it yet
constexpr int kOnceMore = 4;   // there is a later one of its kind on its machine
constexpr int kSameTopic = 2;  // times the score: the index or term of the failure

// How much a step of a kind can say about a failure.
struct Relevance {
  std::string_view beginning;
  int score;
};
constexpr Relevance kRelevances[] = {
    {"power lost", 400},
    {"killed", 400},
    {"the disk is", 420},
    {"the operator", 300},
    {"log.tail_cut", 410},
    {"log.damaged", 410},
    {"log.poisoned", 410},
    {"log.suffix_overridden", 410},
    {"log.reset", 350},
    {"snapshot.restored", 380},
    {"snapshot.installed", 380},
    {"snapshot.damaged", 380},
    {"engine.recovered", 390},
    {"engine.refused", 400},
    {"engine.stopped", 390},
    {"replica.stopped", 380},
    {"replica.set_aside", 360},
    {"replica.trusted", 200},
    {"primary.elected", 370},
    {"vote.released", 350},
    {"primary.stepped_down", 250},
    {"configuration.adopted", 240},
    {"log.synced", 300},
    {"log.recovered", 385},
    {"quorum.committed", 260},
    {"commit.advanced", 150},
    {"ack.released", 200},
    {"log.compacted", 250},
    {"snapshot.created", 230},
    {"fault: ", 200},
    {"entry.applied", 120},
    {"log.appended", 110},
    {"term.entered", 100},
};

int ScoreOf(const Step& step) {
  for (const Relevance& relevance : kRelevances) {
    if (step.what.starts_with(relevance.beginning)) return relevance.score;
  }
  return 20;
}

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words(1);
  for (char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool IsNumber(const std::string& word) {
  return std::all_of(word.begin(), word.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

// What a sentence speaks of: "index 7", whether a field is called last_index or commit_index.
std::set<std::string> TopicsOf(std::string_view text) {
  std::set<std::string> topics;
  const std::vector<std::string> words = WordsOf(text);
  for (size_t i = 1; i < words.size(); ++i) {
    if (!IsNumber(words[i])) continue;
    for (std::string_view topic : {"index", "term", "segment"}) {
      if (words[i - 1].ends_with(topic)) topics.insert(std::string(topic) + " " + words[i]);
    }
  }
  return topics;
}

std::string_view KindOf(const Step& step) {
  return std::string_view(step.what).substr(0, step.what.find_first_of(" :"));
}

bool IsDeath(const Step& step) {
  return step.what.starts_with("power lost") || step.what == "killed" ||
         step.what.starts_with("the disk is");
}

// Of the machine that dies: (machine, kind).
bool IsPromise(const Step& death, const std::pair<std::string, std::string_view>& one) {
  static constexpr std::string_view kPromises[] = {"log.synced", "ack.released", "vote.released",
                                                   "quorum.committed", "commit.advanced"};
  return one.first == death.machine &&
         std::find(std::begin(kPromises), std::end(kPromises), one.second) != std::end(kPromises);
}

class Chain {
 public:
  explicit Chain(const Explanation& explanation)
      : explanation_(explanation), story_(explanation.story), marks_(story_.size()) {}

  std::vector<Step> Choose();

 private:
  struct Mark {
    int score = 0;
    std::string note;
  };

  void MarkFaults();
  void MarkFault(size_t index, Need need);
  void MarkTurn(const std::optional<size_t>& turn, int score, const std::string& note);
  void AddNote(size_t at, int score, const std::string& note);
  std::set<std::string> Concerned() const;
  // A step that is what the fault of the step before it does.
  bool DiesAt(size_t at) const;
  // Nothing has happened to the machine yet, and what has been started begins.
  bool IsOfFirstBoot(const Step& step) const;
  std::vector<int> Scores() const;

  const Explanation& explanation_;
  const std::vector<Step>& story_;
  std::vector<Mark> marks_;
};

void Chain::AddNote(size_t at, int score, const std::string& note) {
  WT_CHECK_LT(at, marks_.size());
  Mark& mark = marks_[at];
  mark.score = std::max(mark.score, score);
  mark.note += (mark.note.empty() ? "" : ", ") + note;
}

bool Chain::DiesAt(size_t at) const {
  if (at == 0 || at >= story_.size()) return false;
  const Step& fault = story_[at - 1];
  const Step& death = story_[at];
  return fault.what.starts_with("fault: ") && IsDeath(death) && death.at_us == fault.at_us &&
         death.machine == fault.machine;
}

// Where it begins; the death that it is, when it is one.
void Chain::MarkFault(size_t index, Need need) {
  const faults::Fault& fault = explanation_.plan.faults[index];
  const std::string begins = absl::StrFormat("fault: %s", faults::InfoOf(fault.kind).name);
  const uint64_t at = Micros(fault.at);
  for (size_t i = 0; i < story_.size(); ++i) {
    const Step& step = story_[i];
    if (step.at_us < at || !marks_[i].note.empty()) continue;
    if (step.what != begins && !step.what.starts_with(begins + " ")) continue;
    const bool dies = DiesAt(i + 1);
    const std::string name = NameOfFault(explanation_.plan, index);
    const bool necessary = need == Need::kNecessary;
    AddNote(dies ? i + 1 : i, necessary ? kNecessary : kHelping,
            name + (necessary ? "   NECESSARY" : "   makes it likelier"));
    return;
  }
}

void Chain::MarkFaults() {
  for (const Part& part : explanation_.parts) {
    if (part.kind != PartKind::kFault || part.need == Need::kNot || part.at.size() != 1) continue;
    MarkFault(part.at[0], part.need);
  }
}

// The step at which the likelihood turned; the beginning is none.
void Chain::MarkTurn(const std::optional<size_t>& turn, int score, const std::string& note) {
  if (!turn || *turn == 0) return;
  const Step& step = explanation_.likelihood[*turn].step;
  for (size_t i = story_.size(); i > 0; --i) {
    if (story_[i - 1] == step) return AddNote(i - 1, score, note);
  }
}

std::set<std::string> Chain::Concerned() const {
  std::set<std::string> machines;
  std::string before;
  for (std::string& word : WordsOf(explanation_.record.message)) {
    if (word.size() > 1 && word[0] == 'n' && IsNumber(word.substr(1))) machines.insert(word);
    if (before == "machine" && IsNumber(word)) machines.insert("n" + word);
    before = std::move(word);
  }
  for (size_t i = 0; i < story_.size(); ++i) {
    if (!marks_[i].note.empty() || i + 1 == story_.size()) machines.insert(story_[i].machine);
  }
  return machines;
}

bool Chain::IsOfFirstBoot(const Step& step) const {
  static constexpr std::string_view kOfBoots[] = {"engine.recovered", "log.recovered",
                                                  "replica.trusted", "configuration.adopted",
                                                  "commit.advanced"};
  const auto begins = [&](std::string_view kind) { return step.what.starts_with(kind); };
  if (std::none_of(std::begin(kOfBoots), std::end(kOfBoots), begins)) return false;
  return std::none_of(story_.begin(), story_.end(), [&](const Step& other) {
    return other.record <= step.record && other.machine == step.machine && IsDeath(other);
  });
}

std::vector<int> Chain::Scores() const {
  const std::set<std::string> concerned = Concerned();
  const std::set<std::string> topics = TopicsOf(explanation_.record.message);
  std::set<std::pair<std::string, std::string_view>> seen;
  std::vector<int> scores(story_.size());
  for (size_t i = story_.size(); i > 0; --i) {
    const Step& step = story_[i - 1];
    int score = ScoreOf(step);
    const std::set<std::string> its = TopicsOf(step.what);
    const bool same_topic = std::any_of(
        its.begin(), its.end(), [&](const std::string& topic) { return topics.contains(topic); });
    if (same_topic) score *= kSameTopic;
    if (!concerned.contains(step.machine)) score /= kElsewhere;
    if (IsOfFirstBoot(step) && !same_topic) score /= kFirstBoot;
    // What was promised last before a death counts as much as what was promised last.
    if (IsDeath(step)) std::erase_if(seen, [&](const auto& one) { return IsPromise(step, one); });
    if (!seen.insert({step.machine, KindOf(step)}).second && !same_topic) score /= kOnceMore;
    scores[i - 1] = std::max(score, marks_[i - 1].score);
  }
  const auto telling = std::find_if(story_.rbegin(), story_.rend(),
                                    [](const Step& step) { return ScoreOf(step) >= kTelling; });
  if (scores.empty()) return scores;
  for (size_t i = 1; i < story_.size(); ++i) {
    if (DiesAt(i)) scores[i - 1] = 0;  // said by the next
  }
  scores.back() = std::max(scores.back(), kLastRecord);
  const auto seen_at = telling == story_.rend() ? story_.rbegin() : telling;
  scores[static_cast<size_t>(std::distance(seen_at, story_.rend())) - 1] = kLast;
  return scores;
}

std::vector<Step> Chain::Choose() {
  MarkFaults();
  const std::optional<size_t> certain = explanation_.inevitable;
  if (explanation_.likely != certain) {
    MarkTurn(explanation_.likely, kLikely, "from here more likely than not");
  }
  MarkTurn(certain, kInevitable, "inevitable from here");
  const std::vector<int> scores = Scores();
  std::vector<size_t> order(story_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(scores[a], a) > std::pair(scores[b], b);
  });
  order.resize(std::min(order.size(), kChainSteps));
  std::erase_if(order, [&](size_t at) { return scores[at] < kLeast; });
  std::sort(order.begin(), order.end());
  std::vector<Step> chain;
  for (size_t at : order) {
    chain.push_back(story_[at]);
    if (!marks_[at].note.empty()) chain.back().note = marks_[at].note;
  }
  return chain;
}

}  // namespace

std::vector<Step> ChainOf(const Explanation& explanation) { return Chain(explanation).Choose(); }

}  // namespace wt::scenarios
