/* The settings of a dream: their list. */
#ifndef PH_DREAM_OPTIONS_H
#define PH_DREAM_OPTIONS_H

#include "host/render/option_list.h"

extern const ph_option_list ph_dream_option_list;

/* Whether every field is within its range: callers may have filled them by hand. */
ph_status ph_dream_options_check(const ph_dream_options *options, ph_error *err);

#endif
