// Proves the reader of EDN: every notation that recorded histories use, and errors that name the
// line.
#include "scenarios/linearizability/recorded/edn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/status.h"

namespace wt::lin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::string> Forms(std::string_view text) {
  EdnReader reader("a.edn", text);
  std::vector<std::string> forms;
  while (true) {
    const auto form = reader.Next();
    EXPECT_TRUE(form.ok()) << form.status();
    if (!form.ok() || !form->has_value()) return forms;
    forms.push_back((*form)->ToString());
  }
}

std::string ErrorOf(std::string_view text) {
  EdnReader reader("a.edn", text);
  while (true) {
    const auto form = reader.Next();
    if (!form.ok()) return MessageOf(form.status());
    if (!form->has_value()) return "";
  }
}

TEST(EdnTest, Scalars) {
  EXPECT_THAT(
      Forms("nil true :ok -7 +3 12N 1.5e3 a/b \\newline \"x\""),
      ElementsAre("nil", "true", ":ok", "-7", "3", "12", "1.5e3", "a/b", "\\newline", "\"x\""));
}

TEST(EdnTest, Collections) {
  EXPECT_THAT(Forms("[1, (2 3) {:a 1 :b nil} #{4}] ()"),
              ElementsAre("[1 [2 3] {:a 1 :b nil} #{4}]", "[]"));
}

TEST(EdnTest, WhatIsNoValueIsLeftOut) {
  EXPECT_THAT(Forms("; a comment\n1 #_ [2 3] ^:meta 4 #_5 ; the end"), ElementsAre("1", "4"));
  EXPECT_THAT(Forms(""), ElementsAre());
  EXPECT_THAT(Forms(" \r\n,, ; only\n"), ElementsAre());
}

TEST(EdnTest, TagsAreKept) {
  EXPECT_THAT(Forms("#inst \"2020\" #jepsen.history.Op{:f :read} ##NaN"),
              ElementsAre("#inst \"2020\"", "#jepsen.history.Op {:f :read}", "NaN"));
}

TEST(EdnTest, StringsHaveEscapes) {
  EdnReader reader("a.edn", R"("a\"b\\c\n\t;[")");
  EXPECT_EQ((*reader.Next())->text, "a\"b\\c\n\t;[");
}

TEST(EdnTest, IntegersAreOf64Bits) {
  const auto integer = [](std::string_view text) {
    return (*EdnReader("", text).Next())->Integer();
  };
  EXPECT_EQ(integer("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(integer("9223372036854775808"), std::nullopt);
  EXPECT_EQ(integer("1.5"), std::nullopt);
  EXPECT_EQ(integer(":a"), std::nullopt);
}

TEST(EdnTest, MapsAreSearchedByKeyword) {
  const Edn map = **EdnReader("", "{:f :cas \":f\" 1}").Next();
  ASSERT_NE(map.Find(":f"), nullptr);
  EXPECT_EQ(map.Find(":f")->text, ":cas");
  EXPECT_EQ(map.Find(":g"), nullptr);
  EXPECT_EQ(map.Find(":f")->Find(":f"), nullptr);
}

TEST(EdnTest, ErrorsNameFileAndLine) {
  EXPECT_EQ(ErrorOf("1\n\n[2\n3"), "a.edn:3: '[' is not closed");
  EXPECT_EQ(ErrorOf("1\n}"), "a.edn:2: unexpected '}'");
  EXPECT_EQ(ErrorOf("[1)"), "a.edn:1: unexpected ')'");
  EXPECT_EQ(ErrorOf("{:a}"), "a.edn:1: a map has a key without a value");
  EXPECT_EQ(ErrorOf("\n\"ab"), "a.edn:2: a string is not closed");
  EXPECT_EQ(ErrorOf("\"a\\"), "a.edn:1: a string is not closed");
  EXPECT_THAT(ErrorOf("#"), StartsWith("a.edn:1: "));
  EXPECT_THAT(ErrorOf("#_"), HasSubstr("ends inside"));
  EXPECT_THAT(ErrorOf("\\"), StartsWith("a.edn:1: "));
  EXPECT_THAT(ErrorOf(std::string(200, '[')), HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace wt::lin
