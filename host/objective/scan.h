/* A cursor over the text of a target expression. */
#ifndef PH_OBJECTIVE_SCAN_H
#define PH_OBJECTIVE_SCAN_H

#include "phosphene.h"

typedef struct ph_scan {
    const char *text; /* NUL-terminated */
    size_t at, length;
} ph_scan;

/* A piece of the text. */
typedef struct ph_piece {
    const char *chars;
    size_t length;
} ph_piece;

/* For "%.*s": a piece, or the rest from a cursor, cut to what fits into a message. */
enum { PH_PIECE_SHOWN = 60 };
#define PH_SHOW(piece) (int)((piece).length < PH_PIECE_SHOWN ? (piece).length : PH_PIECE_SHOWN), (piece).chars
ph_piece ph_scan_rest(const ph_scan *scan);

char ph_scan_peek(const ph_scan *scan); /* NUL at the end */
void ph_scan_blanks(ph_scan *scan);
/* Steps over `word` if the text goes on with it. */
bool ph_scan_skip(ph_scan *scan, const char *word);
/* True where a unit may end: at the end, a blank, '+' or '-'. */
bool ph_scan_ended(const ph_scan *scan);

/* A digit string as a number in 0 … max; the cursor stays where it is when there is none. */
bool ph_scan_count(ph_scan *scan, int64_t max, int64_t *value);
/* NUMBER '*', blanks allowed around the number; without one, *value and the cursor stay as they are. PH_MISUSE: a
 * number that is malformed or beyond +-1e30 (it must stay finite as a float). */
ph_status ph_scan_weight(ph_scan *scan, double *value, ph_error *err);
/* Text in "…" or '…', without the quotes; PH_MISUSE when the closing one is missing. *quoted: whether there was any. */
ph_status ph_scan_quoted(ph_scan *scan, ph_piece *piece, bool *quoted, ph_error *err);

#endif
