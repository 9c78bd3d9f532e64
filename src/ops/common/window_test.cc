#include "ops/common/window.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

// A window of the size as the type of this number in onnx.TensorProto.
Tensor Window(const char* op, int64_t size, int64_t periodic, int64_t type) {
  auto out = OpTester(op, 17).Input(Tensor::Of<int64_t>({}, {size})).Attr("periodic", periodic).Attr("output_datatype", type).Run();
  EXPECT_TRUE(out.ok()) << out.status().ToString();
  return (*out)[0].tensor();
}

TEST(Window, PeaksAtOneInIntegersToo) {
  for (const char* op : {"BlackmanWindow", "HammingWindow", "HannWindow"}) {
    ExpectTensorNear(Window(op, 5, 0, 7), Tensor::Of<int64_t>({5}, {0, 0, 1, 0, 0}), 0, 0);
    ExpectTensorNear(Window(op, 4, 1, 2), Tensor::Of<uint8_t>({4}, {0, 0, 1, 0}), 0, 0);
  }
}

TEST(Window, OfOneSymmetricPointIsTheDefinitionsZeroByZero) {
  for (const char* op : {"BlackmanWindow", "HammingWindow", "HannWindow"}) {
    EXPECT_TRUE(std::isnan(Window(op, 1, 0, 1).data<float>()[0])) << op;
    EXPECT_LT(Window(op, 1, 1, 1).data<float>()[0], 0.1f) << op;
    EXPECT_EQ(Window(op, 0, 0, 1).size(), 0) << op;
  }
}

}  // namespace
}  // namespace samoyed::testing
