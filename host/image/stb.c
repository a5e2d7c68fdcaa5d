#include "host/image/stb.h"

#include "host/base/alloc.h"

#include <limits.h>

/* The largest buffer that a picture of 100 megapixels needs; a hostile stream that inflates to more fails here. */
static const size_t MAX_BUFFER = (size_t)1 << 30;

/* stb_image takes a format whose test ran out of memory for another format; so it is noted on the way. Per thread, as
 * stb_image's own state is, and used within one call only. */
static _Thread_local bool no_memory;

static void *noted(void *memory)
{
    no_memory = no_memory || !memory;
    return memory;
}

static void *bounded_malloc(size_t size)
{
    return size > MAX_BUFFER ? NULL : noted(ph_alloc(size, 1));
}

static void *bounded_realloc(void *old, size_t size)
{
    return size > MAX_BUFFER ? NULL : noted(ph_realloc(old, size, 1));
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

/* Both calls end so: why there is no picture, if there is none. */
static bool finish(bool good, const char **reason)
{
    if (!good)
        *reason = stbi_failure_reason();
    if (no_memory)
        *reason = PH_STB_NO_MEMORY;
    return good && !no_memory;
}

bool ph_stb_info(const uint8_t *bytes, size_t size, ph_stb_picture *picture, const char **reason)
{
    no_memory = false;
    if (size > INT_MAX) {
        *reason = "the file is too large";
        return false;
    }
    const int length = (int)size;
    const bool good = stbi_info_from_memory(bytes, length, &picture->width, &picture->height, &picture->channels);
    picture->wide = good && stbi_is_16_bit_from_memory(bytes, length);
    return finish(good, reason);
}

bool ph_stb_decode(const uint8_t *bytes, size_t size, ph_stb_picture *picture, const char **reason)
{
    no_memory = false;
    if (size > INT_MAX) {
        *reason = "the file is too large";
        return false;
    }
    /* Apple's PNG variant holds BGR with alpha multiplied in: undo both. */
    stbi_convert_iphone_png_to_rgb_thread(1);
    stbi__unpremultiply_on_load_thread(1);
    const int length = (int)size;
    int *width = &picture->width, *height = &picture->height, *channels = &picture->channels;
    if (picture->wide)
        picture->samples = stbi_load_16_from_memory(bytes, length, width, height, channels, 0);
    else
        picture->samples = stbi_load_from_memory(bytes, length, width, height, channels, 0);
    const bool good = finish(picture->samples != NULL, reason);
    if (!good) {
        ph_free(picture->samples);
        picture->samples = NULL;
    }
    return good;
}
