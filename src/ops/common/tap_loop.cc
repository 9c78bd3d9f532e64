#include "ops/common/tap_loop.h"

namespace samoyed::ops {

TapLoop::TapLoop(const std::vector<WindowAxis>& windows)
    : windows_(windows), index_(windows.size()), in_strides_(windows.size()), out_strides_(windows.size()), range_(windows.size()) {
  int64_t in = 1, out = 1;
  for (size_t i = windows.size(); i-- > 0;) {
    in_strides_[i] = in;
    out_strides_[i] = out;
    in *= windows[i].in;
    out *= windows[i].out;
  }
}

bool TapLoop::NextRow() {
  for (size_t i = windows_.size() - 1; i-- > 0;) {
    if (++index_[i] < range_[i].last) return true;
    index_[i] = range_[i].first;
  }
  return false;
}

bool NextTap(std::vector<int64_t>& tap, const std::vector<WindowAxis>& windows) {
  for (size_t i = tap.size(); i-- > 0;) {
    if (++tap[i] < windows[i].kernel) return true;
    tap[i] = 0;
  }
  return false;
}

}  // namespace samoyed::ops
