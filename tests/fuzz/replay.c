/* Runs a fuzz target over saved files, without a fuzzer. Usage: replay MUTATIONS PATH... (files or folders)
 *
 * Each file is given as it is, and MUTATIONS times changed a little: cut short, or with some bytes overwritten. The
 * changes depend on the file's length and the number of the mutation alone, so a failure repeats; PH_FUZZ_TRACE=1 in
 * the environment names file and number before each run. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* xorshift64 (Marsaglia 2003) */
static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void run(const char *path, const uint8_t *bytes, size_t size, int mutation)
{
    /* An exact copy on the heap, so that a read past the end is seen. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        exit(1);
    memcpy(copy, bytes, size);
    uint64_t state = 0x9e3779b97f4a7c15U * (uint64_t)(mutation + 1) ^ (uint64_t)size;
    size_t length = size;
    if (mutation > 0 && size > 0) {
        if (next(&state) % 4 == 0)
            length = next(&state) % size;
        for (uint64_t edits = 1 + next(&state) % 6; edits > 0 && length > 0; edits--)
            copy[next(&state) % length] = next(&state) % 3 ? (uint8_t)next(&state) : 0xff;
    }
    const char *const trace = getenv("PH_FUZZ_TRACE");
    if (trace)
        fprintf(stderr, "%s mutation %d\n", path, mutation);
    uint8_t *tight = realloc(copy, length ? length : 1);
    LLVMFuzzerTestOneInput(tight ? tight : copy, length);
    free(tight ? tight : copy);
}

static long replay_file(const char *path, long size, int mutations)
{
    uint8_t *bytes = malloc((size_t)size + 1);
    FILE *file = fopen(path, "rb");
    if (!bytes || !file || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "%s: cannot read\n", path);
        exit(1);
    }
    fclose(file);
    for (int mutation = 0; mutation <= mutations; mutation++)
        run(path, bytes, (size_t)size, mutation);
    free(bytes);
    return 1;
}

static long replay(const char *path, int mutations)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        printf("SKIP: %s is not there\n", path);
        return 0;
    }
    if (S_ISREG(info.st_mode))
        return replay_file(path, (long)info.st_size, mutations);
    long files = 0;
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        char inner[4096];
        const int length = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && length > 0 && length < (int)sizeof inner)
            files += replay(inner, mutations);
    }
    if (folder)
        closedir(folder);
    return files;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: replay MUTATIONS PATH...\n");
        return 2;
    }
    const int mutations = (int)strtol(argv[1], NULL, 10);
    long files = 0;
    for (int i = 2; i < argc; i++)
        files += replay(argv[i], mutations);
    printf("%ld files, each as it is and in %d mutations\n", files, mutations);
    return files > 0 ? 0 : 1;
}
