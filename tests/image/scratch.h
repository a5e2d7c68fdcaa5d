/* A folder for a test's files, and files made of bytes. */
#ifndef TESTS_IMAGE_SCRATCH_H
#define TESTS_IMAGE_SCRATCH_H

#include <stddef.h>

/* A new empty folder under TMPDIR or /tmp; its name is good until the next call. */
const char *scratch_make(void);
/* Deletes the folder and the files in it; returns how many there were. */
int scratch_delete(void);
int scratch_count(void);
/* FOLDER/NAME in a buffer that the next eight calls leave alone. */
const char *scratch_path(const char *name);
void scratch_write(const char *path, const void *bytes, size_t size);
/* Whole file with a NUL behind it, for free(); fails the test when it cannot be read. */
unsigned char *scratch_read(const char *path, size_t *size);

/* 1 if the shared pictures are there; else says SKIP with a reason. */
int scratch_shared(const char *path);

#endif
