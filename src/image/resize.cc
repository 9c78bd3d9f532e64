#include "image/resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace samoyed::image {
namespace {

constexpr int kFractionBits = 22;

double Sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

double Weight(Filter filter, double x) {
  x = std::fabs(x);
  switch (filter) {
    case Filter::kNearest:
    case Filter::kBox:
      return 0;  // handled where it is used: the box is not symmetric
    case Filter::kBilinear:
      return x < 1 ? 1 - x : 0;
    case Filter::kHamming:  // the constants are single precision in Pillow, too
      return x == 0   ? 1
             : x >= 1 ? 0
                      : std::sin(x * std::numbers::pi) / (x * std::numbers::pi) *
                            (static_cast<double>(0.54f) + static_cast<double>(0.46f) * std::cos(x * std::numbers::pi));
    case Filter::kBicubic: {
      constexpr double a = -0.5;
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
    case Filter::kLanczos:
      return x < 3 ? Sinc(x) * Sinc(x / 3) : 0;
  }
  return 0;
}

double Support(Filter filter) {
  switch (filter) {
    case Filter::kBox:
      return 0.5;
    case Filter::kBicubic:
      return 2;
    case Filter::kLanczos:
      return 3;
    default:
      return 1;
  }
}

// For each output position: the first input position under the filter, and the weights from there on.
struct Weights {
  size_t width;  // of a row of `values`
  std::vector<int> first, count;
  std::vector<int> values;
};

Weights MakeWeights(Filter filter, int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double stretch = std::max(scale, 1.0);
  const double support = Support(filter) * stretch;
  Weights w{std::min(static_cast<size_t>(std::ceil(support)) * 2 + 1, static_cast<size_t>(in)), {}, {}, {}};
  w.values.resize(w.width * static_cast<size_t>(out));
  std::vector<double> exact(w.width);
  for (int x = 0; x < out; ++x) {
    const double centre = (x + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int count = std::min(in, static_cast<int>(centre + support + 0.5)) - first;
    double sum = 0;
    for (int i = 0; i < count; ++i) {
      const double at = (i + first - centre + 0.5) * (1 / stretch);
      exact[static_cast<size_t>(i)] = filter == Filter::kBox ? (at > -0.5 && at <= 0.5 ? 1 : 0) : Weight(filter, at);
      sum += exact[static_cast<size_t>(i)];
    }
    for (int i = 0; i < count; ++i) {
      double value = exact[static_cast<size_t>(i)];
      if (sum != 0) value /= sum;
      value *= 1 << kFractionBits;
      w.values[static_cast<size_t>(x) * w.width + static_cast<size_t>(i)] = static_cast<int>(value < 0 ? value - 0.5 : value + 0.5);
    }
    w.first.push_back(first);
    w.count.push_back(count);
  }
  return w;
}

uint8_t Clip(int sum) { return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255)); }

Result<Picture> Across(const Picture& in, int width, Filter filter) {
  const Weights w = MakeWeights(filter, in.width, width);
  SAMOYED_ASSIGN_OR_RETURN(Picture out, MakePicture(width, in.height));
  for (size_t y = 0; y < static_cast<size_t>(in.height); ++y) {
    const uint8_t* row = in.rgb.data() + y * static_cast<size_t>(in.width) * 3;
    uint8_t* to = out.rgb.data() + y * static_cast<size_t>(width) * 3;
    for (size_t x = 0; x < static_cast<size_t>(width); ++x, to += 3) {
      int sums[3] = {1 << (kFractionBits - 1), 1 << (kFractionBits - 1), 1 << (kFractionBits - 1)};
      const uint8_t* from = row + static_cast<size_t>(w.first[x]) * 3;
      const int* weight = w.values.data() + x * w.width;
      for (int i = 0; i < w.count[x]; ++i, from += 3) {
        for (int c = 0; c < 3; ++c) sums[c] += from[c] * weight[i];
      }
      for (int c = 0; c < 3; ++c) to[c] = Clip(sums[c]);
    }
  }
  return out;
}

Result<Picture> Down(const Picture& in, int height, Filter filter) {
  const Weights w = MakeWeights(filter, in.height, height);
  const size_t row = static_cast<size_t>(in.width) * 3;
  SAMOYED_ASSIGN_OR_RETURN(Picture out, MakePicture(in.width, height));
  std::vector<int> sums(row);
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    std::fill(sums.begin(), sums.end(), 1 << (kFractionBits - 1));
    for (int i = 0; i < w.count[y]; ++i) {
      const uint8_t* from = in.rgb.data() + static_cast<size_t>(w.first[y] + i) * row;
      const int weight = w.values[y * w.width + static_cast<size_t>(i)];
      for (size_t x = 0; x < row; ++x) sums[x] += from[x] * weight;
    }
    for (size_t x = 0; x < row; ++x) out.rgb[y * row + x] = Clip(sums[x]);
  }
  return out;
}

Result<Picture> Nearest(const Picture& in, int width, int height) {
  SAMOYED_ASSIGN_OR_RETURN(Picture out, MakePicture(width, height));
  const double sx = static_cast<double>(in.width) / width, sy = static_cast<double>(in.height) / height;
  // Positions are summed up step by step, as Pillow's affine transform does.
  std::vector<size_t> columns;
  double at = sx * 0.5;
  for (int x = 0; x < width; ++x, at += sx) columns.push_back(static_cast<size_t>(std::min(in.width - 1, static_cast<int>(at))));
  at = sy * 0.5;
  uint8_t* to = out.rgb.data();
  for (int y = 0; y < height; ++y, at += sy) {
    const uint8_t* row =
        in.rgb.data() + static_cast<size_t>(std::min(in.height - 1, static_cast<int>(at))) * static_cast<size_t>(in.width) * 3;
    for (size_t x : columns) {
      std::copy_n(row + x * 3, 3, to);
      to += 3;
    }
  }
  return out;
}

}  // namespace

Result<Filter> FilterFromName(std::string_view name) {
  constexpr std::pair<std::string_view, Filter> kNames[] = {{"nearest", Filter::kNearest},   {"box", Filter::kBox},
                                                            {"bilinear", Filter::kBilinear}, {"hamming", Filter::kHamming},
                                                            {"bicubic", Filter::kBicubic},   {"lanczos", Filter::kLanczos}};
  for (const auto& [known, filter] : kNames) {
    if (name == known) return filter;
  }
  return UsageError("there is no resize filter \"", name, "\"; there are nearest, box, bilinear, hamming, bicubic and lanczos");
}

Status CheckMade(int64_t width, int64_t height) {
  if (width <= 0 || height <= 0 || width > kLargestSide || height > kLargestSide)
    return UsageError("cannot make a picture of ", width, " x ", height, "; sides go from 1 to ", kLargestSide);
  if (width * height > kLargestArea)
    return LimitExceeded("a picture of ", width, " x ", height, " is more than the ", kLargestArea, " pixels that a step makes");
  return OkStatus();
}

Result<Picture> Resize(const Picture& in, int width, int height, Filter filter, Passes passes) {
  SAMOYED_RETURN_IF_ERROR(CheckMade(width, height));
  if (width == in.width && height == in.height) return in;
  if (filter == Filter::kNearest) return Nearest(in, width, height);
  constexpr int kLongest = 1 << 20;  // weights are kept for a whole side
  if (in.width > kLongest || in.height > kLongest)
    return LimitExceeded("a picture of ", in.width, " x ", in.height, " pixels is too long to be resized");
  if (width == in.width) return Down(in, height, filter);
  if (height == in.height) return Across(in, width, filter);
  const int64_t rows_lost = int64_t{in.height} - height, columns_lost = int64_t{in.width} - width;
  const bool down_first = passes == Passes::kPillow13 && rows_lost > 0 && rows_lost > 2 * columns_lost;
  const int64_t between = down_first ? int64_t{in.width} * height : int64_t{width} * in.height;
  if (between > std::max(kLargestArea, int64_t{in.width} * in.height))
    return LimitExceeded("resizing ", in.width, " x ", in.height, " to ", width, " x ", height,
                         " takes too much memory between the passes");
  SAMOYED_ASSIGN_OR_RETURN(const Picture half, down_first ? Down(in, height, filter) : Across(in, width, filter));
  return down_first ? Across(half, width, filter) : Down(half, height, filter);
}

}  // namespace samoyed::image
