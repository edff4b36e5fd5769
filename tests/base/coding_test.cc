// Proves the byte layout itself, so that no refactoring of the writer and the reader together can
// change the formats unseen.
#include "engine/base/coding.h"

#include <string>

#include "gtest/gtest.h"

namespace wt {
namespace {

using std::string_literals::operator""s;

TEST(CodingTest, NumbersAreLittleEndianAndFixedWidth) {
  std::string out;
  PutU8(out, 0x01);
  PutU16(out, 0x0203);
  PutU32(out, 0x04050607);
  PutU64(out, 0x08090a0b0c0d0e0f);
  PutI64(out, -2);
  EXPECT_EQ(out,
            "\x01"
            "\x03\x02"
            "\x07\x06\x05\x04"
            "\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08"
            "\xfe\xff\xff\xff\xff\xff\xff\xff"s);
}

TEST(CodingTest, StringsHaveTheirLengthBefore) {
  std::string out;
  PutString(out, "k\0v"s);
  PutString(out, "");
  EXPECT_EQ(out, "\x03\0\0\0k\0v\0\0\0\0"s);
}

TEST(CodingTest, StoreAndLoadNeedNoAlignment) {
  char buffer[16] = {};
  StoreLittle<uint64_t>(buffer + 3, 0x1122334455667788);
  EXPECT_EQ(buffer[3], '\x88');
  EXPECT_EQ(LoadLittle<uint64_t>(buffer + 3), 0x1122334455667788u);
}

TEST(ByteReaderTest, TellsHowFarItIs) {
  ByteReader in("abcdef");
  EXPECT_EQ(in.Raw(2), "ab");
  EXPECT_EQ(in.offset(), 2u);
  EXPECT_EQ(in.rest(), "cdef");
  EXPECT_FALSE(in.empty());
  EXPECT_EQ(in.Raw(4), "cdef");
  EXPECT_TRUE(in.ok() && in.empty());
  EXPECT_EQ(in.Raw(0), "");
  EXPECT_TRUE(in.ok());
}

TEST(ByteReaderTest, AfterAReadThatDoesNotFitNothingIsReadAnyMore) {
  ByteReader in("abc");
  EXPECT_EQ(in.U32(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.U8(), 0u);  // would have fitted before
  EXPECT_EQ(in.Raw(1), "");
  EXPECT_FALSE(in.ok());
}

TEST(ByteReaderTest, ALengthBeyondTheEndIsRefusedAndNotAllocated) {
  std::string out;
  PutU32(out, 0xffffffff);
  out += "short";
  ByteReader in(out);
  EXPECT_EQ(in.String(), "");
  EXPECT_FALSE(in.ok());
  ByteReader raw("x");
  EXPECT_EQ(raw.Raw(~uint64_t{0}), "");
  EXPECT_FALSE(raw.ok());
}

}  // namespace
}  // namespace wt
