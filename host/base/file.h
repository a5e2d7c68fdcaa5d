/* Whole files in and out. */
#ifndef PH_BASE_FILE_H
#define PH_BASE_FILE_H

#include "phosphene.h"

/* Reads a regular file into memory (ph_free), with a NUL after the last byte. PH_IO: missing, a directory, unreadable,
 * larger than `limit`. */
ph_status ph_file_read(const char *path, size_t limit, void **bytes, size_t *size, ph_error *err);
/* Writes to PATH.tmp-PID beside it, flushes to disk, renames. On any failure nothing is left and `path` is untouched.
 * PH_IO: `path` is a directory, a device or a pipe, or the system refuses. */
ph_status ph_file_write(const char *path, const void *bytes, size_t size, ph_error *err);

#endif
