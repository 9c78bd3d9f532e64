// A session's promises: limits hold, runs do not disturb each other, buffers go where the caller says.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "kernels/graph_maker.h"

namespace samoyed::testing {
namespace {

SessionOptions OnCpu(int threads = 1) {
  SessionOptions options;
  options.threads = threads;
  options.providers = {MakeCpuProvider(), MakeReferenceProvider()};
  return options;
}

// x [n, n] times n x n weights, `length` times over: 2 n^3 operations each.
GraphMaker ProductChain(int64_t n, int length, bool constant) {
  GraphMaker maker;
  ValueId x = constant ? maker.Weights({n, n}) : maker.RandomInput({n, n});
  const ValueId w = maker.Weights({n, n});
  for (int i = 0; i < length; ++i) x = maker.Op("Tanh", {maker.Op("MatMul", {x, w})});
  maker.Output(x);
  return maker;
}

std::unique_ptr<Session> Make(GraphMaker& maker, SessionOptions options) {
  auto session = Session::FromGraph(maker.TakeGraph(), std::move(options));
  EXPECT_TRUE(session.ok()) << session.status().ToString();
  return session.ok() ? std::move(session).value() : nullptr;
}

TEST(Session, EndsARunAtItsDeadline) {
  GraphMaker maker = ProductChain(512, 400, false);
  const auto session = Make(maker, OnCpu());
  ASSERT_NE(session, nullptr);
  const auto out = session->Run(maker.inputs(), {.timeout_ms = 1});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.status().code(), Code::kLimit) << out.status().ToString();
}

TEST(Session, TheDeadlineHoldsForLoadingToo) {
  GraphMaker maker = ProductChain(128, 600, true);  // all constant: folded at load, by the reference kernels
  SessionOptions options = OnCpu();
  options.timeout_ms = 1;
  const auto session = Session::FromGraph(maker.TakeGraph(), std::move(options));
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.status().code(), Code::kLimit) << session.status().ToString();
}

TEST(Session, FoldingDoesNotFillTheMemory) {
  GraphMaker maker;  // 600 constants of 255 KiB, each made from a few bytes
  const ValueId shape = maker.Constant(Tensor::Of<int64_t>({1}, {255 * 256}));
  ValueId sum = maker.RandomInput({1});
  for (int i = 0; i < 600; ++i) {
    const ValueId large = maker.Op("Expand", {maker.Constant(Tensor::Of<float>({1}, {static_cast<float>(i)})), shape});
    sum = maker.Op("Add", {sum, large});
  }
  maker.Output(sum);
  const auto session = Make(maker, OnCpu());
  ASSERT_NE(session, nullptr);
  EXPECT_LT(session->Memory()->constants, int64_t{100} << 20);
}

TEST(Session, CanBeCancelledFromAnotherThread) {
  GraphMaker maker = ProductChain(256, 2000, false);
  const auto session = Make(maker, OnCpu(2));
  ASSERT_NE(session, nullptr);
  std::atomic<bool> cancel = false;
  std::thread other([&] { cancel = true; });
  const auto out = session->Run(maker.inputs(), {.cancel = &cancel});
  other.join();
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.status().code(), Code::kLimit) << out.status().ToString();
  EXPECT_NE(out.status().ToString().find("cancelled"), std::string::npos);
}

TEST(Session, ManyThreadsGetTheSameAnswer) {
  GraphMaker maker = ProductChain(64, 8, false);
  const auto session = Make(maker, OnCpu(2));
  ASSERT_NE(session, nullptr);
  const Tensor expected = (*session->Run(maker.inputs()))[0].tensor();
  std::atomic<int> different = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto out = session->Run(maker.inputs());
        if (!out.ok() || std::memcmp((*out)[0].tensor().raw(), expected.raw(), static_cast<size_t>(expected.byte_size())) != 0) ++different;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(different, 0);
}

TEST(Session, RefusesToTakeMoreThanItsBudget) {
  GraphMaker maker = ProductChain(512, 1, false);
  SessionOptions options = OnCpu();
  options.max_memory = 1 << 20;
  const auto session = Session::FromGraph(maker.TakeGraph(), std::move(options));
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.status().code(), Code::kLimit) << session.status().ToString();
}

// A size that only the data tell: 2^20 x the number of elements that are not zero.
GraphMaker DataDependentSize() {
  GraphMaker maker;
  const ValueId x = maker.Input(Tensor::Of<float>({64}, std::vector<float>(64, 1.0f)));
  const ValueId found = maker.Op("NonZero", {x});  // [1, 64]
  const ValueId size = maker.Op("Mul", {maker.Op("Shape", {found}), maker.Constant(Tensor::Of<int64_t>({2}, {1, 1 << 20}))});
  maker.Output(maker.Op("ReduceMax", {maker.Op("Expand", {maker.Constant(Tensor::Of<int8_t>({1}, {1})), size})}));
  return maker;
}

TEST(Session, TheBudgetHoldsForSizesThatDependOnData) {
  GraphMaker maker = DataDependentSize();
  SessionOptions options = OnCpu();
  options.max_memory = 32 << 20;
  const auto session = Make(maker, std::move(options));
  ASSERT_NE(session, nullptr);
  for (int i = 0; i < 2; ++i) {
    const auto out = session->Run(maker.inputs());
    ASSERT_FALSE(out.ok());
    EXPECT_EQ(out.status().code(), Code::kLimit) << out.status().ToString();
  }
}

TEST(Session, WhatARunTookIsGivenBack) {
  GraphMaker maker = DataDependentSize();
  SessionOptions options = OnCpu();
  options.max_memory = 100 << 20;  // enough for one run's 64 MiB, not for two
  const auto session = Make(maker, std::move(options));
  ASSERT_NE(session, nullptr);
  for (int i = 0; i < 3; ++i) {
    const auto out = session->Run(maker.inputs());
    EXPECT_TRUE(out.ok()) << out.status().ToString();
  }
}

TEST(Session, ProfilesNodesWithFlopsAndBytes) {
  GraphMaker maker = ProductChain(64, 1, false);
  const auto session = Make(maker, OnCpu());
  ASSERT_NE(session, nullptr);
  std::vector<NodeProfile> profile;
  ASSERT_TRUE(session->Run(maker.inputs(), {.profile = &profile}).ok());
  ASSERT_EQ(profile.size(), session->placement().rows.size());
  EXPECT_EQ(profile[0].op_type, "MatMul");
  EXPECT_EQ(profile[0].flops, 2.0 * 64 * 64 * 64);  // though the weights are left in packed form alone
  EXPECT_EQ(profile[0].bytes, 3 * 64 * 64 * 4);
  EXPECT_EQ(profile[0].depth, 0);
  EXPECT_GE(profile[0].duration_us, 0);
}

// Asks the processor's provider for kernels and notes whether `watched` is alive when each is made.
class Watching final : public Provider {
 public:
  Watching(std::weak_ptr<const void> watched, std::vector<bool>* alive) : watched_(std::move(watched)), alive_(alive) {}
  std::string_view name() const override { return cpu_->name(); }
  Support Query(const KernelSpec& spec) const override { return cpu_->Query(spec); }
  Result<std::unique_ptr<Kernel>> CreateKernel(const KernelSpec& spec) const override {
    alive_->push_back(!watched_.expired());
    return cpu_->CreateKernel(spec);
  }

 private:
  std::shared_ptr<const Provider> cpu_ = MakeCpuProvider();
  std::weak_ptr<const void> watched_;
  std::vector<bool>* alive_;
};

TEST(Session, WeightsGoAsSoonAsTheyArePacked) {
  GraphMaker maker;
  Tensor weights = maker.Random({8, 8});
  const std::weak_ptr<const void> watched = weights.owner();
  const ValueId w = maker.Constant(std::move(weights));
  ValueId x = maker.RandomInput({3, 8});
  for (const ValueId right : {w, w, maker.Weights({8, 8})}) x = maker.Op("MatMul", {x, right});
  maker.Output(x);
  std::vector<bool> alive;
  SessionOptions options;
  options.providers = {std::make_shared<Watching>(watched, &alive)};
  ASSERT_NE(Make(maker, std::move(options)), nullptr);
  EXPECT_EQ(alive, (std::vector<bool>{true, true, false}));
}

TEST(Session, WritesIntoTheCallersBuffers) {
  GraphMaker maker = ProductChain(16, 2, false);
  const auto session = Make(maker, OnCpu());
  ASSERT_NE(session, nullptr);
  std::vector<Value> out = {Tensor::Allocate(DType::kFloat, {16, 16}).value()};
  const void* buffer = out[0].tensor().raw();
  ASSERT_TRUE(session->RunInto(maker.inputs(), out).ok());
  EXPECT_EQ(out[0].tensor().raw(), buffer);
  const auto again = session->Run(maker.inputs());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(std::memcmp((*again)[0].tensor().raw(), buffer, 16 * 16 * sizeof(float)), 0);
}

TEST(Session, SaysWhichInputIsWrong) {
  GraphMaker maker = ProductChain(16, 1, false);
  const auto session = Make(maker, OnCpu());
  ASSERT_NE(session, nullptr);
  const auto shape = session->Run(std::vector<Value>{Tensor::Of<float>({2}, {1, 2})});
  ASSERT_FALSE(shape.ok());
  EXPECT_NE(shape.status().ToString().find("tensor(float)[16,16]"), std::string::npos) << shape.status().ToString();
  EXPECT_EQ(session->Run(std::vector<Value>{}).status().code(), Code::kBadInput);
  const std::vector<NamedValue> named = {{"nobody", Tensor::Scalar(1.0f)}};
  EXPECT_EQ(session->Run(named, {}).status().code(), Code::kUsage);
}

}  // namespace
}  // namespace samoyed::testing
