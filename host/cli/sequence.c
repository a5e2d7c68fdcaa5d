#include "host/cli/dreaming.h"
#include "host/cli/video.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DIGITS_LEAST = 4, SUFFIX = 32 };

/* "-0001", with as many digits as the last frame needs. */
static char *frame_path(ph_cli_dreaming *d, const char *base, int frame)
{
    char suffix[SUFFIX];
    const int digits = snprintf(suffix, sizeof suffix, "%d", d->frames);
    snprintf(suffix, sizeof suffix, "-%0*d", digits > DIGITS_LEAST ? digits : DIGITS_LEAST, frame + 1);
    return ph_cli_output_beside(d->output, base, suffix);
}

/* Whether a frame of this sequence is at `path`. One that was interrupted is made again. PH_MISUSE: something else is
 * there. */
static ph_status look_for(const ph_cli_dreaming *d, const char *path, int frame, bool *there, ph_error *err)
{
    struct stat info;
    *there = false;
    if (stat(path, &info) != 0)
        return PH_OK;
    ph_dream_options options = d->options;
    ph_cli_origin origin;
    ph_dream_origin recorded = {0};
    const bool read = ph_cli_origin_read_dream(path, &options, &origin, &recorded, NULL) == PH_OK;
    const bool ours = read && recorded.frame == frame && strcmp(recorded.target, ph_dream_target(d->dream)) == 0;
    *there = ours && !origin.interrupted;
    ph_cli_origin_clear(&origin);
    ph_dream_origin_clear(&recorded);
    if (ours)
        return PH_OK;
    err->status = PH_MISUSE;
    snprintf(err->message, sizeof err->message,
             "%.300s is there, but is not frame %d of a dream of '%.100s': choose another --output", path, frame + 1,
             ph_dream_target(d->dream));
    return PH_MISUSE;
}

static ph_status make_frames(ph_cli_dreaming *d, const char *photo, char **paths)
{
    int kept = 0;
    for (int k = 0; k < d->frames; k++) {
        ph_error err = {0};
        bool there = false;
        d->at = (size_t)k;
        ph_status status = look_for(d, paths[k], k, &there, &err);
        if (status != PH_OK)
            ph_cli_dreaming_fail(d, &err);
        else if (there)
            kept++;
        else
            status = ph_cli_dreaming_photo(d, k ? paths[k - 1] : photo, k, paths[k]);
        if (status != PH_OK)
            return status;
    }
    if (kept && !d->quiet)
        ph_cli_say("note: %d of %d frames were there already", kept, d->frames);
    return PH_OK;
}

ph_status ph_cli_sequence(ph_cli_dreaming *d, const char *photo)
{
    char *base = ph_cli_dreaming_path(d, photo);
    char **paths = ph_cli_alloc((size_t)d->frames, sizeof *paths);
    for (int k = 0; k < d->frames; k++)
        paths[k] = frame_path(d, base, k);
    d->total = (size_t)d->frames;
    ph_status status = make_frames(d, photo, paths);
    ph_error err = {0};
    if (status == PH_OK && d->video) {
        status = ph_cli_video_write((const char *const *)paths, (size_t)d->frames, d->fps, d->video, &err);
        if (status != PH_OK)
            ph_cli_dreaming_fail(d, &err);
        else if (!d->quiet)
            ph_cli_say("wrote %s: %d frames", d->video, d->frames);
    }
    for (int k = 0; k < d->frames; k++)
        free(paths[k]);
    free(paths);
    free(base);
    return status;
}
