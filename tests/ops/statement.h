/* One statement of build_net's language, cut into words. */
#ifndef TESTS_OPS_STATEMENT_H
#define TESTS_OPS_STATEMENT_H

#include "host/engine/net.h"

enum { OPS_MAX_WORDS = 24 };

typedef struct ops_statement {
    const char *text; /* of the whole net, for messages */
    char *words[OPS_MAX_WORDS];
    int count;
} ops_statement;

void ops_statement_cut(ops_statement *statement, char *line);
/* The text behind "key=", or NULL. */
const char *ops_word(const ops_statement *statement, const char *key);
bool ops_flag(const ops_statement *statement, const char *flag);
double ops_real(const ops_statement *statement, const char *key, double fallback);
/* A list of `count` whole numbers; one number stands for all; a missing key gives `fallback` for all. */
void ops_ints(const ops_statement *statement, const char *key, int64_t fallback, int64_t *out, int count);
ph_shape ops_shape(const ops_statement *statement, const char *word);

#endif
