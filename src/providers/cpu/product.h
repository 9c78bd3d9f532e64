// Products with a packed right-hand side: what matrix products and convolutions are made of.
#ifndef SAMOYED_PROVIDERS_CPU_PRODUCT_H_
#define SAMOYED_PROVIDERS_CPU_PRODUCT_H_

#include <array>
#include <cstdint>
#include <span>

#include "base/status.h"
#include "ops/context.h"
#include "providers/cpu/finish.h"
#include "providers/cpu/scratch.h"
#include "providers/cpu/simd/tile.h"
#include "tensor/tensor.h"

namespace samoyed::cpu {

// A matrix [k, n] as micro-kernels read it: panels of up to `tile.vectors * tile.lanes` columns, [k][width] each, the last one only as
// many vectors wide as it needs, with a bias beside it.
class PackedMatrix {
 public:
  // One axis of the source that k runs over (the first slowest).
  struct Axis {
    int64_t size, stride;
  };
  using Rows = std::array<Axis, 3>;
  static int64_t Floats(const TileFns& tile, int64_t k, int64_t n);

  // Element (k, n) lies at source[k's offset along `rows` + n * n_stride]. `bias` has n elements or is null.
  static Result<PackedMatrix> Pack(const TileFns& tile, const float* source, const Rows& rows, int64_t n, int64_t n_stride,
                                   const float* bias);
  // The same into memory of Floats() floats that the caller keeps, without a bias.
  static PackedMatrix PackInto(const TileFns& tile, const float* source, const Rows& rows, int64_t n, int64_t n_stride, float* memory);

  // What lies packed in memory that the caller keeps, without a bias.
  static PackedMatrix View(const TileFns& tile, int64_t k, int64_t n, const float* packed);

  int64_t k() const { return k_; }
  int64_t n() const { return n_; }
  int64_t panels() const { return panels_; }
  int64_t panel_columns() const { return width_; }  // of all but the last
  int64_t bytes() const { return storage_.byte_size() + bias_.byte_size(); }
  const float* panel(int64_t p) const { return data_ + p * width_ * k_; }
  const float* bias(int64_t p) const { return bias_.defined() ? bias_.data<float>() + p * width_ : nullptr; }

 private:
  void Fill(const float* source, const Rows& rows, int64_t n_stride, int lanes, float* to) const;

  int64_t k_ = 0, n_ = 0, panels_ = 0, width_ = 0;
  const float* data_ = nullptr;
  Tensor storage_, bias_;
};

// Rows of A in strips: row m of strip s begins at a + s * a_step + m * a_stride, and so for the result and the residual.
struct Strips {
  const float* a = nullptr;
  int64_t a_step = 0, a_stride = 0;
  float* c = nullptr;
  int64_t c_step = 0, c_stride = 0;
  const float* residual = nullptr;
  int64_t residual_step = 0, residual_stride = 0;
  int64_t strips = 1, rows = 0;
};

// Where a row of A lies: see TileArgs.
struct Runs {
  const int64_t* offsets;
  int64_t count, length;
};

// Panels [begin, end) of the product, on this thread.
void Multiply(const TileFns& tile, const Strips& strips, const Runs& runs, const PackedMatrix& b, int64_t begin, int64_t end,
              const Finish& finish);

// How many pieces work of so many operations is cut into: several a thread, so that a slow one does not hold up the others, but
// none of less than some microseconds; one alone for one thread.
int64_t PiecesFor(double flops, int threads);

// How a product is cut into pieces of work.
struct ProductPlan {
  int64_t block = 1;  // rows a piece
  int64_t row_blocks = 1, column_blocks = 1;
  int64_t panels = 1;  // of a column block
  // Rows of A that lie a multiple of 4 KiB apart fall into the same few lines of a first cache and push each other out: a piece then
  // reads a copy of them. Rows in several strips are always copied. Floats between the copy's rows; 0: A is read where it lies.
  int64_t copy_stride = 0;

  // a [strips * rows, k] whose rows are a_stride apart within a strip, times b [k, n].
  static ProductPlan Of(const TileFns& tile, int64_t strips, int64_t rows, int64_t a_stride, int64_t k, int64_t n, int threads);
  int64_t CopyBytes() const { return ScratchProduct(block, copy_stride * static_cast<int64_t>(sizeof(float))); }
};

// c = finish(a * b) on all threads of the run. The strips of c and of the residual follow each other without a gap. `scratch` has
// room for plan.CopyBytes() a thread.
void MultiplyParallel(KernelContext& ctx, const TileFns& tile, const Strips& strips, const PackedMatrix& b, const Finish& finish,
                      std::span<std::byte> scratch);

// The same on this thread; `copy` has plan.CopyBytes() bytes for one thread.
void MultiplyBlocks(const TileFns& tile, const Strips& strips, const PackedMatrix& b, const Finish& finish, std::byte* copy);

// Bytes of working set that a block of A should stay within, so that it is still cached when the next panel comes.
int64_t BlockBytes();

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_PRODUCT_H_
