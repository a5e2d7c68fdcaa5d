#include "statement.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void ops_statement_cut(ops_statement *statement, char *line)
{
    char *rest = NULL;
    statement->count = 0;
    for (char *word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
        ck_assert_msg(statement->count < OPS_MAX_WORDS, "too many words in: %s", statement->text);
        statement->words[statement->count++] = word;
    }
}

const char *ops_word(const ops_statement *statement, const char *key)
{
    const size_t length = strlen(key);
    for (int i = 0; i < statement->count; i++)
        if (strncmp(statement->words[i], key, length) == 0 && statement->words[i][length] == '=' &&
            statement->words[i][length + 1])
            return statement->words[i] + length + 1;
    return NULL;
}

bool ops_flag(const ops_statement *statement, const char *flag)
{
    for (int i = 3; i < statement->count; i++)
        if (strcmp(statement->words[i], flag) == 0)
            return true;
    return false;
}

double ops_real(const ops_statement *statement, const char *key, double fallback)
{
    const char *word = ops_word(statement, key);
    return word ? strtod(word, NULL) : fallback;
}

static int parse_list(const char *word, int64_t out[PH_MAX_RANK])
{
    int count = 0;
    for (const char *c = word; *c && count < PH_MAX_RANK;) {
        char *end = NULL;
        out[count++] = strtoll(c, &end, 10);
        c = *end ? end + 1 : end;
    }
    return count;
}

void ops_ints(const ops_statement *statement, const char *key, int64_t fallback, int64_t *out, int count)
{
    const char *word = ops_word(statement, key);
    int64_t list[PH_MAX_RANK] = {fallback};
    const int found = word ? parse_list(word, list) : 1;
    ck_assert_msg(found == 1 || found == count, "%s= needs 1 or %d numbers in: %s", key, count, statement->text);
    for (int i = 0; i < count; i++)
        out[i] = list[found == 1 ? 0 : i];
}

ph_shape ops_shape(const ops_statement *statement, const char *word)
{
    ph_shape shape = {0};
    ck_assert_msg(word != NULL, "a shape is missing in: %s", statement->text);
    if (strcmp(word, "scalar") != 0)
        shape.rank = parse_list(word, shape.dim);
    return shape;
}
