/* Writes labelled pictures: a folder in the layout of Broden, one picture, or a contact sheet. See usage() below. */
#include "host/base/alloc.h"
#include "host/base/text.h"
#include "host/image/png.h"
#include "samples/broden.h"
#include "samples/pictures/pictures.h"

#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONE, FAILED, MISUSE, SIZE_DEFAULT = 112, COUNT_MAX = 10000000, SHEET_PIXELS_MAX = 1 << 28, GAP = 2 };

typedef struct options {
    char *count, *size, *seed, *class_name, *sheet;
    int list;
    const char *out;
    ph_broden_options made;
} options;

static int misuse(const char *what, const char *value, const char *wanted)
{
    fprintf(stderr, "make-pictures: %s%s%s%s (try 'make-pictures --help')\n", what, value ? " " : "",
            value ? value : "", wanted);
    return MISUSE;
}

static int fail(const ph_error *err)
{
    fprintf(stderr, "make-pictures: %s\n", err->message);
    return FAILED;
}

static bool parse_size(const char *text, int *width, int *height)
{
    char across[16];
    int64_t w, h;
    const char *x = strchr(text, 'x');
    if (!x)
        x = text + strlen(text);
    if ((size_t)(x - text) >= sizeof across)
        return false;
    memcpy(across, text, (size_t)(x - text));
    across[x - text] = '\0';
    if (!ph_parse_int(across, PH_PICTURES_SIDE_MIN, PH_PICTURES_SIDE_MAX, &w))
        return false;
    h = w;
    if (*x && !ph_parse_int(x + 1, PH_PICTURES_SIDE_MIN, PH_PICTURES_SIDE_MAX, &h))
        return false;
    *width = (int)w;
    *height = (int)h;
    return true;
}

static int class_named(const char *name)
{
    for (int c = 0; c < ph_pictures_class_count(); c++)
        if (strcmp(ph_pictures_class_name(c), name) == 0)
            return c;
    return -1;
}

/* Checks every value; DONE or MISUSE. */
static int understand(options *o)
{
    int64_t number;
    o->made = (ph_broden_options){.folder = o->out,
                                  .count = o->sheet ? 1 : 100,
                                  .width = SIZE_DEFAULT,
                                  .height = SIZE_DEFAULT,
                                  .class_index = -1};
    if (o->count && !ph_parse_int(o->count, 1, COUNT_MAX, &number))
        return misuse("--count", o->count, " is not a number from 1 to 10000000");
    if (o->count)
        o->made.count = (int)number;
    if (o->seed && !ph_parse_int(o->seed, 0, INT64_MAX, &number))
        return misuse("--seed", o->seed, " is not a whole number from 0 up");
    if (o->seed)
        o->made.first_seed = (uint64_t)number;
    if (o->size && !parse_size(o->size, &o->made.width, &o->made.height))
        return misuse("--size", o->size, " is not a side from 16 to 4096 or WIDTHxHEIGHT");
    if (o->class_name && (o->made.class_index = class_named(o->class_name)) < 0)
        return misuse("--class", o->class_name, " is none of the classes that --list shows");
    if (o->sheet && o->out)
        return misuse("--sheet writes that one file: leave out", o->out, "");
    if (!o->sheet && !o->list && !o->out)
        return misuse("say where the pictures go: a folder, or a name that ends in .png", NULL, "");
    return DONE;
}

static void list(void)
{
    for (int c = 0; c < ph_pictures_class_count(); c++)
        printf("class %s (%s)\n", ph_pictures_class_name(c), ph_pictures_kind_name(ph_pictures_class_kind(c)));
    for (int n = 1; n <= ph_pictures_label_count(); n++)
        printf("label %d %s (%s)\n", n, ph_pictures_label_name(n), ph_pictures_kind_name(ph_pictures_label_kind(n)));
}

/* `count` pictures of each class (or of the one asked for), a class to a row; single ones fill a square. */
static int write_sheet(const char *path, const ph_broden_options *o)
{
    const int classes = o->class_index < 0 ? ph_pictures_class_count() : 1;
    const int64_t tiles = (int64_t)classes * o->count;
    int64_t columns = o->count;
    if (o->count == 1 || classes == 1)
        for (columns = 1; columns * columns < tiles;)
            columns++;
    const int64_t rows = (tiles + columns - 1) / columns;
    const int64_t width = columns * (o->width + GAP) - GAP, height = rows * (o->height + GAP) - GAP;
    if (width * height > SHEET_PIXELS_MAX)
        return misuse("the sheet would be larger than 268 million pixels: ask for fewer or smaller pictures", NULL, "");
    uint8_t *sheet = ph_alloc((size_t)(width * height), 3), *tile = ph_alloc((size_t)o->width * (size_t)o->height, 3);
    ph_error err = {.message = "out of memory for the sheet"};
    ph_status status = sheet && tile ? PH_OK : PH_NO_MEMORY;
    if (sheet)
        memset(sheet, 255, (size_t)(3 * width * height));
    for (int64_t i = 0; i < tiles && status == PH_OK; i++) {
        const int index = o->class_index < 0 ? (int)(i / o->count) : o->class_index;
        const uint64_t seed = o->first_seed + (uint64_t)(i % o->count);
        if (ph_pictures_draw(seed, index, o->width, o->height, tile, NULL) < 0)
            status = PH_NO_MEMORY;
        const int64_t left = i % columns * (o->width + GAP), top = i / columns * (o->height + GAP);
        for (int y = 0; y < o->height && status == PH_OK; y++)
            memcpy(sheet + 3 * ((top + y) * width + left), tile + 3 * (size_t)y * (size_t)o->width,
                   3 * (size_t)o->width);
    }
    if (status == PH_OK)
        status = ph_png_write(path, sheet, (int)width, (int)height, 3, NULL, NULL, &err);
    ph_free(sheet);
    ph_free(tile);
    return status == PH_OK ? DONE : fail(&err);
}

static bool ends_in_png(const char *path)
{
    const size_t n = strlen(path);
    return n > 4 && strcmp(path + n - 4, ".png") == 0;
}

static int run(options *o)
{
    const int wrong = understand(o);
    if (wrong)
        return wrong;
    if (o->list) {
        list();
        if (fflush(stdout) == 0)
            return DONE;
        fprintf(stderr, "make-pictures: the list could not be written: %s\n", strerror(errno));
        return FAILED;
    }
    if (o->sheet)
        return write_sheet(o->sheet, &o->made);
    if (ends_in_png(o->out)) {
        if (o->count)
            return misuse("--count needs a folder, not the one file", o->out, "");
        o->made.count = 1;
        if (o->made.class_index < 0)
            o->made.class_index = ph_pictures_class_of(o->made.first_seed);
        return write_sheet(o->out, &o->made);
    }
    ph_error err = {0};
    return ph_broden_write(&o->made, &err) == PH_OK ? DONE : fail(&err);
}

int main(int argc, const char **argv)
{
    options o = {0};
    const struct poptOption table[] = {
        {"count", 'n', POPT_ARG_STRING, &o.count, 0, "pictures (default 100); with --sheet for each class (default 1)",
         "N"},
        {"size", 's', POPT_ARG_STRING, &o.size, 0, "side in pixels (default 112), or width x height", "S|WxH"},
        {"seed", 0, POPT_ARG_STRING, &o.seed, 0, "of the first picture (default 0); the next has the next", "N"},
        {"class", 'c', POPT_ARG_STRING, &o.class_name, 0, "pictures of this class alone", "NAME"},
        {"sheet", 0, POPT_ARG_STRING, &o.sheet, 0, "write one contact sheet", "OUT.png"},
        {"list", 'l', POPT_ARG_NONE, &o.list, 0, "print the classes and the labels", NULL},
        POPT_AUTOHELP POPT_TABLEEND};
    poptContext parser = poptGetContext("make-pictures", argc, argv, table, 0);
    poptSetOtherOptionHelp(parser, "[OPTION...] OUT\n\nWrites labelled pictures into the folder OUT (layout of Broden: "
                                   "index.csv, label.csv, images/), or one picture into OUT.png.\n");
    const int error = poptGetNextOpt(parser);
    int result;
    o.out = error == -1 ? poptGetArg(parser) : NULL;
    if (error < -1)
        result = misuse(poptBadOption(parser, 0), NULL, ": no such option, or no value for it");
    else if (poptPeekArg(parser))
        result = misuse("one folder or file at a time: leave out", poptGetArg(parser), "");
    else
        result = run(&o);
    poptFreeContext(parser);
    free(o.count);
    free(o.size);
    free(o.seed);
    free(o.class_name);
    free(o.sheet);
    return result;
}
