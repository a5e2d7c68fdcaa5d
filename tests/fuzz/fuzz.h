/* What every fuzz target defines: takes any bytes, must neither crash nor leak nor run for long. libFuzzer calls it, or
 * replay.c on the corpus. */
#ifndef PH_TESTS_FUZZ_H
#define PH_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); // NOLINT(bugprone-reserved-identifier)

#endif
