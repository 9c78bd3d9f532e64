// Functions of one byte: at load, the reference kernel computes them for all 256.
#include <algorithm>
#include <array>
#include <optional>

#include "check/evaluate.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/quantised.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kGrain = 32 << 10;  // elements
using Table = std::array<uint8_t, 256>;

class TableKernel final : public Kernel {
 public:
  TableKernel(const KernelSpec& spec, const Table& table)
      : table_(table),
        x_dtype_(spec.input_type(0).dtype),
        y_dtype_(spec.output_type(0).dtype),
        name_(StrCat(spec.node.op_type, " by table")) {}
  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return static_cast<int64_t>(sizeof(Table)); }
  bool OwnsConstant(int input) const override { return input > 0; }
  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != x_dtype_) return BadInput(ctx.op_type(), " was made for ", NameOf(x_dtype_), ", not ", NameOf(x->dtype()));
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, y_dtype_, x->shape());
    const auto* from = static_cast<const uint8_t*>(x->raw());
    auto* to = static_cast<uint8_t*>(y->mutable_raw());
    ctx.ParallelFor(x->size(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) to[i] = table_[from[i]];
    });
    return OkStatus();
  }

 private:
  Table table_;
  DType x_dtype_, y_dtype_;
  std::string name_;
};

// The node's result for each byte, by its bits; nullopt where it depends on more than one byte and constants of one element.
std::optional<Table> TableOf(const KernelSpec& spec) {
  const Node& node = spec.node;
  const DType x_dtype = spec.input_type(0).dtype, y_dtype = spec.output_type(0).dtype;
  if (!node.op->facts.elementwise || !node.epilogue.empty() || !IsByte(x_dtype) || !IsByte(y_dtype) || spec.constant(0) != nullptr)
    return std::nullopt;
  auto all = Tensor::Allocate(x_dtype, Shape({256}));
  if (!all.ok()) return std::nullopt;
  for (int i = 0; i < 256; ++i) static_cast<uint8_t*>(all->mutable_raw())[i] = static_cast<uint8_t>(i);
  const Value bytes(*std::move(all));
  std::vector<const Value*> inputs = {&bytes};
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const Tensor* t = spec.constant(static_cast<int>(i));
    if (node.inputs[i] != kNoValue && (t == nullptr || t->size() != 1 || t->rank() > 1)) return std::nullopt;
    inputs.push_back(node.inputs[i] == kNoValue ? nullptr : &*spec.graph.value(node.inputs[i]).constant);
  }
  const auto made = Evaluate(node, inputs, 4096);
  if (!made.ok() || !(*made)[0].is_tensor() || (*made)[0].tensor().dtype() != y_dtype || (*made)[0].tensor().size() != 256)
    return std::nullopt;
  Table table;
  std::copy_n(static_cast<const uint8_t*>((*made)[0].tensor().raw()), table.size(), table.begin());
  return table;
}

Support Query(const KernelSpec& spec) {
  return TableOf(spec) ? Support::Yes(LayoutSupport::kFollows)
                       : Support::No("only functions of one byte with constant parameters are tables");
}

Result<std::unique_ptr<Kernel>> Make(const KernelSpec& spec, CpuLevel) {
  return std::unique_ptr<Kernel>(std::make_unique<TableKernel>(spec, *TableOf(spec)));
}

constexpr KernelEntry kEntries[] = {
    {"", "Clip", Query, Make},
    {"", "Relu", Query, Make},
    {"com.microsoft", "QLinearLeakyRelu", Query, Make},
    {"com.microsoft", "QLinearSigmoid", Query, Make},
};

}  // namespace

std::span<const KernelEntry> ByteTableKernels() { return kEntries; }

}  // namespace samoyed::cpu
