#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/sha1.h"

namespace samoyed {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    char name[] = "/tmp/samoyed_file.XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~FileTest() override { fs::remove_all(folder_); }

  std::string Contents(const fs::path& path) const {
    const auto file = MappedFile::Open(path);
    if (!file.ok()) return file.status().ToString();
    const auto bytes = (*file)->bytes();
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  size_t FilesInFolder() const { return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator())); }

  fs::path folder_;
};

TEST_F(FileTest, WritesAndMaps) {
  const fs::path path = folder_ / "a";
  ASSERT_TRUE(WriteFile(path, "hello").ok());
  EXPECT_EQ(Contents(path), "hello");
  ASSERT_TRUE(WriteFile(path, "again").ok());
  EXPECT_EQ(Contents(path), "again");
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(FileTest, AMappingOutlivesTheFile) {
  const fs::path path = folder_ / "a";
  ASSERT_TRUE(WriteFile(path, "old").ok());
  const auto file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(WriteFile(path, "new").ok());
  EXPECT_EQ(std::memcmp((*file)->bytes().data(), "old", 3), 0);
}

TEST_F(FileTest, DroppedPagesAreReadAgain) {
  const fs::path path = folder_ / "a";
  const std::string contents(3 << 16, 'x');
  ASSERT_TRUE(WriteFile(path, contents).ok());
  const auto file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok());
  const std::byte* bytes = (*file)->bytes().data();
  DropMappedPages(bytes + 5, contents.size());  // more than there is: clamped
  EXPECT_EQ(std::memcmp(bytes, contents.data(), contents.size()), 0);
  std::vector<char> own(contents.begin(), contents.end());
  DropMappedPages(own.data(), own.size());
  EXPECT_EQ(std::memcmp(own.data(), contents.data(), own.size()), 0);
}

TEST_F(FileTest, AFileThatShrinksReadsAsZerosAndIsMarked) {
  ASSERT_TRUE(GuardMappedFiles());
  const fs::path path = folder_ / "a";
  ASSERT_TRUE(WriteFile(path, std::string(1 << 20, 'x')).ok());
  ASSERT_TRUE(WriteFile(folder_ / "b", "whole").ok());
  const auto file = MappedFile::Open(path);
  const auto other = MappedFile::Open(folder_ / "b");
  ASSERT_TRUE(file.ok() && other.ok());
  fs::resize_file(path, 10);
  const auto bytes = (*file)->bytes();
  EXPECT_TRUE((*file)->intact());
  MappingsInUse both, whole;
  both.Add(bytes.data() + 7);
  both.Add((*other)->bytes().data());
  whole.Add((*other)->bytes().data());
  whole.Add(&path);
  EXPECT_TRUE(both.intact());
  const std::byte gone = static_cast<const volatile std::byte*>(bytes.data())[500000];
  EXPECT_EQ(gone, std::byte{0});
  EXPECT_FALSE((*file)->intact());
  EXPECT_EQ(bytes[5], std::byte{'x'});
  EXPECT_TRUE((*other)->intact());
  EXPECT_FALSE(both.intact());
  EXPECT_TRUE(whole.intact());
}

TEST_F(FileTest, WithoutCommitNothingChanges) {
  const fs::path path = folder_ / "a";
  ASSERT_TRUE(WriteFile(path, "old").ok());
  {
    auto file = AtomicFile::Create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Append("new").ok());
    ASSERT_TRUE((*file)->Append(std::string(1 << 20, 'x')).ok());
  }
  EXPECT_EQ(Contents(path), "old");
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(FileTest, PermissionsOfAnExistingFileStay) {
  const fs::path path = folder_ / "a";
  ASSERT_TRUE(WriteFile(path, "old").ok());
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  ASSERT_TRUE(WriteFile(path, "new").ok());
  struct stat info;
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(FileTest, LinksStayLinksAndDevicesDevices) {
  ASSERT_TRUE(WriteFile(folder_ / "a", "old").ok());
  fs::create_symlink("a", folder_ / "link");
  ASSERT_TRUE(WriteFile(folder_ / "link", "new").ok());
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(Contents(folder_ / "a"), "new");
  EXPECT_TRUE(WriteFile("/dev/null", "x").ok());
}

TEST_F(FileTest, SaysWhyAFileCannotBeRead) {
  EXPECT_NE(Contents(folder_ / "none").find("No such file"), std::string::npos);
  EXPECT_NE(Contents(folder_).find("is a folder"), std::string::npos);
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_NE(Contents(pipe).find("is a pipe"), std::string::npos);
  ASSERT_TRUE(WriteFile(folder_ / "empty", "").ok());
  EXPECT_NE(Contents(folder_ / "empty").find("is empty"), std::string::npos);
}

TEST_F(FileTest, SaysWhyAFileCannotBeWritten) {
  EXPECT_NE(WriteFile(folder_ / "none" / "a", "x").ToString().find("No such file"), std::string::npos);
  EXPECT_NE(WriteFile(folder_, "x").ToString().find("is a folder"), std::string::npos);
  EXPECT_FALSE(WriteFile("/dev/full", "x").ok());
}

TEST(FolderOf, Paths) {
  EXPECT_EQ(FolderOf("a"), ".");
  EXPECT_EQ(FolderOf("a/b"), "a");
  EXPECT_EQ(FolderOf("/a"), "/");
}

TEST(Sha1, KnownDigests) {
  const auto digest = [](std::string_view text) { return Sha1Hex(std::as_bytes(std::span(text.data(), text.size()))); };
  EXPECT_EQ(digest(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(digest("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(digest(std::string(1000000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Quote, KeepsMessagesOnOneLine) {
  EXPECT_EQ(Quote("a\nb\x1b"), "\"a\\x0ab\\x1b\"");
  EXPECT_EQ(Quote("abcdef", 3), "\"abc...\"");
  EXPECT_EQ(Quote("ab\xc3\xa9", 3), "\"ab...\"");
}

}  // namespace
}  // namespace samoyed
