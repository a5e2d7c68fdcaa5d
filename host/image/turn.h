/* A photo enlarged and turned about its centre: the next frame of a sequence. */
#ifndef PH_IMAGE_TURN_H
#define PH_IMAGE_TURN_H

#include "host/image/photo.h"

/* *out, of the same size: at p the photo's value at c + R (p - c) / zoom, bilinear, c the centre and R a turn that
 * shows the picture turned counter-clockwise by `degrees`. Outside of the photo its border goes on. PH_NO_MEMORY. */
ph_status ph_photo_turn(const ph_photo *photo, double zoom, double degrees, ph_photo **out, ph_error *err);

#endif
