/* Finding a class by what it is called. */
#ifndef PH_OBJECTIVE_LABEL_H
#define PH_OBJECTIVE_LABEL_H

#include "host/objective/scan.h"

/* Labels as files have them: one name, or synonyms separated by commas, with or without a WordNet number ("n02085620
 * Chihuahua") in front. Letters A-Z match a-z. */
typedef struct ph_labels {
    char *const *label;
    size_t count;
} ph_labels;

/* How many labels are called `name`: as a whole, or, if none is, by one of their synonyms. *index is the first. */
size_t ph_label_exact(const ph_labels *labels, ph_piece name, size_t *index);

/* An exact name, else a part of exactly one label. PH_MISUSE: several fit (up to five are listed), or none does (the
 * three nearest by edit distance are suggested). */
ph_status ph_label_find(const ph_labels *labels, ph_piece name, size_t *index, ph_error *err);

#endif
