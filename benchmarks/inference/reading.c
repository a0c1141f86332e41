/*
 * What no product can be faster than: COUNT floats read once from wherever they lie, added up in vectors of 128 bits.
 * Usage: reading COUNT ROUNDS; prints the best time in ns and the sum.
 */
#include <stdio.h>
#include <stdlib.h>

#include "marks.h"

enum { LANES = 32 };

__attribute__((noinline)) static float sum_of(const float *values, long count)
{
    float sums[LANES] = {0}, sum = 0;
    long i, lane;

    for (i = 0; i + LANES <= count; i += LANES)
        for (lane = 0; lane < LANES; lane++)
            sums[lane] += values[i + lane];
    for (; i < count; i++)
        sum += values[i];
    for (lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

int main(int argc, char **argv)
{
    long count, rounds, i;
    float *values, sum = 0;
    double best;

    if (argc != 3)
        return 2;
    count = atol(argv[1]);
    rounds = atol(argv[2]);
    values = malloc((size_t)count * sizeof *values);
    if (values == NULL)
        return 3;
    for (i = 0; i < count; i++)
        values[i] = drawn();
    BEST_OF(best, rounds, sum = sum_of(values, count));
    printf("%.0f %g\n", best, (double)sum);
    free(values);
    return 0;
}
