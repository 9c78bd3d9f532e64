// Runs of one graph on the reference provider and on the cpu provider, compared.
#ifndef SAMOYED_TESTS_KERNELS_CHECK_H_
#define SAMOYED_TESTS_KERNELS_CHECK_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "base/cpu.h"
#include "kernels/graph_maker.h"
#include "passes/pass.h"

namespace samoyed::testing {

using Make = std::function<void(GraphMaker&)>;

inline std::vector<Value> RunOn(const Make& make, bool fast, int threads, int opset) {
  GraphMaker maker(opset);
  make(maker);
  SessionOptions options;
  options.threads = threads;
  if (fast) {
    options.providers.push_back(MakeCpuProvider());
    options.strict_placement = true;
  } else {
    options.optimise = false;  // the plainest path there is
  }
  options.providers.push_back(MakeReferenceProvider());
  auto session = Session::FromGraph(maker.TakeGraph(), std::move(options));
  EXPECT_TRUE(session.ok()) << session.status().ToString();
  if (!session.ok()) return {};
  auto out = (*session)->Run(maker.inputs());
  EXPECT_TRUE(out.ok()) << out.status().ToString();
  return out.ok() ? std::move(out).value() : std::vector<Value>();
}

inline void ExpectClose(const Tensor& actual, const Tensor& expected, double rtol, double atol) {
  ASSERT_EQ(actual.dtype(), expected.dtype());
  ASSERT_EQ(actual.shape(), expected.shape());
  if (actual.dtype() != DType::kFloat) {
    ASSERT_EQ(std::memcmp(actual.raw(), expected.raw(), static_cast<size_t>(actual.byte_size())), 0);
    return;
  }
  for (int64_t i = 0; i < actual.size(); ++i) {
    const float a = actual.data<float>()[i], e = expected.data<float>()[i];
    if (a == e || (std::isnan(a) && std::isnan(e))) continue;
    ASSERT_LE(std::abs(a - e), atol + rtol * std::abs(e))
        << "element " << i << " of " << actual.shape().ToString() << ": " << a << " instead of " << e;
  }
}

// Runs the graph on the reference provider, then on the cpu provider at each level; every node must find a fast kernel.
inline void Check(const Make& make, double rtol = 1e-5, double atol = 2e-5, int opset = 22) {
  const std::vector<Value> expected = RunOn(make, false, 1, opset);
  for (CpuLevel level : HostCpuLevels()) {
    SetCpuLevelForTest(level);
    std::vector<Value> one_thread;
    for (int threads : {1, 3}) {
      SCOPED_TRACE(StrCat(NameOf(level), ", ", threads, " threads"));
      std::vector<Value> actual = RunOn(make, true, threads, opset);
      ASSERT_EQ(actual.size(), expected.size());
      for (size_t i = 0; i < actual.size(); ++i) ASSERT_NO_FATAL_FAILURE(ExpectClose(actual[i].tensor(), expected[i].tensor(), rtol, atol));
      if (threads == 1) {
        one_thread = std::move(actual);
      } else {
        for (size_t i = 0; i < actual.size(); ++i) {
          const Tensor &a = actual[i].tensor(), &b = one_thread[i].tensor();
          ASSERT_EQ(std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.byte_size())), 0) << "a result depends on the number of threads";
        }
      }
    }
    SetCpuLevelForTest(HostCpuLevels().back());
  }
}

// How many nodes of a type the graph has after types are known and the rewrites are done.
inline int CountAfterPasses(const Make& make, std::string_view op_type, int opset = 22) {
  GraphMaker maker(opset);
  make(maker);
  Graph graph = maker.TakeGraph();
  EXPECT_TRUE(RunPasses(graph, {}).ok());
  int count = 0;
  for (NodeId id = 0; id < graph.num_node_slots(); ++id) count += graph.has_node(id) && graph.node(id).op_type == op_type ? 1 : 0;
  return count;
}

}  // namespace samoyed::testing

#endif  // SAMOYED_TESTS_KERNELS_CHECK_H_
