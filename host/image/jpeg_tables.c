#include "host/image/jpeg_tables.h"

enum { SOI = 0xd8, DHT = 0xc4, FIRST_BARE = 0xd0, LAST_BARE = 0xd9, MOST_CODES = 256, LENGTHS = 16 };

/* Tables of one DHT segment: class and number in one byte, how many codes have 1 … 16 bits, then a byte for each code.
 * Decoders begin a table wherever the segment is not used up and read as far as its counts say, beyond the segment if
 * need be: `available` bytes follow. */
static bool tables_fit(const uint8_t *payload, size_t segment, size_t available)
{
    for (size_t at = 0; at < segment;) {
        size_t codes = 0;
        for (size_t i = 1; i <= LENGTHS && at + i < available; i++)
            codes += payload[at + i];
        if (codes > MOST_CODES)
            return false;
        at += 1 + LENGTHS + codes;
    }
    return true;
}

bool ph_jpeg_tables_fit(const uint8_t *bytes, size_t size)
{
    if (size < 2 || bytes[0] != 0xff || bytes[1] != SOI)
        return true;
    /* As decoders do: from one FF to the next that begins a marker, over the length of those that have one. What lies
     * between, coded pictures among it, is passed over byte by byte. */
    for (size_t at = 2; at + 1 < size;) {
        const int marker = bytes[at + 1];
        if (bytes[at] != 0xff || marker == 0xff || marker == 0 || (marker >= FIRST_BARE && marker <= LAST_BARE)) {
            at++;
            continue;
        }
        const size_t left = size - at - 2;
        if (left < 2)
            return true;
        const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (length < 2)
            return true; /* refused by every decoder */
        if (marker == DHT && !tables_fit(bytes + at + 4, length - 2, left - 2))
            return false;
        if (length > left)
            return true;
        at += 2 + length;
    }
    return true;
}
