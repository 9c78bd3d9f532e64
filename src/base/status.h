// Errors as values. Nothing read from outside (a model, a tensor file, an image, a request) may
// abort the process or throw through a layer, so functions that can fail return Status or Result<T>.
#ifndef SAMOYED_BASE_STATUS_H_
#define SAMOYED_BASE_STATUS_H_

#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/str.h"

namespace samoyed {

// The numbers are the exit codes of the command line.
enum class Code : uint8_t {
  kOk = 0,
  kFailedCheck = 1,  // a comparison or a verification came out negative
  kUsage = 2,        // the caller's mistake: unknown name, option out of range
  kUnsupported = 3,  // valid, but this build cannot do it
  kLimit = 4,        // over the memory budget, the deadline or a structural limit; or cancelled
  kBadInput = 5,     // the bytes are not what they claim to be, or break a rule of the standard
  kInternal = 6,     // a defect of Samoyed's own
};

// A code, a message for a person, and the node or tensor it concerns. Success costs one null pointer.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message, std::string where = {})
      : rep_(std::make_shared<Rep>(Rep{code, std::move(message), std::move(where)})) {}

  bool ok() const { return rep_ == nullptr; }
  Code code() const { return rep_ ? rep_->code : Code::kOk; }
  std::string_view message() const { return rep_ ? std::string_view(rep_->message) : std::string_view(); }
  std::string_view where() const { return rep_ ? std::string_view(rep_->where) : std::string_view(); }

  // "where: message", or the message alone.
  std::string ToString() const;

  // The same status, placed: the innermost place (the first one given) is kept.
  Status At(std::string_view where) const&;

 private:
  struct Rep {
    Code code;
    std::string message;
    std::string where;
  };
  std::shared_ptr<const Rep> rep_;
};

inline Status OkStatus() { return Status(); }

// Status of one kind with a message put together from parts: BadInput("axis ", axis, " is ...").
template <typename... Parts>
Status FailedCheck(const Parts&... parts) { return Status(Code::kFailedCheck, StrCat(parts...)); }
template <typename... Parts>
Status UsageError(const Parts&... parts) { return Status(Code::kUsage, StrCat(parts...)); }
template <typename... Parts>
Status Unsupported(const Parts&... parts) { return Status(Code::kUnsupported, StrCat(parts...)); }
template <typename... Parts>
Status LimitExceeded(const Parts&... parts) { return Status(Code::kLimit, StrCat(parts...)); }
template <typename... Parts>
Status BadInput(const Parts&... parts) { return Status(Code::kBadInput, StrCat(parts...)); }
template <typename... Parts>
Status InternalError(const Parts&... parts) { return Status(Code::kInternal, StrCat(parts...)); }

// A value, or the status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}                            // NOLINT: implicit on purpose
  Result(Status status) : status_(std::move(status)) { assert(!status_.ok()); }  // NOLINT

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return *std::move(value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace samoyed

#define SAMOYED_CONCAT_INNER_(a, b) a##b
#define SAMOYED_CONCAT_(a, b) SAMOYED_CONCAT_INNER_(a, b)

// Leaves the function with the status of `expr` unless it is OK.
#define SAMOYED_RETURN_IF_ERROR(expr)                       \
  do {                                                      \
    ::samoyed::Status samoyed_status_ = (expr);             \
    if (!samoyed_status_.ok()) return samoyed_status_;      \
  } while (false)

// `lhs = value of expr`, or leaves the function with its status.
#define SAMOYED_ASSIGN_OR_RETURN(lhs, expr) \
  SAMOYED_ASSIGN_OR_RETURN_IMPL_(SAMOYED_CONCAT_(samoyed_result_, __LINE__), lhs, expr)
#define SAMOYED_ASSIGN_OR_RETURN_IMPL_(result, lhs, expr) \
  auto result = (expr);                                   \
  if (!result.ok()) return result.status();               \
  lhs = std::move(result).value()

#endif  // SAMOYED_BASE_STATUS_H_
