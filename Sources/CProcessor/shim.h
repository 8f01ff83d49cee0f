#pragma once
#include <stdbool.h>

/// Whether processor and operating system have 256-bit vectors with AVX2.
static inline bool takt_processor_has_avx2(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}
