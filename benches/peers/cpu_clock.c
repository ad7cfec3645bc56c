/* Makes every clock of a process show the CPU time it has used, so that a limit of ten seconds means
 * ten seconds of work however busy the machine is. For programs with one thread, on Linux:
 * cc -O2 -shared -fPIC -o cpu_clock.so cpu_clock.c; LD_PRELOAD=./cpu_clock.so PROGRAM */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

/* What the kernel says, past our own clock_gettime. */
static long long ask(clockid_t which) {
    struct timespec now = {0, 0};
    syscall(SYS_clock_gettime, which, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

/* What the clocks of the calendar and of the machine showed when this process had done nothing. */
static long long calendar, machine;

__attribute__((constructor)) static void start(void) {
    long long worked = ask(CLOCK_PROCESS_CPUTIME_ID);
    calendar = ask(CLOCK_REALTIME) - worked;
    machine = ask(CLOCK_MONOTONIC) - worked;
}

static long long shown(clockid_t which) {
    switch (which) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        return calendar + ask(CLOCK_PROCESS_CPUTIME_ID);
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        return machine + ask(CLOCK_PROCESS_CPUTIME_ID);
    default:
        return ask(which);
    }
}

int clock_gettime(clockid_t which, struct timespec *to) {
    long long now = shown(which);
    to->tv_sec = now / SECOND;
    to->tv_nsec = now % SECOND;
    return 0;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone) {
    long long now = shown(CLOCK_REALTIME);
    (void)zone;
    to->tv_sec = now / SECOND;
    to->tv_usec = now % SECOND / 1000;
    return 0;
}

time_t time(time_t *to) {
    time_t now = shown(CLOCK_REALTIME) / SECOND;
    if (to) *to = now;
    return now;
}
