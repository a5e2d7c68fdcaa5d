#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/base/text.h"
#include "host/model/onnx_array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct location {
    const char *file;
    int64_t offset;
    int64_t length; /* -1 = not said */
} location;

static ph_status read_location(const Onnx__TensorProto *t, const char *file, const char *what, location *where,
                               ph_error *err)
{
    *where = (location){.length = -1};
    for (size_t i = 0; i < t->n_external_data; i++) {
        const char *key = t->external_data[i]->key, *value = t->external_data[i]->value;
        if (!key || !value)
            continue;
        bool good = true;
        if (strcmp(key, "location") == 0)
            where->file = value;
        else if (strcmp(key, "offset") == 0)
            good = ph_parse_int(value, 0, INT64_MAX, &where->offset);
        else if (strcmp(key, "length") == 0)
            good = ph_parse_int(value, 0, INT64_MAX, &where->length);
        if (!good)
            return ph_fail(err, PH_FORMAT, "'%.200s': the external data of %.100s has the impossible %.10s '%.40s'",
                           file, what, key, value);
    }
    if (!where->file || !*where->file)
        return ph_fail(err, PH_FORMAT, "'%.200s': the external data of %.200s has no file name", file, what);
    return PH_OK;
}

/* A model is data from anywhere: it may name files of its own folder and below, and no others. */
static bool stays_inside(const char *path)
{
    if (*path == '/' || strchr(path, '\\'))
        return false;
    while (*path) {
        const size_t length = strcspn(path, "/");
        if (length == 2 && path[0] == '.' && path[1] == '.')
            return false;
        path += length;
        path += strspn(path, "/");
    }
    return true;
}

static ph_status read_range(int file, const char *path, int64_t offset, size_t size, uint8_t **bytes, ph_error *err)
{
    struct stat info;
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
        return ph_fail(err, PH_IO, "external data '%.300s' is not a regular file", path);
    if (offset > info.st_size || size > (uint64_t)(info.st_size - offset))
        return ph_fail(err, PH_FORMAT, "external data '%.300s' has %lld bytes; the model wants %zu from byte %lld on",
                       path, (long long)info.st_size, size, (long long)offset);
    uint8_t *buffer = ph_alloc(size, 1);
    if (!buffer)
        return ph_fail_memory(err, size, "external data");
    for (size_t done = 0; done < size;) {
        const ssize_t got = pread(file, buffer + done, size - done, (off_t)(offset + (int64_t)done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            ph_free(buffer);
            return ph_fail(err, PH_IO, "external data '%.300s' could not be read", path);
        }
        done += (size_t)got;
    }
    *bytes = buffer;
    return PH_OK;
}

static ph_status open_and_read(const char *path, int64_t offset, size_t size, uint8_t **bytes, ph_error *err)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        char reason[128];
        if (strerror_r(errno, reason, sizeof reason) != 0)
            snprintf(reason, sizeof reason, "error");
        return ph_fail(err, PH_IO, "cannot open '%.300s', which holds weights of the model: %s", path, reason);
    }
    const ph_status status = read_range(file, path, offset, size, bytes, err);
    close(file);
    return status;
}

ph_status ph_onnx_external(const Onnx__TensorProto *t, ph_onnx_source *source, const char *what, size_t needed,
                           uint8_t **bytes, ph_error *err)
{
    location where;
    PH_TRY(read_location(t, source->name, what, &where, err));
    if (!source->directory)
        return ph_fail(err, PH_UNSUPPORTED, "'%.200s': %.200s has external data, which needs a model read from a file",
                       source->name, what);
    if (!stays_inside(where.file))
        return ph_fail(err, PH_FORMAT,
                       "'%.200s': the external data of %.100s lies outside of the model's folder: '%.100s'",
                       source->name, what, where.file);
    if (where.length >= 0 && (uint64_t)where.length != needed)
        return ph_fail(err, PH_FORMAT, "'%.200s': the external data of %.200s has %lld bytes, its shape needs %zu",
                       source->name, what, (long long)where.length, needed);
    if (needed > source->external_left)
        return ph_fail(err, PH_UNSUPPORTED, "'%.200s': the external data is larger than can be loaded", source->name);
    source->external_left -= needed;

    ph_text path = {0};
    ph_text_append(&path, "%s/%s", source->directory, where.file);
    const ph_status status = path.failed ? ph_fail_memory(err, strlen(where.file), "a file name")
                                         : open_and_read(path.chars, where.offset, needed, bytes, err);
    ph_text_free(&path);
    return status;
}
