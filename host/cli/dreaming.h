/* Dreams on the way: what the command line asked for, and what has become of it. */
#ifndef PH_CLI_DREAMING_H
#define PH_CLI_DREAMING_H

#include "host/cli/origin.h"
#include "host/cli/output.h"
#include "host/cli/photos.h"
#include "host/cli/progress.h"

typedef struct ph_cli_dreaming {
    ph_dream_options options;
    ph_cli_origin origin; /* path NULL without --from */
    ph_dream_origin recorded;
    ph_cli_photos photos;
    ph_cli_output *output;
    const char *target; /* NULL: the library chooses */
    int frames, fps;    /* frames 0: no sequence */
    const char *video;  /* or NULL */
    bool json, quiet;

    ph_dream *dream;
    ph_cli_progress progress;
    size_t at, total; /* picture in work; pictures */
    size_t failed;
    ph_error first, last; /* of the failures */
} ph_cli_dreaming;

/* Says and counts a failure. */
void ph_cli_dreaming_fail(ph_cli_dreaming *d, const ph_error *err);
/* The path of a photo's dream: a new string. */
char *ph_cli_dreaming_path(ph_cli_dreaming *d, const char *photo);
/* Dreams on a photo, or on the frame before frame number `frame`, and writes the picture (path NULL: to stdout), with
 * its report. PH_INTERRUPTED: the picture so far is there. */
ph_status ph_cli_dreaming_photo(ph_cli_dreaming *d, const char *photo, int frame, const char *path);

/* All frames of a sequence that begins with `photo`: those that are there already are kept, the first that is missing
 * begins with the one before it. Then the video. */
ph_status ph_cli_sequence(ph_cli_dreaming *d, const char *photo);

#endif
