#include "base/status.h"

namespace samoyed {

std::string Status::ToString() const {
  if (ok()) return "ok";
  return rep_->where.empty() ? rep_->message : StrCat(rep_->where, ": ", rep_->message);
}

Status Status::At(std::string_view where) const& {
  if (ok() || !rep_->where.empty()) return *this;
  return Status(rep_->code, rep_->message, std::string(where));
}

}  // namespace samoyed
