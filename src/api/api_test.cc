// The C interface as a program uses it: runs that are cancelled, outputs that are kept, files that shrink.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "samoyed/samoyed.h"
#include "wire/tensor_data.h"
#include "wire/types.h"
#include "wire/writer.h"

namespace samoyed {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kSize = 1 << 20;

class ApiTest : public testing::Test {
 protected:
  ApiTest() : api_(*samoyed_get_api(SAMOYED_API_VERSION)) {
    char name[] = "/tmp/samoyed_api.XXXXXX";
    folder_ = ::mkdtemp(name);
    WriteAddition();
    // One thread: where a page is gone, each thread that reads it puts zeros there, which the thread sanitizer takes for a race.
    samoyed_options* options = api_.options_create();
    EXPECT_EQ(Take(api_.options_set(options, "threads", "1")), "");
    EXPECT_EQ(Take(api_.session_load(path_.c_str(), options, &session_)), "");
    api_.options_free(options);
    const int64_t one = 1;
    const float two = 2;
    EXPECT_EQ(Take(api_.tensor_create(1, &one, 1, &two, sizeof two, &input_)), "");
  }
  ~ApiTest() override {
    api_.value_free(output_);
    api_.value_free(input_);
    api_.session_free(session_);
    fs::remove_all(folder_);
  }

  // y = x + w, with weights that are used where they lie in the file.
  void WriteAddition() {
    model::ModelProto model;
    model.ir_version = 8;
    model.opset_import.emplace_back().version = 14;
    model::GraphProto& graph = model.graph.emplace();
    graph.name = std::string("addition");
    const auto declare = [](model::ValueInfoProto& info, const char* name, int64_t size) {
      info.name = std::string(name);
      info.type = wire::FromType(Type::TensorOf(DType::kFloat, Shape({size})));
    };
    declare(graph.input.emplace_back(), "x", 1);
    declare(graph.output.emplace_back(), "y", kSize);
    graph.initializer.push_back(wire::FromTensor(Tensor::Of<float>({kSize}, std::vector<float>(kSize, 1.0f))));
    graph.initializer.back().name = std::string("w");
    model::NodeProto& node = graph.node.emplace_back();
    node.op_type = std::string("Add");
    node.input = {"x", "w"};
    node.output = {"y"};
    path_ = (folder_ / "model.onnx").string();
    ASSERT_TRUE(wire::WriteModelFile(model, path_).ok());
  }

  std::string Take(samoyed_status* status) {
    std::string text = api_.status_message(status);
    code_ = api_.status_code(status);
    api_.status_free(status);
    return text;
  }
  std::string Run(double timeout_ms = 0, const samoyed_cancel* cancel = nullptr) {
    const samoyed_value* inputs[] = {input_};
    return Take(api_.run_with(session_, inputs, 1, &output_, 1, timeout_ms, cancel));
  }

  const samoyed_api& api_;
  fs::path folder_;
  std::string path_;
  samoyed_session* session_ = nullptr;
  samoyed_value *input_ = nullptr, *output_ = nullptr;
  samoyed_code code_ = SAMOYED_OK;
};

TEST_F(ApiTest, OutputsThatFitAreWrittenInto) {
  ASSERT_EQ(Run(), "");
  const void* buffer = api_.value_data(output_);
  EXPECT_EQ(static_cast<const float*>(buffer)[kSize - 1], 3.0f);
  ASSERT_EQ(Run(), "");
  EXPECT_EQ(api_.value_data(output_), buffer);
}

TEST_F(ApiTest, TensorsOfStrings) {
  const int64_t dims[] = {1, 2};
  const char* elements[] = {"Zo\xc3\xab", "a\0b"};
  const size_t lengths[] = {4, 3};
  samoyed_value* value = nullptr;
  ASSERT_EQ(Take(api_.string_tensor_create(dims, 2, elements, lengths, 2, &value)), "");
  EXPECT_EQ(api_.value_dtype(value), 8);
  size_t length = 0;
  EXPECT_EQ(std::string(api_.value_string(value, 1, &length)), "a");
  EXPECT_EQ(length, 3u);
  EXPECT_EQ(api_.value_string(value, 2, &length), nullptr);
  EXPECT_EQ(api_.value_string(input_, 0, &length), nullptr);
  api_.value_free(value);
  EXPECT_NE(Take(api_.string_tensor_create(dims, 2, elements, nullptr, 1, &value)).find("takes 2 strings, not 1"), std::string::npos);
}

TEST_F(ApiTest, ACancelledRunEndsWithALimit) {
  samoyed_cancel* cancel = api_.cancel_create();
  api_.cancel_set(cancel, 1);
  EXPECT_NE(Run(0, cancel).find("cancelled"), std::string::npos);
  EXPECT_EQ(code_, SAMOYED_LIMIT);
  api_.cancel_set(cancel, 0);
  EXPECT_EQ(Run(0, cancel), "");
  api_.cancel_free(cancel);
}

TEST_F(ApiTest, AFileThatIsCutShortMakesRunsFail) {
  ASSERT_EQ(api_.guard_mapped_files(), 1);
  ASSERT_EQ(Run(), "");
  fs::resize_file(path_, 4096);
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(Run().find("cut short"), std::string::npos);
    EXPECT_EQ(code_, SAMOYED_BAD_INPUT);
  }
}

}  // namespace
}  // namespace samoyed
