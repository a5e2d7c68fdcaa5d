/* ph_option: one row per setting of a struct of settings. Defaults, range checks, setting by name, the command line's
 * help and the settings kept in a picture all come from such a list. */
#ifndef PH_RENDER_OPTION_LIST_H
#define PH_RENDER_OPTION_LIST_H

#include "phosphene.h"

typedef struct ph_option {
    const char *name, *group, *help, *value; /* as in ph_option_info */
    ph_option_kind kind;
    size_t offset, size; /* of the field in the struct (SIZE: of width; height follows at once) */
    double min, max;     /* of INT, BYTES, REAL and SIZE */
    double initial;      /* of BOOL, INT, SEED, BYTES, REAL and SIZE */
    const char *choices; /* of CHOICE */
    const char *text;    /* initial text of CHOICE and TEXT */
    bool unrecorded;     /* not among the "options" of a picture's settings: it does not change the picture, or the
                            settings hold it elsewhere */
} ph_option;

typedef struct ph_option_list {
    const ph_option *rows;
    size_t count;
} ph_option_list;

/* For the rows of a list: the field's place, and the members that go with a kind. */
#define PH_OPTION_FIELD(type, field) .offset = offsetof(type, field), .size = sizeof((type *)0)->field
#define PH_OPTION_SWITCH(type, field, on)                                                                              \
    .kind = PH_OPTION_BOOL, PH_OPTION_FIELD(type, field), .max = 1, .initial = (on)
#define PH_OPTION_WHOLE(type, field, low, high, number)                                                                \
    .kind = PH_OPTION_INT, .value = "N", PH_OPTION_FIELD(type, field), .min = (low), .max = (high), .initial = (number)
#define PH_OPTION_NUMBER(type, field, low, high, number)                                                               \
    .kind = PH_OPTION_REAL, .value = "X", PH_OPTION_FIELD(type, field), .min = (low), .max = (high), .initial = (number)
#define PH_OPTION_PICK(type, field, names, first)                                                                      \
    .kind = PH_OPTION_CHOICE, .value = "NAME", PH_OPTION_FIELD(type, field), .choices = (names), .text = (first)

/* The rows that say what computes, the same for every command; `batch_help` says what a batch is made of. */
#define PH_OPTION_MACHINE(type, name_of_group, batch_help)                                                             \
    {.name = "backend",                                                                                                \
     .group = (name_of_group),                                                                                         \
     .help = "what computes",                                                                                          \
     PH_OPTION_PICK(type, backend, "auto|cpu|ref|cuda|cuda:N", "auto"),                                                \
     .unrecorded = true},                                                                                              \
        {.name = "precision",                                                                                          \
         .group = (name_of_group),                                                                                     \
         .help = "arithmetic of the network on a GPU; auto: fp16 with sums in fp32",                                   \
         PH_OPTION_PICK(type, precision, "auto|fp32|tf32|fp16|bf16", "auto")},                                         \
        {.name = "threads",                                                                                            \
         .group = (name_of_group),                                                                                     \
         .help = "CPU threads, 0: all cores",                                                                          \
         PH_OPTION_WHOLE(type, threads, 0, 1024, 0),                                                                   \
         .unrecorded = true},                                                                                          \
        {.name = "batch",                                                                                              \
         .group = (name_of_group),                                                                                     \
         .help = (batch_help),                                                                                         \
         PH_OPTION_WHOLE(type, batch, 0, 65536, 0),                                                                    \
         .unrecorded = true},                                                                                          \
    {                                                                                                                  \
        .name = "memory", .group = (name_of_group),                                                                    \
        .help = "limit in bytes (4G, 500M), 0: three quarters of what is free", .value = "BYTES",                      \
        .kind = PH_OPTION_BYTES, PH_OPTION_FIELD(type, memory_limit), .max = 0x1p62, .unrecorded = true                \
    }

/* `fields` below: the struct that the list describes. */

/* The row called `name`, '-' and '_' alike; NULL if there is none. */
const ph_option *ph_option_find(const ph_option_list *list, const char *name);
/* Sets the option of this name from text. PH_MISUSE names the option and the range allowed. */
ph_status ph_option_set(const ph_option_list *list, void *fields, const char *name, const char *value, ph_error *err);
/* Sets BOOL, INT, BYTES or REAL from a number, checking range and wholeness. */
ph_status ph_option_set_number(void *fields, const ph_option *option, double number, ph_error *err);
/* Sets CHOICE or TEXT. */
ph_status ph_option_set_text(void *fields, const ph_option *option, const char *value, ph_error *err);
void ph_option_set_initial(void *fields, const ph_option *option);
/* Whether every field is within its range: callers may have filled them by hand. */
ph_status ph_option_check(const ph_option_list *list, const void *fields, ph_error *err);
/* The value as ph_option_set takes it back. PH_MISUSE: unknown name, or `size` bytes are too few. */
ph_status ph_option_get_text(const ph_option_list *list, const void *fields, const char *name, char *buffer,
                             size_t size, ph_error *err);
/* What is public of row `index`; the initial value is that of `defaults`. */
ph_status ph_option_describe(const ph_option_list *list, int index, const void *defaults, ph_option_info *info,
                             ph_error *err);

#endif
