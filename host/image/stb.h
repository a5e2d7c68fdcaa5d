/* stb_image behind a wall: its code is compiled in stb.c alone, nothing of it is visible outside. */
#ifndef PH_IMAGE_STB_H
#define PH_IMAGE_STB_H

#include "phosphene.h"

typedef struct ph_stb_picture {
    int width, height, channels; /* channels as in the file: grey, grey + alpha, RGB, RGB + alpha */
    bool wide;                   /* 16 bits per sample */
    void *samples;               /* uint8_t or uint16_t, [height, width, channels]; ph_free */
} ph_stb_picture;

#define PH_STB_NO_MEMORY "out of memory"

/* Fills all but `samples` from the file's header. False with a reason (static text) when it is no picture,
 * PH_STB_NO_MEMORY when memory ran out. */
bool ph_stb_info(const uint8_t *bytes, size_t size, ph_stb_picture *picture, const char **reason);
/* Decodes, likewise; GIF: the first frame. */
bool ph_stb_decode(const uint8_t *bytes, size_t size, ph_stb_picture *picture, const char **reason);

#endif
