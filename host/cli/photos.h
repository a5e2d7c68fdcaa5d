/* Photos named on the command line: files, and all the pictures of a folder. */
#ifndef PH_CLI_PHOTOS_H
#define PH_CLI_PHOTOS_H

#include "host/cli/talk.h"

typedef struct ph_cli_photos {
    char **paths; /* owned */
    size_t count;
} ph_cli_photos;

/* Adds a file, or in alphabetical order the files of a folder that are called like pictures (.jpg, .jpeg, .png, .bmp,
 * .gif, .ppm, .pgm, .pnm). Returns the exit status after a message when a folder cannot be read or holds none. */
int ph_cli_photos_add(ph_cli_photos *photos, const char *path);
void ph_cli_photos_clear(ph_cli_photos *photos);

#endif
