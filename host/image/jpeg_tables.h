/* What a JPEG file must be checked for before stb_image sees it. */
#ifndef PH_IMAGE_JPEG_TABLES_H
#define PH_IMAGE_JPEG_TABLES_H

#include "phosphene.h"

/* False for a JPEG with a Huffman table of more than 256 codes: stb_image writes past its own table when it reads one.
 * True for everything else, JPEG or not. */
bool ph_jpeg_tables_fit(const uint8_t *bytes, size_t size);

#endif
