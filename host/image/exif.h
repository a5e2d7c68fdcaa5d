/* The one thing in a JPEG's Exif block that a picture's pixels depend on. */
#ifndef PH_IMAGE_EXIF_H
#define PH_IMAGE_EXIF_H

#include "phosphene.h"

/* Orientation 1 … 8 of a JPEG file in memory (Exif 2.3, tag 0x0112: where the stored row 0 and column 0 belong); 1 when
 * the file is no JPEG, says nothing, or is damaged. */
int ph_exif_orientation(const uint8_t *bytes, size_t size);

#endif
