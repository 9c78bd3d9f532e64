// Depthwise convolution of bytes: blocks of output rows, from a copy of their input rows with the padding around.
#include <algorithm>
#include <cstring>
#include <utility>

#include "providers/cpu/byte_conv.h"
#include "providers/cpu/scratch.h"
#include "providers/cpu/simd/byte_window.h"

namespace samoyed::cpu {
namespace {

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

class ByteDepthwiseConv final : public Kernel {
 public:
  explicit ByteDepthwiseConv(ByteConvSpec spec)
      : spec_(std::move(spec)),
        fns_(&ByteWindowFnsFor(spec_.conv.level)),
        name_(StrCat("conv int8 ", spec_.conv.kernel_h, "x", spec_.conv.kernel_w, " depthwise ", NameOf(spec_.conv.level))) {}

  Status Pack() {
    const int64_t channels = spec_.conv.channels;
    if (const ByteWindowFns* vnni = VnniByteWindowFns(spec_.conv.level); vnni != nullptr && FitsInt8()) fns_ = vnni;
    const int64_t lanes = fns_->channels, groups = CeilDiv(channels, lanes), steps = CeilDiv(taps(), fns_->step);
    SAMOYED_ASSIGN_OR_RETURN(weights_, Tensor::Allocate(DType::kInt32, Shape({groups * steps * lanes})));
    std::memset(weights_.mutable_raw(), 0, static_cast<size_t>(weights_.byte_size()));
    auto* packed = static_cast<std::byte*>(weights_.mutable_raw());
    bias_.assign(static_cast<size_t>(groups * lanes), 0);
    scale_.assign(static_cast<size_t>(groups * lanes), 0);
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t place = fns_->place(static_cast<int>(c % lanes)), width = 4 / fns_->step;
      int32_t sum = 0;
      for (int64_t t = 0; t < taps(); ++t) {
        const int32_t w = Weight(c, t);
        sum += w;
        const auto half = static_cast<int16_t>(w);  // little-endian: its first byte is the int8
        const int64_t cell = (c / lanes * steps + t / fns_->step) * lanes + place;
        std::memcpy(packed + cell * 4 + t % fns_->step * width, &half, static_cast<size_t>(width));
      }
      const auto i = static_cast<size_t>(c / lanes * lanes + place);
      // Modulo 2^32, as the sums.
      bias_[i] = static_cast<int32_t>((spec_.bias.empty() ? int64_t{0} : spec_.bias[static_cast<size_t>(c)]) - int64_t{spec_.x_zero} * sum);
      scale_[i] = Of(spec_.scale, c);
    }
    spec_.weights = nullptr;
    return OkStatus();
  }

  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return weights_.byte_size() + static_cast<int64_t>(bias_.size() * 8); }
  bool OwnsConstant(int input) const override { return input != 0; }
  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty()) return 0;
    const auto shape = ConvShape::From(spec_.conv, inputs[0]);
    return shape.ok() ? ScratchSlots::Bytes(SlotBytes(*shape), threads) : 0;
  }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const ByteConvOperands run, ByteConvOperands::From(ctx, spec_));
    const ConvShape& shape = run.shape;
    if (shape.batch == 0 || shape.h.out <= 0 || shape.w.out <= 0) return ctx.Poll();
    ScratchSlots slots(ctx.scratch(), SlotBytes(shape));
    const int64_t blocks = CeilDiv(shape.h.out, kRows);
    ctx.ParallelFor(shape.batch * blocks, 1, [&](int64_t begin, int64_t end) {
      ScratchSlots::Lease lease(slots);
      for (int64_t i = begin; i < end && ctx.Poll().ok(); ++i) RunBlock(run, i / blocks, i % blocks * kRows, lease.data());
    });
    return ctx.Poll();
  }

 private:
  static constexpr int64_t kRows = 4;    // output rows a block
  static constexpr int64_t kSlack = 64;  // what the last group of channels reads past the end

  int64_t taps() const { return spec_.conv.kernel_h * spec_.conv.kernel_w; }
  template <typename T>
  static T Of(const std::vector<T>& values, int64_t c) {
    return values[values.size() == 1 ? 0 : static_cast<size_t>(c)];
  }
  // Less its zero point.
  int32_t Weight(int64_t channel, int64_t tap) const {
    const auto bits = static_cast<uint8_t>(spec_.weights[channel * taps() + tap]);
    return (spec_.weights_signed ? static_cast<int8_t>(bits) : bits) - (spec_.weight_zeros.empty() ? 0 : Of(spec_.weight_zeros, channel));
  }
  bool FitsInt8() const {
    if (spec_.x_dtype != DType::kUint8) return false;
    for (int64_t c = 0; c < spec_.conv.channels; ++c) {
      for (int64_t t = 0; t < taps(); ++t) {
        if (const int32_t w = Weight(c, t); w < -128 || w > 127) return false;
      }
    }
    return true;
  }
  int64_t Offsets() const { return CeilDiv(taps(), fns_->step) * fns_->step; }
  int64_t OffsetBytes() const { return AlignScratch(Offsets() * static_cast<int64_t>(sizeof(int64_t))); }
  int64_t Width(const ConvShape& shape) const { return (shape.w.out - 1) * shape.w.stride + (shape.w.kernel - 1) * shape.w.dilation + 1; }
  int64_t RowsFor(const ConvShape& shape, int64_t rows) const {
    return (rows - 1) * shape.h.stride + (shape.h.kernel - 1) * shape.h.dilation + 1;
  }
  int64_t SlotBytes(const ConvShape& shape) const {
    const int64_t row = ScratchProduct(std::max<int64_t>(0, Width(shape)), spec_.conv.channels);
    return OffsetBytes() + ScratchProduct(RowsFor(shape, std::clamp<int64_t>(shape.h.out, 1, kRows)), row) + kSlack;
  }
  void RunBlock(const ByteConvOperands& run, int64_t n, int64_t first, std::byte* scratch) const;

  ByteConvSpec spec_;
  const ByteWindowFns* fns_;
  Tensor weights_;  // as ByteWindowArgs has them
  std::vector<int32_t> bias_;
  std::vector<float> scale_;
  std::string name_;
};

void ByteDepthwiseConv::RunBlock(const ByteConvOperands& run, int64_t n, int64_t first, std::byte* scratch) const {
  const ConvShape& shape = run.shape;
  const int64_t channels = spec_.conv.channels, width = Width(shape), last = std::min(shape.h.out, first + kRows);
  std::byte* copy = scratch + OffsetBytes();
  const int64_t column = shape.w.Start(0), row = shape.h.Start(first), rows = RowsFor(shape, last - first);
  const int64_t left = std::clamp<int64_t>(-column, 0, width), right = std::clamp<int64_t>(shape.w.in - column, left, width);
  const int zero = static_cast<uint8_t>(spec_.x_zero);
  const auto fill = [&](std::byte* to, int64_t pixels) { std::memset(to, zero, static_cast<size_t>(pixels * channels)); };
  std::byte* to = copy;
  for (int64_t r = row; r < row + rows; ++r, to += width * channels) {
    if (r < 0 || r >= shape.h.in) {
      fill(to, width);
      continue;
    }
    fill(to, left);
    if (right > left)
      std::memcpy(to + left * channels, run.x + ((n * shape.h.in + r) * shape.w.in + column + left) * channels,
                  static_cast<size_t>((right - left) * channels));
    fill(to + right * channels, width - right);
  }
  std::memset(to, 0, static_cast<size_t>(kSlack));
  auto* offsets = reinterpret_cast<int64_t*>(scratch);
  for (int64_t i = 0; i < Offsets(); ++i) {
    const int64_t t = std::min(i, taps() - 1);
    offsets[i] = (t / spec_.conv.kernel_w * shape.h.dilation * width + t % spec_.conv.kernel_w * shape.w.dilation) * channels;
  }
  ByteWindowArgs args{};
  args.x_signed = spec_.x_dtype == DType::kInt8;
  args.tap_offsets = offsets;
  args.taps = taps();
  args.pixel_stride = shape.w.stride * channels;
  args.w = weights_.data<int32_t>();
  args.bias = bias_.data();
  args.scale = scale_.data();
  args.y_signed = spec_.y_dtype == DType::kInt8;
  args.pixels = shape.w.out;
  args.channels = channels;
  args.low = spec_.finish.low;
  args.high = spec_.finish.high;
  args.zero = spec_.finish.zero;
  for (int64_t r = first; r < last; ++r) {
    args.x = copy + (r - first) * shape.h.stride * width * channels;
    args.y = run.y + (n * shape.h.out + r) * shape.w.out * channels;
    fns_->depthwise(args);
  }
}

}  // namespace

Result<std::unique_ptr<Kernel>> MakeDepthwiseByteConv(ByteConvSpec spec) {
  auto kernel = std::make_unique<ByteDepthwiseConv>(std::move(spec));
  SAMOYED_RETURN_IF_ERROR(kernel->Pack());
  return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace samoyed::cpu
