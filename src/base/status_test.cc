#include "base/status.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/checked.h"

namespace samoyed {
namespace {

Result<int> Half(int x) {
  if (x % 2 != 0) return BadInput("the number ", x, " is odd");
  return x / 2;
}

Result<int> Quarter(int x) {
  SAMOYED_ASSIGN_OR_RETURN(const int half, Half(x));
  return Half(half);
}

TEST(Status, CarriesCodeAndText) {
  const auto r = Quarter(6);
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.status().code(), Code::kBadInput);
  EXPECT_EQ(r.status().message(), "the number 3 is odd");
  EXPECT_EQ(*Quarter(8), 2);
}

TEST(Status, KeepsTheInnermostPlace) {
  const Status s = BadInput("odd").At("node 'a'").At("graph 'b'");
  EXPECT_EQ(s.ToString(), "node 'a': odd");
  EXPECT_TRUE(OkStatus().At("anywhere").ok());
}

TEST(Str, NumbersNeedNoLocale) {
  EXPECT_EQ(StrCat("x=", 1.5, ", n=", int64_t{-3}, ", ", true, ' ', 0.1f), "x=1.5, n=-3, true 0.1");
  EXPECT_EQ(StrJoin(std::vector<int>{1, 2, 3}), "1, 2, 3");
}

TEST(Checked, RefusesWhatDoesNotFit) {
  EXPECT_EQ(CheckedMul<int64_t>(INT64_MAX, 2), std::nullopt);
  EXPECT_EQ(CheckedMul<int64_t>(INT64_MIN, -1), std::nullopt);
  EXPECT_EQ(CheckedAdd<int64_t>(INT64_MAX, 1), std::nullopt);
  EXPECT_EQ(CheckedSub<int64_t>(5, 7), -2);
}

TEST(Checked, IndicesCountFromTheEnd) {
  EXPECT_EQ(NormalizeIndex(-1, 3), 2);
  EXPECT_EQ(NormalizeIndex(3, 3), std::nullopt);
  EXPECT_EQ(NormalizeIndex(-4, 3), std::nullopt);
  EXPECT_EQ(NormalizeIndex(INT64_MIN, 3), std::nullopt);
  EXPECT_EQ(NormalizeIndex(0, 0), std::nullopt);
}

}  // namespace
}  // namespace samoyed
