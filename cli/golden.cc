#include "golden.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "image_input.h"
#include "made_up_inputs.h"

namespace samoyed::cli {
namespace {

using Json = nlohmann::json;
constexpr size_t kMaxPlaces = 1024;  // elements kept of an output
// Shares of the largest expected element: a quantised network moves single elements by whole steps from one processor to another.
constexpr double kTolerance = 0.05, kMeanTolerance = 0.01;

// Gradients with edges in them: decoding aside, every step of a pipeline changes it.
std::vector<uint8_t> TestPicture(int width, int height) {
  std::vector<uint8_t> rgb;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      rgb.push_back(static_cast<uint8_t>(x * 255 / (width - 1)));
      rgb.push_back(static_cast<uint8_t>(y * 255 / (height - 1)));
      rgb.push_back(static_cast<uint8_t>(((x / 16 + y / 16) % 2) * 200 + (x + y) % 32));
    }
  }
  return rgb;
}

std::vector<ValuePtr> GoldenInputs(const samoyed_session& session, const std::string& pipeline) {
  if (pipeline.empty()) return MakeInputs(session, {});
  constexpr int kWidth = 320, kHeight = 240;
  std::vector<uint8_t> rgb = TestPicture(kWidth, kHeight);
  std::vector<ValuePtr> inputs;
  inputs.push_back(ToTensor(samoyed_pixels{kWidth, kHeight, rgb.data()}, pipeline));
  return inputs;
}

// FNV-1a, 64 bits. http://www.isthe.com/chongo/tech/comp/fnv/
std::string Hash(const std::vector<ValuePtr>& values) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const ValuePtr& v : values) {
    const auto* bytes = static_cast<const uint8_t*>(Api().value_data(v.get()));
    for (size_t i = 0; i < Api().value_size(v.get()); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  }
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

// Class numbers, counts and answers, which are right or wrong; numbers of 8 and 16 bits are quantised measures.
bool IsIndex(const samoyed_value& v) {
  const int type = Api().value_dtype(&v);
  return type == 6 || type == 7 || type == 9 || type == 12 || type == 13;
}

Json ShapeOf(const samoyed_value& v) { return std::vector<int64_t>(Api().value_dims(&v), Api().value_dims(&v) + Api().value_rank(&v)); }

}  // namespace

std::string MakeGolden(const samoyed_session& session, const std::string& pipeline) {
  const std::vector<ValuePtr> inputs = GoldenInputs(session, pipeline);
  const std::vector<ValuePtr> outputs = Run(session, inputs);
  Json golden = {{"input", pipeline.empty() ? "numbers" : "picture"}, {"input_hash", Hash(inputs)}, {"outputs", Json::array()}};
  for (size_t i = 0; i < outputs.size(); ++i) {
    const samoyed_value& v = *outputs[i];
    if (!HasNumbers(v)) continue;
    const size_t count = NumElements(v), step = std::max<size_t>(1, count / kMaxPlaces);
    Json values = Json::array();
    for (size_t at = 0; at < count && values.size() < kMaxPlaces; at += step) values.push_back(NumberAt(v, at));
    golden["outputs"].push_back(
        {{"name", Api().session_output_name(&session, i)}, {"index", i}, {"shape", ShapeOf(v)}, {"step", step}, {"values", values}});
  }
  if (golden["outputs"].empty())
    throw Error(SAMOYED_UNSUPPORTED, "no golden sample can be made: the model has no output of numbers; pack it with --no-golden");
  return golden.dump();
}

std::string CompareWithGolden(const samoyed_session& session, const std::string& text, const std::string& pipeline) {
  const Json golden = Json::parse(text, nullptr, false);
  const auto is_sample = [&] {
    if (!golden.is_object() || !golden.contains("outputs") || !golden["outputs"].is_array() ||
        !golden.value("input_hash", Json()).is_string() || !golden.value("input", Json()).is_string())
      return false;
    for (const Json& o : golden["outputs"]) {
      if (!o.is_object() || !o.contains("values") || !o["values"].is_array() || !o.value("index", Json()).is_number_unsigned() ||
          !o.value("step", Json()).is_number_unsigned())
        return false;
      if (!std::all_of(o["values"].begin(), o["values"].end(), [](const Json& v) { return v.is_number() || v.is_null(); })) return false;
    }
    return true;
  };
  if (!is_sample()) throw Error(SAMOYED_BAD_INPUT, "the model's samoyed.golden is no golden sample; pack the model again");
  const std::vector<ValuePtr> inputs = GoldenInputs(session, golden.value("input", "") == "picture" ? pipeline : std::string());
  if (Hash(inputs) != golden["input_hash"])
    return "the input differs: this device, or this version, prepares pictures in another way than the one that packed the model";
  const std::vector<ValuePtr> outputs = Run(session, inputs);
  for (const Json& expected : golden["outputs"]) {
    const size_t index = expected["index"], step = std::max<size_t>(1, expected["step"]);
    if (index >= outputs.size() || !HasNumbers(*outputs[index])) return "output " + std::to_string(index) + " is not there";
    const samoyed_value& v = *outputs[index];
    const std::string name = Api().session_output_name(&session, index);
    if (expected.value("shape", Json()) != ShapeOf(v))
      return name + " has shape " + ShapeOf(v).dump() + " instead of " + expected.value("shape", Json()).dump();
    const size_t count = NumElements(v);
    const bool exact = IsIndex(v);
    double largest = 0, sum = 0;
    for (const Json& value : expected["values"]) largest = std::max(largest, value.is_null() ? 0 : std::fabs(value.get<double>()));
    for (size_t i = 0; i < expected["values"].size(); ++i) {
      const Json& value = expected["values"][i];
      if (i * step >= count) return name + " has fewer elements than the sample";
      const double actual = NumberAt(v, i * step);
      const bool same = exact             ? value.is_number() && actual == value.get<double>()
                        : value.is_null() ? !std::isfinite(actual)
                                          : std::fabs(actual - value.get<double>()) <= kTolerance * largest;
      if (!value.is_null()) sum += std::fabs(actual - value.get<double>());
      if (!same) return name + ": element " + std::to_string(i * step) + " is " + std::to_string(actual) + " instead of " + value.dump();
    }
    if (sum > kMeanTolerance * largest * static_cast<double>(expected["values"].size()))
      return name + ": the elements differ by " + std::to_string(sum / static_cast<double>(expected["values"].size())) + " on average";
  }
  return {};
}

}  // namespace samoyed::cli
