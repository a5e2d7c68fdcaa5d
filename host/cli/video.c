#include "host/cli/video.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static ph_status fail(ph_error *err, ph_status status, char *message)
{
    err->status = status;
    snprintf(err->message, sizeof err->message, "%s", message);
    free(message);
    return status;
}

/* Starts a program with `input` (-1: nothing) as its stdin and no stdout; quiet: no stderr either. Returns errno. */
static int start(char *const *words, int input, bool quiet, pid_t *process)
{
    posix_spawn_file_actions_t actions;
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem)
        return problem;
    if (input >= 0)
        problem = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    else
        problem = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!problem)
        problem = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!problem && quiet)
        problem = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!problem)
        problem = posix_spawnp(process, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

/* Whether the program ended well. */
static bool finish(pid_t process)
{
    int status = 0;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

ph_status ph_cli_video_ready(ph_error *err)
{
    char *const words[] = {(char[]){"ffmpeg"}, (char[]){"-version"}, NULL};
    pid_t process;
    if (start(words, -1, true, &process) == 0 && finish(process))
        return PH_OK;
    return fail(err, PH_UNSUPPORTED,
                ph_cli_format("--video needs ffmpeg, which is not there: install the Debian package ffmpeg, or leave "
                              "--video out and keep the frames"));
}

/* The whole file into the pipe. */
static bool pour(const char *path, int to)
{
    const int from = open(path, O_RDONLY | O_CLOEXEC);
    bool good = from >= 0;
    char block[1 << 15];
    ssize_t size = 0;
    while (good && (size = read(from, block, sizeof block)) > 0)
        for (ssize_t done = 0; good && done < size;) {
            const ssize_t written = write(to, block + done, (size_t)(size - done));
            good = written > 0 || (written < 0 && errno == EINTR);
            done += written > 0 ? written : 0;
        }
    if (from >= 0)
        close(from);
    return good && size == 0;
}

/* "dir/out.mp4" -> "dir/.phosphene-123-out.mp4": the ending tells ffmpeg what to make. */
static char *temporary_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const int directory = slash ? (int)(slash - path) + 1 : 0;
    return ph_cli_format("%.*s.phosphene-%ld-%s", directory, path, (long)getpid(), path + directory);
}

ph_status ph_cli_video_write(const char *const *frames, size_t count, int fps, const char *path, ph_error *err)
{
    char *temporary = temporary_name(path), *rate = ph_cli_format("%d", fps);
    /* Most codecs want even sides and colour at half resolution. */
    char *const words[] = {(char[]){"ffmpeg"},
                           (char[]){"-hide_banner"},
                           (char[]){"-loglevel"},
                           (char[]){"error"},
                           (char[]){"-y"},
                           (char[]){"-f"},
                           (char[]){"image2pipe"},
                           (char[]){"-c:v"},
                           (char[]){"png"},
                           (char[]){"-framerate"},
                           rate,
                           (char[]){"-i"},
                           (char[]){"-"},
                           (char[]){"-vf"},
                           (char[]){"pad=ceil(iw/2)*2:ceil(ih/2)*2"},
                           (char[]){"-pix_fmt"},
                           (char[]){"yuv420p"},
                           temporary,
                           NULL};
    int ends[2];
    pid_t process;
    int problem = pipe(ends) ? errno : 0;
    if (!problem) {
        fcntl(ends[1], F_SETFD, FD_CLOEXEC);
        problem = start(words, ends[0], false, &process);
        close(ends[0]);
        bool good = problem == 0;
        for (size_t i = 0; good && i < count; i++)
            good = pour(frames[i], ends[1]);
        close(ends[1]);
        if (!problem && (!finish(process) || !good || rename(temporary, path) != 0))
            problem = EIO;
    }
    unlink(temporary);
    free(temporary);
    free(rate);
    if (!problem)
        return PH_OK;
    return fail(err, PH_IO,
                ph_cli_format("ffmpeg could not make %s%s%s; the frames are there", path, problem == EIO ? "" : ": ",
                              problem == EIO ? "" : strerror(problem)));
}
