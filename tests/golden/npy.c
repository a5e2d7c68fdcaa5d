#include "tests/golden/npy.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

float *ph_golden_read(const char *name, size_t count)
{
    char path[256];
    snprintf(path, sizeof path, "tests/golden/%s.npy", name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is missing: run in the source root", path);
    /* Magic, version 1.0, then the header's length in two bytes and the header, a Python dict. */
    unsigned char start[10];
    ck_assert_uint_eq(fread(start, 1, sizeof start, file), sizeof start);
    ck_assert_mem_eq(start, "\x93NUMPY\x01\x00", 8);
    char header[512] = "";
    const size_t length = start[8] + 256U * start[9];
    ck_assert_uint_lt(length, sizeof header);
    ck_assert_uint_eq(fread(header, 1, length, file), length);
    ck_assert_msg(strstr(header, "'descr': '<f4', 'fortran_order': False"), "%s: %s", path, header);
    float *values = malloc((count + 1) * sizeof *values);
    ck_assert_ptr_nonnull(values);
    const size_t got = fread(values, sizeof *values, count + 1, file);
    ck_assert_msg(got == count, "%s holds %zu numbers or more, not %zu", path, got, count);
    fclose(file);
    return values;
}
