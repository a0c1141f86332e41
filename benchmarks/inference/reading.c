/*
 * Reading as the peer of a pair, which no product can be faster than: all values of the own product once from wherever
 * they lie, added up in vectors of 128 bits. Each line is prefetched AHEAD bytes before it is added, unless AHEAD is 0.
 */
#include "pair.h"

enum { LANES = 32, LINE = 64 / sizeof(float) };

static long count;
static volatile float sum_of_all;

int peer_prepare(long rows, long columns)
{
    count = rows * columns / LANES * LANES;
    return 0;
}

void peer_round(void)
{
    const float *const values = own_values();
    float sums[LANES] = {0}, sum = 0;
    long i, lane;

    for (i = 0; i < count; i += LANES) {
#if AHEAD > 0
        for (lane = 0; lane < LANES; lane += LINE)
            __builtin_prefetch((const char *)(values + i + lane) + AHEAD);
#endif
        for (lane = 0; lane < LANES; lane++)
            sums[lane] += values[i + lane];
    }
    for (lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    sum_of_all = sum;
}
