/* Signed distance of shapes, row by row. */
#ifndef PH_PICTURES_DISTANCE_H
#define PH_PICTURES_DISTANCE_H

#include "shape.h"

#define PH_VERTICES (PH_POINTS * 4)

/* The corners of a shape: those given, or of the Catmull-Rom spline through them, four to an edge. Returns how many. */
int ph_corners(const ph_shape *shape, ph_point corners[PH_VERTICES]);
/* Smallest box around the shape, grown into `box` (left, top, right, bottom). */
void ph_bounds(const ph_shape *shape, float box[4]);
/* d[i]: distance of (u[i], v[i]) to the edge, negative inside; exact near the edge. `corners` as of ph_corners. */
void ph_distances(const ph_shape *shape, const ph_point *corners, int corner_count, const float *u, const float *v,
                  int n, float *d);

#endif
