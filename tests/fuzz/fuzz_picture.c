/* Photos and the settings inside PNG files: both are read from paths, so the bytes go through a temporary file. */
#include "tests/fuzz/fuzz.h"

#include "host/image/photo.h"
#include "host/image/png.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/phosphene-fuzz-XXXXXX";
    const int file = size <= 4 << 20 ? mkstemp(path) : -1;
    if (file < 0)
        return 0;
    const ssize_t written = write(file, data, size);
    close(file);
    ph_error err;
    if (written == (ssize_t)size) {
        for (int channels = 1; channels <= 3; channels += 2) {
            ph_photo *photo = NULL, *part = NULL;
            if (ph_photo_load(path, channels, &photo, &err) == PH_OK && (double)photo->width * photo->height < 4e6 &&
                ph_photo_crop(photo, 37, 32, 32, &part, &err) == PH_OK)
                ph_photo_free(&part);
            ph_photo_free(&photo);
        }
        char *text = NULL;
        if (ph_png_read_text(path, "phosphene", &text, &err) == PH_OK)
            ph_string_free(&text);
    }
    unlink(path);
    return 0;
}
