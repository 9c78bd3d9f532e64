// A run with shapes that were seen before allocates nothing: operator new is counted here.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "kernels/graph_maker.h"

namespace {

std::atomic<bool> g_counting = false;
std::atomic<int64_t> g_allocations = 0;

[[gnu::noinline]] void* Take(size_t size, size_t alignment) {
  if (g_counting.load(std::memory_order_relaxed)) g_allocations.fetch_add(1, std::memory_order_relaxed);
  void* p = alignment <= alignof(std::max_align_t) ? std::malloc(size == 0 ? 1 : size)
                                                   : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) std::abort();  // not what is tested here
  return p;
}

}  // namespace

void* operator new(size_t size) { return Take(size, 0); }
void* operator new(size_t size, std::align_val_t alignment) { return Take(size, static_cast<size_t>(alignment)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Take(size, 0); }
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Take(size, static_cast<size_t>(alignment));
}
// The compiler does not see that the operators above end in malloc.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
// Sized and array forms end in this one by default; the aligned ones in the other.
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }

namespace samoyed::testing {
namespace {

int64_t AllocationsOfThirdRun(GraphMaker& maker, int outputs) {
  SessionOptions options;
  options.threads = 2;
  options.providers = {MakeCpuProvider(), MakeReferenceProvider()};
  options.strict_placement = true;  // reference kernels may allocate
  auto session = Session::FromGraph(maker.TakeGraph(), std::move(options));
  EXPECT_TRUE(session.ok()) << session.status().ToString();
  if (!session.ok()) return -1;
  std::vector<Value> out(static_cast<size_t>(outputs));
  g_counting = true;
  EXPECT_TRUE((*session)->RunInto(maker.inputs(), out).ok());
  EXPECT_GT(g_allocations, 0);  // the hook works
  EXPECT_TRUE((*session)->RunInto(maker.inputs(), out).ok());
  g_allocations = 0;
  g_counting = true;
  const bool ok = (*session)->RunInto(maker.inputs(), out).ok();
  g_counting = false;
  EXPECT_TRUE(ok);
  return g_allocations;
}

// A small network with what real ones are made of.
TEST(Allocations, NoneInARunOfAConvolutionalNetwork) {
  GraphMaker maker;
  const auto ints = [](std::string_view name, std::vector<int64_t> values) { return Attribute{std::string(name), std::move(values)}; };
  const ValueId x = maker.RandomInput({1, 3, 32, 32});
  const ValueId first =
      maker.Op("Relu", {maker.Op("Conv", {x, maker.Weights({16, 3, 3, 3}), maker.Weights({16})}, {ints("pads", {1, 1, 1, 1})})});
  const ValueId depthwise = maker.Op("Conv", {first, maker.Weights({16, 1, 3, 3})}, {ints("pads", {1, 1, 1, 1}), {"group", int64_t{16}}});
  const ValueId point = maker.Op("Conv", {depthwise, maker.Weights({16, 16, 1, 1})});
  const ValueId sum = maker.Op("Add", {point, first});
  const ValueId pooled = maker.Op("MaxPool", {sum}, {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})});
  const ValueId joined = maker.Op("Concat", {pooled, pooled}, {{"axis", int64_t{1}}});
  const ValueId mean = maker.Op("Flatten", {maker.Op("GlobalAveragePool", {joined})});
  const ValueId scores = maker.Op("Gemm", {mean, maker.Weights({32, 10})});
  maker.Output(maker.Op("Softmax", {scores}));
  EXPECT_EQ(AllocationsOfThirdRun(maker, 1), 0);
}

TEST(Allocations, NoneInARunOfATransformerBlock) {
  GraphMaker maker;
  const ValueId x = maker.RandomInput({1, 8, 32});
  const ValueId norm = maker.Op("LayerNormalization", {x, maker.Weights({32}), maker.Weights({32})});
  const ValueId q = maker.Op("MatMul", {norm, maker.Weights({32, 32})});
  const ValueId k = maker.Op("Transpose", {maker.Op("MatMul", {norm, maker.Weights({32, 32})})}, {{"perm", std::vector<int64_t>{0, 2, 1}}});
  const ValueId weights = maker.Op("Softmax", {maker.Op("MatMul", {q, k})});
  const ValueId mixed = maker.Op("Add", {maker.Op("MatMul", {weights, norm}), x});
  maker.Output(maker.Op("Erf", {mixed}));
  EXPECT_EQ(AllocationsOfThirdRun(maker, 1), 0);
}

TEST(Allocations, NoneInARunWithNarrowWeights) {
  for (const int64_t rows : {1, 40}) {
    GraphMaker maker;
    const ValueId b = maker.Constant(maker.RandomBytes(DType::kUint8, {48, 3, 16}));
    maker.Output(maker.Op("com.microsoft:MatMulNBits", {maker.RandomInput({rows, 96}), b, maker.Weights({48, 3})},
                          {{"K", int64_t{96}}, {"N", int64_t{48}}, {"block_size", int64_t{32}}}));
    EXPECT_EQ(AllocationsOfThirdRun(maker, 1), 0);
  }
}

}  // namespace
}  // namespace samoyed::testing
