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

struct ph_cli_arguments;

typedef struct ph_cli_command {
    const char *name;
    const char *summary;            /* for the list of commands */
    const char *usage;              /* what follows "phosphene NAME" */
    const char *about;              /* paragraphs at the top of --help */
    const char *examples;           /* lines at its end */
    const ph_cli_section *sections; /* --help puts the render options behind the first */
    const char *const *settings;    /* names of the render options it takes, ended by NULL; NULL itself: all of them */
    int (*run)(const struct ph_cli_arguments *arguments); /* returns the exit status */
} ph_cli_command;

extern const ph_cli_command ph_cli_info, ph_cli_render, ph_cli_classify;

/* Whether the command takes the render option of this name. */
bool ph_cli_takes_setting(const ph_cli_command *command, const char *name);
/* The manual of a command, on stdout. */
void ph_cli_help(const ph_cli_command *command);
/* The same of the program. */
void ph_cli_help_all(const ph_cli_command *const *commands, size_t count);

#endif
