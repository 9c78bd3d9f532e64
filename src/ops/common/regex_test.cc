#include "ops/common/regex.h"

#include <gtest/gtest.h>

#include <string>

namespace samoyed::ops {
namespace {

bool Matches(std::string_view pattern, std::string_view text) {
  const auto regex = Regex::Parse(pattern);
  EXPECT_TRUE(regex.ok()) << pattern << ": " << regex.status().ToString();
  return regex.ok() && regex->FullMatch(text);
}

TEST(Regex, KnowsTheSyntax) {
  EXPECT_TRUE(Matches("", ""));
  EXPECT_TRUE(Matches("a|bc*", "bccc"));
  EXPECT_FALSE(Matches("a|bc*", "ab"));
  EXPECT_TRUE(Matches("(?:ab){2,3}?", "ababab"));
  EXPECT_FALSE(Matches("(ab){2,3}", "ab"));
  EXPECT_TRUE(Matches("x{a}", "x{a}"));
  EXPECT_TRUE(Matches("[^a-c\\d]+", "xyz"));
  EXPECT_FALSE(Matches("[^a-c\\d]+", "xb"));
  EXPECT_TRUE(Matches("[]a-]+", "a]-"));
  EXPECT_TRUE(Matches("[[:alpha:]_]\\w*", "_x1"));
  EXPECT_TRUE(
      Matches("(?i)stra\xC3\x89"
              "e",
              "STRA\xC3\xA9"
              "E"));
  EXPECT_TRUE(Matches("^(?P<name>\\bword\\b.*)$", "word of"));
  EXPECT_TRUE(Matches("\\Qa.b\\E\\x41\\x{e9}\\.", "a.bA\xC3\xA9."));
  EXPECT_FALSE(Matches("a.b", "a\nb"));
  EXPECT_TRUE(Matches("(?s)a.b", "a\nb"));
  EXPECT_TRUE(Matches("(?m)a$\n^b", "a\nb"));
}

TEST(Regex, RepeatsTheLastAtom) {
  EXPECT_TRUE(Matches("\\Qa.\\E*b", "a...b"));
  EXPECT_FALSE(Matches("\\Qa.\\E*b", "a.a.b"));
  EXPECT_TRUE(Matches("ab(?i)*", "abb"));
  EXPECT_TRUE(Matches("a{2}(?i){2}", "aaaa"));
  for (const char* pattern : {"a*+", "a{2}{3}", "a*?+", "(?i)*", "\\Q\\E*", "a|*", "(*)"})
    EXPECT_FALSE(Regex::Parse(pattern).ok()) << pattern;
}

TEST(Regex, KnowsUnicodeClasses) {
  EXPECT_TRUE(Matches("\\pL+\\p{Nd}", "aéω日٣"));
  EXPECT_FALSE(Matches("\\p{Greek}+", "ωa"));
  EXPECT_TRUE(Matches("\\p{Greek}+\\PL\\p{^Lu}", "Ωω1a"));
  EXPECT_TRUE(Matches("[\\p{Han}\\d]+[^\\p{Ll}]\\p{Any}", "日1A\n"));
  EXPECT_FALSE(Matches("\\p{Cs}|\\p{L}", "\xF3\xA0\x80\x80"));  // unassigned
}

TEST(Regex, FoldsCaseBeforeItNegates) {
  EXPECT_TRUE(Matches("(?i)k[s]\\p{Lu}", "\u212A\u017Fa"));  // the kelvin sign, the long s
  EXPECT_TRUE(Matches("(?i)Ⴀ", "ⴀ"));                        // Georgian
  EXPECT_FALSE(Matches("(?i)\\W", "s"));
  EXPECT_FALSE(Matches("(?i)\\W", "\u017F"));
  EXPECT_TRUE(Matches("\\W", "\u017F"));
  EXPECT_FALSE(Matches("(?i)[^K]", "\u212A"));
  EXPECT_FALSE(Matches("(?i)\\P{Lu}", "a"));
}

TEST(Regex, LimitsWhatItsClassesTake) {
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "\\pL";
  EXPECT_EQ(Regex::Parse(many).status().code(), Code::kLimit);
  EXPECT_EQ(Regex::Parse("[" + many + "]").status().code(), Code::kLimit);
  EXPECT_TRUE(Regex::Parse("(?:\\pL{1000}){50}").ok());  // the states share the class
}

TEST(Regex, TakesLinearTime) {
  EXPECT_FALSE(Matches("(a*)*b", std::string(5000, 'a')));
  EXPECT_FALSE(Matches("(x+x+)+y", std::string(5000, 'x')));
}

TEST(Regex, RefusesBadPatterns) {
  for (const char* pattern : {"(",
                              ")",
                              "[",
                              "[b-a]",
                              "*",
                              "a**",
                              "a{2,1}",
                              "a{1001}",
                              "\\",
                              "\\1",
                              "(?<>a)",
                              "(?=a)",
                              "\\pX",
                              "\\p{Nope}",
                              "\\p{L",
                              "\\p",
                              "\\p{}",
                              "[[:nope:]]",
                              "\\x{110000}",
                              "((a{1000}){1000}){1000}",
                              "((((){1000}){1000}){1000}){1000}"}) {
    EXPECT_FALSE(Regex::Parse(pattern).ok()) << pattern;
  }
  EXPECT_FALSE(Regex::Parse(std::string(100000, '(')).ok());
}

TEST(Regex, FindsTheLeftmostLongest) {
  const auto find = [](std::string_view pattern, std::string_view text, size_t from) {
    return Regex::Parse(pattern)->FindLongest(text, from).value_or(std::pair<size_t, size_t>(99, 99));
  };
  using Match = std::pair<size_t, size_t>;
  EXPECT_EQ(find("a|ab|abc", "xabcd", 0), Match(1, 3));
  EXPECT_EQ(find("bcd|b|a.*z", "abcd", 0), Match(1, 3));  // the one that begins first comes to nothing
  EXPECT_EQ(find("a.*c|b", "abbcd", 0), Match(0, 4));     // the one that ends first began later
  EXPECT_EQ(find("[0-9]+", "12 345", 2), Match(3, 3));
  EXPECT_EQ(find("^a", "ba", 1), Match(99, 99));
  EXPECT_EQ(find("\\bb", "ab b", 1), Match(3, 1));
  EXPECT_EQ(find("x*", "aaa", 1), Match(1, 0));
  EXPECT_EQ(find("é", "aé", 0), Match(1, 2));
  // A pattern that a backtracking engine would be at for hours.
  const std::string text(2000, 'a');
  EXPECT_EQ(find("(a*)*b", text, 0), Match(99, 99));
}

}  // namespace
}  // namespace samoyed::ops
