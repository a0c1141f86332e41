/*
 * atis_tagger: how long one step takes here, alone and in a run. Usage: atis_tagger_bench [COUNT], 100 when not given.
 * What a step executes lies between roi_begin and roi_end, so that an emulator can count there.
 */
#define _POSIX_C_SOURCE 199309L
#include "atis_tagger.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(__GNUC__)
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE
#endif

void roi_begin(void);
void roi_end(void);

static volatile int inside;

NOINLINE void roi_begin(void)
{
    inside = 1;
}

NOINLINE void roi_end(void)
{
    inside = 0;
}

static atis_tagger_weights weights;
static atis_tagger_state state;
static int32_t in_tokens[1];
static int32_t run_tokens[24];
static float out_slots[120];

static double now_in_ns(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int one_step(long i)
{
    in_tokens[0] = (int32_t)(i % ATIS_TAGGER_TOKENS_SIZE);
    return atis_tagger_step(&weights, &state, in_tokens[0], out_slots);
}

/* The time of a step in runs of 24, as many as have `count` steps or a few more. */
static int time_runs(long count)
{
    double total = 0.0, best = 0.0;
    long done;

    for (done = 0; done < count; done += 24) {
        const double start = now_in_ns();
        double taken;
        if (atis_tagger_run(&weights, &state, run_tokens, 24, out_slots) != 0)
            return 1;
        taken = now_in_ns() - start;
        total += taken;
        best = done == 0 || taken < best ? taken : best;
    }
    printf("%.0f ns per step of a run of 24 (best %.0f) over %ld\n", total / (double)done, best / 24, done);
    return 0;
}

int main(int argc, char **argv)
{
    const long count = argc > 1 ? strtol(argv[1], NULL, 10) : 100;
    double total = 0.0, best = 0.0;
    long i;

    if (count < 1) {
        fprintf(stderr, "usage: atis_tagger_bench [COUNT]\n");
        return 2;
    }
    /* The first step warms the caches up and is not counted. */
    if (atis_tagger_weights_default(&weights) != 0 || atis_tagger_reset(&state) != 0 || one_step(0) != 0) {
        fprintf(stderr, "atis_tagger_bench: the weights are damaged\n");
        return 1;
    }
    for (i = 1; i <= count; i++) {
        const double start = now_in_ns();
        double taken;
        roi_begin();
        if (one_step(i) != 0)
            return 1;
        roi_end();
        taken = now_in_ns() - start;
        total += taken;
        best = i == 1 || taken < best ? taken : best;
    }
    printf("%.0f ns per step (best %.0f) over %ld\n", total / (double)count, best, count);
    return time_runs(count);
}
