/* Labelled pictures on disk in the layout of Broden (Bau et al. 2017), as network dissection reads it:
 *
 *     index.csv         image,split,ih,iw,sh,sw,color,object,part,scene,texture; file names are relative to images/
 *     category.csv      name,first,last,count,frequency
 *     label.csv         number,name,category,frequency,coverage,syns
 *     c_<category>.csv  code,number,name,frequency,coverage
 *     images/<class>/   the pictures, and for each a label image where the label's number is R + 256 G
 *
 * frequency: in how many pictures; coverage: over how many pictures' worth of pixels. */
#ifndef PH_SAMPLES_BRODEN_H
#define PH_SAMPLES_BRODEN_H

#include "phosphene.h"

typedef struct ph_broden_options {
    const char *folder; /* made where missing; files of the same names are replaced */
    uint64_t first_seed;
    int count, width, height;
    int class_index; /* -1: each picture's own */
} ph_broden_options;

/* PH_NO_MEMORY, PH_IO. The lists are written last: a folder with an index is complete. */
ph_status ph_broden_write(const ph_broden_options *options, ph_error *err);

#endif
