/*
 * What every program that is measured has: the marks between which the plugin counts, the best time of many rounds
 * after a warm one, and the same numbers every time.
 */
#ifndef RNNC_BENCH_MARKS_H
#define RNNC_BENCH_MARKS_H

#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif
__attribute__((noinline)) void roi_begin(void);
__attribute__((noinline)) void roi_end(void);
__attribute__((noinline)) void roi_begin(void) { __asm__ volatile("" : : : "memory"); }
__attribute__((noinline)) void roi_end(void) { __asm__ volatile("" : : : "memory"); }
#ifdef __cplusplus
}
#endif

static double now_in_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Calls once, then ROUNDS times between the marks; BEST becomes the shortest of these in ns. */
#define BEST_OF(best, rounds, call)                                           \
    do {                                                                      \
        long round_;                                                          \
        (best) = 1e30;                                                        \
        for (round_ = 0; round_ <= (rounds); round_++) {                      \
            const double begin_ = now_in_ns();                                \
            double taken_;                                                    \
            if (round_ > 0)                                                   \
                roi_begin();                                                  \
            call;                                                             \
            if (round_ > 0)                                                   \
                roi_end();                                                    \
            taken_ = now_in_ns() - begin_;                                    \
            (best) = round_ > 0 && taken_ < (best) ? taken_ : (best);         \
        }                                                                     \
    } while (0)

/* From -1 to 1. */
static float drawn(void)
{
    static uint32_t seed = 12345;

    seed = seed * 1664525u + 1013904223u;
    return (float)(int32_t)seed * (1.0f / 2147483648.0f);
}

#endif
