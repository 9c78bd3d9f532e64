#include "wire/external_data.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <map>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/checked.h"
#include "base/file.h"
#include "base/sha1.h"

namespace samoyed::wire {
namespace {

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Reset(-1); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void Reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

// A number of bytes: decimal digits that fit into int64_t, as the standard stores it.
Result<uint64_t> ParseBytes(std::string_view key, std::string_view text) {
  int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    return BadInput("external data: ", key, " ", Quote(text, 40), " is not a number of bytes");
  }
  return static_cast<uint64_t>(value);
}

// The names on the way to the file, "." left out.
Result<std::vector<std::string>> SplitLocation(const std::string& location) {
  if (location.empty()) return BadInput("external data: the location is empty");
  if (location.front() == '/') return BadInput("external data: location ", Quote(location), " is an absolute path");
  if (location.find('\0') != std::string::npos || location.find('\\') != std::string::npos) {
    return BadInput("external data: location ", Quote(location), " contains a backslash or a zero byte; use / between folders");
  }
  std::vector<std::string> names;
  for (size_t begin = 0; begin <= location.size();) {
    const size_t end = std::min(location.find('/', begin), location.size());
    std::string name = location.substr(begin, end - begin);
    if (name == "..") return BadInput("external data: location ", Quote(location), " may not contain \"..\"");
    if (!name.empty() && name != ".") names.push_back(std::move(name));
    begin = end + 1;
  }
  if (names.empty() || location.back() == '/') return BadInput("external data: location ", Quote(location), " names no file");
  return names;
}

Result<std::shared_ptr<const MappedFile>> OpenInside(const std::string& folder, const std::vector<std::string>& names) {
  Descriptor at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (at.get() < 0) return BadInput("external data: cannot open folder ", Quote(folder), ": ", ErrorText(errno));
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const int next = ::openat(at.get(), names[i].c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) return BadInput("external data: ", Quote(names[i]), " is no folder inside the model's folder (links are not followed)");
    at.Reset(next);
  }
  const std::string& name = names.back();
  const std::string shown = StrCat("external data file ", Quote(name));
  struct stat info;
  if (::fstatat(at.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return BadInput(shown, " cannot be opened in folder ", Quote(folder), ": ", ErrorText(errno));
  }
  if (S_ISLNK(info.st_mode)) return BadInput(shown, " is a symbolic link; put the file itself into the model's folder");
  if (!S_ISREG(info.st_mode)) return BadInput(shown, " is not a regular file");
  // The file may have been exchanged since: what was opened is looked at again.
  const Descriptor file(::openat(at.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.get() < 0) return BadInput(shown, " cannot be opened: ", ErrorText(errno));
  if (::fstat(file.get(), &info) != 0) return BadInput(shown, " cannot be read: ", ErrorText(errno));
  if (info.st_nlink != 1) {
    return BadInput(shown, " has ", static_cast<uint64_t>(info.st_nlink),
                    " hard links, so it may be a file from elsewhere; copy it instead");
  }
  return MappedFile::FromDescriptor(file.get(), shown);
}

bool IsSha1(std::string_view text) {
  if (text.size() != 40) return false;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return false;
  }
  return true;
}

bool SameIgnoringCase(std::string_view a, std::string_view lower) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != lower[i]) return false;
  }
  return a.size() == lower.size();
}

}  // namespace

struct ExternalContext::State {
  struct Entry {
    std::shared_ptr<const MappedFile> file;
    std::string sha1;  // empty until somebody asks
  };
  explicit State(std::string f) : folder(std::move(f)) {}

  const std::string folder;
  std::mutex mutex;
  std::map<std::vector<std::string>, Entry> files;
};

ExternalContext::ExternalContext(std::string folder) {
  if (!folder.empty()) state_ = std::make_shared<State>(std::move(folder));
}

Result<ExternalLocation> ParseExternalData(const model::TensorProto& tensor) {
  ExternalLocation out;
  bool has_location = false;
  bool has_offset = false;
  for (const auto& entry : tensor.external_data) {
    const std::string& key = entry.key.get();
    const std::string& value = entry.value.get();
    bool is_repeated = false;
    if (key == "location") {
      is_repeated = std::exchange(has_location, true);
      out.location = value;
    } else if (key == "offset") {
      is_repeated = std::exchange(has_offset, true);
      SAMOYED_ASSIGN_OR_RETURN(out.offset, ParseBytes(key, value));
    } else if (key == "length") {
      is_repeated = std::exchange(out.has_length, true);
      SAMOYED_ASSIGN_OR_RETURN(out.length, ParseBytes(key, value));
    } else if (key == "checksum") {
      is_repeated = !out.checksum.empty();
      out.checksum = value;
    }
    if (is_repeated) return BadInput("external data: ", key, " is given twice");
  }
  if (!has_location) return BadInput("external data: no location is given");
  SAMOYED_RETURN_IF_ERROR(SplitLocation(out.location).status());
  return out;
}

Result<model::Bytes> ExternalContext::Find(const model::TensorProto& tensor, uint64_t size) const {
  SAMOYED_ASSIGN_OR_RETURN(const ExternalLocation where, ParseExternalData(tensor));
  if (where.has_length && where.length != size) {
    return BadInput("external data: length is ", where.length, " bytes, but type and shape need ", size);
  }
  if (state_ == nullptr) {
    return BadInput("its data is in file ", Quote(where.location), ", but a model that comes from memory has no folder to look in");
  }
  SAMOYED_ASSIGN_OR_RETURN(auto names, SplitLocation(where.location));
  if (size == 0) return model::Bytes{};
  const std::lock_guard lock(state_->mutex);
  State::Entry& entry = state_->files[names];
  if (entry.file == nullptr) {
    auto file = OpenInside(state_->folder, names);
    if (!file.ok()) {
      state_->files.erase(names);
      return file.status();
    }
    entry.file = std::move(file).value();
  }
  const auto bytes = entry.file->bytes();
  if (where.offset > bytes.size() || size > bytes.size() - where.offset) {
    return BadInput("external data: its ", size, " bytes at offset ", where.offset, " are not all in file ", Quote(where.location),
                    ", which has ", bytes.size());
  }
  if (IsSha1(where.checksum)) {
    if (entry.sha1.empty()) entry.sha1 = Sha1Hex(bytes);
    if (!SameIgnoringCase(where.checksum, entry.sha1)) {
      return BadInput("external data: file ", Quote(where.location), " has SHA-1 ", entry.sha1, ", but the model asks for ",
                      where.checksum);
    }
  }
  return model::Bytes{{reinterpret_cast<const char*>(bytes.data()) + where.offset, static_cast<size_t>(size)}, entry.file};
}

}  // namespace samoyed::wire
