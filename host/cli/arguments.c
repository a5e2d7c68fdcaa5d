#include "host/cli/arguments.h"

#include <errno.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>

const ph_cli_option ph_cli_output_options[] = {
    {"json", 0, NULL, "one JSON object per line on stdout"},
    {"quiet", 'q', NULL, "no progress, no notes; errors only"},
    {"help", 'h', NULL, "this text"},
    {0},
};

const ph_cli_option ph_cli_model_options[] = {
    {"preprocess", 0, "NAME",
     "how pixels become network input: torchvision, lucid, caffe, unit, tf, raw, or auto: as "
     "the model's metadata or MODEL.phosphene.json say, else torchvision (default auto)"},
    {"labels", 0, "FILE", "names of the classes, one per line"},
    {"mean", 0, "M[,M,M]", "what is subtracted, on the network's own scale"},
    {"std", 0, "S[,S,S]", "what is divided by after that"},
    {"range", 0, "LO,HI", "what pixel values 0 and 255 become before"},
    {"channels", 0, "ORDER", "rgb, bgr or gray"},
    {0},
};

/* ---- The parser's table ----------------------------------------------------------------------------------------- */

/* What an entry of the table means, by its number. */
typedef struct ph_cli_meaning {
    const char *name;
    bool setting, is_switch, off;
} ph_cli_meaning;

typedef struct ph_cli_table {
    struct poptOption *options;
    ph_cli_meaning *meanings; /* entry i of `options` gives the number i + 1 */
    const char **names;       /* for suggestions; owned */
    size_t count;
} ph_cli_table;

static void table_add(ph_cli_table *table, char letter, char *name, ph_cli_meaning meaning)
{
    const size_t count = table->count;
    table->options = ph_cli_grow(table->options, count, sizeof *table->options);
    table->meanings = ph_cli_grow(table->meanings, count, sizeof *table->meanings);
    table->names = ph_cli_grow(table->names, count, sizeof *table->names);
    table->options[count] = (struct poptOption){.longName = name,
                                                .shortName = letter,
                                                .argInfo = meaning.is_switch ? POPT_ARG_NONE : POPT_ARG_STRING,
                                                .val = (int)count + 1};
    table->meanings[count] = meaning;
    table->names[count] = name;
    table->count++;
}

static void table_add_settings(ph_cli_table *table, const ph_cli_command *command)
{
    const ph_cli_setting_list *list = ph_cli_settings_of(command);
    for (int i = 0; i < list->count(); i++) {
        ph_option_info info;
        if (list->get(i, &info, NULL) != PH_OK || !ph_cli_takes_setting(command, info.name))
            continue;
        const bool is_switch = info.kind == PH_OPTION_BOOL;
        table_add(table, 0, ph_cli_format("%s", info.name),
                  (ph_cli_meaning){.name = info.name, .setting = true, .is_switch = is_switch});
        if (is_switch)
            table_add(table, 0, ph_cli_format("no-%s", info.name),
                      (ph_cli_meaning){.name = info.name, .setting = true, .is_switch = true, .off = true});
    }
}

static void table_make(ph_cli_table *table, const ph_cli_command *command)
{
    for (const ph_cli_section *section = command->sections; section->title; section++)
        for (const ph_cli_option *option = section->options; option->name; option++)
            table_add(table, option->letter, ph_cli_format("%s", option->name),
                      (ph_cli_meaning){.name = option->name, .is_switch = !option->value});
    table_add_settings(table, command);
    /* The end mark. */
    table->options = ph_cli_grow(table->options, table->count, sizeof *table->options);
    table->options[table->count] = (struct poptOption){0};
}

/* What the parser's number stands for. */
static const ph_cli_meaning *table_meaning(const ph_cli_table *table, int number)
{
    return (const ph_cli_meaning *)ph_cli_must(table->meanings) + (number - 1);
}

static void table_free(ph_cli_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free((char *)table->options[i].longName);
    free(table->options);
    free(table->meanings);
    free(table->names);
}

/* ---- Parsing ---------------------------------------------------------------------------------------------------- */

static int say_bad_option(const ph_cli_command *command, const ph_cli_table *table, poptContext parser, int error)
{
    const char *option = poptBadOption(parser, POPT_BADOPTION_NOALIAS);
    if (error == POPT_ERROR_BADOPT) {
        char *word = ph_cli_format("%s", option + strspn(option, "-"));
        word[strcspn(word, "=")] = '\0';
        const char *nearest = ph_cli_nearest(word, table->names, table->count);
        free(word);
        if (nearest)
            return ph_cli_misuse(command->name, "unknown option '%s': did you mean '--%s'?", option, nearest);
        return ph_cli_misuse(command->name, "unknown option '%s'", option);
    }
    if (error == POPT_ERROR_NOARG)
        return ph_cli_misuse(command->name, "option '%s' needs a value", option);
    if (error == POPT_ERROR_UNWANTEDARG)
        return ph_cli_misuse(command->name, "option '%s' takes no value", option);
    return ph_cli_misuse(command->name, "option '%s': %s", option, poptStrerror(error));
}

static void add_given(ph_cli_arguments *arguments, const ph_cli_meaning *meaning, char *value)
{
    arguments->given = ph_cli_grow(arguments->given, arguments->given_count, sizeof *arguments->given);
    if (meaning->is_switch)
        value = ph_cli_format("%s", meaning->off ? "no" : "yes");
    arguments->given[arguments->given_count++] =
        (ph_cli_given){.name = meaning->name, .value = ph_cli_must(value), .setting = meaning->setting};
}

bool ph_cli_parse(const ph_cli_command *command, int argc, const char **argv, ph_cli_arguments **out, int *status)
{
    ph_cli_table table = {0};
    table_make(&table, command);
    ph_cli_arguments *arguments = ph_cli_alloc(1, sizeof *arguments);
    arguments->command = command;
    poptContext parser = ph_cli_must(poptGetContext("phosphene", argc, argv, table.options, 0));
    arguments->parser = parser;
    bool run = true;
    int entry;
    while (run && (entry = poptGetNextOpt(parser)) > 0) {
        const ph_cli_meaning *meaning = table_meaning(&table, entry);
        if (strcmp(meaning->name, "help") == 0) {
            ph_cli_help(command);
            *status = PH_EXIT_DONE;
            run = false;
        } else {
            add_given(arguments, meaning, meaning->is_switch ? NULL : poptGetOptArg(parser));
        }
    }
    if (run && entry < -1) {
        *status = say_bad_option(command, &table, parser, entry);
        run = false;
    }
    table_free(&table);
    if (!run) {
        ph_cli_arguments_free(&arguments);
        return false;
    }
    arguments->words = poptGetArgs(parser);
    while (arguments->words && arguments->words[arguments->word_count])
        arguments->word_count++;
    *out = arguments;
    return true;
}

void ph_cli_arguments_free(ph_cli_arguments **arguments)
{
    ph_cli_arguments *a = *arguments;
    for (size_t i = 0; i < a->given_count; i++)
        free(a->given[i].value);
    free(a->given);
    poptFreeContext(a->parser);
    free(a);
    *arguments = NULL;
}

/* ---- Asking ----------------------------------------------------------------------------------------------------- */

const char *ph_cli_value(const ph_cli_arguments *arguments, const char *name)
{
    for (size_t i = arguments->given_count; i-- > 0;)
        if (strcmp(arguments->given[i].name, name) == 0)
            return arguments->given[i].value;
    return NULL;
}

bool ph_cli_has(const ph_cli_arguments *arguments, const char *name)
{
    const char *value = ph_cli_value(arguments, name);
    return value && strcmp(value, "yes") == 0;
}

bool ph_cli_number(const ph_cli_arguments *arguments, const char *name, int min, int max, int fallback, int *number)
{
    *number = fallback;
    const char *value = ph_cli_value(arguments, name);
    if (!value)
        return true;
    char *end;
    errno = 0;
    const long parsed = strtol(value, &end, 10);
    if (errno || *end || strspn(value, "0123456789") != strlen(value) || end == value || parsed < min || parsed > max) {
        ph_cli_misuse(arguments->command->name, "option '%s' must be a whole number from %d to %d, not '%s'", name, min,
                      max, value);
        return false;
    }
    *number = (int)parsed;
    return true;
}

bool ph_cli_apply(const ph_cli_arguments *arguments, ph_render_options *options)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < arguments->given_count; i++) {
            const ph_cli_given *given = &arguments->given[i];
            const bool first = strcmp(given->name, "preset") == 0;
            ph_error err = {0};
            if (!given->setting || first != (pass == 0) ||
                ph_render_options_set(options, given->name, given->value, &err) == PH_OK)
                continue;
            ph_cli_misuse(arguments->command->name, "%s", err.message);
            return false;
        }
    return true;
}

bool ph_cli_apply_dream(const ph_cli_arguments *arguments, ph_dream_options *options)
{
    for (size_t i = 0; i < arguments->given_count; i++) {
        const ph_cli_given *given = &arguments->given[i];
        ph_error err = {0};
        if (!given->setting || ph_dream_options_set(options, given->name, given->value, &err) == PH_OK)
            continue;
        ph_cli_misuse(arguments->command->name, "%s", err.message);
        return false;
    }
    return true;
}

ph_model *ph_cli_load_model(const ph_cli_arguments *arguments, const ph_model_options *base, int *status)
{
    ph_model_options options = {0};
    if (base && !ph_cli_value(arguments, "preprocess"))
        options = *base;
    const struct {
        const char *name, **field;
    } flags[] = {{"preprocess", &options.preprocess},
                 {"labels", &options.labels},
                 {"mean", &options.mean},
                 {"std", &options.std},
                 {"range", &options.range},
                 {"channels", &options.channels}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const char *value = ph_cli_value(arguments, flags[i].name);
        if (value)
            *flags[i].field = value;
    }
    ph_error err = {0};
    ph_model *model = NULL;
    if (ph_model_load(arguments->words[0], &options, &model, &err) != PH_OK) {
        *status = ph_cli_fail(&err);
        return NULL;
    }
    if (ph_model_preprocess_assumed(model) && !ph_cli_has(arguments, "quiet"))
        ph_cli_say("note: nothing says how to prepare pictures for %s, torchvision's way is assumed (see --preprocess)",
                   arguments->words[0]);
    return model;
}
