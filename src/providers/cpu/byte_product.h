// Products of bytes with a packed right-hand side: what quantised matrix products and convolutions are made of.
#ifndef SAMOYED_PROVIDERS_CPU_BYTE_PRODUCT_H_
#define SAMOYED_PROVIDERS_CPU_BYTE_PRODUCT_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/status.h"
#include "ops/context.h"
#include "providers/cpu/product.h"
#include "providers/cpu/simd/byte_tile.h"
#include "tensor/tensor.h"

namespace samoyed::cpu {

// The right-hand side [k, n] of a product of bytes, and what is known of the left-hand side when it is packed.
struct ByteMatrix {
  const std::byte* values = nullptr;  // element (k, n) at k's offset along `rows` + n * n_stride
  bool is_signed = false;
  PackedMatrix::Rows rows;
  int64_t run_length = 0;  // k falls into runs of so many elements, each consecutive in A
  int64_t n = 0, n_stride = 0;
  std::span<const int32_t> zeros;  // zero points: none, one, or n
  std::span<const int32_t> bias;   // none, or n: in units of the sums
  std::span<const float> scale;    // none, one, or n: what a sum is multiplied with
  bool a_signed = false;
  int32_t a_zero = 0;
};

// Packed for a tile, with the zero points worked into the bias as far as they can be.
class PackedByteMatrix {
 public:
  // Totals must fit into int32 (ops::FitByteTotals): sums are taken modulo 2^32.
  static Result<PackedByteMatrix> Pack(const ByteTileFns& tile, const ByteMatrix& b);

  const ByteTileFns& tile() const { return *tile_; }
  int64_t k() const { return runs_ * run_length_; }
  int64_t n() const { return n_; }
  int64_t runs() const { return runs_; }
  int64_t run_length() const { return run_length_; }
  int64_t run_steps() const { return run_steps_; }
  int64_t panels() const { return panels_; }
  int64_t panel_columns() const { return width_; }
  int64_t padded_columns() const { return bias_.size(); }  // n, and zeros up to a whole vector
  int64_t bytes() const {
    return storage_.byte_size() + bias_.byte_size() + scale_.byte_size() + zeros_.byte_size() + column_sums_.byte_size();
  }
  bool needs_row_sums() const { return zeros_.defined(); }

  // A's bytes can be read where they lie; else PrepareA must have made a copy.
  bool reads_in_place() const { return in_place_; }
  // A copy may be read so many bytes past its end.
  static constexpr int64_t kSlack = 64;
  int64_t element_bytes() const { return tile_->element_bytes(); }
  void PrepareA(const std::byte* from, int64_t count, std::byte* to) const { tile_->prepare(from, count, a_signed_, a_zero_, flip_, to); }
  // `count` elements whose value is A's zero point.
  void FillA(int64_t count, std::byte* to) const;

  const int32_t* panel(int64_t p) const { return storage_.data<int32_t>() + p * width_ * runs_ * run_steps_; }
  const int32_t* bias(int64_t p) const { return bias_.data<int32_t>() + p * width_; }
  const float* scale(int64_t p) const { return scale_.data<float>() + p * width_; }
  const int32_t* zeros(int64_t p) const { return zeros_.defined() ? zeros_.data<int32_t>() + p * width_ : nullptr; }
  // The sum of each column, less its zero point, modulo 2^32: what one more in A's zero point takes off. Padded, as are the others.
  const int32_t* column_sums() const { return column_sums_.data<int32_t>(); }
  // The sum of a prepared row's elements.
  int32_t SumRow(const std::byte* a, const int64_t* run_offsets) const;

 private:
  void PackColumn(const ByteMatrix& b, int64_t n);

  const ByteTileFns* tile_ = nullptr;
  int64_t n_ = 0, runs_ = 0, run_length_ = 0, run_steps_ = 0, panels_ = 0, width_ = 0;
  bool a_signed_ = false, in_place_ = false;
  int32_t a_zero_ = 0;  // in the units of prepared bytes
  uint8_t flip_ = 0;
  Tensor storage_, bias_, scale_, zeros_, column_sums_;
};

// Where a product's results go and as what.
struct ByteFinish {
  ByteOutput output = ByteOutput::kUint8;
  int32_t zero = 0;
  float low = 0, high = 0;
  // In place of the matrix's own, as padded; null: its own. `shift` is added to results of float; null: nothing is.
  const int32_t* bias = nullptr;
  const float* scale = nullptr;
  const float* shift = nullptr;
  int64_t element_bytes() const { return output == ByteOutput::kInt32 || output == ByteOutput::kFloat ? 4 : 1; }
  // For results of a type with a zero point (bytes), or of float or int32.
  static ByteFinish For(DType dtype, int32_t zero);
};

// Rows of prepared A in strips: row m of strip s begins at a + s * a_step + m * a_stride, and so for the result. All in bytes.
struct ByteStrips {
  const std::byte* a = nullptr;
  int64_t a_step = 0, a_stride = 0;
  std::byte* c = nullptr;
  int64_t c_step = 0, c_stride = 0;
  int64_t strips = 1, rows = 0;
  int32_t* row_sums = nullptr;  // room for strips * rows where the matrix needs them
};

// Panels [begin, end) of the product.
void MultiplyBytes(const ByteStrips& strips, const int64_t* run_offsets, const PackedByteMatrix& b, int64_t begin, int64_t end,
                   const ByteFinish& finish);

// c = a b for a row-major matrix of bytes a [rows, b.k()], shared out among threads. b must have one run.
int64_t ByteProductScratch(const PackedByteMatrix& b, int64_t rows, int threads);
void MultiplyBytesParallel(KernelContext& ctx, const std::byte* a, int64_t rows, const PackedByteMatrix& b, const ByteFinish& finish,
                           std::byte* c, std::span<std::byte> scratch);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_BYTE_PRODUCT_H_
