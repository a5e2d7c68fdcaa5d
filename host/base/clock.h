#ifndef PH_BASE_CLOCK_H
#define PH_BASE_CLOCK_H

/* Seconds since some moment in the past; only differences mean something. */
double ph_clock_seconds(void);

#endif
