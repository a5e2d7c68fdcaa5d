#include "card.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

cudaStream_t stream;
float *a, *b;

void open_card(void)
{
    cudasim_configure(NULL);
    OK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    OK(cudaMalloc((void **)&a, COUNT * sizeof *a));
    OK(cudaMalloc((void **)&b, COUNT * sizeof *b));
    OK(test_fill(a, COUNT, 1, stream));
    OK(cudaStreamSynchronize(stream));
}

void close_card(void)
{
    OK(cudaFree(a));
    OK(cudaFree(b));
    OK(cudaStreamDestroy(stream));
    ck_assert_int_eq(cudasim_count().live, 0);
}

void expect_end(void (*act)(void), const char *line)
{
    int ends[2];
    char said[4096] = "";
    OK(pipe(ends));
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        act();
        _exit(0);
    }
    close(ends[1]);
    for (size_t used = 0; used < sizeof said - 1;) {
        const ssize_t got = read(ends[0], said + used, sizeof said - 1 - used);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %#x: %s", (unsigned)status, said);
    ck_assert_msg(strncmp(said, "cudasim: ", 9) == 0 && strstr(said, line), "expected '%s', got: %s", line, said);
}
