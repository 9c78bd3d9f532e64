// Walks along what one element of a kernel connects: rows of the input of a convolution with rows of its output.
#ifndef SAMOYED_OPS_COMMON_TAP_LOOP_H_
#define SAMOYED_OPS_COMMON_TAP_LOOP_H_

#include <cstdint>
#include <span>
#include <vector>

#include "ops/common/sliding_window.h"

namespace samoyed::ops {

// Holds on to `windows`, at least one axis.
class TapLoop {
 public:
  explicit TapLoop(const std::vector<WindowAxis>& windows);

  // row(in, out, n) for each run of n outputs, n > 0, that tap `tap` (a kernel index per axis) feeds: output out + i, i in [0, n), sees
  // input in + i * (stride of the last axis). Both count from the start of a plane.
  template <typename Row>
  void ForEachRow(std::span<const int64_t> tap, Row&& row) {
    const size_t last = windows_.size() - 1;
    for (size_t i = 0; i <= last; ++i) {
      range_[i] = windows_[i].OutputsInside(tap[i]);
      if (range_[i].first >= range_[i].last) return;
      index_[i] = range_[i].first;
    }
    const int64_t n = range_[last].last - range_[last].first;
    do {
      int64_t in = 0, out = 0;
      for (size_t i = 0; i <= last; ++i) {
        in += (windows_[i].Start(index_[i]) + tap[i] * windows_[i].dilation) * in_strides_[i];
        out += index_[i] * out_strides_[i];
      }
      row(in, out, n);
    } while (NextRow());
  }

 private:
  // The next index of the axes but the last, row-major; false after the last.
  bool NextRow();

  const std::vector<WindowAxis>& windows_;
  std::vector<int64_t> index_, in_strides_, out_strides_;
  std::vector<WindowAxis::Range> range_;
};

// The next kernel index, row-major; false after the last.
bool NextTap(std::vector<int64_t>& tap, const std::vector<WindowAxis>& windows);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_TAP_LOOP_H_
