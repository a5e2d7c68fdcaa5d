#include "host/cli/photos.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static void add(ph_cli_photos *photos, char *path)
{
    photos->paths = ph_cli_grow(photos->paths, photos->count, sizeof *photos->paths);
    photos->paths[photos->count++] = path;
}

static bool is_picture(const char *name)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".ppm", ".pgm", ".pnm"};
    const char *dot = strrchr(name, '.');
    if (*name == '.' || !dot)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int ph_cli_photos_add(ph_cli_photos *photos, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        add(photos, ph_cli_format("%s", path));
        return PH_EXIT_DONE;
    }
    DIR *directory = opendir(path);
    if (!directory) {
        ph_cli_say("cannot read the folder %s: %s", path, strerror(errno));
        return PH_EXIT_FAILED;
    }
    const size_t before = photos->count;
    const char *const slash = path[strlen(path) - 1] == '/' ? "" : "/";
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        if (is_picture(entry->d_name))
            add(photos, ph_cli_format("%s%s%s", path, slash, entry->d_name));
    closedir(directory);
    if (photos->count == before) {
        ph_cli_say("no pictures in the folder %s: .jpg, .png, .bmp, .gif or .pnm files are looked for", path);
        return PH_EXIT_FAILED;
    }
    qsort(photos->paths + before, photos->count - before, sizeof *photos->paths, compare_paths);
    return PH_EXIT_DONE;
}

void ph_cli_photos_clear(ph_cli_photos *photos)
{
    for (size_t i = 0; i < photos->count; i++)
        free(photos->paths[i]);
    free(photos->paths);
    *photos = (ph_cli_photos){0};
}
