// A reader of EDN (the data notation of Clojure, github.com/edn-format/edn), in which Jepsen and
// Knossos record histories: nil, booleans, numbers, strings, characters, keywords, symbols,
// vectors, lists, maps, sets, tagged values, comments (`;` and `#_`), metadata (`^`, left out).
//
//   EdnReader reader("a.edn", text);
//   WT_ASSIGN_OR_RETURN(std::optional<Edn> form, reader.Next());   // none at the end
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_EDN_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_EDN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace wt::lin {

struct Edn {
  enum class Kind {
    kNil,
    kBoolean,
    kNumber,
    kString,
    kCharacter,
    kKeyword,
    kSymbol,
    kVector,
    kList,
    kMap,
    kSet,
    kTagged
  };
  Kind kind = Kind::kNil;
  std::string text{};        // of what has no parts: a string's content, a keyword with its colon
  std::vector<Edn> parts{};  // of a map: key, value, key, value; of a tagged value: itself
  int line = 0;

  bool is_nil() const { return kind == Kind::kNil; }
  bool is_sequence() const { return kind == Kind::kVector || kind == Kind::kList; }
  // The value under a keyword (with its colon); null if there is none, or this is no map.
  const Edn* Find(std::string_view keyword) const;
  // None if it is no integer of 64 bits.
  std::optional<int64_t> Integer() const;
  // As it is written; equal values give equal texts ("+3" and "3N" are "3").
  std::string ToString() const;
};

class EdnReader {
 public:
  // `first_line` is the number of the text's first line. The text outlives the reader.
  EdnReader(std::string_view file, std::string_view text, int first_line = 1)
      : file_(file), text_(text), line_(first_line) {}

  // The next form at the top. Errors: InvalidArgument, with file and line.
  absl::StatusOr<std::optional<Edn>> Next();

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return text_[at_]; }
  char Take();
  void SkipSpace();
  absl::StatusOr<Edn> Read(int depth);
  absl::StatusOr<Edn> ReadParts(Edn::Kind kind, char close, int depth);
  absl::StatusOr<Edn> ReadString();
  absl::StatusOr<Edn> ReadCharacter();
  absl::StatusOr<Edn> ReadDispatch(int depth);
  absl::StatusOr<Edn> ReadToken();
  // Skips `#_ form` and `^meta`; whether there was one.
  absl::StatusOr<bool> SkipDiscarded(int depth);
  absl::Status Error(int line, std::string_view what) const;

  std::string_view file_;
  std::string_view text_;
  size_t at_ = 0;
  int line_;
};

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_EDN_H_
