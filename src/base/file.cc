#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <system_error>

namespace samoyed {
namespace {

constexpr size_t kBufferBytes = 1 << 18;

Status WriteAll(int fd, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return UsageError("cannot write ", path, ": ", ErrorText(errno));
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return OkStatus();
}

std::string_view KindOf(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

// A new file beside `path` under a name nobody has; mkstemp would ignore the user's umask.
int CreateTemporary(const std::string& path, std::string& name) {
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 100; ++attempt) {
    name = StrCat(path, ".", static_cast<int64_t>(::getpid()), ".", counter++, ".tmp");
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return BadInput("cannot open ", path, ": ", ErrorText(errno));
  auto file = FromDescriptor(fd, path);
  ::close(fd);
  return file;
}

Result<std::shared_ptr<const MappedFile>> MappedFile::FromDescriptor(int fd, std::string_view name) {
  struct stat info;
  if (::fstat(fd, &info) != 0) return BadInput("cannot read ", name, ": ", ErrorText(errno));
  if (!S_ISREG(info.st_mode)) return BadInput(name, " is ", KindOf(info.st_mode), ", not a file");
  if (info.st_size == 0) return BadInput(name, " is empty");
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > SIZE_MAX / 2) return LimitExceeded(name, " has ", size, " bytes, more than this machine can address");
  void* data = ::mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_PRIVATE, fd, 0);
  if (data == MAP_FAILED) return BadInput("cannot map ", name, ": ", ErrorText(errno));
  return std::shared_ptr<const MappedFile>(new MappedFile(data, static_cast<size_t>(size)));
}

namespace {

// The guarded mappings, in a form that a signal handler can read: no locks, nothing that moves. Beyond
// the last slot mappings simply are not guarded.
constexpr int kSlots = 1024;
struct Slot {
  std::atomic<uintptr_t> begin{0};  // 0: free; 1: being filled
  std::atomic<uintptr_t> end{0};
  std::atomic<std::atomic<bool>*> damaged{nullptr};
};
Slot g_slots[kSlots];
struct sigaction g_previous;

}  // namespace

MappedFile::MappedFile(void* data, size_t size) : data_(data), size_(size) {
  for (int i = 0; i < kSlots; ++i) {
    uintptr_t free = 0;
    if (!g_slots[i].begin.compare_exchange_strong(free, 1)) continue;
    g_slots[i].end = reinterpret_cast<uintptr_t>(data) + size;
    g_slots[i].damaged = &damaged_;
    g_slots[i].begin = reinterpret_cast<uintptr_t>(data);
    slot_ = i;
    return;
  }
}

MappedFile::~MappedFile() {
  if (slot_ >= 0) g_slots[slot_].begin = 0;
  ::munmap(data_, size_);
}

void MappedFile::OnBusError(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const auto at = reinterpret_cast<uintptr_t>(info->si_addr);
  for (Slot& slot : g_slots) {
    const uintptr_t begin = slot.begin;
    if (begin <= 1 || at < begin || at >= slot.end) continue;
    // A page of zeros in place of the one that is gone; then the read is tried again and succeeds.
    const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
    void* where = reinterpret_cast<void*>(at / page * page);
    if (::mmap(where, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) break;
    slot.damaged.load()->store(true, std::memory_order_relaxed);
    errno = saved_errno;
    return;
  }
  errno = saved_errno;
  if ((g_previous.sa_flags & SA_SIGINFO) != 0) return g_previous.sa_sigaction(signal, info, context);
  if (g_previous.sa_handler != SIG_DFL && g_previous.sa_handler != SIG_IGN) return g_previous.sa_handler(signal);
  // Nobody wants it: the instruction is run again and ends the process as it would have.
  ::signal(signal, SIG_DFL);
}

namespace {

int SlotOf(const void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  for (int i = 0; i < kSlots; ++i) {
    const uintptr_t begin = g_slots[i].begin;
    if (begin > 1 && at >= begin && at < g_slots[i].end) return i;
  }
  return -1;
}

// The whole pages inside [begin, end) go.
void DropPages(uintptr_t begin, uintptr_t end) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  begin = (begin + page - 1) / page * page;
  end = end / page * page;
  if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // a hint: failure changes nothing
}

}  // namespace

void DropMappedPages(const void* data, size_t bytes) {
  const int slot = SlotOf(data);
  if (slot < 0) return;
  const auto begin = reinterpret_cast<uintptr_t>(data);
  DropPages(begin, std::min(begin + bytes, g_slots[slot].end.load()));
}

bool MappingsInUse::Add(const void* address) {
  const int slot = SlotOf(address);
  if (slot < 0 || std::find(slots_.begin(), slots_.end(), slot) != slots_.end()) return false;
  slots_.push_back(slot);
  return true;
}

bool MappingsInUse::intact() const {
  return std::none_of(slots_.begin(), slots_.end(), [](int i) { return g_slots[i].damaged.load()->load(std::memory_order_relaxed); });
}

bool GuardMappedFiles() {
  static const bool installed = [] {
    struct sigaction action = {};
    action.sa_sigaction = &MappedFile::OnBusError;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return ::sigaction(SIGBUS, &action, &g_previous) == 0;
  }();
  return installed;
}

Result<std::unique_ptr<AtomicFile>> AtomicFile::Create(const std::string& path) {
  struct stat info;
  std::string target = path;
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return UsageError("cannot write ", path, ": it is a folder");
    if (!S_ISREG(info.st_mode)) {
      const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
      if (fd < 0) return UsageError("cannot write ", path, ": ", ErrorText(errno));
      return std::unique_ptr<AtomicFile>(new AtomicFile(path, {}, fd));
    }
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (real != nullptr) target = real.get();
  }
  std::string temporary;
  const int fd = CreateTemporary(target, temporary);
  if (fd < 0) return UsageError("cannot write ", path, ": ", ErrorText(errno));
  return std::unique_ptr<AtomicFile>(new AtomicFile(std::move(target), std::move(temporary), fd));
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status AtomicFile::Append(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) {
    SAMOYED_RETURN_IF_ERROR(Flush());
    if (bytes.size() >= kBufferBytes) return WriteAll(fd_, path_, bytes);
  }
  buffer_ += bytes;
  return OkStatus();
}

Status AtomicFile::Flush() {
  const Status status = WriteAll(fd_, path_, buffer_);
  buffer_.clear();
  return status;
}

Status AtomicFile::Commit() {
  SAMOYED_RETURN_IF_ERROR(Flush());
  if (temporary_.empty()) return OkStatus();  // a device has nothing to put in place
  // An existing file keeps its permissions.
  struct stat info;
  if (::stat(path_.c_str(), &info) == 0) (void)::fchmod(fd_, info.st_mode & 07777);
  if (::fsync(fd_) != 0 && errno != EINVAL) return UsageError("cannot write ", path_, ": ", ErrorText(errno));
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0) return UsageError("cannot write ", path_, ": ", ErrorText(errno));
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return UsageError("cannot write ", path_, ": ", ErrorText(errno));
  temporary_.clear();
  return OkStatus();
}

Status WriteFile(const std::string& path, std::string_view bytes) {
  SAMOYED_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
  SAMOYED_RETURN_IF_ERROR(file->Append(bytes));
  return file->Commit();
}

std::string ErrorText(int error) { return std::error_code(error, std::generic_category()).message(); }

std::string FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

}  // namespace samoyed
