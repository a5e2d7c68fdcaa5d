/* Labelled pictures: photograph-like scenes drawn from a seed, with the truth about every pixel. Plain C and libm; the
 * same seed gives the same bytes from every compiler and on any number of threads. Every call may run concurrently. */
#ifndef PH_PICTURES_H
#define PH_PICTURES_H

#include <stdint.h>

#if defined(__GNUC__)
#define PH_PICTURES_API __attribute__((visibility("default")))
#else
#define PH_PICTURES_API
#endif

/* The kinds of label of network dissection (Bau et al. 2017). */
typedef enum ph_pictures_kind {
    PH_PICTURES_COLOUR,  /* one of the 11 basic colour terms, for every pixel */
    PH_PICTURES_OBJECT,  /* what thing the pixel belongs to; 0: background */
    PH_PICTURES_PART,    /* which part of the thing; 0: no named part */
    PH_PICTURES_SCENE,   /* where the picture is taken: the same for all its pixels; 0: nowhere */
    PH_PICTURES_TEXTURE, /* the pattern or material of the surface; 0: plain */
    PH_PICTURES_KINDS
} ph_pictures_kind;

/* Sides that can be drawn, in pixels. */
#define PH_PICTURES_SIDE_MIN 16
#define PH_PICTURES_SIDE_MAX 4096

/* Classes are numbered 0 .. count - 1. An index outside gives NULL. */
PH_PICTURES_API int ph_pictures_class_count(void);
PH_PICTURES_API const char *ph_pictures_class_name(int index);
/* What kind of label the class is: PH_PICTURES_TEXTURE, _OBJECT or _SCENE; -1 outside. */
PH_PICTURES_API int ph_pictures_class_kind(int index);

/* The class that a seed draws when none is asked for: uniform over all. */
PH_PICTURES_API int ph_pictures_class_of(uint64_t seed);

/* Labels are numbered 1 .. count, of all kinds together, each kind in one block. A number outside gives NULL, -1. */
PH_PICTURES_API int ph_pictures_label_count(void);
PH_PICTURES_API const char *ph_pictures_label_name(int number);
PH_PICTURES_API int ph_pictures_label_kind(int number);
/* "color", "object", "part", "scene", "texture": Broden's names. NULL outside. */
PH_PICTURES_API const char *ph_pictures_kind_name(int kind);

/* Picture i of the batch has seed first_seed + i; its class is chosen uniformly by its seed alone. rgb: [count, size,
 * size, 3] sRGB bytes; classes: [count], or NULL. Runs on all OpenMP threads. Returns 0; 1 when out of memory; 2 when
 * count is negative or size out of range. */
PH_PICTURES_API int ph_pictures_batch(uint64_t first_seed, int count, int size, uint8_t *rgb, int32_t *classes);

/* One picture. class_index: -1 takes the class that the batch would take. rgb: [height, width, 3]; labels: NULL, or one
 * [height, width] map of label numbers for each kind, where NULL leaves a kind out. Returns the class that was drawn,
 * -1 when out of memory, -2 when class or size is out of range. */
PH_PICTURES_API int ph_pictures_draw(uint64_t seed, int class_index, int width, int height, uint8_t *rgb,
                                     uint8_t *const labels[PH_PICTURES_KINDS]);

#endif
