/* The generator of labelled pictures: the same bytes from the same seed, labels that mean what they say, every size. */
#include "samples/pictures/pictures.h"
#include "tests/base/fail_alloc.h"

#include <check.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = PH_PICTURES_KINDS, LABELS = 256, SIDE = 64, PIXELS = SIDE * SIDE };

typedef struct picture {
    uint8_t *rgb, *maps[KINDS];
    int width, height;
} picture;

static picture draw(uint64_t seed, int class, int width, int height)
{
    const size_t pixels = (size_t)width * (size_t)height;
    picture p = {.width = width, .height = height};
    p.rgb = malloc(pixels * (3 + KINDS));
    ck_assert_ptr_nonnull(p.rgb);
    for (int k = 0; k < KINDS; k++)
        p.maps[k] = p.rgb + pixels * (size_t)(3 + k);
    ck_assert_int_eq(ph_pictures_draw(seed, class, width, height, p.rgb, p.maps), class);
    return p;
}

/* Share of the pixels with this label in the map of its kind. */
static double share(const picture *p, int label)
{
    const uint8_t *map = p->maps[ph_pictures_label_kind(label)];
    const int pixels = p->width * p->height;
    int count = 0;
    for (int i = 0; i < pixels; i++)
        count += map[i] == label;
    return (double)count / pixels;
}

static int label_named(const char *name, int kind)
{
    for (int n = 1; n <= ph_pictures_label_count(); n++)
        if (ph_pictures_label_kind(n) == kind && strcmp(ph_pictures_label_name(n), name) == 0)
            return n;
    return 0;
}

static int class_named(const char *name)
{
    for (int c = 0; c < ph_pictures_class_count(); c++)
        if (strcmp(ph_pictures_class_name(c), name) == 0)
            return c;
    return -1;
}

START_TEST(batch_does_not_depend_on_threads_or_neighbours)
{
    enum { COUNT = 40 };
    uint8_t *one = malloc(2 * 3 * (size_t)PIXELS * COUNT), *two = one + 3 * (size_t)PIXELS * COUNT;
    int32_t classes[COUNT], again[COUNT];
    omp_set_num_threads(1);
    ck_assert_int_eq(ph_pictures_batch(1000, COUNT, SIDE, one, classes), 0);
    omp_set_num_threads(3);
    ck_assert_int_eq(ph_pictures_batch(1000, COUNT, SIDE, two, again), 0);
    ck_assert_mem_eq(one, two, 3 * (size_t)PIXELS * COUNT);
    ck_assert_mem_eq(classes, again, sizeof classes);
    ck_assert_int_eq(ph_pictures_batch(1007, 3, SIDE, two, NULL), 0);
    ck_assert_mem_eq(two, one + 7 * 3 * PIXELS, 3 * 3 * PIXELS);
    for (int i = 0; i < COUNT; i += 7) {
        ck_assert_int_eq(ph_pictures_draw(1000 + (uint64_t)i, -1, SIDE, SIDE, two, NULL), classes[i]);
        ck_assert_mem_eq(two, one + 3 * PIXELS * i, 3 * PIXELS);
    }
    free(one);
}
END_TEST

/* FNV-1a of a batch, found the same with gcc and clang at every level of optimization. What samples/train/README.md
 * says of the networks was measured on these very pictures: whoever changes them on purpose measures again
 * (measure.py), or better trains again, and writes the new number here. */
START_TEST(pictures_are_those_the_networks_know)
{
    enum { COUNT = 110 };
    const size_t bytes = (size_t)COUNT * 3 * PIXELS;
    uint8_t *rgb = malloc(bytes);
    uint64_t hash = 0xCBF29CE484222325U;
    ck_assert_int_eq(ph_pictures_batch(0, COUNT, SIDE, rgb, NULL), 0);
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ rgb[i]) * 0x100000001B3U;
    free(rgb);
    ck_assert_msg(hash == 0xE6CE3B7CA909F95EU, "the pictures' hash is 0x%llXU", (unsigned long long)hash);
}
END_TEST

START_TEST(classes_are_drawn_equally_often)
{
    enum { EACH = 400 };
    int often[LABELS] = {0};
    const int classes = ph_pictures_class_count();
    for (int i = 0; i < EACH * classes; i++)
        often[ph_pictures_class_of((uint64_t)i)]++;
    /* Deviation of a count is about sqrt(400) = 20; five of them miss with a chance below 1e-4 for all classes. */
    for (int c = 0; c < classes; c++)
        ck_assert_msg(abs(often[c] - EACH) < 100, "%s: %d", ph_pictures_class_name(c), often[c]);
}
END_TEST

START_TEST(names_are_unique_and_kinds_are_blocks)
{
    const int classes = ph_pictures_class_count(), labels = ph_pictures_label_count();
    ck_assert_int_ge(classes, 48);
    ck_assert_int_ge(labels, 100);
    ck_assert_int_lt(labels, LABELS);
    for (int a = 0; a < classes; a++)
        for (int b = 0; b < a; b++)
            ck_assert_str_ne(ph_pictures_class_name(a), ph_pictures_class_name(b));
    for (int a = 1; a <= labels; a++) {
        ck_assert_ptr_nonnull(ph_pictures_kind_name(ph_pictures_label_kind(a)));
        ck_assert(a == 1 || ph_pictures_label_kind(a) >= ph_pictures_label_kind(a - 1));
        for (int b = 1; b < a; b++)
            ck_assert_str_ne(ph_pictures_label_name(a), ph_pictures_label_name(b));
    }
    ck_assert_ptr_null(ph_pictures_class_name(-1));
    ck_assert_ptr_null(ph_pictures_class_name(classes));
    ck_assert_int_eq(ph_pictures_class_kind(classes), -1);
    ck_assert_ptr_null(ph_pictures_label_name(0));
    ck_assert_ptr_null(ph_pictures_label_name(labels + 1));
    ck_assert_int_eq(ph_pictures_label_kind(0), -1);
    ck_assert_ptr_null(ph_pictures_kind_name(KINDS));
    ck_assert_ptr_null(ph_pictures_kind_name(-1));
}
END_TEST

/* What holds for every picture: labels are of the map's kind, every pixel has a colour, a part belongs to a thing.
 * (Check writes a record for each assertion: one for a picture, not one for a pixel.) */
static void check_maps(const picture *p)
{
    int wrong_kind = 0, without_colour = 0, loose_parts = 0, other_scenes = 0;
    for (int i = 0; i < p->width * p->height; i++) {
        for (int k = 0; k < KINDS; k++)
            wrong_kind += p->maps[k][i] != 0 && ph_pictures_label_kind(p->maps[k][i]) != k;
        without_colour += p->maps[PH_PICTURES_COLOUR][i] == 0;
        loose_parts += p->maps[PH_PICTURES_PART][i] != 0 && p->maps[PH_PICTURES_OBJECT][i] == 0;
        other_scenes += p->maps[PH_PICTURES_SCENE][i] != p->maps[PH_PICTURES_SCENE][0];
    }
    ck_assert_int_eq(wrong_kind, 0);
    ck_assert_int_eq(without_colour, 0);
    ck_assert_int_eq(loose_parts, 0);
    ck_assert_int_eq(other_scenes, 0);
}

START_TEST(class_shows_what_it_is_called)
{
    const int class = _i, kind = ph_pictures_class_kind(class);
    const char *name = ph_pictures_class_name(class);
    for (uint64_t seed = 0; seed < 6; seed++) {
        picture p = draw(seed, class, SIDE, SIDE);
        check_maps(&p);
        if (kind == PH_PICTURES_OBJECT) {
            /* The smallest thing, a key, is a stick of 0.58 of the half side: about 4 % of the picture. */
            const double covered = share(&p, label_named(name, kind));
            ck_assert_msg(covered > 0.015 && covered < 0.8, "%s covers %g", name, covered);
        } else if (kind == PH_PICTURES_SCENE) {
            ck_assert_int_eq(p.maps[PH_PICTURES_SCENE][0], label_named(name, kind));
        } else {
            int textured = 0;
            for (int i = 0; i < PIXELS; i++)
                textured += p.maps[PH_PICTURES_TEXTURE][i] != 0;
            ck_assert_int_eq(textured, PIXELS);
            ck_assert(strcmp(name, "stripes") == 0 || share(&p, label_named(name, kind)) == 1);
        }
        free(p.rgb);
    }
}
END_TEST

START_TEST(every_label_occurs)
{
    bool seen[LABELS] = {false};
    for (int c = 0; c < ph_pictures_class_count(); c++)
        for (uint64_t seed = 0; seed < 12; seed++) {
            picture p = draw(seed, c, SIDE, SIDE);
            for (int k = 0; k < KINDS; k++)
                for (int i = 0; i < PIXELS; i++)
                    seen[p.maps[k][i]] = true;
            free(p.rgb);
        }
    for (int n = 1; n <= ph_pictures_label_count(); n++)
        ck_assert_msg(seen[n], "label %s never occurs", ph_pictures_label_name(n));
}
END_TEST

static const struct {
    const char *part, *classes[6];
} shared_parts[] = {
    {"wheel", {"car", "bus", "cart", "bicycle"}},
    {"window", {"car", "bus", "house", "skyline", "street"}},
    {"eye", {"face", "cat", "dog", "bird", "fish"}},
    {"door", {"house", "bus", "car"}},
    {"handle", {"mug", "teapot", "umbrella", "house"}},
    {"leaf", {"flower", "apple"}},
    {"wing", {"bird", "butterfly", "ladybird"}},
    {"leg", {"cat", "dog", "bird", "chair", "ladybird"}},
    {"ear", {"face", "cat", "dog"}},
    {"mouth", {"face", "cat", "dog", "fish"}},
};

START_TEST(parts_are_shared)
{
    const int label = label_named(shared_parts[_i].part, PH_PICTURES_PART);
    ck_assert_int_ne(label, 0);
    for (int k = 0; k < 6 && shared_parts[_i].classes[k]; k++) {
        double most = 0;
        for (uint64_t seed = 0; seed < 6; seed++) {
            picture p = draw(seed, class_named(shared_parts[_i].classes[k]), 96, 96);
            const double here = share(&p, label);
            most = here > most ? here : most;
            free(p.rgb);
        }
        ck_assert_msg(most > 0, "no %s on %s", shared_parts[_i].part, shared_parts[_i].classes[k]);
    }
}
END_TEST

/* The same seed shows the same at every size: an object map, enlarged, lies over the larger one. */
START_TEST(size_only_changes_the_resolution)
{
    for (int c = 0; c < ph_pictures_class_count(); c++) {
        picture small = draw(3, c, SIDE, SIDE), large = draw(3, c, 2 * SIDE, 2 * SIDE);
        int same = 0;
        for (int y = 0; y < 2 * SIDE; y++)
            for (int x = 0; x < 2 * SIDE; x++)
                same += small.maps[PH_PICTURES_OBJECT][y / 2 * SIDE + x / 2] ==
                        large.maps[PH_PICTURES_OBJECT][y * 2 * SIDE + x];
        /* Only pixels at an outline may differ: all outlines together are shorter than ten sides. */
        ck_assert_msg(same > 4 * PIXELS * 85 / 100, "%s: %d of %d", ph_pictures_class_name(c), same, 4 * PIXELS);
        free(small.rgb);
        free(large.rgb);
    }
}
END_TEST

START_TEST(odd_sizes_are_drawn)
{
    static const int sizes[][2] = {{16, 16}, {17, 90}, {90, 17}, {256, 256}, {320, 200}, {16, 1024}};
    const int *size = sizes[_i];
    for (int c = 0; c < ph_pictures_class_count(); c++) {
        picture p = draw(9, c, size[0], size[1]);
        check_maps(&p);
        free(p.rgb);
    }
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    uint8_t rgb[3 * PH_PICTURES_SIDE_MIN * PH_PICTURES_SIDE_MIN];
    const int small = PH_PICTURES_SIDE_MIN, large = PH_PICTURES_SIDE_MAX;
    ck_assert_int_eq(ph_pictures_draw(0, ph_pictures_class_count(), small, small, rgb, NULL), -2);
    ck_assert_int_eq(ph_pictures_draw(0, -2, small, small, rgb, NULL), -2);
    ck_assert_int_eq(ph_pictures_draw(0, 0, small - 1, small, rgb, NULL), -2);
    ck_assert_int_eq(ph_pictures_draw(0, 0, small, large + 1, rgb, NULL), -2);
    ck_assert_int_eq(ph_pictures_batch(0, -1, small, rgb, NULL), 2);
    ck_assert_int_eq(ph_pictures_batch(0, 1, large + 1, rgb, NULL), 2);
    ck_assert_int_eq(ph_pictures_batch(0, 0, small, rgb, NULL), 0);
}
END_TEST

START_TEST(out_of_memory_is_told)
{
    uint8_t rgb[2 * 3 * PH_PICTURES_SIDE_MIN * PH_PICTURES_SIDE_MIN];
    omp_set_num_threads(2);
    fail_alloc_from(1);
    const int drawn = ph_pictures_draw(0, 0, PH_PICTURES_SIDE_MIN, PH_PICTURES_SIDE_MIN, rgb, NULL);
    const int batch = ph_pictures_batch(0, 2, PH_PICTURES_SIDE_MIN, rgb, NULL);
    ck_assert(fail_alloc_stop());
    ck_assert_int_eq(drawn, -1);
    ck_assert_int_eq(batch, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pictures");
    TCase *labels = tcase_create("labels"), *bytes = tcase_create("bytes");
    tcase_set_timeout(labels, 60);
    tcase_set_timeout(bytes, 60);
    tcase_add_test(bytes, batch_does_not_depend_on_threads_or_neighbours);
    tcase_add_test(bytes, pictures_are_those_the_networks_know);
    tcase_add_test(bytes, classes_are_drawn_equally_often);
    tcase_add_test(bytes, size_only_changes_the_resolution);
    tcase_add_loop_test(bytes, odd_sizes_are_drawn, 0, 6);
    tcase_add_test(bytes, wrong_arguments_are_refused);
    tcase_add_test(bytes, out_of_memory_is_told);
    tcase_add_test(labels, names_are_unique_and_kinds_are_blocks);
    tcase_add_loop_test(labels, class_shows_what_it_is_called, 0, ph_pictures_class_count());
    tcase_add_test(labels, every_label_occurs);
    tcase_add_loop_test(labels, parts_are_shared, 0, (int)(sizeof shared_parts / sizeof shared_parts[0]));
    suite_add_tcase(suite, labels);
    suite_add_tcase(suite, bytes);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
