#include "wire/external_data.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "base/sha1.h"
#include "tensor/convert.h"
#include "wire/tensor_data.h"
#include "wire/wire_bytes.h"

namespace samoyed::wire {
namespace {

namespace fs = std::filesystem;

class ExternalDataTest : public testing::Test {
 protected:
  ExternalDataTest() {
    char name[] = "/tmp/samoyed_external.XXXXXX";
    root_ = ::mkdtemp(name);
    fs::create_directories(root_ / "model" / "sub");
    const float values[] = {1, 2, 3, 4};
    bytes_.assign(reinterpret_cast<const char*>(values), sizeof values);
    EXPECT_TRUE(WriteFile(root_ / "model" / "w.bin", bytes_).ok());
    EXPECT_TRUE(WriteFile(root_ / "model" / "sub" / "w.bin", bytes_).ok());
    EXPECT_TRUE(WriteFile(root_ / "outside.bin", bytes_).ok());
    context_ = ExternalContext(root_ / "model");
  }
  ~ExternalDataTest() override { fs::remove_all(root_); }

  using Entries = std::initializer_list<std::pair<const char*, std::string>>;
  static model::TensorProto Proto(Entries entries, std::vector<int64_t> dims = {4}) {
    model::TensorProto proto;
    proto.name = "w";
    proto.data_type = 1;
    proto.dims = std::move(dims);
    proto.data_location = 1;
    for (const auto& [key, value] : entries) {
      auto& entry = proto.external_data.emplace_back();
      entry.key = std::string(key);
      entry.value = value;
    }
    return proto;
  }
  std::string Try(Entries entries, std::vector<int64_t> dims = {4}) {
    const auto tensor = ToTensor(Proto(entries, std::move(dims)), context_);
    return tensor.ok() ? "ok" : tensor.status().ToString();
  }

  fs::path root_;
  std::string bytes_;
  ExternalContext context_;
};

TEST_F(ExternalDataTest, ReadsAndSharesOneMapping) {
  const auto whole = ToTensor(Proto({{"location", "w.bin"}}), context_);
  ASSERT_TRUE(whole.ok()) << whole.status().ToString();
  EXPECT_EQ(LoadAll<double>(*whole), (std::vector<double>{1, 2, 3, 4}));
  const auto part = ToTensor(Proto({{"location", "./w.bin"}, {"offset", "8"}, {"length", "8"}}, {2}), context_);
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(LoadAll<double>(*part), (std::vector<double>{3, 4}));
  EXPECT_EQ(part->owner(), whole->owner());
  EXPECT_EQ(Try({{"location", "sub//./w.bin"}}), "ok");
}

TEST_F(ExternalDataTest, UnalignedOffsetsAreCopied) {
  ASSERT_TRUE(WriteFile(root_ / "model" / "odd.bin", "x" + bytes_).ok());
  const auto tensor = ToTensor(Proto({{"location", "odd.bin"}, {"offset", "1"}}), context_);
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(LoadAll<double>(*tensor), (std::vector<double>{1, 2, 3, 4}));
}

TEST_F(ExternalDataTest, StaysInsideTheFolder) {
  for (const char* location :
       {"/etc/hostname", "../outside.bin", "sub/../../outside.bin", "sub/../w.bin", "..", ".", "", "sub", "sub/", "w.bin/", "w.bin/x",
        "..\\outside.bin", "sub\\w.bin", ".//etc/hostname", "file:/etc/hostname", "*/_ORT_MEM_ADDR_/*"}) {
    EXPECT_NE(Try({{"location", location}}), "ok") << location;
  }
  EXPECT_NE(Try({{"location", std::string("w.bin\0x", 7)}}), "ok");
  EXPECT_NE(Try({{"location", std::string(5000, 'a')}}), "ok");
  EXPECT_NE(Try({}), "ok");
}

TEST_F(ExternalDataTest, FollowsNoLinksAndOpensNoPipes) {
  const fs::path model = root_ / "model";
  fs::create_symlink("w.bin", model / "soft.bin");
  fs::create_symlink(root_ / "outside.bin", model / "out.bin");
  fs::create_directory_symlink("sub", model / "linked");
  fs::create_hard_link(root_ / "outside.bin", model / "hard.bin");
  ASSERT_EQ(::mkfifo((model / "pipe").c_str(), 0600), 0);
  for (const char* location : {"soft.bin", "out.bin", "linked/w.bin", "hard.bin", "pipe"}) {
    EXPECT_NE(Try({{"location", location}}), "ok") << location;
  }
}

TEST_F(ExternalDataTest, OffsetsAndLengthsMustFit) {
  const auto at = [&](const char* key, const char* value) { return Try({{"location", "w.bin"}, {key, value}}); };
  EXPECT_EQ(at("length", "16"), "ok");
  for (const char* length : {"15", "17", "0", "-1", "", " 16", "16x", "0x10", "1e1", "9223372036854775807", "99999999999999999999999"}) {
    EXPECT_NE(at("length", length), "ok") << length;
  }
  for (const char* offset : {"1", "16", "17", "-16", "+0", "9223372036854775807", "18446744073709551600", "x"}) {
    EXPECT_NE(at("offset", offset), "ok") << offset;
  }
  EXPECT_NE(Try({{"location", "w.bin"}}, {5}), "ok");
  EXPECT_NE(Try({{"location", "w.bin"}}, {int64_t{1} << 62}), "ok");
  EXPECT_NE(Try({{"location", "w.bin"}}, {int64_t{1} << 32, int64_t{1} << 32}), "ok");
  EXPECT_NE(Try({{"location", "w.bin"}, {"location", "sub/w.bin"}}), "ok");
  EXPECT_EQ(Try({{"location", "none.bin"}}, {0}), "ok");  // nothing to read
}

TEST_F(ExternalDataTest, ChecksumsAreVerified) {
  const std::string right = Sha1Hex(AsBytes(bytes_));
  std::string wrong = right;
  wrong[0] = wrong[0] == '0' ? '1' : '0';
  EXPECT_EQ(Try({{"location", "w.bin"}, {"checksum", right}}), "ok");
  EXPECT_NE(Try({{"location", "w.bin"}, {"checksum", wrong}}).find("SHA-1"), std::string::npos);
  EXPECT_EQ(Try({{"location", "w.bin"}, {"checksum", "00"}}), "ok");  // no SHA-1 at all
}

TEST_F(ExternalDataTest, CanBeBroughtIntoTheModel) {
  model::ModelProto model;
  model.folder = root_ / "model";
  auto& graph = model.graph.emplace();
  graph.initializer.push_back(Proto({{"location", "w.bin"}}));
  auto& body = graph.node.emplace_back().attribute.emplace_back().g.emplace();
  body.sparse_initializer.emplace_back().values = Proto({{"location", "sub/w.bin"}, {"length", "16"}});
  ASSERT_TRUE(LoadExternalData(model).ok());
  for (const auto& tensor : {graph.initializer[0], *body.sparse_initializer[0].values}) {
    EXPECT_EQ(tensor.raw_data.view, bytes_);
    EXPECT_TRUE(tensor.external_data.empty());
    EXPECT_FALSE(tensor.data_location.has());
  }
  graph.initializer.push_back(Proto({{"location", "none.bin"}}));
  EXPECT_NE(LoadExternalData(model).ToString().find("none.bin"), std::string::npos);
}

TEST_F(ExternalDataTest, WithoutAFolderThereIsNone) {
  EXPECT_FALSE(ToTensor(Proto({{"location", "w.bin"}}), ExternalContext()).ok());
  EXPECT_FALSE(ToTensor(Proto({{"location", "w.bin"}}), ExternalContext("")).ok());
  auto proto = Proto({{"location", "w.bin"}});
  proto.raw_data = {bytes_, nullptr};
  proto.has_raw_data = true;
  EXPECT_FALSE(ToTensor(proto, context_).ok());
}

}  // namespace
}  // namespace samoyed::wire
