// Files: read as a mapping that keeps itself alive, written whole or not at all.
#ifndef SAMOYED_BASE_FILE_H_
#define SAMOYED_BASE_FILE_H_

#include <signal.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace samoyed {

// What a reader is about to do with some pages, or is done doing.
// The bytes of a regular file, mapped read-only and private. Immutable, so any number of threads may
// share it; the mapping lives as long as the last shared pointer to it.
class MappedFile {
 public:
  // Fails, with the path and the reason, when the file is missing, empty, unreadable, or not a
  // regular file. Never blocks on a pipe.
  static Result<std::shared_ptr<const MappedFile>> Open(const std::string& path);
  // The same for an open descriptor, which stays the caller's; `name` is for messages.
  static Result<std::shared_ptr<const MappedFile>> FromDescriptor(int fd, std::string_view name);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }
  // False once a part of the file was found gone (cut off by somebody while it was mapped) and reads
  // as zeros instead; only with GuardMappedFiles(). Whoever computed from the bytes must ask.
  bool intact() const { return !damaged_.load(std::memory_order_relaxed); }

 private:
  MappedFile(void* data, size_t size);
  static void OnBusError(int signal, siginfo_t* info, void* context);
  friend bool GuardMappedFiles();

  void* data_;
  size_t size_;
  std::atomic<bool> damaged_{false};
  int slot_ = -1;  // in the table of guarded mappings
};

// From now on, reading a mapped file that has become shorter gives zeros and marks it (intact()) in
// place of killing the process with SIGBUS. Installs a signal handler, so it is the program's
// decision, not the library's; other causes of SIGBUS go to the handler that was there before.
// False where the handler cannot be installed.
bool GuardMappedFiles();

// Gives back the memory behind what lies in a mapped file, whole pages alone: they are read again when somebody touches them.
// Nothing happens to bytes that lie in no mapped file.
void DropMappedPages(const void* data, size_t bytes);

// The mapped files that some bytes lie in, for whoever computes from the bytes and does not hold the files themselves.
class MappingsInUse {
 public:
  // `address` may be anywhere; what lies in no mapped file is left out. True for the first address of a file.
  bool Add(const void* address);
  // As MappedFile::intact(), of all of them. The mappings must live still.
  bool intact() const;

 private:
  std::vector<int> slots_;  // no duplicates
};

// Takes the bytes of a file piece by piece.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status Append(std::string_view bytes) = 0;
};

// Writes a temporary file beside its target; Commit() makes it durable and puts it in place in one
// step. Until then, and when anything fails, the target stays as it was and the temporary is removed.
// A link is followed and stays one; a device or a pipe (/dev/null, /dev/stdout) is written directly.
class AtomicFile : public ByteSink {
 public:
  static Result<std::unique_ptr<AtomicFile>> Create(const std::string& path);
  ~AtomicFile() override;

  Status Append(std::string_view bytes) override;
  Status Commit();

 private:
  AtomicFile(std::string path, std::string temporary, int fd) : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
  Status Flush();

  std::string path_;
  std::string temporary_;
  std::string buffer_;
  int fd_;
};

// All of `bytes`, through AtomicFile.
Status WriteFile(const std::string& path, std::string_view bytes);

// What the system says about an errno value: "No such file or directory".
std::string ErrorText(int error);

// The folder a path lies in: "." for a bare name.
std::string FolderOf(std::string_view path);

}  // namespace samoyed

#endif  // SAMOYED_BASE_FILE_H_
