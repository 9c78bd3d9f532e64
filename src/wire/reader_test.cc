#include "wire/reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "base/file.h"
#include "wire/equal.h"
#include "wire/fields.h"
#include "wire/wire_bytes.h"
#include "wire/writer.h"

namespace samoyed::wire {
namespace {

using model::ModelProto;
using model::TensorProto;
using model::TypeProto;

template <typename M>
Result<M> Parse(std::string_view bytes) {
  return ReadMessage<M>(AsBytes(bytes), nullptr);
}

template <typename M>
std::string ErrorOf(std::string_view bytes) {
  const auto result = Parse<M>(bytes);
  return result.ok() ? "no error" : result.status().ToString();
}

TEST(Reader, ScalarsTakeTheLastValueAndKnowPresence) {
  const auto model = Parse<ModelProto>(IntField(1, 3) + IntField(1, 8) + IntField(5, 0));
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->ir_version.get(), 8);
  EXPECT_TRUE(model->model_version.has());
  EXPECT_FALSE(model->domain.has());
}

TEST(Reader, MessagesThatComeTwiceAreMerged) {
  const std::string first = BlockField(7, BlockField(2, "a") + BlockField(1, BlockField(4, "Relu")));
  const std::string second = BlockField(7, BlockField(2, "b") + BlockField(1, BlockField(4, "Abs")));
  const auto model = Parse<ModelProto>(first + second);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->graph->name.get(), "b");
  ASSERT_EQ(model->graph->node.size(), 2u);
  EXPECT_EQ(model->graph->node[1].op_type.get(), "Abs");
}

TEST(Reader, TheLastOfAOneofWins) {
  const std::string tensor = BlockField(1, IntField(1, 1));
  const std::string sequence = BlockField(4, "");
  const auto type = Parse<TypeProto>(tensor + sequence + BlockField(6, "image"));
  ASSERT_TRUE(type.ok());
  EXPECT_FALSE(type->tensor_type);
  EXPECT_TRUE(type->sequence_type);
  EXPECT_EQ(type->denotation.get(), "image");
  // The same alternative again is merged; an unknown field number takes nothing away.
  const auto merged = Parse<TypeProto>(tensor + IntField(2, 9) + BlockField(1, BlockField(2, "")));
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(merged->tensor_type->elem_type.get(), 1);
  EXPECT_TRUE(merged->tensor_type->shape);
  const auto dim = Parse<TypeProto>(BlockField(1, BlockField(2, BlockField(1, IntField(1, 4) + BlockField(2, "n")))));
  ASSERT_TRUE(dim.ok());
  const auto& d = dim->tensor_type->shape->dim[0];
  EXPECT_FALSE(d.dim_value.has());
  EXPECT_EQ(d.dim_param.get(), "n");
}

TEST(Reader, UnknownFieldsComeBackAsTheyWere) {
  const std::string group = TagBytes(200, WireType::kStartGroup) + IntField(1, 7) + TagBytes(200, WireType::kEndGroup);
  const std::string unknown = IntField(100, -1) + BlockField(101, "x") + FloatField(102, 1.5F) + group;
  const auto model = Parse<ModelProto>(unknown + IntField(1, 8));
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->unknown, unknown);
  EXPECT_EQ(*WriteModel(*model), IntField(1, 8) + unknown);
}

TEST(Reader, WrongWireTypesAndUnknownEnumeratorsAreUnknownFields) {
  const std::string odd = BlockField(1, "not a number") + IntField(7, 5);
  const auto model = Parse<ModelProto>(odd);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->unknown, odd);
  EXPECT_FALSE(model->graph);
  const auto attribute = Parse<model::AttributeProto>(IntField(20, 99));
  ASSERT_TRUE(attribute.ok());
  EXPECT_FALSE(attribute->type.has());
  EXPECT_EQ(attribute->unknown, IntField(20, 99));
}

TEST(Reader, PackedAndUnpackedElementsAreTheSame) {
  std::string two(8, '\0');
  const float values[] = {1, 2};
  std::memcpy(two.data(), values, 8);
  const auto tensor =
      Parse<TensorProto>(BlockField(4, two) + FloatField(4, 3) + IntField(7, 300) + IntField(7, -1) + BlockField(7, "\x05"));
  ASSERT_TRUE(tensor.ok());
  ASSERT_EQ(tensor->float_data.view.size(), 12u);
  float third = 0;
  std::memcpy(&third, tensor->float_data.view.data() + 8, 4);
  EXPECT_EQ(third, 3);
  EXPECT_EQ(tensor->int64_data.view, VarintBytes(300) + VarintBytes(~uint64_t{0}) + "\x05");
  const auto attribute = Parse<model::AttributeProto>(IntField(8, 1) + BlockField(8, "\x02\x03") + FloatField(7, 1) + BlockField(7, two));
  ASSERT_TRUE(attribute.ok());
  EXPECT_EQ(attribute->ints, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(attribute->floats, (std::vector<float>{1, 1, 2}));
}

TEST(Reader, BulkDataIsViewedNotCopied) {
  auto bytes = std::make_shared<const std::string>(BlockField(7, BlockField(5, BlockField(9, "0123456789"))));
  const auto model = ReadModel(AsBytes(*bytes), bytes, "somewhere");
  ASSERT_TRUE(model.ok());
  const model::Bytes& raw = model->graph->initializer[0].raw_data;
  EXPECT_EQ(raw.view.data(), bytes->data() + bytes->size() - 10);
  EXPECT_EQ(raw.owner, bytes);
  EXPECT_EQ(model->backing, bytes);
  EXPECT_EQ(model->folder, "somewhere");
}

TEST(Reader, ErrorsSayWhereAndWhat) {
  const std::string node = BlockField(4, "Relu");
  const std::string bad = BlockField(1, node + BlockField(5, TagBytes(3, WireType::kVarint) + "\xff"));
  const std::string message = ErrorOf<ModelProto>(BlockField(7, BlockField(1, node) + bad));
  EXPECT_NE(message.find("model.graph.node[1].attribute[0].i at offset"), std::string::npos) << message;
  EXPECT_NE(ErrorOf<ModelProto>(TagBytes(7, WireType::kBytes) + VarintBytes(1000)).find("1000 bytes, but only 0"), std::string::npos);
  EXPECT_NE(ErrorOf<ModelProto>(BlockField(7, BlockField(2, "\xff"))).find("model.graph.name"), std::string::npos);
  EXPECT_EQ(ErrorOf<ModelProto>(BlockField(6, "caf\xe9")), "no error");  // prose may be Latin-1
}

TEST(Reader, RefusesWhatIsNoProtobuf) {
  EXPECT_NE(ErrorOf<ModelProto>(std::string(4, '\0')), "no error");                                  // field 0
  EXPECT_NE(ErrorOf<ModelProto>(TagBytes(1, static_cast<WireType>(7))), "no error");                 // no such wire type
  EXPECT_NE(ErrorOf<ModelProto>(TagBytes(9, WireType::kEndGroup)), "no error");                      // never opened
  EXPECT_NE(ErrorOf<ModelProto>(TagBytes(99, WireType::kStartGroup) + IntField(1, 1)), "no error");  // never closed
  EXPECT_NE(ErrorOf<ModelProto>(TagBytes(1, WireType::kVarint) + std::string(10, '\xff') + '\1'), "no error");
  EXPECT_NE(ErrorOf<ModelProto>(TagBytes(7, WireType::kBytes) + VarintBytes(~uint64_t{0})), "no error");
  EXPECT_NE(ErrorOf<TensorProto>(BlockField(4, "12345")), "no error");  // no whole number of floats
  EXPECT_NE(ErrorOf<TensorProto>(BlockField(7, "\x80")), "no error");   // a cut varint
  EXPECT_NE(ErrorOf<TensorProto>(BlockField(1, "\x80")), "no error");
}

TEST(Reader, NestsAHundredDeepAndNoDeeper) {
  const auto nested = [](int depth) {
    std::string type;
    for (int i = 0; i < depth; ++i) type = BlockField(i % 2 == 0 ? 4 : 1, type);
    return type;
  };
  EXPECT_EQ(ErrorOf<TypeProto>(nested(100)), "no error");
  EXPECT_NE(ErrorOf<TypeProto>(nested(101)).find("nest deeper"), std::string::npos);
  std::string groups;
  for (int i = 0; i < 100000; ++i) groups += TagBytes(99, WireType::kStartGroup);
  EXPECT_NE(ErrorOf<ModelProto>(groups).find("nest deeper"), std::string::npos);
}

TEST(Reader, FilesThatCannotBeRead) {
  EXPECT_EQ(ReadModelFile("/nonexistent/model.onnx").status().code(), Code::kBadInput);
  EXPECT_NE(ReadModelFile("/").status().ToString().find("folder"), std::string::npos);
}

TEST(Reader, ManyEmptyMessagesTakeBoundedMemory) {
  std::string attributes;
  for (int i = 0; i < 500000; ++i) attributes += BlockField(5, "");
  const auto model = Parse<ModelProto>(BlockField(7, BlockField(1, attributes)));
  EXPECT_EQ(model.status().code(), Code::kLimit) << model.status().ToString();
}

TEST(Reader, SaysWhatAForeignFileIs) {
  const std::string path = testing::TempDir() + "samoyed_foreign.onnx";
  ASSERT_TRUE(WriteFile(path, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n").ok());
  EXPECT_NE(ReadModelFile(path).status().ToString().find("git lfs pull"), std::string::npos);
  ASSERT_TRUE(WriteFile(path, std::string("\x1c\0\0\0TFL3\0\0", 10)).ok());
  EXPECT_NE(ReadModelFile(path).status().ToString().find("TensorFlow Lite"), std::string::npos);
  ASSERT_TRUE(WriteFile(path, "hello").ok());
  EXPECT_NE(ReadModelFile(path).status().ToString().find("not a valid ONNX model"), std::string::npos);
  (void)::unlink(path.c_str());
}

// Fills every field of a message, to a limited depth, with arbitrary values.
class Filler {
 public:
  explicit Filler(unsigned seed, int depth = 4) : random_(seed), depth_(depth) {}

  template <typename M>
  void Message(M& message) {
    Fields(*this, message);
    if (random_() % 4 == 0) message.unknown = IntField(1000, 5) + BlockField(1001, "?");
  }
  template <typename T>
  void operator()(uint32_t, const char*, model::Field<T>& member, Text = Text::kIdentifier) {
    if (random_() % 3 != 0) member = Scalar(T());
  }
  template <typename M>
  void operator()(uint32_t, const char*, model::Box<M>& member, Text = Text::kIdentifier) {
    if (depth_ > 0 && random_() % 3 != 0) Sub(member.emplace());
  }
  template <typename T>
  void operator()(uint32_t, const char*, std::vector<T>& member, Text = Text::kIdentifier) {
    for (unsigned i = random_() % 3; i > 0; --i) {
      if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
        member.push_back(Scalar(T()));
      } else if (depth_ > 0) {
        Sub(member.emplace_back());
      }
    }
  }
  void Enum(uint32_t, const char*, model::Field<int32_t>& member, int32_t max) {
    if (random_() % 3 != 0) member = static_cast<int32_t>(random_() % (static_cast<unsigned>(max) + 1));
  }
  void Packed(uint32_t, const char*, model::Bytes& member, Packing) {
    if (random_() % 2 == 0) member = {"12345678abcdefgh", nullptr};
  }
  void Raw(uint32_t, const char*, bool& has, model::Bytes& member) {
    has = random_() % 2 == 0;
    if (has && random_() % 2 == 0) member = {"raw", nullptr};
  }

 private:
  template <typename M>
  void Sub(M& message) {
    --depth_;
    Message(message);
    ++depth_;
  }
  int64_t Scalar(int64_t) { return static_cast<int64_t>(static_cast<uint64_t>(random_()) << 32 | random_()) >> (random_() % 64); }
  int32_t Scalar(int32_t) { return static_cast<int32_t>(random_()) >> (random_() % 32); }
  float Scalar(float) { return static_cast<float>(random_()); }
  std::string Scalar(std::string) { return random_() % 4 == 0 ? std::string() : "na\xc3\xafve" + std::to_string(random_()); }

  std::mt19937 random_;
  int depth_;
};

template <typename M>
void CheckRoundTrips() {
  for (unsigned seed = 0; seed < 50; ++seed) {
    M message;
    Filler(seed).Message(message);
    const auto bytes = WriteMessage(message);
    ASSERT_TRUE(bytes.ok());
    const auto again = Parse<M>(*bytes);
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    // A oneof that the filler gave several alternatives keeps one: what was read once is stable.
    const auto canonical = WriteMessage(*again);
    ASSERT_TRUE(canonical.ok());
    const auto third = Parse<M>(*canonical);
    ASSERT_TRUE(third.ok());
    EXPECT_TRUE(Equal(*again, *third)) << seed;
    // Cut anywhere, it is either whole or refused; nothing is read beyond the end (sanitizers watch).
    for (size_t length = 0; length < bytes->size() && length < 400; ++length) {
      const std::vector<char> cut(bytes->begin(), bytes->begin() + static_cast<long>(length));
      (void)ReadMessage<M>(std::as_bytes(std::span(cut)), nullptr).ok();
    }
  }
}

TEST(Reader, EveryFieldRoundTrips) {
  CheckRoundTrips<ModelProto>();
  CheckRoundTrips<model::SequenceProto>();
  CheckRoundTrips<model::SparseTensorProto>();
}

TEST(Reader, TensorsRoundTripExactly) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    TensorProto tensor;
    Filler(seed).Message(tensor);
    const std::string bytes = *WriteMessage(tensor);
    const auto again = Parse<TensorProto>(bytes);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(Equal(tensor, *again));
    EXPECT_EQ(tensor.has_raw_data, again->has_raw_data);
    EXPECT_EQ(tensor.dims, again->dims);
    EXPECT_TRUE(tensor.data_type == again->data_type);
  }
}

TEST(Reader, SurvivesDamagedBytes) {
  std::mt19937 random(1);
  for (unsigned seed = 0; seed < 20; ++seed) {
    ModelProto model;
    Filler(seed, 5).Message(model);
    const std::string good = *WriteModel(model);
    for (int i = 0; i < 100; ++i) {
      std::string bad = good;
      for (int n = 0; n < 4 && !bad.empty(); ++n) bad[random() % bad.size()] = static_cast<char>(random());
      const auto read = Parse<ModelProto>(bad);
      if (read.ok()) {
        EXPECT_TRUE(WriteModel(*read).ok());
      }
    }
  }
}

}  // namespace
}  // namespace samoyed::wire
