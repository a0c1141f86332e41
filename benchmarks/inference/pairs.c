/*
 * Times the own product and a peer in turns: bursts of some rounds, after a round that is not counted, by the time of
 * the processor, which other work on the machine does not count into.
 * Usage: pairs ROWS COLUMNS ROUNDS PAIRS; prints what a round takes in the least and in the lower quartile of the
 * bursts in ns: the peer's, then the own.
 */
#define _POSIX_C_SOURCE 200112L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pair.h"

enum { MOST_PAIRS = 1000 };

static double processor_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Of one round, over a burst of them. */
static double burst(void (*round)(void), long rounds)
{
    double begin;
    long i;

    round();
    begin = processor_ns();
    for (i = 0; i < rounds; i++)
        round();
    return (processor_ns() - begin) / (double)rounds;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static double peer[MOST_PAIRS], own[MOST_PAIRS];
    long rounds, pairs, i;

    if (argc != 5)
        return 2;
    rounds = atol(argv[3]);
    pairs = atol(argv[4]);
    if (rounds < 1 || pairs < 1 || pairs > MOST_PAIRS)
        return 2;
    if (own_prepare() != 0 || peer_prepare(atol(argv[1]), atol(argv[2])) != 0)
        return 3;
    for (i = 0; i < pairs; i++) {
        peer[i] = burst(peer_round, rounds);
        own[i] = burst(own_round, rounds);
    }
    qsort(peer, (size_t)pairs, sizeof *peer, ascending);
    qsort(own, (size_t)pairs, sizeof *own, ascending);
    printf("%.0f %.0f %.0f %.0f\n", peer[0], peer[pairs / 4], own[0], own[pairs / 4]);
    return 0;
}
