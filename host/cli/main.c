/* The program: finds the command, runs it, and makes sure that what it printed has arrived. */
#include "host/cli/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const ph_cli_command *const commands[] = {&ph_cli_info, &ph_cli_render, &ph_cli_dream, &ph_cli_classify};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static int run_unknown(const char *word)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i]->name;
    const char *nearest = ph_cli_nearest(word, names, COMMAND_COUNT);
    const char *const what = *word == '-' ? "option" : "command";
    if (nearest)
        return ph_cli_misuse(NULL, "unknown %s '%s': did you mean '%s'?", what, word, nearest);
    return ph_cli_misuse(NULL, "unknown %s '%s'", what, word);
}

static int run(int argc, char **argv)
{
    if (argc < 2)
        return ph_cli_misuse(NULL, "no command given");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        ph_cli_help_all(commands, COMMAND_COUNT);
        return PH_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("phosphene %s\n", ph_version());
        return PH_EXIT_DONE;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], commands[i]->name) != 0)
            continue;
        ph_cli_arguments *arguments;
        int status = PH_EXIT_FAILED;
        if (!ph_cli_parse(commands[i], argc - 1, (const char **)argv + 1, &arguments, &status))
            return status;
        status = commands[i]->run(arguments);
        ph_cli_arguments_free(&arguments);
        return status;
    }
    return run_unknown(argv[1]);
}

/* Threads that spin for long while they wait for each other make a picture ten times slower as soon as anything else
 * runs on the machine; threads that never spin make it slower on an idle one. Measured, 64 steps of InceptionV1 on two
 * cores, beside one busy process and alone: default 60 and 1.4 s, passive 4.0 and 2.3 s, 3000 turns 4.7 and 1.4 s.
 * OpenMP reads its environment when it is loaded, before main: so the program sets what the user left open and starts
 * itself again. Where that fails it just goes on. */
static void spin_briefly(char **argv)
{
    if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT") || setenv("GOMP_SPINCOUNT", "3000", 1) != 0)
        return;
    execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "info") != 0)
        spin_briefly(argv);
    int status = run(argc, argv);
    errno = 0;
    const bool broken = ferror(stdout) != 0;
    if (fclose(stdout) == 0 && !broken)
        return status;
    ph_cli_say("cannot write to standard output: %s", errno ? strerror(errno) : "it is full or closed");
    return status == PH_EXIT_DONE ? PH_EXIT_FAILED : status;
}
