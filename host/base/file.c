#include "host/base/file.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REASON_MAX = 128, TEMPORARY_TRIES = 16 };

static ph_status fail_errno(ph_error *err, const char *doing, const char *path, int number)
{
    char reason[REASON_MAX];
    if (strerror_r(number, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "error %d", number);
    return ph_fail(err, PH_IO, "cannot %s '%.300s': %s", doing, path, reason);
}

/* Reads until `size` bytes or the end of the file; errno on failure, else 0. */
static int read_all(int file, char *bytes, size_t size, size_t *done)
{
    *done = 0;
    while (*done < size) {
        const ssize_t got = read(file, bytes + *done, size - *done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            return 0;
        *done += (size_t)got;
    }
    return 0;
}

static ph_status read_open(int file, const char *path, size_t limit, void **bytes, size_t *size, ph_error *err)
{
    struct stat info;
    if (fstat(file, &info) != 0)
        return fail_errno(err, "read", path, errno);
    if (S_ISDIR(info.st_mode))
        return ph_fail(err, PH_IO, "cannot read '%.300s': it is a directory", path);
    if (!S_ISREG(info.st_mode))
        return ph_fail(err, PH_IO, "cannot read '%.300s': it is not a regular file", path);
    if (info.st_size < 0 || (uintmax_t)info.st_size > limit)
        return ph_fail(err, PH_IO, "cannot read '%.300s': it has %jd bytes, more than the %zu allowed here", path,
                       (intmax_t)info.st_size, limit);
    const size_t expected = (size_t)info.st_size;
    char *buffer = ph_alloc(expected + 1, 1);
    if (!buffer)
        return ph_fail_memory(err, expected + 1, path);
    size_t done;
    const int number = read_all(file, buffer, expected, &done);
    if (number) {
        ph_free(buffer);
        return fail_errno(err, "read", path, number);
    }
    buffer[done] = '\0';
    *bytes = buffer;
    *size = done;
    return PH_OK;
}

ph_status ph_file_read(const char *path, size_t limit, void **bytes, size_t *size, ph_error *err)
{
    /* Without O_NONBLOCK, opening a FIFO would wait for a writer. */
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fail_errno(err, "open", path, errno);
    const ph_status status = read_open(file, path, limit, bytes, size, err);
    close(file);
    return status;
}

/* Renaming replaces whatever `path` is, so that a device or a pipe must never get that far. */
static ph_status check_replaceable(const char *path, ph_error *err)
{
    struct stat info;
    if (!*path)
        return ph_fail(err, PH_IO, "cannot write: the file name is empty");
    if (stat(path, &info) != 0)
        return PH_OK; /* a new file; if the folder is missing, creating it will tell */
    if (S_ISDIR(info.st_mode))
        return ph_fail(err, PH_IO, "cannot write '%.300s': it is a directory", path);
    if (!S_ISREG(info.st_mode))
        return ph_fail(err, PH_IO, "cannot write '%.300s': it is not a regular file", path);
    return PH_OK;
}

/* Creates PATH.tmp-PID, or PATH.tmp-PID-1 … when that is in use (another thread, or a run that was killed). */
static ph_status create_temporary(const char *path, ph_text *name, int *file, ph_error *err)
{
    for (int attempt = 0; attempt < TEMPORARY_TRIES; attempt++) {
        ph_text_free(name);
        ph_text_append(name, "%s.tmp-%jd", path, (intmax_t)getpid());
        if (attempt > 0)
            ph_text_append(name, "-%d", attempt);
        if (name->failed)
            return ph_fail_memory(err, strlen(path), "a file name");
        *file = open(name->chars, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (*file >= 0)
            return PH_OK;
        if (errno != EEXIST)
            break;
    }
    return fail_errno(err, "create", name->chars, errno);
}

/* errno on failure, else 0 */
static int write_all(int file, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t put = write(file, bytes + done, size - done);
        if (put < 0 && errno != EINTR)
            return errno;
        if (put > 0)
            done += (size_t)put;
    }
    /* EINVAL: a file system that cannot flush. */
    return fsync(file) != 0 && errno != EINVAL ? errno : 0;
}

ph_status ph_file_write(const char *path, const void *bytes, size_t size, ph_error *err)
{
    PH_TRY(check_replaceable(path, err));
    ph_text temporary = {0};
    int file = -1;
    ph_status status = create_temporary(path, &temporary, &file, err);
    if (status == PH_OK) {
        int number = write_all(file, bytes, size);
        if (close(file) != 0 && !number)
            number = errno;
        if (!number && rename(temporary.chars, path) != 0)
            number = errno;
        if (number) {
            unlink(temporary.chars);
            status = fail_errno(err, "write", path, number);
        }
    }
    ph_text_free(&temporary);
    return status;
}
