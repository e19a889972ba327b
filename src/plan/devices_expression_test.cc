#include "plan/devices_expression.h"

#include <gtest/gtest.h>

namespace plan {
namespace {

const std::string kDriver = "gpu.example.com";

k8s::Device gpu() {
  k8s::Device device;
  device.name = "gpu-0";
  device.attributes["model"] = std::string("A100");
  device.attributes["numa"] = std::int64_t{1};
  device.attributes["healthy"] = true;
  device.attributes["driverVersion"] = k8s::VersionText{"1.10.0"};
  device.attributes["other.com/model"] = std::string("elsewhere");
  device.capacity["memory"].value = *k8s::Quantity::parse("40Gi");
  return device;
}

bool matches(std::string_view text) {
  const auto expression = DeviceExpression::compile(text);
  EXPECT_TRUE(expression) << text << ": " << expression.error().detail;
  const k8s::Device device = gpu();
  return expression && expression->matches({.driver = kDriver, .device = device});
}

TEST(DeviceExpression, LooksAtDriverAttributesAndCapacity) {
  // SCH-431
  for (const std::string_view text : {
           R"(device.driver == "gpu.example.com")",
           R"(device.attributes["gpu.example.com"].model == 'A100')",
           R"(device.attributes["gpu.example.com"]["model"] != "H100")",
           R"(device.attributes["other.com"].model == "elsewhere")",
           R"(device.attributes["gpu.example.com"].numa in [0, 1])",
           R"(device.attributes["gpu.example.com"].healthy)",
           R"(device.capacity["gpu.example.com"].memory.compareTo(quantity("40Gi")) == 0)",
           R"(device.capacity["gpu.example.com"].memory.isGreaterThan(quantity("39Gi")))",
           R"(device.capacity["gpu.example.com"].memory >= quantity("1Gi"))",
           R"(device.attributes["gpu.example.com"].driverVersion.isGreaterThan(semver("1.9.0")))",
           R"(!device.allowMultipleAllocations)",
       }) {
    EXPECT_TRUE(matches(text)) << text;
  }
}

TEST(DeviceExpression, CombinesAndCalculates) {
  // SCH-431
  for (const std::string_view text : {
           "1 + 2 * 3 == 7 && 7 % 4 == 3 && -(2) < 0",
           "true ? 1 < 2 : false",
           "'gpu-a100'.startsWith('gpu') && 'x'.size() == 1 && 'abc'.contains('b')",
           "'gpu-a100'.matches('a[0-9]+$') && 'A'.lowerAscii() == 'a'",
           "[1, 2, 3].exists(x, x > 2) && [1, 2].all(x, x > 0)",
           R"(cel.bind(a, device.attributes["gpu.example.com"], a.numa == 1 && a.healthy))",
           R"(r'a\b' == "a\\b")",
           "1.5 > 1 && 2 == 2.0",
           R"(isQuantity("1Gi") && !isSemver("v1") && semver("1.2.3").minor() == 2)",
           "[1, 2] == [1, 2] && [1, 2][1] == 2",
       }) {
    EXPECT_TRUE(matches(text)) << text;
  }
}

TEST(DeviceExpression, AFailedLookUpIsNoMatch) {
  // SCH-442
  EXPECT_FALSE(matches(R"(device.attributes["gpu.example.com"].missing == "x")"));
  EXPECT_FALSE(matches(R"(device.attributes["nobody.com"].model == "x")"));
  EXPECT_FALSE(matches(R"(!(device.attributes["nobody.com"].model == "x"))"));
  EXPECT_FALSE(matches("1 / 0 == 1"));
  EXPECT_FALSE(matches("'a' < 1"));
  EXPECT_FALSE(matches("9223372036854775807 + 1 > 0"));
}

TEST(DeviceExpression, HasAndInAskWithoutFailing) {
  EXPECT_FALSE(matches(R"(has(device.attributes["gpu.example.com"].missing))"));
  EXPECT_TRUE(matches(R"(has(device.attributes["gpu.example.com"].model))"));
  EXPECT_TRUE(matches(R"("model" in device.attributes["gpu.example.com"])"));
  EXPECT_TRUE(matches(R"("other.com" in device.attributes)"));
  EXPECT_FALSE(matches(R"("nobody.com" in device.attributes)"));
}

TEST(DeviceExpression, LogicAnswersIfOneSideCan) {
  const std::string fails = R"(device.attributes["gpu.example.com"].missing == "x")";
  EXPECT_TRUE(matches(fails + " || true"));
  EXPECT_TRUE(matches("!(" + fails + " && false)"));
  EXPECT_FALSE(matches(fails + " || false"));
}

TEST(DeviceExpression, VersionsOrderAsSemanticVersions) {
  EXPECT_TRUE(matches("semver('1.10.0').compareTo(semver('1.9.9')) > 0"));
  EXPECT_TRUE(matches("semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))"));
  EXPECT_TRUE(matches("semver('1.0.0-rc.2').isLessThan(semver('1.0.0-rc.10'))"));
  EXPECT_FALSE(matches("isSemver('01.0.0')"));
}

TEST(DeviceExpression, WhatIsNotThereDoesNotCompile) {
  // SCH-431
  const auto error = [](std::string_view text) {
    const auto expression = DeviceExpression::compile(text);
    return expression ? "compiles" : expression.error().detail;
  };
  EXPECT_EQ(error("device.driver =="), "unexpected end");
  EXPECT_EQ(error("device.driver = 'a'"), "unexpected \"= 'a'\" at 15");
  EXPECT_EQ(error("object.x"), "undeclared reference to \"object\"");
  EXPECT_EQ(error("device.driver.reverse()"), "no function reverse() of this shape");
  EXPECT_EQ(error("'abc"), "a string has no end");
  EXPECT_EQ(error(""), "unexpected end");
  EXPECT_EQ(error(std::string(100, '(')), "the expression is nested too deeply");
  EXPECT_EQ(error(std::string(11'000, ' ')), "the expression is longer than 10240 bytes");
}

}  // namespace
}  // namespace plan
