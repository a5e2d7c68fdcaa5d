#include "host/image/stb.h"

#include "host/base/alloc.h"

#include <limits.h>

/* The largest buffer that a picture of 100 megapixels needs; a hostile stream that inflates to more fails here. */
static const size_t MAX_BUFFER = (size_t)1 << 30;

static void *bounded_malloc(size_t size)
{
    return size > MAX_BUFFER ? NULL : ph_alloc(size, 1);
}

static void *bounded_realloc(void *old, size_t size)
{
    return size > MAX_BUFFER ? NULL : ph_realloc(old, size, 1);
}

#define STBI_MALLOC(size) bounded_malloc(size)
#define STBI_REALLOC(old, size) bounded_realloc(old, size)
#define STBI_FREE(memory) ph_free(memory)
/* A violated assumption about a damaged file must not abort; the memory checks of stb_image hold without it. */
#define STBI_ASSERT(condition) ((void)(condition))
/* The formats with a signature that photos come in. Without signature (TGA) any bytes would be a picture. */
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_ONLY_PNM
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
/* stb_image declares one function under another name than it defines. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_image.h>

bool ph_stb_info(const uint8_t *bytes, size_t size, ph_stb_picture *picture, const char **reason)
{
    if (size > INT_MAX) {
        *reason = "the file is too large";
        return false;
    }
    if (!stbi_info_from_memory(bytes, (int)size, &picture->width, &picture->height, &picture->channels)) {
        *reason = stbi_failure_reason();
        return false;
    }
    picture->wide = stbi_is_16_bit_from_memory(bytes, (int)size);
    return true;
}

bool ph_stb_decode(const uint8_t *bytes, size_t size, ph_stb_picture *picture, const char **reason)
{
    if (size > INT_MAX) {
        *reason = "the file is too large";
        return false;
    }
    /* Apple's PNG variant holds BGR with alpha multiplied in: undo both. */
    stbi_convert_iphone_png_to_rgb_thread(1);
    stbi__unpremultiply_on_load_thread(1);
    int *width = &picture->width, *height = &picture->height, *channels = &picture->channels;
    if (picture->wide)
        picture->samples = stbi_load_16_from_memory(bytes, (int)size, width, height, channels, 0);
    else
        picture->samples = stbi_load_from_memory(bytes, (int)size, width, height, channels, 0);
    if (!picture->samples)
        *reason = stbi_failure_reason();
    return picture->samples != NULL;
}
