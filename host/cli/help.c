#include "host/cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 28, PAGE_WIDTH = 80 };

const ph_cli_setting_list ph_cli_render_settings = {ph_render_option_count, ph_render_option_get};
const ph_cli_setting_list ph_cli_dream_settings = {ph_dream_option_count, ph_dream_option_get};

const ph_cli_setting_list *ph_cli_settings_of(const ph_cli_command *command)
{
    return command->setting_list ? command->setting_list : &ph_cli_render_settings;
}

bool ph_cli_takes_setting(const ph_cli_command *command, const char *name)
{
    if (!command->settings)
        return true;
    for (const char *const *taken = command->settings; *taken; taken++)
        if (strcmp(*taken, name) == 0)
            return true;
    return false;
}

/* Words of `text` from column `indent` on; the cursor stands at `column`. */
static void print_wrapped(const char *text, int column, int indent)
{
    if (column + 2 > indent) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", indent - column, "");
    column = indent;
    while (*text) {
        const int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > PAGE_WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", length, text);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_option(char letter, const char *prefix, const char *name, const char *value, const char *help)
{
    int column = letter ? printf("  -%c, ", letter) : printf("      ");
    column += printf("--%s%s%s%s", prefix, name, value ? " " : "", value ? value : "");
    print_wrapped(help, column, HELP_COLUMN);
}

static void print_setting(const ph_option_info *setting)
{
    const bool is_switch = setting->kind == PH_OPTION_BOOL;
    const char *start = setting->initial;
    if (is_switch)
        start = strcmp(start, "yes") == 0 ? "on" : "";
    char *help = ph_cli_format(*start ? "%s (default %s)" : "%s", setting->help, start);
    print_option(0, is_switch ? "[no-]" : "", setting->name, setting->choices ? setting->choices : setting->value,
                 help);
    free(help);
}

static void print_settings(const ph_cli_command *command)
{
    const ph_cli_setting_list *list = ph_cli_settings_of(command);
    const char *group = "";
    for (int i = 0; i < list->count(); i++) {
        ph_option_info setting;
        if (list->get(i, &setting, NULL) != PH_OK || !ph_cli_takes_setting(command, setting.name))
            continue;
        if (strcmp(group, setting.group) != 0)
            printf("\n%s:\n", setting.group);
        group = setting.group;
        print_setting(&setting);
    }
}

static void print_section(const ph_cli_section *section)
{
    printf("\n%s:\n", section->title);
    for (const ph_cli_option *option = section->options; option->name; option++)
        print_option(option->letter, "", option->name, option->value, option->help);
}

void ph_cli_help(const ph_cli_command *command)
{
    printf("Usage: phosphene %s %s\n\n%s\n", command->name, command->usage, command->about);
    print_section(command->sections);
    print_settings(command);
    for (const ph_cli_section *section = command->sections + 1; section->title; section++)
        print_section(section);
    printf("\nExamples:\n%s", command->examples);
}

void ph_cli_help_all(const ph_cli_command *const *commands, size_t count)
{
    printf("Usage: phosphene COMMAND …\n\nSee what a trained image network looks for.\n\nCommands:\n");
    for (size_t i = 0; i < count; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    printf("\nOptions:\n"
           "  --help     this text; 'phosphene COMMAND --help' tells all about a command\n"
           "  --version  the version\n\n"
           "Exit status: 0 done, 1 failed, 2 misuse, 130 interrupted (the picture so far is\n"
           "saved).\n");
}
