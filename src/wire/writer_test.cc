#include "wire/writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "tensor/tensor.h"
#include "wire/data_files.h"
#include "wire/equal.h"
#include "wire/reader.h"
#include "wire/tensor_data.h"
#include "wire/wire_bytes.h"

namespace samoyed::wire {
namespace {

namespace fs = std::filesystem;

class WriterFileTest : public testing::Test {
 protected:
  WriterFileTest() {
    char name[] = "/tmp/samoyed_writer.XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~WriterFileTest() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST(Writer, NegativeNumbersTakeTenBytes) {
  model::TensorProto tensor;
  tensor.data_type = -1;
  tensor.dims = {-2};
  EXPECT_EQ(*WriteMessage(tensor), IntField(1, -2) + IntField(2, -1));
}

TEST(Writer, PresenceIsKept) {
  model::AttributeProto attribute;
  attribute.f = 0.0F;
  attribute.s = std::string();
  EXPECT_EQ(*WriteMessage(attribute), FloatField(2, 0) + BlockField(4, ""));
  model::TensorProto tensor;
  tensor.has_raw_data = true;
  EXPECT_EQ(*WriteMessage(tensor), BlockField(9, ""));
}

TEST_F(WriterFileTest, AModelMayReplaceTheFileItViews) {
  const fs::path path = folder_ / "model.onnx";
  model::ModelProto model;
  model.ir_version = 8;
  const Tensor weights = *Tensor::Allocate(DType::kUint8, {1 << 20});  // more than the writer's buffer
  model.graph.emplace().initializer.push_back(FromTensor(weights));
  ASSERT_TRUE(WriteModelFile(model, path).ok());
  auto read = ReadModelFile(path);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_TRUE(Equal(model, *read));
  EXPECT_EQ(read->folder, folder_);
  read->graph->name = std::string("renamed");
  ASSERT_TRUE(WriteModelFile(*read, path).ok());
  const auto again = ReadModelFile(path);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(Equal(*again, *read));
  EXPECT_FALSE(WriteModelFile(model, folder_ / "none" / "model.onnx").ok());
  EXPECT_FALSE(WriteModelFile(model, "/dev/full").ok());
}

TEST_F(WriterFileTest, LargeModelsPutTheirDataBeside) {
  const fs::path path = folder_ / "big.onnx";
  model::ModelProto model;
  model.ir_version = 8;
  auto& graph = model.graph.emplace();
  const Tensor values = Tensor::Of<float>({3}, {1, 2, 3});
  graph.initializer.push_back(FromTensor(values));  // too small to move
  const Tensor large = *Tensor::Allocate(DType::kFloat, {1000});
  std::memset(const_cast<void*>(large.raw()), 1, 4000);
  graph.initializer.push_back(FromTensor(large));
  auto& inner = graph.node.emplace_back().attribute.emplace_back().g.emplace().initializer;
  inner.push_back(FromTensor(large));
  ASSERT_TRUE(WriteModelFile(model, path, 2000).ok());
  EXPECT_LT(fs::file_size(path), 2000u);
  auto read = ReadModelFile(path);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->graph->node[0].attribute[0].g->initializer[0].external_data[1].value.get(), "0");
  EXPECT_EQ(read->graph->initializer[1].external_data[1].value.get(), "4096");

  // Written to its own folder it keeps pointing there; elsewhere the data comes along.
  ASSERT_TRUE(WriteModelFile(*read, folder_ / "copy.onnx").ok());
  EXPECT_LT(fs::file_size(folder_ / "copy.onnx"), 2000u);
  fs::create_directory(folder_ / "other");
  ASSERT_TRUE(WriteModelFile(*read, folder_ / "other" / "copy.onnx").ok());
  const auto whole = ReadModelFile(folder_ / "other" / "copy.onnx");
  ASSERT_TRUE(whole.ok());
  EXPECT_TRUE(Equal(*whole, model));
}

TEST_F(WriterFileTest, ValuesInFiles) {
  const fs::path path = folder_ / "input_0.pb";
  const Type type = Type::TensorOf(DType::kFloat);
  ASSERT_TRUE(WriteValueFile(path, Tensor::Of<float>({2}, {1, 2}), type, "x").ok());
  const auto value = ReadValueFile(path, TypeKind::kTensor);
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->tensor().data<float>()[1], 2);
  const Status wrong = ReadValueFile(path, TypeKind::kOpaque).status();
  EXPECT_EQ(wrong.code(), Code::kUnsupported);
  EXPECT_EQ(wrong.where(), path.string());
  // An optional of which nothing is set takes no bytes.
  ASSERT_TRUE(WriteFile(path, "").ok());
  EXPECT_TRUE(ReadValueFile(path, TypeKind::kOptional)->is_none());
  EXPECT_FALSE(ReadValueFile(path, TypeKind::kTensor).ok());
}

}  // namespace
}  // namespace samoyed::wire
