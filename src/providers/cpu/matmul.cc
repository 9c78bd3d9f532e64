// MatMul and Gemm of fp32: a constant right-hand side is packed once, another one when it is known.
#include <algorithm>
#include <optional>
#include <vector>

#include "base/checked.h"
#include "ops/common/elementwise.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/product.h"
#include "providers/cpu/scratch.h"

namespace samoyed::cpu {
namespace {

// The sizes of A [batch..., m, k] times B [batch..., k, n].
struct Product {
  int64_t batches = 1, m = 0, k = 0, n = 0;
  Shape shape;                        // of the result
  Shape batch, a_strides, b_strides;  // in matrices
  bool flat = false;                  // B is one matrix: the batches of A are rows of one product
};

class MatMulKernel final : public Kernel {
 public:
  MatMulKernel(const KernelSpec& spec, CpuLevel level)
      : tile_(TileFnsFor(level)),
        finish_(Finish::From(spec.node.epilogue, level)),
        trans_b_(spec.node.op_type == "Gemm" && spec.node.attributes.Int("transB", 0) != 0),
        name_(StrCat("matrix product ", NameOf(level))) {
    if (finish_.has_residual) residual_input_ = static_cast<int>(spec.node.inputs.size()) - 1;
  }

  // Packs what is constant; `alpha` and `beta` are Gemm's.
  Status Pack(const KernelSpec& spec, float alpha, float beta) {
    const Tensor* b = spec.constant(1);
    const Tensor* c = spec.constant(2);
    if (b == nullptr) return OkStatus();
    const int64_t k = b->dim(trans_b_ ? 1 : 0), n = b->dim(trans_b_ ? 0 : 1);
    std::vector<float> scaled, bias;
    const float* source = b->data<float>();
    if (alpha != 1) {
      scaled.assign(source, source + b->size());
      for (float& v : scaled) v *= alpha;
      source = scaled.data();
    }
    if (spec.node.op_type == "Gemm" && c != nullptr) {
      bias.resize(static_cast<size_t>(n));
      for (size_t i = 0; i < bias.size(); ++i) bias[i] = beta * c->data<float>()[c->size() == 1 ? 0 : i];
    }
    const PackedMatrix::Rows rows = {{{1, 0}, {1, 0}, {k, trans_b_ ? 1 : n}}};
    SAMOYED_ASSIGN_OR_RETURN(weights_, PackedMatrix::Pack(tile_, source, rows, n, trans_b_ ? k : 1, bias.empty() ? nullptr : bias.data()));
    return OkStatus();
  }

  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return weights_ ? weights_->bytes() : 0; }
  bool OwnsConstant(int input) const override { return weights_ && (input == 1 || input == 2) && input != residual_input_; }

  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty() || (!weights_ && inputs.size() < 2)) return 0;
    const auto product = weights_ ? Plan(inputs[0], Shape({weights_->k(), weights_->n()}), false) : Plan(inputs[0], inputs[1], trans_b_);
    if (!product.ok()) return 0;
    if (!weights_ && !product->flat) return ScratchSlots::Bytes(PackBytes(*product) + CopyBytes(*product, 1), threads);
    return (weights_ ? 0 : PackBytes(*product)) + ScratchSlots::Bytes(CopyBytes(*product, threads), threads);
  }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
    const Tensor* b = weights_ ? nullptr : ctx.input(1);
    if (a->dtype() != DType::kFloat || (!weights_ && (b == nullptr || b->dtype() != DType::kFloat)))
      return BadInput(ctx.op_type(), " was made for floats");
    SAMOYED_ASSIGN_OR_RETURN(const Product p, weights_ ? Plan(a->shape(), Shape({weights_->k(), weights_->n()}), false)
                                                       : Plan(a->shape(), b->shape(), trans_b_));
    const float* residual = nullptr;
    if (residual_input_ >= 0) {
      SAMOYED_ASSIGN_OR_RETURN(const Tensor* r, RequireInput(ctx, residual_input_));
      if (r->dtype() != DType::kFloat || r->shape() != p.shape)
        return BadInput(ctx.op_type(), ": a residual of shape ", r->shape().ToString(), " for a result ", p.shape.ToString());
      residual = r->data<float>();
    }
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, p.shape);
    if (y->size() == 0) return OkStatus();
    Strips strips;
    strips.a = a->data<float>();
    strips.a_stride = p.k;
    strips.c = y->mutable_data<float>();
    strips.c_stride = strips.residual_stride = p.n;
    strips.residual = residual;
    strips.rows = Rows(p);
    const std::span<std::byte> scratch = ctx.scratch();
    if (weights_) {
      MultiplyParallel(ctx, tile_, strips, *weights_, finish_, scratch);
    } else if (p.flat) {
      const PackedMatrix packed = PackOne(p, b->data<float>(), reinterpret_cast<float*>(scratch.data()));
      MultiplyParallel(ctx, tile_, strips, packed, finish_, scratch.subspan(static_cast<size_t>(PackBytes(p))));
    } else {
      RunBatches(ctx, p, strips, b->data<float>());
    }
    return ctx.Poll();
  }

 private:
  static int64_t Rows(const Product& p) { return p.flat ? p.m * p.batches : p.m; }
  int64_t PackBytes(const Product& p) const {
    return AlignScratch(PackedMatrix::Floats(tile_, p.k, p.n) * static_cast<int64_t>(sizeof(float)));
  }
  int64_t CopyBytes(const Product& p, int threads) const {
    return AlignScratch(ProductPlan::Of(tile_, 1, Rows(p), p.k, p.k, p.n, threads).CopyBytes());
  }

  PackedMatrix PackOne(const Product& p, const float* b, float* memory) const {
    const PackedMatrix::Rows rows = {{{1, 0}, {1, 0}, {p.k, trans_b_ ? 1 : p.n}}};
    return PackedMatrix::PackInto(tile_, b, rows, p.n, trans_b_ ? p.k : 1, memory);
  }

  static Result<Product> Plan(const Shape& a, const Shape& b, bool trans_b) {
    if (a.rank() < 2 || b.rank() < 2) return BadInput("a product of shapes ", a.ToString(), " and ", b.ToString(), " was not planned for");
    Product p;
    p.m = a[a.rank() - 2];
    p.k = a.back();
    p.n = b[b.rank() - (trans_b ? 2 : 1)];
    if (b[b.rank() - (trans_b ? 1 : 2)] != p.k)
      return BadInput("inner dimensions of ", a.ToString(), " and ", b.ToString(), trans_b ? " (transposed)" : "", " differ");
    const Shape a_batch(a.dims().first(static_cast<size_t>(a.rank() - 2))), b_batch(b.dims().first(static_cast<size_t>(b.rank() - 2)));
    SAMOYED_ASSIGN_OR_RETURN(p.batch, BroadcastShapes(a_batch, b_batch));
    SAMOYED_ASSIGN_OR_RETURN(p.batches, p.batch.CheckedNumElements());
    p.flat = p.batches == a_batch.NumElements() && b_batch.NumElements() == 1;
    p.a_strides = ops::BroadcastStrides(a_batch, p.batch);
    p.b_strides = ops::BroadcastStrides(b_batch, p.batch);
    p.shape = p.batch;
    p.shape.push_back(p.m);
    p.shape.push_back(p.n);
    SAMOYED_RETURN_IF_ERROR(p.shape.CheckedNumElements().status());
    return p;
  }

  // One product a batch, each on one thread.
  void RunBatches(KernelContext& ctx, const Product& p, const Strips& strips, const float* b) const {
    ScratchSlots slots(ctx.scratch(), PackBytes(p) + CopyBytes(p, 1));
    ctx.ParallelFor(p.batches, 1, [&](int64_t begin, int64_t end) {
      ScratchSlots::Lease lease(slots);
      for (int64_t i = begin; i < end && ctx.Poll().ok(); ++i) {
        int64_t a_at = 0, b_at = 0, rest = i;
        for (int axis = p.batch.rank() - 1; axis >= 0; --axis) {
          a_at += rest % p.batch[axis] * p.a_strides[axis];
          b_at += rest % p.batch[axis] * p.b_strides[axis];
          rest /= p.batch[axis];
        }
        const PackedMatrix packed = PackOne(p, b + b_at * p.k * p.n, lease.floats());
        Strips part = strips;
        part.a += a_at * p.m * p.k;
        part.c += i * p.m * p.n;
        if (part.residual != nullptr) part.residual += i * p.m * p.n;
        MultiplyBlocks(tile_, part, packed, finish_, lease.data() + PackBytes(p));
      }
    });
  }

  const TileFns& tile_;
  Finish finish_;
  bool trans_b_;
  int residual_input_ = -1;
  std::optional<PackedMatrix> weights_;
  std::string name_;
};

Support QueryOperands(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0) || !IsFloatInput(spec, 1))
    return Support::No(StrCat("a product of ", spec.input_type(0).ToString(), " is not vectorised"));
  if (spec.input_type(0).rank() < 2 || spec.input_type(1).rank() < 2)
    return Support::No("a product of vectors, or of operands of unknown rank");
  return Support::Yes();
}

Support QueryMatMul(const KernelSpec& spec) { return QueryOperands(spec); }

Support QueryGemm(const KernelSpec& spec) {
  const Support operands = QueryOperands(spec);
  if (!operands.supported) return operands;
  const Attributes& a = spec.node.attributes;
  if (spec.input_type(0).rank() != 2 || spec.input_type(1).rank() != 2) return Support::No("Gemm needs matrices");
  if (a.Int("transA", 0) != 0) return Support::No("a transposed left-hand side is not vectorised");
  const Tensor* b = spec.constant(1);
  const Tensor* c = spec.constant(2);
  const int residual = spec.node.epilogue.has_residual ? static_cast<int>(spec.node.inputs.size()) - 1 : -1;
  const bool has_c = spec.has_input(2) && residual != 2;
  if (b == nullptr) return a.Float("alpha", 1) == 1 && !has_c ? Support::Yes() : Support::No("neither the matrix nor its bias is constant");
  const int64_t n = b->dim(a.Int("transB", 0) != 0 ? 0 : 1);
  const bool is_row = c != nullptr && c->dtype() == DType::kFloat &&
                      (c->size() == 1 || (c->size() == n && c->rank() >= 1 && c->rank() <= 2 && c->shape().back() == n));
  if (has_c && (!is_row || spec.node.since_version < 7)) return Support::No("the bias is not a constant row");
  return Support::Yes();
}

Result<std::unique_ptr<Kernel>> MakeMatMul(const KernelSpec& spec, CpuLevel level) {
  auto kernel = std::make_unique<MatMulKernel>(spec, level);
  const Tensor* b = spec.constant(1);
  if (b != nullptr && b->rank() == 2) {
    const bool gemm = spec.node.op_type == "Gemm";
    SAMOYED_RETURN_IF_ERROR(
        kernel->Pack(spec, gemm ? spec.node.attributes.Float("alpha", 1) : 1, gemm ? spec.node.attributes.Float("beta", 1) : 1));
  }
  return std::unique_ptr<Kernel>(std::move(kernel));
}

constexpr KernelEntry kEntries[] = {{"", "MatMul", QueryMatMul, MakeMatMul}, {"", "Gemm", QueryGemm, MakeMatMul}};

}  // namespace

std::span<const KernelEntry> MatMulKernels() { return kEntries; }

}  // namespace samoyed::cpu
