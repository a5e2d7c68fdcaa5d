/* Pictures in and out of files. */
#ifndef PH_IMAGE_PNG_H
#define PH_IMAGE_PNG_H

#include "phosphene.h"

/* 8-bit PNG of 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha) channels with one iTXt chunk (key, UTF-8
 * text; both may be NULL). Written to a temporary name in the same directory and renamed, so `path` is never half a
 * file. PH_IO names path and reason. */
ph_status ph_png_write(const char *path, const uint8_t *pixels, int width, int height, int channels, const char *key,
                       const char *text, ph_error *err);
/* The text under `key` as a new string (ph_free). PH_FORMAT if the file is no PNG or has no such text. */
ph_status ph_png_read_text(const char *path, const char *key, char **text, ph_error *err);

#endif
