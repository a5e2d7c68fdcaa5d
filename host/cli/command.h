/* A command of the program, described: what it is called, what it takes, what it does. */
#ifndef PH_CLI_COMMAND_H
#define PH_CLI_COMMAND_H

#include "host/cli/talk.h"

typedef struct ph_cli_option {
    const char *name;  /* without dashes; NULL ends a list */
    char letter;       /* short form, or 0 */
    const char *value; /* placeholder of the value; NULL: a switch */
    const char *help;
} ph_cli_option;

typedef struct ph_cli_section {
    const char *title; /* NULL ends a list */
    const ph_cli_option *options;
} ph_cli_section;

/* Settings of the library that become options. */
typedef struct ph_cli_setting_list {
    int (*count)(void);
    ph_status (*get)(int index, ph_option_info *info, ph_error *err);
} ph_cli_setting_list;

extern const ph_cli_setting_list ph_cli_render_settings, ph_cli_dream_settings;

struct ph_cli_arguments;

typedef struct ph_cli_command {
    const char *name;
    const char *summary;                     /* for the list of commands */
    const char *usage;                       /* what follows "phosphene NAME" */
    const char *about;                       /* paragraphs at the top of --help */
    const char *examples;                    /* lines at its end */
    const ph_cli_section *sections;          /* --help puts the settings behind the first */
    const ph_cli_setting_list *setting_list; /* NULL: those of a render */
    const char *const *settings;             /* names of those it takes, ended by NULL; NULL itself: all of them */
    int (*run)(const struct ph_cli_arguments *arguments); /* returns the exit status */
} ph_cli_command;

extern const ph_cli_command ph_cli_info, ph_cli_render, ph_cli_dream, ph_cli_classify;

/* The list that the command's settings come from. */
const ph_cli_setting_list *ph_cli_settings_of(const ph_cli_command *command);
/* Whether the command takes the setting of this name. */
bool ph_cli_takes_setting(const ph_cli_command *command, const char *name);
/* The manual of a command, on stdout. */
void ph_cli_help(const ph_cli_command *command);
/* The same of the program. */
void ph_cli_help_all(const ph_cli_command *const *commands, size_t count);

#endif
