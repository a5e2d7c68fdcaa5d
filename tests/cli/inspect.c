/* Looks at what the command line wrote. Exit status 0: as it should be; 1 with a line on stderr: not.
 *
 *   inspect json KEY…      every line of stdin is an object with exactly these keys ("objective.first" looks inside)
 *   inspect get KEY        prints KEY of each line of stdin
 *   inspect png FILE W H   a whole PNG of that size; W 0: of any size
 *   inspect pixels A B     two PNGs of one size and with the same pixels */
#include <cjson/cJSON.h>
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1 << 16 };

static cJSON *next_object(char *line)
{
    if (!fgets(line, LINE_BYTES, stdin))
        return NULL;
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithOpts(line, &end, 0);
    if (!cJSON_IsObject(object) || strcmp(end, "\n") != 0) {
        fprintf(stderr, "inspect: not an object on one line: %s\n", line);
        exit(1);
    }
    return object;
}

/* "objective.first" goes one level down. */
static const cJSON *find(const cJSON *object, const char *key)
{
    char outer[64];
    const size_t length = strcspn(key, ".");
    snprintf(outer, sizeof outer, "%.*s", (int)length, key);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, outer);
    return key[length] && item ? cJSON_GetObjectItemCaseSensitive(item, key + length + 1) : item;
}

static bool has_exactly(const cJSON *object, char **keys, int count)
{
    int top = 0;
    for (int i = 0; i < count; i++) {
        if (!find(object, keys[i])) {
            fprintf(stderr, "inspect: no key '%s'\n", keys[i]);
            return false;
        }
        top += strchr(keys[i], '.') == NULL;
    }
    if (cJSON_GetArraySize(object) == top)
        return true;
    fprintf(stderr, "inspect: %d keys, not %d\n", cJSON_GetArraySize(object), top);
    return false;
}

static int inspect_json(char **keys, int count, bool print)
{
    static char line[LINE_BYTES];
    int lines = 0;
    bool good = true;
    for (cJSON *object; good && (object = next_object(line)); lines++) {
        if (print) {
            char *text = cJSON_PrintUnformatted(find(object, keys[0]));
            printf("%s\n", text ? text : "nothing");
            cJSON_free(text);
        } else {
            good = has_exactly(object, keys, count);
        }
        cJSON_Delete(object);
    }
    if (good && !lines)
        fprintf(stderr, "inspect: no lines\n");
    return good && lines ? 0 : 1;
}

/* The pixels of a whole PNG, RGBA, 8 bits; NULL after a message. */
static void *read_png(const char *path, png_image *image)
{
    *image = (png_image){.version = PNG_IMAGE_VERSION};
    void *pixels = NULL;
    bool good = png_image_begin_read_from_file(image, path);
    if (good) {
        image->format = PNG_FORMAT_RGBA;
        pixels = malloc(PNG_IMAGE_SIZE(*image));
        good = pixels && png_image_finish_read(image, NULL, pixels, 0, NULL);
    }
    if (good)
        return pixels;
    fprintf(stderr, "inspect: %s: %s\n", path, image->message);
    png_image_free(image);
    free(pixels);
    return NULL;
}

static int inspect_png(const char *path, unsigned width, unsigned height)
{
    png_image image;
    void *pixels = read_png(path, &image);
    if (!pixels)
        return 1;
    free(pixels);
    if (!width || !height || (image.width == width && image.height == height))
        return 0;
    fprintf(stderr, "inspect: %s is %ux%u, not %ux%u\n", path, (unsigned)image.width, (unsigned)image.height, width,
            height);
    return 1;
}

static int compare_pixels(const char *a, const char *b)
{
    png_image image_a, image_b;
    void *pixels_a = read_png(a, &image_a), *pixels_b = read_png(b, &image_b);
    const bool same = pixels_a && pixels_b && image_a.width == image_b.width && image_a.height == image_b.height &&
                      memcmp(pixels_a, pixels_b, PNG_IMAGE_SIZE(image_a)) == 0;
    free(pixels_a);
    free(pixels_b);
    if (!same)
        fprintf(stderr, "inspect: %s and %s show different pixels\n", a, b);
    return same ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "json") == 0)
        return inspect_json(argv + 2, argc - 2, false);
    if (argc == 3 && strcmp(argv[1], "get") == 0)
        return inspect_json(argv + 2, 1, true);
    if (argc == 5 && strcmp(argv[1], "png") == 0)
        return inspect_png(argv[2], (unsigned)strtoul(argv[3], NULL, 10), (unsigned)strtoul(argv[4], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "pixels") == 0)
        return compare_pixels(argv[2], argv[3]);
    fprintf(stderr, "usage: inspect json KEY… | get KEY | png FILE WIDTH HEIGHT | pixels A B\n");
    return 2;
}
