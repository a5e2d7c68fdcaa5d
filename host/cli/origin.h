/* The picture that `--from` repeats. */
#ifndef PH_CLI_ORIGIN_H
#define PH_CLI_ORIGIN_H

#include "host/cli/talk.h"

typedef struct ph_cli_origin {
    const char *path;
    char *target; /* ph_string_free */
    bool negative;
    char sha256[65];                     /* of the model */
    char *range, *mean, *std, *channels; /* the model flags that repeat its preprocessing; NULL if not recorded */
    bool interrupted;                    /* its optimization was cut short */
} ph_cli_origin;

/* Reads the settings of the PNG at `path` (which must outlive the origin) and applies them to `options`. */
ph_status ph_cli_origin_read(const char *path, ph_render_options *options, ph_cli_origin *origin, ph_error *err);
/* The same of a dreamed picture; *dream (ph_dream_origin_clear) holds what is a dream's own. */
ph_status ph_cli_origin_read_dream(const char *path, ph_dream_options *options, ph_cli_origin *origin,
                                   ph_dream_origin *dream, ph_error *err);
void ph_cli_origin_clear(ph_cli_origin *origin);
/* Whether the model is the one it was made with: PH_MISUSE if not, unless `force`. Other differences are noted on
 * stderr unless `quiet`. */
ph_status ph_cli_origin_check(const ph_cli_origin *origin, const ph_model *model, bool force, bool quiet,
                              ph_error *err);

#endif
