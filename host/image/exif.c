#include "host/image/exif.h"

#include <string.h>

/* A TIFF block: all offsets count from its start, all reads are checked against its size. */
typedef struct tiff {
    const uint8_t *bytes;
    size_t size;
    bool big_endian;
} tiff;

static uint32_t read_number(const tiff *t, size_t at, size_t length)
{
    uint32_t value = 0;
    for (size_t i = 0; i < length; i++)
        value |= (uint32_t)t->bytes[at + i] << (8 * (t->big_endian ? length - 1 - i : i));
    return value;
}

static int tiff_orientation(const uint8_t *bytes, size_t size)
{
    enum { ENTRY = 12, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };
    if (size < 8 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
        return 1;
    const tiff t = {bytes, size, bytes[0] == 'M'};
    const size_t directory = read_number(&t, 4, 4);
    if (directory > size - 2)
        return 1;
    const size_t count = read_number(&t, directory, 2);
    for (size_t i = 0; i < count; i++) {
        const size_t entry = directory + 2 + i * ENTRY;
        if (entry + ENTRY > size)
            return 1;
        if (read_number(&t, entry, 2) != TAG_ORIENTATION)
            continue;
        const uint32_t value = read_number(&t, entry + 8, 2);
        const bool valid = read_number(&t, entry + 2, 2) == TYPE_SHORT && read_number(&t, entry + 4, 4) == 1;
        return valid && value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

int ph_exif_orientation(const uint8_t *bytes, size_t size)
{
    enum { SOI = 0xd8, SOS = 0xda, APP1 = 0xe1 };
    static const char signature[6] = {'E', 'x', 'i', 'f', 0, 0};
    if (size < 4 || bytes[0] != 0xff || bytes[1] != SOI)
        return 1;
    /* Segments: FF, marker, length (big-endian, itself included), payload. Exif stands before the first scan. */
    for (size_t at = 2; at + 4 <= size && bytes[at] == 0xff;) {
        const int marker = bytes[at + 1];
        if (marker == 0xff) {
            at++;
            continue;
        }
        const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (marker == SOS || length < 2 || length > size - at - 2)
            return 1;
        const uint8_t *payload = bytes + at + 4;
        if (marker == APP1 && length - 2 >= sizeof signature && memcmp(payload, signature, sizeof signature) == 0)
            return tiff_orientation(payload + sizeof signature, length - 2 - sizeof signature);
        at += 2 + length;
    }
    return 1;
}
