#include "k8s/manifest.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "k8s/block_yaml.h"
#include "k8s/yaml_document.h"

namespace k8s {
namespace {

constexpr std::string_view kHead = "apiVersion: v1\nkind: Pod\n";

std::string json_of(std::string_view yaml) {
  const auto document = convert_yaml(yaml, 1);
  return document ? document->json : document.error().detail;
}

// Both converters, which must agree where the quick one answers.
void expect_json(std::string_view yaml, std::string_view json, bool quick = true) {
  EXPECT_EQ(json_of(yaml), json) << yaml;
  const auto block = convert_block_yaml(yaml, 1);
  EXPECT_EQ(block.has_value(), quick) << yaml;
  if (block) {
    EXPECT_EQ(block->json, json) << yaml;
  }
}

std::string error_of(std::string_view text) {
  const auto manifests = read_manifests(text, "f.yaml");
  return manifests ? "no error" : manifests.error().detail;
}

TEST(Yaml, TypesPlainScalarsAsKubectlDoes) {
  expect_json("a: yes\nb: off\nc: ~\nd:\n", R"({"a":true,"b":false,"c":null,"d":null})");
  expect_json("a: 12\nb: 0x1F\nc: 010\nd: 1_000\ne: -5\n",
              R"({"a":12,"b":31,"c":8,"d":1000,"e":-5})");
  expect_json("a: 1.50\nb: 1e3\nc: 1.0\n", R"({"a":1.5,"b":1000,"c":1})");
  expect_json("a: 2024-01-01\nb: 1.2.3\nc: 100m\n", R"({"a":"2024-01-01","b":"1.2.3","c":"100m"})");
  expect_json("a: \"yes\"\nb: '12'\n", R"({"a":"yes","b":"12"})");
  expect_json("1: a\ntrue: b\n", R"({"1":"a","true":"b"})");
}

TEST(Yaml, ReadsNestedBlocks) {
  expect_json("a:\n  b:\n  - x\n  - p: 1\n    z: 2\n  -\n    - q\n  c: {}\nd: []\n",
              R"({"a":{"b":["x",{"p":1,"z":2},["q"]],"c":{}},"d":[]})");
  expect_json("- - 1\n  - 2\n- a: # comment\n    b: c\n", R"([[1,2],{"a":{"b":"c"}}])");
}

TEST(Yaml, ReadsScalarsOverManyLines) {
  expect_json("a: one\n  two\n\n  three\nb: 1\n", R"({"a":"one two\nthree","b":1})");
  expect_json("a: \"x\\n\\\n  y  \n  z\"\n", R"({"a":"x\ny z"})");
  expect_json("a: 'it''s\n  so'\n", R"({"a":"it's so"})");
  expect_json("a: |\n  x\n   y\n\n  z\n\nb: |-\n  q\nc: |+\n  r\n\n",
              R"({"a":"x\n y\n\nz\n","b":"q","c":"r\n\n"})");
  expect_json("a: >\n  x\n  y\n", R"({"a":"x y\n"})", false);
}

TEST(Yaml, ResolvesAnchorsAndMergeKeys) {
  expect_json("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\nc: *x\n",
              R"({"a":{"p":1,"q":2},"b":{"q":3,"p":1},"c":{"p":1,"q":2}})",
              false);
}

TEST(Yaml, RefusesWithTheLine) {
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"), "f.yaml:3: the key \"a\" is there twice");
  EXPECT_EQ(error_of("a: *nope\n"), "f.yaml:1: the alias *nope has no anchor before it");
  EXPECT_EQ(error_of("x: 1\n---\na: .inf\n"), "f.yaml:1: the object has no kind");
  EXPECT_TRUE(error_of("apiVersion: v1\nkind: Pod\n---\na: [1\n").starts_with("f.yaml:"));
  EXPECT_EQ(error_of("a: !foo 1\n"), "f.yaml:1: the tag !foo is not supported");
}

TEST(Yaml, BoundsTheExpansionOfAliases) {
  std::string bomb = "a0: &a0 [xxxxxxxxxxxxxxxx]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) {
      bomb.append(k == 0 ? "" : ", ").append(previous);
    }
    bomb += "]\n";
  }
  const auto result = convert_yaml(bomb, 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kLimit);
}

TEST(Yaml, BoundsDepth) {
  const auto result = convert_yaml(std::string(100000, '['), 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(convert_block_yaml(std::string(5000, '-'), 1), std::nullopt);
}

// YAML 1.2, 9.1.2: not even a quoted scalar goes beyond a document marker.
TEST(Yaml, QuickConversionLeavesMarkersAlone) {
  EXPECT_EQ(convert_block_yaml("a: ' b\n...\nc: ' \n", 1), std::nullopt);
}

// YAML 1.2, 5.1: neither do controls beyond ASCII and noncharacters belong in a document.
TEST(Yaml, QuickConversionLeavesWhatIsNotPrintableAlone) {
  for (const char* odd : {"\xC2\x92", "\xC2\x80", "\xEF\xBF\xBE", "\xEF\xBF\xBF", "\x7F"}) {
    const std::string yaml = std::string("a: b") + odd + "c\n";
    EXPECT_EQ(convert_block_yaml(yaml, 1), std::nullopt);
    EXPECT_FALSE(convert_yaml(yaml, 1));
  }
  EXPECT_TRUE(convert_block_yaml("a: \xC2\xA0\xC3\xA9\n", 1));
}

TEST(Manifests, SplitsDocumentsAndKeepsLines) {
  const std::string text =
      "# head\n---\n" + std::string(kHead) + "---\n# nothing\n---\n" + std::string(kHead) + "...\n";
  const auto manifests = read_manifests(text, "pods.yaml");
  ASSERT_TRUE(manifests) << manifests.error().detail;
  ASSERT_EQ(manifests->size(), 2U);
  EXPECT_EQ((*manifests)[0].line, 3);
  EXPECT_EQ((*manifests)[1].line, 8);
  EXPECT_EQ((*manifests)[1].kind, "Pod");
  EXPECT_EQ((*manifests)[1].file, "pods.yaml");
}

TEST(Manifests, ExpandsLists) {
  const auto manifests = read_manifests(
      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n"
      "- apiVersion: apps/v1\n  kind: Deployment\n",
      "f");
  ASSERT_TRUE(manifests) << manifests.error().detail;
  ASSERT_EQ(manifests->size(), 2U);
  EXPECT_EQ((*manifests)[1].api_version, "apps/v1");
  EXPECT_EQ((*manifests)[1].line, 6);
}

TEST(Manifests, GivesItemsTheKindOfTheirTypedList) {
  const auto manifests = read_manifests(
      "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[\n{\"metadata\":{\"name\":\"a\"}},\n{"
      "}]}",
      "f");
  ASSERT_TRUE(manifests) << manifests.error().detail;
  ASSERT_EQ(manifests->size(), 2U);
  EXPECT_EQ((*manifests)[0].json, R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}})");
  EXPECT_EQ((*manifests)[1].json, R"({"apiVersion":"v1","kind":"Pod"})");
  EXPECT_EQ((*manifests)[1].line, 3);
}

TEST(Manifests, RefusesJsonKeysThatAreThereTwice) {
  const auto repeated = [](std::string_view text) {
    const auto manifests = read_manifests(text, "f");
    return manifests ? "" : manifests.error().detail;
  };
  EXPECT_EQ(repeated("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\n\"kind\" : \"Node\"}"),
            "f:2: the key \"kind\" is there twice");
  EXPECT_EQ(repeated("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\n"
                     "\"labels\":{\"a\":\"1\",\n\"b\":\"a\",\"a\":\"a\"}}}"),
            "f:3: the key \"a\" is there twice");
  EXPECT_EQ(repeated("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":"
                     "[{\"a\":\"a\"},{\"a\":{\"a\":1}}]}"),
            "");
}

TEST(Manifests, ReadsGzip) {
  std::string packed(4096, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string text(kHead);
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  const auto manifests = read_manifests(packed, "f.gz");
  ASSERT_TRUE(manifests) << manifests.error().detail;
  EXPECT_EQ(manifests->size(), 1U);
  EXPECT_FALSE(read_manifests(packed.substr(0, 20), "f.gz"));
}

TEST(Manifests, LocatesFields) {
  const std::string text =
      "kind: List\nitems:\n- spec:\n    containers:\n    - name: a\n    - name: b\n      image: x\n"
      "  metadata:\n    labels:\n      karpenter.sh/x: y\n";
  EXPECT_EQ(locate(text, 3, "spec.containers[1].image"), 7);
  EXPECT_EQ(locate(text, 3, "metadata.labels.karpenter.sh/x"), 10);
  EXPECT_EQ(locate(text, 3, "spec.containers[1].missing"), 6);
  EXPECT_EQ(locate(text, 3, "nothing"), 3);
}

}  // namespace
}  // namespace k8s
