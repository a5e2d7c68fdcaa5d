/* The folder that make-pictures writes: what the lists say is what the files hold. */
#define _XOPEN_SOURCE 700 /* nftw */

#include "host/base/alloc.h"
#include "host/image/photo.h"
#include "samples/broden.h"
#include "samples/pictures/pictures.h"
#include "tests/base/fail_alloc.h"

#include <check.h>
#include <ftw.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KINDS = PH_PICTURES_KINDS, LABELS = 256, WIDTH = 40, HEIGHT = 24, PIXELS = WIDTH * HEIGHT, PATH = 512 };

static char folder[64]; /* of the running test */

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/broden-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int delete_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    return remove(path);
}

static void tear_down(void)
{
    nftw(folder, delete_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static FILE *open_list(const char *name)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/%.100s", folder, name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no %s", path);
    return file;
}

/* Splits a line at its commas, in place. */
static int split(char *line, char *fields[], int capacity)
{
    int count = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *c = line; c && count < capacity; count++) {
        fields[count] = c;
        c = strchr(c, ',');
        if (c)
            *c++ = '\0';
    }
    return count;
}

static ph_photo *open_picture(const char *name)
{
    char path[PATH];
    ph_photo *photo = NULL;
    ph_error err = {0};
    snprintf(path, sizeof path, "%s/images/%s", folder, name);
    ck_assert_msg(ph_photo_load(path, 3, &photo, &err) == PH_OK, "%s", err.message);
    ck_assert_int_eq(photo->width, WIDTH);
    ck_assert_int_eq(photo->height, HEIGHT);
    return photo;
}

/* Label numbers of a field of the index: a label image, one number for all pixels, or none. */
static void read_labels(const char *field, int labels[PIXELS])
{
    if (!strstr(field, ".png")) {
        for (int i = 0; i < PIXELS; i++)
            labels[i] = atoi(field);
        return;
    }
    ph_photo *mask = open_picture(field);
    for (int i = 0; i < PIXELS; i++)
        labels[i] = (int)(mask->pixels[3 * i] * 255 + 0.5F) + 256 * (int)(mask->pixels[3 * i + 1] * 255 + 0.5F);
    ph_photo_free(&mask);
}

/* Counts what the index and its label images hold, and compares them with a second drawing of the same pictures. */
static int count_index(const ph_broden_options *o, int pictures[LABELS], int pixels[LABELS])
{
    char line[PATH], *fields[16];
    FILE *index = open_list("index.csv");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, index));
    ck_assert_str_eq(line, "image,split,ih,iw,sh,sw,color,object,part,scene,texture\n");
    int count = 0;
    for (; fgets(line, sizeof line, index); count++) {
        static uint8_t rgb[3 * PIXELS], truth[KINDS][PIXELS];
        uint8_t *maps[KINDS];
        for (int k = 0; k < KINDS; k++)
            maps[k] = truth[k];
        ck_assert_int_ge(ph_pictures_draw(o->first_seed + (uint64_t)count, -1, WIDTH, HEIGHT, rgb, maps), 0);
        ck_assert_int_eq(split(line, fields, 16), 6 + KINDS);
        ck_assert_int_eq(atoi(fields[2]), HEIGHT);
        ck_assert_int_eq(atoi(fields[5]), WIDTH);
        ph_photo *photo = open_picture(fields[0]);
        for (int i = 0; i < 3 * PIXELS; i++)
            if ((int)(photo->pixels[i] * 255 + 0.5F) != rgb[i])
                ck_abort_msg("%s: value %d differs", fields[0], i);
        ph_photo_free(&photo);
        for (int k = 0; k < KINDS; k++) {
            int labels[PIXELS];
            bool here[LABELS] = {false};
            read_labels(fields[6 + k], labels);
            for (int i = 0; i < PIXELS; i++) {
                if (labels[i] != truth[k][i])
                    ck_abort_msg("%s: label %d, not %d", fields[6 + k], labels[i], truth[k][i]);
                here[labels[i]] = true;
                pixels[labels[i]]++;
            }
            for (int n = 1; n < LABELS; n++)
                pictures[n] += here[n];
        }
    }
    fclose(index);
    return count;
}

START_TEST(lists_agree_with_the_files)
{
    omp_set_num_threads(2);
    const ph_broden_options o = {folder, 77, 70, WIDTH, HEIGHT, -1};
    ph_error err = {0};
    ck_assert_msg(ph_broden_write(&o, &err) == PH_OK, "%s", err.message);
    int pictures[LABELS] = {0}, pixels[LABELS] = {0};
    ck_assert_int_eq(count_index(&o, pictures, pixels), o.count);
    char line[PATH], *fields[8];
    FILE *list = open_list("label.csv");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, list));
    ck_assert_str_eq(line, "number,name,category,frequency,coverage,syns\n");
    int n = 1;
    for (; fgets(line, sizeof line, list); n++) {
        ck_assert_int_eq(split(line, fields, 8), 6);
        ck_assert_int_eq(atoi(fields[0]), n);
        ck_assert_str_eq(fields[1], ph_pictures_label_name(n));
        ck_assert_int_eq(atoi(fields[3]), pictures[n]);
        /* Six digits after the point. */
        ck_assert_double_eq_tol(atof(fields[4]), (double)pixels[n] / PIXELS, 6e-7);
    }
    fclose(list);
    ck_assert_int_eq(n - 1, ph_pictures_label_count());
}
END_TEST

START_TEST(categories_cover_all_labels)
{
    const ph_broden_options o = {folder, 1, 3, WIDTH, HEIGHT, -1};
    ck_assert_int_eq(ph_broden_write(&o, NULL), PH_OK);
    char line[PATH], *fields[8], name[PATH];
    FILE *list = open_list("category.csv");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, list));
    ck_assert_str_eq(line, "name,first,last,count,frequency\n");
    int next = 1;
    while (fgets(line, sizeof line, list)) {
        ck_assert_int_eq(split(line, fields, 8), 5);
        ck_assert_int_eq(atoi(fields[1]), next);
        next = atoi(fields[2]) + 1;
        ck_assert_int_eq(atoi(fields[3]), next - atoi(fields[1]));
        ck_assert_int_le(atoi(fields[4]), o.count);
        snprintf(name, sizeof name, "c_%.40s.csv", fields[0]);
        FILE *own = open_list(name);
        int rows = -1; /* the head */
        while (fgets(name, sizeof name, own))
            rows++;
        fclose(own);
        ck_assert_int_eq(rows, atoi(fields[3]));
    }
    fclose(list);
    ck_assert_int_eq(next - 1, ph_pictures_label_count());
}
END_TEST

START_TEST(failures_are_told)
{
    char path[PATH];
    ph_error err = {0};
    snprintf(path, sizeof path, "%s/none/deeper", folder);
    ph_broden_options o = {path, 1, 1, WIDTH, HEIGHT, 0};
    ck_assert_int_eq(ph_broden_write(&o, &err), PH_IO);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    char *const endless = malloc(8000);
    memset(endless, 'a', 7999);
    endless[7999] = '\0';
    o.folder = endless;
    ck_assert_int_eq(ph_broden_write(&o, &err), PH_IO);
    free(endless);
    o.folder = folder;
    omp_set_num_threads(1); /* which allocation is the n-th must not depend on luck */
    ph_status status = PH_NO_MEMORY;
    for (long n = 1; status != PH_OK; n++) {
        fail_alloc_at(n);
        status = ph_broden_write(&o, &err);
        const bool hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("broden");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, lists_agree_with_the_files);
    tcase_add_test(all, categories_cover_all_labels);
    tcase_add_test(all, failures_are_told);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
