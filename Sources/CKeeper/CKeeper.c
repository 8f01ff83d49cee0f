#define _GNU_SOURCE
#include "CKeeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Between fork and exec, and in the keeper for all its life, only async-signal-safe functions are called: another thread of
// this process may have held any lock when it was forked.

enum { STREAMS = 3, PIPES = 5, CONTROL = 3, REPORT = 4 };

int ckeeper_exit_status(int32_t status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
int ckeeper_signal(int32_t status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

static void tell(int report, int32_t kind, int32_t value) {
    struct ckeeper_report message = {kind, value};
    // Shorter than PIPE_BUF: all of it or nothing. Nobody is there to read it if our starter was killed.
    ssize_t ignored = write(report, &message, sizeof message);
    (void)ignored;
}

// MARK: The program's process

static void close_from(unsigned first, unsigned last) {
    if (first > last) return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
    struct rlimit limit;
    unsigned end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (unsigned)limit.rlim_cur : 65536;
    for (unsigned descriptor = first; descriptor < end && descriptor <= last; descriptor++) close((int)descriptor);
}

static void reset_signals(void) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void become(const struct ckeeper_call *call, const int *streams, int report, pid_t keeper) {
    setpgid(0, 0);
    // Whoever kills the keeper, the program itself perhaps, takes the program along.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper) _exit(127);
    for (int stream = 0; stream < STREAMS; stream++) {
        if (dup2(streams[stream], stream) < 0) goto failed;
    }
    if (chdir(call->folder) != 0) goto failed;
    reset_signals();
    // The report's end is closed by the execution itself.
    execve(call->path, call->arguments, call->environment);
failed:
    tell(report, CKEEPER_NOT_EXECUTED, errno);
    _exit(127);
}

// MARK: The keeper

/// Kills every child of this process: the program, and what has been orphaned by it. False where the system keeps no list of
/// them; then the process group is all that can be reached.
static bool kill_children(void) {
    int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (list < 0) return false;
    char text[4096];
    pid_t child = 0;
    for (;;) {
        ssize_t count = read(list, text, sizeof text);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        for (ssize_t index = 0; index < count; index++) {
            if (text[index] >= '0' && text[index] <= '9') {
                child = child * 10 + (text[index] - '0');
            } else {
                if (child > 0) kill(child, SIGKILL);
                child = 0;
            }
        }
    }
    if (child > 0) kill(child, SIGKILL);
    close(list);
    return true;
}

static bool has_ended(pid_t program) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    // It is not taken away yet: as long as it is there its number, and that of its group, belongs to nobody else.
    return waitid(P_PID, (id_t)program, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == program;
}

/// Waits for the program's end, or for the word to end it.
static void watch(pid_t program, int control, int children) {
    for (;;) {
        struct pollfd events[] = {{control, POLLIN, 0}, {children, POLLIN, 0}};
        if (poll(events, 2, -1) < 0 && errno != EINTR) return;
        struct signalfd_siginfo noted;
        while (read(children, &noted, sizeof noted) > 0) continue;
        if (has_ended(program)) return;
        if (events[0].revents == 0) continue;
        char word;
        ssize_t count = read(control, &word, 1);
        if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) return;
        if (count == 1 && word == CKEEPER_TERMINATE) kill(-program, SIGTERM);
    }
}

static void end_all(pid_t program, int report) {
    kill(-program, SIGKILL);
    for (;;) {
        bool reaches_all = kill_children();
        int status;
        pid_t ended = waitpid(reaches_all ? -1 : program, &status, 0);
        if (ended == program) tell(report, CKEEPER_ENDED, status);
        // What it had started became ours at its end and stands in the list now.
        if (ended < 0 && errno == ECHILD) return;
    }
}

static void keep(const struct ckeeper_call *call, const int *streams, int control, int report, int children) {
    // A fork of takt has takt's environment and memory, and its child the right to read them in /proc.
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NAME, "takt-keeper");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    // Where it is ignored, as takt may have inherited it, nobody is told of a child's end.
    signal(SIGCHLD, SIG_DFL);
    // Nothing of ours is held open: no lock, no state database, no end of a pipe that somebody waits on.
    int kept[PIPES + 1] = {streams[0], streams[1], streams[2], control, report, children};
    unsigned next = 0;
    for (int index = 0; index <= PIPES; index++) {
        int least = -1;
        for (int other = 0; other <= PIPES; other++) {
            if (kept[other] >= (int)next && (least < 0 || kept[other] < least)) least = kept[other];
        }
        close_from(next, (unsigned)least - 1);
        next = (unsigned)least + 1;
    }
    close_from(next, ~0U);

    pid_t keeper = getpid();
    pid_t program = _Fork();
    if (program == 0) become(call, streams, report, keeper);
    if (program < 0) {
        tell(report, CKEEPER_NOT_EXECUTED, errno);
        _exit(0);
    }
    // Both sides do it, so that the group is there whoever comes first.
    setpgid(program, program);
    for (int stream = 0; stream < STREAMS; stream++) close(streams[stream]);
    watch(program, control, children);
    end_all(program, report);
    _exit(0);
}

// MARK: This process

/// Beyond the standard streams, wherever those are closed.
static int lifted(int descriptor) {
    if (descriptor < 0 || descriptor > 9) return descriptor;
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
    int code = errno;
    close(descriptor);
    errno = code;
    return copy;
}

static int lifted_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    for (int end = 0; end < 2; end++) {
        ends[end] = lifted(ends[end]);
        if (ends[end] < 0) {
            int code = errno;
            close(ends[1 - end]);
            return code;
        }
    }
    return 0;
}

static void close_pipes(int pipes[][2], int count) {
    for (int index = 0; index < count; index++) {
        close(pipes[index][0]);
        close(pipes[index][1]);
    }
}

static int blocked_signals(sigset_t *before) {
    sigset_t every;
    sigfillset(&every);
    return pthread_sigmask(SIG_SETMASK, &every, before);
}

int ckeeper_start(const struct ckeeper_call *call, struct ckeeper *keeper) {
    // From here on no process of the same user reads our environment or memory in /proc, or traces us. The programs
    // themselves become dumpable again when they are executed.
    if (prctl(PR_SET_DUMPABLE, 0) != 0) return errno;
    int pipes[PIPES][2];
    for (int index = 0; index < PIPES; index++) {
        int code = lifted_pipe(pipes[index]);
        if (code != 0) {
            close_pipes(pipes, index);
            return code;
        }
    }
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    int children = lifted(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    if (children < 0) {
        int code = errno;
        close_pipes(pipes, PIPES);
        return code;
    }
    // The keeper takes no signal but SIGKILL: what a terminal sends to our group must not leave the program unkept.
    sigset_t before;
    blocked_signals(&before);
    int streams[STREAMS] = {pipes[0][0], pipes[1][1], pipes[2][1]};
    // Not fork: no handler of anybody's runs between here and the keeper's own lines.
    pid_t pid = _Fork();
    int code = errno;
    if (pid == 0) keep(call, streams, pipes[CONTROL][0], pipes[REPORT][1], children);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(children);
    if (pid < 0) {
        close_pipes(pipes, PIPES);
        return code;
    }
    for (int stream = 0; stream < STREAMS; stream++) close(streams[stream]);
    close(pipes[CONTROL][0]);
    close(pipes[REPORT][1]);
    *keeper = (struct ckeeper){pid, pipes[0][1], pipes[1][0], pipes[2][0], pipes[CONTROL][1], pipes[REPORT][0]};
    int ours[] = {keeper->input, keeper->output, keeper->errors, keeper->control, keeper->report};
    for (int index = 0; index < PIPES; index++) fcntl(ours[index], F_SETFL, fcntl(ours[index], F_GETFL) | O_NONBLOCK);
    return 0;
}
