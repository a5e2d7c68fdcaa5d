/* Every label as a constant: PH_CAR, PH_WHEEL, PH_BRICKS ... 0 is no label. */
#ifndef PH_PICTURES_LABELS_H
#define PH_PICTURES_LABELS_H

enum {
    PH_NO_LABEL,
#define X(kind, identifier, name) PH_##identifier,
#include "labels.def"
#undef X
    PH_LABELS_END
};

#endif
