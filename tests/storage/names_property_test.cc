// Parsing is the exact inverse of naming: every file's name gives the file back, and whatever
// parses is spelled exactly like its file's name.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/storage/names.h"

namespace wt {
namespace {

FileDesc AnyFile() {
  const uint64_t number =
      *rc::gen::oneOf(rc::gen::inRange<uint64_t>(0, 2'000'000), rc::gen::arbitrary<uint64_t>());
  return {*rc::gen::elementOf(std::vector<FileType>(std::begin(kFileTypes), std::end(kFileTypes))),
          number & kMaxFileNumber};
}

RC_GTEST_PROP(NamesPropertyTest, NamesParseBack, ()) {
  const FileDesc fd = AnyFile();
  RC_ASSERT(IsValid(fd));
  RC_ASSERT(ParseName(NameOf(fd)) == fd);
  if (!OldNameOf(fd).empty()) RC_ASSERT(ParseName(OldNameOf(fd)) == fd);
  RC_ASSERT(ParsePendingName(PendingNameOf(fd.number)) == fd.number);
  if (fd.type == FileType::kManifest) RC_ASSERT(ParsePointer(PointerTo(fd)) == fd);
}

void ExpectExact(const std::string& name) {
  const std::optional<FileDesc> fd = ParseName(name);
  if (fd.has_value()) RC_ASSERT(name == NameOf(*fd) || name == OldNameOf(*fd));
  const std::optional<FileDesc> target = ParsePointer(name);
  if (target.has_value()) RC_ASSERT(name == PointerTo(*target));
  const std::optional<uint64_t> pending = ParsePendingName(name);
  if (pending.has_value()) RC_ASSERT(name == PendingNameOf(*pending));
}

RC_GTEST_PROP(NamesPropertyTest, AnyTextThatParsesIsExact, (const std::string& text)) {
  ExpectExact(text);
}

// Texts that are nearly names: one byte changed, dropped or doubled.
RC_GTEST_PROP(NamesPropertyTest, NearlyNamesAreExactOrNothing, ()) {
  const FileDesc fd = AnyFile();
  std::string name = *rc::gen::elementOf(
      std::vector<std::string>{NameOf(fd), PendingNameOf(fd.number), NameOf(fd) + "\n"});
  const size_t at = *rc::gen::inRange<size_t>(0, name.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      name[at] = *rc::gen::oneOf(rc::gen::elementOf(std::string("0123456789.+- \n\rx")),
                                 rc::gen::arbitrary<char>());
      break;
    case 1:
      name.erase(at, 1);
      break;
    default:
      name.insert(at, 1, name[at]);
  }
  ExpectExact(name);
}

}  // namespace
}  // namespace wt
