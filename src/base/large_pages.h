// Large pages for large buffers.
#ifndef SAMOYED_BASE_LARGE_PAGES_H_
#define SAMOYED_BASE_LARGE_PAGES_H_

#include <cstddef>

namespace samoyed {

// Asks the system to back what lies inside [data, data + bytes) in whole 2 MiB pages by such pages: fewer faults when it is first
// written, fewer address translations after. A hint, for fresh memory that will be used from end to end: nothing is taken beyond it.
void PreferLargePages(void* data, size_t bytes);

}  // namespace samoyed

#endif  // SAMOYED_BASE_LARGE_PAGES_H_
