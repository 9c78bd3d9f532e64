#include "ops/common/unicode.h"

#include <gtest/gtest.h>

namespace samoyed::ops {
namespace {

TEST(Unicode, MapsCaseOneToOne) {
  EXPECT_EQ(ToLower("ÀΣЖᏯẞ𐐀K"), "àσжꮿß𐐨k");  // the last one is the kelvin sign
  EXPECT_EQ(ToUpper("àςжꮿ𐐨ÿıſßᾳ"), "ÀΣЖᏯ𐐀ŸISßᾼ");
  EXPECT_EQ(ToLower("日1\xff"), "日1\xff");
  EXPECT_EQ(ToUpper(0x10FFFF), 0x10FFFFu);
}

TEST(Unicode, NamesClasses) {
  const auto has = [](std::string_view name, uint32_t code) {
    for (const auto& [low, high] : UnicodeClass(name)) {
      if (code >= low && code <= high) return true;
    }
    return false;
  };
  EXPECT_TRUE(has("L", 'a') && has("Ll", 'a') && has("Latin", 'a') && has("Any", 'a'));
  EXPECT_FALSE(has("Lu", 'a') || has("N", 'a') || has("Greek", 'a'));
  EXPECT_TRUE(has("Co", 0x10FFFD) && !has("C", 0x10FFFF) && has("Any", 0x10FFFF));
  EXPECT_TRUE(UnicodeClass("").empty() && UnicodeClass("greek").empty() && UnicodeClass("X").empty());
}

}  // namespace
}  // namespace samoyed::ops
