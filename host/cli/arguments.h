/* The words of the command line, sorted into options and operands. */
#ifndef PH_CLI_ARGUMENTS_H
#define PH_CLI_ARGUMENTS_H

#include "host/cli/command.h"

typedef struct ph_cli_given {
    const char *name; /* of the option, without "no-" */
    char *value;      /* owned; of switches "yes" or "no" */
    bool setting;     /* a setting of the library */
} ph_cli_given;

typedef struct ph_cli_arguments {
    const ph_cli_command *command;
    ph_cli_given *given; /* in the order of the command line */
    size_t given_count;
    const char *const *words; /* operands */
    size_t word_count;
    void *parser; /* holds the words */
} ph_cli_arguments;

/* The options that every command has. */
extern const ph_cli_option ph_cli_output_options[], ph_cli_model_options[];

/* argv[0] is the command's name. Returns true when the command is to run; false when all is said (--help, misuse), with
 * the exit status in *status. */
bool ph_cli_parse(const ph_cli_command *command, int argc, const char **argv, ph_cli_arguments **out, int *status);
void ph_cli_arguments_free(ph_cli_arguments **arguments);

/* The last value given, or NULL. */
const char *ph_cli_value(const ph_cli_arguments *arguments, const char *name);
/* Whether a switch is given. */
bool ph_cli_has(const ph_cli_arguments *arguments, const char *name);
/* The value of an option as a whole number from min to max, or `fallback`. Returns false after a message. */
bool ph_cli_number(const ph_cli_arguments *arguments, const char *name, int min, int max, int fallback, int *number);
/* Sets the render options given, a preset before all others. Returns false after a message. */
bool ph_cli_apply(const ph_cli_arguments *arguments, ph_render_options *options);
/* The same for the settings of a dream. */
bool ph_cli_apply_dream(const ph_cli_arguments *arguments, ph_dream_options *options);

/* Loads the first operand as a model with the flags given, over those of `base` (may be NULL; a preset replaces it
 * whole). NULL after a message, *status is then the exit status. */
ph_model *ph_cli_load_model(const ph_cli_arguments *arguments, const ph_model_options *base, int *status);

#endif
