#include "host/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_MAX = 100 };

static const char EXTENSION[] = ".png";

static ph_status fail(ph_error *err, ph_status status, char *message)
{
    err->status = status;
    snprintf(err->message, sizeof err->message, "%s", message);
    free(message);
    return status;
}

/* ---- Opening ---------------------------------------------------------------------------------------------------- */

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The only sure way to know whether a file can be made is to make one. directory: "" or ends in '/'. */
static ph_status probe(const char *directory, ph_error *err)
{
    const char *shown = *directory ? directory : ".";
    if (!is_directory(shown))
        return fail(err, PH_IO, ph_cli_format("cannot write to %s: no such directory; make it first", shown));
    char *path = ph_cli_format("%s.phosphene-%ld", directory, (long)getpid());
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    const int problem = errno;
    if (file >= 0) {
        close(file);
        unlink(path);
    }
    free(path);
    if (file < 0 && problem != EEXIST)
        return fail(
            err, PH_IO,
            ph_cli_format("cannot write to %s: %s; choose another place with --output", shown, strerror(problem)));
    return PH_OK;
}

/* The length of the directory's part of a path, its last '/' included. */
static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

ph_status ph_cli_output_check(const char *path, ph_error *err)
{
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return fail(err, PH_IO, ph_cli_format("cannot write to %s: it is not a file", path));
    char *directory = ph_cli_format("%.*s", (int)directory_length(path), path);
    const ph_status status = probe(directory, err);
    free(directory);
    return status;
}

static const char *const placeholders[] = {"{target}", "{index}", "{seed}", "{layer}", "{channel}", "{photo}"};
enum { PLACEHOLDER_COUNT = sizeof placeholders / sizeof *placeholders };

/* Index of the placeholder that `text` begins with, or -1. */
static int placeholder_at(const char *text)
{
    for (int i = 0; i < PLACEHOLDER_COUNT; i++)
        if (strncmp(text, placeholders[i], strlen(placeholders[i])) == 0)
            return i;
    return -1;
}

static ph_status check_pattern(const char *directory, const char *pattern, ph_error *err)
{
    if (strchr(directory, '{'))
        return fail(err, PH_MISUSE,
                    ph_cli_format("{…} may stand in the name of a file, not of a directory: %s", directory));
    for (const char *c = strchr(pattern, '{'); c; c = strchr(c + 1, '{'))
        if (placeholder_at(c) < 0)
            return fail(err, PH_MISUSE,
                        ph_cli_format("unknown placeholder in '%s': there are {target} {index} {seed} "
                                      "{layer} {channel} {photo}",
                                      pattern));
    return PH_OK;
}

ph_status ph_cli_output_open(const char *option, const char *standard, ph_cli_output **out, ph_error *err)
{
    if (option && !*option)
        return fail(err, PH_MISUSE, ph_cli_format("option 'output' must not be empty"));
    ph_cli_output *output = ph_cli_alloc(1, sizeof *output);
    output->to_stdout = option && strcmp(option, "-") == 0;
    const bool directory = option && (option[strlen(option) - 1] == '/' || is_directory(option));
    output->by_default = !option || directory;
    const char *const slash = directory && option[strlen(option) - 1] != '/' ? "/" : "";
    const size_t length = directory ? strlen(option) : option ? directory_length(option) : 0;
    output->directory = ph_cli_format("%.*s%s", (int)length, option ? option : "", slash);
    output->pattern = ph_cli_format("%s", output->by_default ? standard : option + length);
    ph_status status = PH_OK;
    if (!output->to_stdout && !directory && option)
        status = check_pattern(output->directory, output->pattern, err);
    if (status == PH_OK && !output->to_stdout)
        status = output->by_default || strchr(output->pattern, '{') ? probe(output->directory, err)
                                                                    : ph_cli_output_check(option, err);
    if (status != PH_OK) {
        ph_cli_output_free(&output);
        return status;
    }
    *out = output;
    return PH_OK;
}

void ph_cli_output_free(ph_cli_output **output)
{
    if (!*output)
        return;
    ph_cli_output *o = *output;
    for (size_t i = 0; i < o->taken_count; i++)
        free(o->taken[i]);
    free(o->taken);
    free(o->directory);
    free(o->pattern);
    free(o);
    *output = NULL;
}

/* ---- Naming ----------------------------------------------------------------------------------------------------- */

static bool fits_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* "mixed4a:476" -> "mixed4a-476": runs of what does not fit become one '-', none at the ends and no leading dot. */
static char *part_of_name(const char *text)
{
    char *part = ph_cli_alloc(PART_MAX + 1, 1);
    size_t length = 0;
    for (; *text && length < PART_MAX; text++) {
        const bool empty = length == 0;
        if (fits_name(*text) && !(empty && *text == '.'))
            part[length++] = *text;
        else if (!empty && part[length - 1] != '-')
            part[length++] = '-';
    }
    while (length && part[length - 1] == '-')
        part[--length] = '\0';
    if (!length)
        snprintf(part, PART_MAX + 1, "picture");
    return part;
}

/* "photos/Sky.JPG" -> "Sky" */
static char *part_of_path(const char *path)
{
    const char *name = path + directory_length(path), *dot = strrchr(name, '.');
    char *stem = ph_cli_format("%.*s", dot && dot > name ? (int)(dot - name) : (int)strlen(name), name);
    char *part = part_of_name(stem);
    free(stem);
    return part;
}

static char *placeholder_text(int placeholder, const ph_cli_naming *naming)
{
    switch (placeholder) {
    case 0:
        return part_of_name(naming->target);
    case 1: {
        char digits[32];
        const int width = snprintf(digits, sizeof digits, "%zu", naming->count);
        return ph_cli_format("%0*zu", width, naming->index);
    }
    case 2:
        return ph_cli_format("%" PRIu64, naming->seed);
    case 3:
        return part_of_name(naming->layer);
    case 5:
        return part_of_path(naming->photo ? naming->photo : "");
    default:
        return naming->channel < 0 ? ph_cli_format("all") : ph_cli_format("%" PRId64, naming->channel);
    }
}

/* Where a suffix goes: before ".png" in the name's own part, else at the end. */
static size_t stem_length(const char *path)
{
    const size_t length = strlen(path), extension = sizeof EXTENSION - 1;
    const bool has = length - directory_length(path) > extension && strcmp(path + length - extension, EXTENSION) == 0;
    return has ? length - extension : length;
}

static char *with_suffix(const char *path, const char *suffix)
{
    const size_t stem = stem_length(path);
    return ph_cli_format("%.*s%s%s", (int)stem, path, suffix, path + stem);
}

static bool is_taken(const ph_cli_output *output, const char *path)
{
    for (size_t i = 0; i < output->taken_count; i++)
        if (strcmp(output->taken[i], path) == 0)
            return true;
    return false;
}

void ph_cli_output_take(ph_cli_output *output, const char *path)
{
    output->taken = ph_cli_grow(output->taken, output->taken_count, sizeof *output->taken);
    output->taken[output->taken_count++] = ph_cli_format("%s", path);
}

/* Consumes `path`. */
static char *take_numbered(ph_cli_output *output, char *path)
{
    char *unique = ph_cli_format("%s", path);
    for (size_t number = 2; is_taken(output, unique); number++) {
        char suffix[32];
        snprintf(suffix, sizeof suffix, "-%zu", number);
        free(unique);
        unique = with_suffix(path, suffix);
    }
    free(path);
    ph_cli_output_take(output, unique);
    return unique;
}

char *ph_cli_output_name(ph_cli_output *output, const ph_cli_naming *naming)
{
    char *path = ph_cli_format("%s", output->directory);
    for (const char *c = output->pattern; *c;) {
        const int placeholder = placeholder_at(c);
        char *part = placeholder < 0 ? ph_cli_format("%c", *c) : placeholder_text(placeholder, naming);
        char *longer = ph_cli_format("%s%s", path, part);
        free(path);
        free(part);
        path = longer;
        c += placeholder < 0 ? 1 : strlen(placeholders[placeholder]);
    }
    if (output->by_default && naming->negative) {
        char *longer = with_suffix(path, "-negative");
        free(path);
        path = longer;
    }
    return take_numbered(output, path);
}

char *ph_cli_output_beside(ph_cli_output *output, const char *path, const char *suffix)
{
    return take_numbered(output, with_suffix(path, suffix));
}

/* ---- Standard output -------------------------------------------------------------------------------------------- */

static bool copy_to_stdout(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    char block[1 << 14];
    size_t size;
    bool good = true;
    while (good && (size = fread(block, 1, sizeof block, file)) > 0)
        good = fwrite(block, 1, size, stdout) == size;
    good = good && !ferror(file) && fflush(stdout) == 0;
    fclose(file);
    return good;
}

/* The library writes PNGs to files only: through one of our own. */
ph_status ph_cli_output_send(const ph_result *result, ph_error *err)
{
    const char *directory = getenv("TMPDIR");
    char *path = ph_cli_format("%s/phosphene-XXXXXX", directory && *directory ? directory : "/tmp");
    const int file = mkstemp(path);
    if (file < 0) {
        const int problem = errno;
        char *message = ph_cli_format("cannot make a file like %s: %s", path, strerror(problem));
        free(path);
        return fail(err, PH_IO, message);
    }
    close(file);
    ph_status status = ph_result_write_png(result, path, err);
    if (status == PH_OK && !copy_to_stdout(path))
        status = fail(err, PH_IO, ph_cli_format("cannot write the picture to standard output: %s", strerror(errno)));
    unlink(path);
    free(path);
    return status;
}
