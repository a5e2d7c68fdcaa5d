#include "samples/broden.h"

#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/base/text.h"
#include "host/image/png.h"
#include "samples/pictures/pictures.h"

#include <errno.h>
#include <limits.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { KINDS = PH_PICTURES_KINDS, LABELS_MAX = 256, NAME_MAX_BYTES = 64, BLOCK = 64 };

/* How often each label occurs. */
typedef struct tally {
    int64_t pictures[LABELS_MAX], pixels[LABELS_MAX];
    int64_t of_kind[KINDS]; /* pictures with any label of the kind */
} tally;

/* A thread's picture. */
typedef struct sheet {
    uint8_t *rgb, *mask;    /* [height, width, 3] */
    uint8_t *labels[KINDS]; /* [height, width] */
    tally seen;
} sheet;

static void free_sheet(sheet *s)
{
    ph_free(s->rgb);
    ph_free(s->mask);
    ph_free(s->labels[0]);
}

static ph_status open_sheet(sheet *s, size_t pixels, ph_error *err)
{
    *s = (sheet){.rgb = ph_alloc(pixels, 3), .mask = ph_alloc(pixels, 3)};
    s->labels[0] = ph_alloc(pixels, KINDS);
    if (!s->rgb || !s->mask || !s->labels[0]) {
        free_sheet(s);
        *s = (sheet){0};
        return ph_fail_memory(err, pixels * (6 + KINDS), "a picture and its labels");
    }
    for (int k = 1; k < KINDS; k++)
        s->labels[k] = s->labels[0] + (size_t)k * pixels;
    return PH_OK;
}

static ph_status make_folder(const char *path, ph_error *err)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return ph_fail(err, PH_IO, "cannot make the folder %s: %s", path, strerror(errno));
    return PH_OK;
}

/* The class as a folder: blanks become '-'. */
static void folder_name(char name[NAME_MAX_BYTES], int index)
{
    size_t i = 0;
    for (const char *c = ph_pictures_class_name(index); *c && i + 1 < NAME_MAX_BYTES; c++)
        name[i++] = *c == ' ' ? '-' : *c;
    name[i] = '\0';
}

static ph_status make_folders(const char *folder, ph_error *err)
{
    char path[PATH_MAX], name[NAME_MAX_BYTES];
    /* Room for "/images/CLASS/SEED_category.png" and for the temporary name while it is written. */
    if (strlen(folder) + 2 * NAME_MAX_BYTES + 64 > sizeof path)
        return ph_fail(err, PH_IO, "the name of the folder %.40s... is too long", folder);
    PH_TRY(make_folder(folder, err));
    snprintf(path, sizeof path, "%s/images", folder);
    PH_TRY(make_folder(path, err));
    for (int c = 0; c < ph_pictures_class_count(); c++) {
        folder_name(name, c);
        snprintf(path, sizeof path, "%s/images/%s", folder, name);
        PH_TRY(make_folder(path, err));
    }
    return PH_OK;
}

/* Counts the labels of a map; true if there is any. */
static bool count_labels(const uint8_t *labels, size_t pixels, tally *seen)
{
    int64_t found[LABELS_MAX] = {0};
    bool any = false;
    for (size_t i = 0; i < pixels; i++)
        found[labels[i]]++;
    for (int n = 1; n < LABELS_MAX; n++)
        if (found[n] > 0) {
            any = true;
            seen->pictures[n]++;
            seen->pixels[n] += found[n];
        }
    return any;
}

static ph_status write_mask(const char *path, sheet *s, int kind, const ph_broden_options *o, ph_error *err)
{
    const size_t pixels = (size_t)o->width * (size_t)o->height;
    for (size_t i = 0; i < pixels; i++)
        s->mask[3 * i] = s->labels[kind][i]; /* numbers stay below 256: G and B remain 0 */
    return ph_png_write(path, s->mask, o->width, o->height, 3, NULL, NULL, err);
}

/* Writes picture i with its masks; its line of the index goes into *line. */
static ph_status write_picture(const ph_broden_options *o, int i, sheet *s, ph_text *line, ph_error *err)
{
    const uint64_t seed = o->first_seed + (uint64_t)i;
    const int index = ph_pictures_draw(seed, o->class_index, o->width, o->height, s->rgb, s->labels);
    const size_t pixels = (size_t)o->width * (size_t)o->height;
    if (index < 0)
        return ph_fail_memory(err, pixels * 40, "drawing a picture");
    char class[NAME_MAX_BYTES], path[PATH_MAX];
    folder_name(class, index);
    snprintf(path, sizeof path, "%s/images/%s/%llu.png", o->folder, class, (unsigned long long)seed);
    PH_TRY(ph_png_write(path, s->rgb, o->width, o->height, 3, NULL, NULL, err));
    ph_text_append(line, "%s/%llu.png,%s,%d,%d,%d,%d", class, (unsigned long long)seed, i % 10 < 7 ? "train" : "val",
                   o->height, o->width, o->height, o->width);
    for (int k = 0; k < KINDS; k++) {
        const bool any = count_labels(s->labels[k], pixels, &s->seen);
        s->seen.of_kind[k] += any;
        ph_text_append(line, ",");
        if (!any)
            continue;
        if (k == PH_PICTURES_SCENE) {
            ph_text_append(line, "%d", s->labels[k][0]);
            continue;
        }
        const char *kind = ph_pictures_kind_name(k);
        snprintf(path, sizeof path, "%s/images/%s/%llu_%s.png", o->folder, class, (unsigned long long)seed, kind);
        PH_TRY(write_mask(path, s, k, o, err));
        ph_text_append(line, "%s/%llu_%s.png", class, (unsigned long long)seed, kind);
    }
    ph_text_append(line, "\n");
    return PH_OK;
}

static ph_status save_list(const char *folder, const char *name, const ph_text *text, ph_error *err)
{
    char path[PATH_MAX];
    if (text->failed)
        return ph_fail_memory(err, text->length, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return ph_file_write(path, text->chars, text->length, err);
}

static ph_status write_categories(const ph_broden_options *o, const tally *seen, ph_error *err)
{
    const double pixels = (double)o->width * (double)o->height;
    ph_text all = {0}, labels = {0};
    ph_status status = PH_OK;
    ph_text_append(&all, "name,first,last,count,frequency\n");
    ph_text_append(&labels, "number,name,category,frequency,coverage,syns\n");
    for (int k = 0; k < KINDS && status == PH_OK; k++) {
        const char *kind = ph_pictures_kind_name(k);
        ph_text own = {0};
        char file[NAME_MAX_BYTES];
        int first = 0, last = 0, count = 0;
        ph_text_append(&own, "code,number,name,frequency,coverage\n");
        for (int n = 1; n <= ph_pictures_label_count(); n++) {
            if (ph_pictures_label_kind(n) != k)
                continue;
            first = count++ ? first : n;
            last = n;
            const char *name = ph_pictures_label_name(n);
            const long long often = (long long)seen->pictures[n];
            const double cover = (double)seen->pixels[n] / pixels;
            ph_text_append(&own, "%d,%d,%s,%lld,%.6f\n", count, n, name, often, cover);
            ph_text_append(&labels, "%d,%s,%s(%lld),%lld,%.6f,\n", n, name, kind, often, often, cover);
        }
        ph_text_append(&all, "%s,%d,%d,%d,%lld\n", kind, first, last, count, (long long)seen->of_kind[k]);
        snprintf(file, sizeof file, "c_%s.csv", kind);
        status = save_list(o->folder, file, &own, err);
        ph_text_free(&own);
    }
    if (status == PH_OK)
        status = save_list(o->folder, "label.csv", &labels, err);
    if (status == PH_OK)
        status = save_list(o->folder, "category.csv", &all, err);
    ph_text_free(&labels);
    ph_text_free(&all);
    return status;
}

/* Pictures first .. first + count - 1, each by whatever thread is free; the lines go into the index in their order. */
static ph_status write_block(const ph_broden_options *o, int first, int count, sheet *sheets, ph_text *index,
                             ph_error *err)
{
    ph_text lines[BLOCK] = {{0}};
    ph_error errors[BLOCK] = {{0}};
#pragma omp parallel for schedule(dynamic, 1)
    for (int i = 0; i < count; i++)
        write_picture(o, first + i, &sheets[omp_get_thread_num()], &lines[i], &errors[i]);
    ph_status status = PH_OK;
    for (int i = 0; i < count; i++) {
        if (status == PH_OK && errors[i].status != PH_OK)
            status = ph_fail(err, errors[i].status, "%s", errors[i].message);
        ph_text_append(index, "%s", lines[i].chars ? lines[i].chars : "");
        index->failed |= lines[i].failed;
        ph_text_free(&lines[i]);
    }
    return status;
}

static void add_tally(tally *sum, const tally *one)
{
    for (int n = 0; n < LABELS_MAX; n++) {
        sum->pictures[n] += one->pictures[n];
        sum->pixels[n] += one->pixels[n];
    }
    for (int k = 0; k < KINDS; k++)
        sum->of_kind[k] += one->of_kind[k];
}

ph_status ph_broden_write(const ph_broden_options *o, ph_error *err)
{
    const int threads = omp_get_max_threads();
    sheet *sheets = ph_alloc((size_t)threads, sizeof *sheets);
    ph_text index = {0};
    ph_status status = PH_OK;
    if (!sheets)
        return ph_fail_memory(err, (size_t)threads * sizeof *sheets, "the pictures being made");
    for (int t = 0; t < threads; t++)
        PH_TRY_GOTO(status, done, open_sheet(&sheets[t], (size_t)o->width * (size_t)o->height, err));
    PH_TRY_GOTO(status, done, make_folders(o->folder, err));
    ph_text_append(&index, "image,split,ih,iw,sh,sw");
    for (int k = 0; k < KINDS; k++)
        ph_text_append(&index, ",%s", ph_pictures_kind_name(k));
    ph_text_append(&index, "\n");
    for (int i = 0; i < o->count; i += BLOCK)
        PH_TRY_GOTO(status, done, write_block(o, i, o->count - i < BLOCK ? o->count - i : BLOCK, sheets, &index, err));
    for (int t = 1; t < threads; t++)
        add_tally(&sheets[0].seen, &sheets[t].seen);
    PH_TRY_GOTO(status, done, write_categories(o, &sheets[0].seen, err));
    PH_TRY_GOTO(status, done, save_list(o->folder, "index.csv", &index, err));
done:
    for (int t = 0; t < threads; t++)
        free_sheet(&sheets[t]);
    ph_free(sheets);
    ph_text_free(&index);
    return status;
}
