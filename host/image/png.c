#include "host/image/png.h"

#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/base/status.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_SIDE = 1000000,     /* libpng's own limit */
    COMPRESSION = 6,        /* fixed, so that the same picture gives the same bytes */
    LONG_TEXT = 1024,       /* texts beyond this many bytes are deflated */
    MAX_TEXT = 64 << 20,    /* bytes of one text chunk, inflated */
    READ_BUDGET = 256 << 20 /* bytes that libpng may allocate in all while reading texts */
};
static const size_t MAX_FILE = (size_t)1 << 30;

/* What libpng's callbacks share: bytes in or out, an allowance of memory, and why it failed. */
typedef struct stream {
    uint8_t *bytes;
    size_t size, capacity; /* writing: filled and allocated; reading: position and end */
    size_t budget;
    bool no_memory;
    char reason[128];
} stream;

static png_voidp stream_malloc(png_structp png, png_alloc_size_t size)
{
    stream *s = png_get_mem_ptr(png);
    if (size > s->budget)
        return NULL;
    s->budget -= size;
    void *memory = ph_alloc(size, 1);
    if (!memory)
        s->no_memory = true;
    return memory;
}

static void stream_free(png_structp png, png_voidp memory)
{
    (void)png;
    ph_free(memory);
}

static void stream_error(png_structp png, png_const_charp message)
{
    stream *s = png_get_error_ptr(png);
    snprintf(s->reason, sizeof s->reason, "%s", message);
    png_longjmp(png, 1);
}

static void stream_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void stream_write(png_structp png, png_bytep data, size_t length)
{
    stream *s = png_get_io_ptr(png);
    while (s->capacity - s->size < length) {
        const size_t wanted = s->capacity ? 2 * s->capacity : 65536;
        uint8_t *bigger = ph_realloc(s->bytes, wanted, 1);
        if (!bigger) {
            s->no_memory = true;
            png_error(png, "out of memory");
        }
        s->bytes = bigger;
        s->capacity = wanted;
    }
    memcpy(s->bytes + s->size, data, length);
    s->size += length;
}

static void stream_flush(png_structp png)
{
    (void)png;
}

static void stream_read(png_structp png, png_bytep data, size_t length)
{
    stream *s = png_get_io_ptr(png);
    if (s->capacity - s->size < length)
        png_error(png, "the file ends too early");
    memcpy(data, s->bytes + s->size, length);
    s->size += length;
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

/* Length in bytes of the well-formed UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates), or 0. */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    const size_t length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

/* A copy in which every byte that is not UTF-8 (file names may hold any) is U+FFFD: better than losing the picture. */
static char *clean_text(const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *clean = ph_alloc(strlen(text) + 1, 3);
    if (!clean)
        return NULL;
    char *to = clean;
    for (const char *from = text; *from;) {
        const size_t length = utf8_length((const unsigned char *)from);
        memcpy(to, length ? from : replacement, length ? length : 3);
        to += length ? length : 3;
        from += length ? length : 1;
    }
    return clean;
}

/* A PNG keyword that needs no escaping: 1 to 79 printable ASCII characters, no blank at either end or two in a row. */
static bool key_valid(const char *key)
{
    const size_t length = strlen(key);
    if (length < 1 || length > 79 || key[0] == ' ' || key[length - 1] == ' ' || strstr(key, "  "))
        return false;
    for (size_t i = 0; i < length; i++)
        if (key[i] < ' ' || key[i] > '~')
            return false;
    return true;
}

typedef struct png_source {
    const uint8_t *pixels;
    int width, height, channels;
    char *key, *text; /* both or neither */
} png_source;

static bool encode(png_structp png, png_infop info, const png_source *source)
{
    if (setjmp(png_jmpbuf(png)))
        return false;
    png_set_compression_level(png, COMPRESSION);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
    static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                PNG_COLOR_TYPE_RGB_ALPHA};
    png_set_IHDR(png, info, (png_uint_32)source->width, (png_uint_32)source->height, 8, types[source->channels - 1],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (source->text) {
        char none[] = "";
        png_text chunk = {0};
        chunk.compression = strlen(source->text) > LONG_TEXT ? PNG_ITXT_COMPRESSION_zTXt : PNG_ITXT_COMPRESSION_NONE;
        chunk.key = source->key;
        chunk.text = source->text;
        chunk.itxt_length = strlen(source->text);
        chunk.lang = none;
        chunk.lang_key = none;
        png_set_text(png, info, &chunk, 1);
    }
    png_write_info(png, info);
    const size_t row = (size_t)source->width * (size_t)source->channels;
    for (int y = 0; y < source->height; y++)
        png_write_row(png, source->pixels + (size_t)y * row);
    png_write_end(png, NULL);
    return true;
}

static ph_status encode_to_stream(stream *s, const png_source *source, const char *path, ph_error *err)
{
    png_structp png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, s, stream_error, stream_warning, s,
                                                stream_malloc, stream_free);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    bool done = false;
    if (info) {
        png_set_write_fn(png, s, stream_write, stream_flush);
        done = encode(png, info, source);
    }
    png_destroy_write_struct(&png, &info);
    if (done)
        return PH_OK;
    if (s->no_memory)
        return ph_fail(err, PH_NO_MEMORY, "%s: out of memory while making the PNG", path);
    return ph_fail(err, PH_IO, "%s: cannot make the PNG: %s", path, s->reason[0] ? s->reason : "libpng does not start");
}

ph_status ph_png_write(const char *path, const uint8_t *pixels, int width, int height, int channels, const char *key,
                       const char *text, ph_error *err)
{
    if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE)
        return ph_fail(err, PH_MISUSE, "%s: a PNG of %dx%d pixels cannot be written: use sides of 1 to %d", path, width,
                       height, (int)MAX_SIDE);
    if (channels < 1 || channels > 4)
        return ph_fail(err, PH_MISUSE, "%s: pictures have 1 to 4 channels, not %d", path, channels);
    if (key && text && !key_valid(key))
        return ph_fail(err, PH_MISUSE, "%s: '%s' cannot be the key of a PNG text: use 1 to 79 plain characters", path,
                       key);
    png_source source = {pixels, width, height, channels, NULL, NULL};
    stream s = {.budget = SIZE_MAX};
    ph_status status = PH_OK;
    if (key && text) {
        source.key = ph_strdup(key);
        source.text = clean_text(text);
        if (!source.key || !source.text)
            status = ph_fail_memory(err, 3 * strlen(text), "the text of a PNG");
    }
    if (status == PH_OK)
        status = encode_to_stream(&s, &source, path, err);
    if (status == PH_OK)
        status = ph_file_write(path, s.bytes, s.size, err);
    ph_free(s.bytes);
    ph_free(source.text);
    ph_free(source.key);
    return status;
}

/* ---- Reading texts ---------------------------------------------------------------------------------------------- */

/* Moves the header and the texts together, wherever they stand in the file, so that libpng meets nothing else (it would
 * inflate pixels to get past them). Returns the new size; *whole: the chunks reach to the end mark. */
static size_t keep_texts(uint8_t *bytes, size_t size, bool *whole)
{
    enum { SIGNATURE = 8, FRAME = 12 }; /* a chunk's length, type and checksum: 4 bytes each */
    static const char kept[][5] = {"IHDR", "tEXt", "zTXt", "iTXt"};
    size_t to = SIGNATURE;
    *whole = false;
    for (size_t at = SIGNATURE; size - at >= FRAME && !*whole;) {
        const size_t length = png_get_uint_32(bytes + at);
        const uint8_t *type = bytes + at + 4;
        if (length > size - at - FRAME)
            break;
        *whole = memcmp(type, "IEND", 4) == 0;
        bool keep = false;
        for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
            keep = keep || memcmp(type, kept[i], 4) == 0;
        if (keep) {
            memmove(bytes + to, bytes + at, FRAME + length);
            to += FRAME + length;
        }
        at += FRAME + length;
    }
    return to;
}

/* libpng stops with an error where the pixels would begin; what it has read by then stays in `info`. */
static void read_chunks(png_structp png, png_infop info)
{
    if (setjmp(png_jmpbuf(png)))
        return;
    png_set_chunk_malloc_max(png, MAX_TEXT);
    png_read_info(png, info);
}

static ph_status copy_text(png_structp png, png_infop info, const char *path, const char *key, char **text,
                           ph_error *err)
{
    png_textp texts = NULL;
    int count = 0;
    png_get_text(png, info, &texts, &count);
    for (int i = 0; i < count; i++) {
        if (strcmp(texts[i].key, key) != 0 || !texts[i].text)
            continue;
        *text = ph_strdup(texts[i].text);
        return *text ? PH_OK : ph_fail_memory(err, strlen(texts[i].text) + 1, "the text of a PNG");
    }
    return ph_fail(err, PH_FORMAT, "%s has no text called '%s': give a PNG that this program wrote", path, key);
}

static ph_status read_text(stream *s, const char *path, const char *key, char **text, ph_error *err)
{
    if (s->capacity < 8 || png_sig_cmp(s->bytes, 0, 8) != 0)
        return ph_fail(err, PH_FORMAT, "%s is not a PNG file", path);
    bool whole;
    s->capacity = keep_texts(s->bytes, s->capacity, &whole);
    png_structp png =
        png_create_read_struct_2(PNG_LIBPNG_VER_STRING, s, stream_error, stream_warning, s, stream_malloc, stream_free);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    ph_status status = PH_NO_MEMORY;
    if (info) {
        png_set_read_fn(png, s, stream_read);
        read_chunks(png, info);
        status = s->no_memory ? PH_NO_MEMORY : copy_text(png, info, path, key, text, err);
        if (status == PH_FORMAT && !whole)
            status = ph_fail(err, PH_FORMAT, "%s has no text called '%s', and is damaged or cut short", path, key);
    }
    png_destroy_read_struct(&png, &info, NULL);
    if (status == PH_NO_MEMORY)
        return ph_fail(err, PH_NO_MEMORY, "%s: out of memory while reading the PNG's texts", path);
    return status;
}

ph_status ph_png_read_text(const char *path, const char *key, char **text, ph_error *err)
{
    *text = NULL;
    void *bytes = NULL;
    size_t size = 0;
    PH_TRY(ph_file_read(path, MAX_FILE, &bytes, &size, err));
    stream s = {.bytes = bytes, .capacity = size, .budget = READ_BUDGET};
    const ph_status status = read_text(&s, path, key, text, err);
    ph_free(bytes);
    return status;
}
