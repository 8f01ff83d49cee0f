#ifndef TAKT_CKEEPER_H
#define TAKT_CKEEPER_H

#include <stdint.h>
#include <sys/types.h>

// A program of somebody else's, with a keeper beside it: a fork of this process that runs nothing but the few system calls of
// CKeeper.c. All that the program starts, and whatever tries to get away from it, becomes a child of the keeper when its
// parent ends (PR_SET_CHILD_SUBREAPER), and the keeper ends only after all of them. It does so too when this process is
// killed: its end of the control pipe is closed by the kernel. posix_spawn offers neither.

struct ckeeper_call {
    /// The file to execute; a relative path starts at `folder`.
    const char *path;
    char *const *arguments;
    char *const *environment;
    /// The working folder of the program.
    const char *folder;
};

struct ckeeper {
    /// Of the keeper, a child of this process.
    pid_t pid;
    /// Our ends of the program's standard streams; they do not block.
    int input;
    int output;
    int errors;
    /// CKEEPER_TERMINATE sends SIGTERM to the program's process group; closing it kills whatever is left.
    int control;
    /// Gives `ckeeper_report`s: one if the program could not be executed, and one when all is over.
    int report;
};

enum { CKEEPER_TERMINATE = 'T' };
enum ckeeper_kind { CKEEPER_NOT_EXECUTED = 1, CKEEPER_ENDED = 2 };

struct ckeeper_report {
    int32_t kind;
    /// The system's error number, or the status as waitpid tells it.
    int32_t value;
};

/// Starts the program; 0, or the system's error number and then nothing runs. This process and the keeper are not dumpable
/// any more (PR_SET_DUMPABLE), so that neither the program nor anything else of the same user reads their environment or
/// memory; it also means no core dump of takt. The program has the streams above as its file
/// descriptors 0 to 2 and no other one, every signal at its default, and a process group of its own.
int ckeeper_start(const struct ckeeper_call *call, struct ckeeper *keeper);

// The macros of sys/wait.h, which Swift cannot call.
/// The exit status, or -1 for a program that a signal ended.
int ckeeper_exit_status(int32_t status);
/// The signal that ended it, or 0.
int ckeeper_signal(int32_t status);

#endif
