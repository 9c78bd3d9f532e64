// Transposed convolution and resizing of the cpu provider against the reference, in both layouts.
#include <gtest/gtest.h>

#include "kernels/check.h"

namespace samoyed::testing {
namespace {

using List = std::vector<int64_t>;

struct Transposed {
  List x, w, strides = {1, 1}, pads = {0, 0, 0, 0}, dilations = {1, 1};
  int64_t group = 1;
  std::vector<Attribute> more;
  bool bias = true;
  const char* after = "";
};

void CheckTransposed(const Transposed& c) {
  Check(
      [&](GraphMaker& g) {
        std::vector<ValueId> inputs = {g.RandomInput(Shape(c.x)), g.Weights(Shape(c.w))};
        if (c.bias) inputs.push_back(g.Weights({c.w[1] * c.group}));
        std::vector<Attribute> attributes = {{"strides", c.strides}, {"dilations", c.dilations}, {"group", c.group}};
        if (!c.pads.empty()) attributes.push_back({"pads", c.pads});
        for (const Attribute& a : c.more) attributes.push_back(a);
        ValueId y = g.Op("ConvTranspose", inputs, attributes);
        if (*c.after != 0) y = g.Op(c.after, {y});
        g.Output(y);
      },
      1e-5, 5e-5);
}

TEST(CpuConvTranspose, EveryPhase) {
  for (const int64_t stride : {1, 2, 3}) {
    for (const int64_t kernel : {1, 2, 3, 4, 5}) {
      for (const int64_t pad : {0, 1}) {
        if (kernel + stride * 4 <= 2 * pad) continue;
        SCOPED_TRACE(StrCat("stride ", stride, " kernel ", kernel, " pad ", pad));
        CheckTransposed({.x = {2, 5, 6, 7}, .w = {5, 9, kernel, kernel}, .strides = {stride, stride}, .pads = {pad, pad, pad, pad}});
      }
    }
  }
}

TEST(CpuConvTranspose, Forms) {
  CheckTransposed({.x = {1, 24, 20, 20}, .w = {24, 1, 2, 2}, .strides = {2, 2}, .after = "Sigmoid"});
  CheckTransposed({.x = {1, 40, 30, 33}, .w = {40, 40, 4, 4}, .strides = {2, 2}, .pads = {1, 1, 1, 1}, .bias = false, .after = "Relu"});
  CheckTransposed({.x = {1, 6, 5, 7}, .w = {6, 4, 3, 2}, .strides = {2, 3}, .pads = {1, 0, 0, 1}, .dilations = {2, 3}, .group = 2});
  CheckTransposed({.x = {1, 6, 5, 7}, .w = {6, 4, 3, 3}, .strides = {4, 2}, .dilations = {2, 4}});
  CheckTransposed(
      {.x = {1, 4, 5, 7}, .w = {4, 4, 3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}, .more = {{"output_padding", List{1, 1}}}});
  CheckTransposed({.x = {1, 4, 5, 7}, .w = {4, 4, 3, 3}, .strides = {3, 3}, .pads = {}, .more = {{"output_shape", List{18, 20}}}});
  CheckTransposed({.x = {1, 4, 5, 7}, .w = {4, 4, 3, 3}, .strides = {2, 2}, .pads = {}, .more = {{"auto_pad", std::string("SAME_LOWER")}}});
  CheckTransposed({.x = {2, 6, 11}, .w = {6, 8, 5}, .strides = {3}, .pads = {1, 2}, .dilations = {1}});
  CheckTransposed({.x = {1, 8, 6, 6}, .w = {8, 1, 4, 4}, .strides = {2, 2}, .pads = {1, 1, 1, 1}, .group = 8});
  CheckTransposed({.x = {0, 4, 5, 7}, .w = {4, 4, 3, 3}});
}

// --- resize ---

// Between two convolutions the data lies channels-last.
void CheckResize(std::string_view mode, std::string_view coordinates, Tensor scales, Tensor sizes, bool channels_last,
                 std::vector<Attribute> more = {}, Shape shape = {2, 3, 7, 10}) {
  Check(
      [&](GraphMaker& g) {
        ValueId x = g.RandomInput(shape);
        if (channels_last) x = g.Op("Conv", {x, g.Weights({5, 3, 1, 1})});
        std::vector<ValueId> inputs = {x, kNoValue, scales.defined() ? g.Constant(scales) : kNoValue};
        if (sizes.defined()) inputs.push_back(g.Constant(sizes));
        std::vector<Attribute> attributes = more;
        attributes.push_back({"mode", std::string(mode)});
        attributes.push_back({"coordinate_transformation_mode", std::string(coordinates)});
        ValueId y = g.Op("Resize", inputs, attributes);
        if (channels_last) y = g.Op("Conv", {y, g.Weights({4, 5, 1, 1})});
        g.Output(y);
      },
      1e-5, 5e-5);
}

TEST(CpuResize, ModesAndCoordinates) {
  for (const bool channels_last : {false, true}) {
    for (const char* coordinates : {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"}) {
      for (const char* mode : {"nearest", "linear", "cubic"}) {
        SCOPED_TRACE(StrCat(mode, " ", coordinates, channels_last));
        CheckResize(mode, coordinates, Tensor::Of<float>({4}, {1, 1, 2, 2.5f}), Tensor(), channels_last);
        CheckResize(mode, coordinates, Tensor::Of<float>({4}, {1, 1, 0.5f, 0.7f}), Tensor(), channels_last);
        CheckResize(mode, coordinates, Tensor(), Tensor::Of<int64_t>({2}, {21, 4}), channels_last, {{"axes", List{2, 3}}});
        CheckResize(mode, coordinates, Tensor(), Tensor::Of<int64_t>({2}, {7, 10}), channels_last, {{"axes", List{2, 3}}});
      }
    }
  }
}

TEST(CpuResize, Attributes) {
  const Tensor half = Tensor::Of<float>({4}, {1, 1, 0.4f, 0.6f}), sizes = Tensor::Of<int64_t>({2}, {30, 25});
  for (const bool channels_last : {false, true}) {
    CheckResize("linear", "half_pixel", half, Tensor(), channels_last, {{"antialias", int64_t{1}}});
    CheckResize("cubic", "half_pixel", half, Tensor(), channels_last, {{"exclude_outside", int64_t{1}}, {"cubic_coeff_a", -0.5f}});
    for (const char* policy : {"not_larger", "not_smaller"})
      CheckResize("linear", "half_pixel", Tensor(), sizes, channels_last,
                  {{"axes", List{3, 2}}, {"keep_aspect_ratio_policy", std::string(policy)}});
    for (const char* mode : {"floor", "ceil", "round_prefer_ceil"})
      CheckResize("nearest", "asymmetric", half, Tensor(), channels_last, {{"nearest_mode", std::string(mode)}});
  }
  CheckResize("linear", "half_pixel", Tensor::Of<float>({4}, {2, 0.5f, 3, 2}), Tensor(), false, {}, {2, 4, 3, 5});
  CheckResize("linear", "half_pixel", Tensor::Of<float>({4}, {1, 1, 3, 2}), Tensor(), false, {}, {0, 4, 3, 5});
}

TEST(CpuResize, NearestOfBytes) {
  Check(
      [](GraphMaker& g) {
        const ValueId scales = g.Constant(Tensor::Of<float>({4}, {1, 1, 2, 3}));
        g.Output(g.Op("Resize", {g.Input(g.RandomBytes(DType::kUint8, {1, 3, 5, 4})), kNoValue, scales}));
      },
      0, 0);
}

}  // namespace
}  // namespace samoyed::testing
