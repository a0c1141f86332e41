/*
 * The plain loop as a peer: one product y = W x as everybody writes it, counted between the marks.
 * Usage: plain ROWS COLUMNS ROUNDS; prints the best time in ns.
 */
#include "marks.h"

#include <stdio.h>
#include <stdlib.h>

/* y = W x, with w (rows, columns), x (columns) and y (rows). */
__attribute__((noinline)) static void product(const float *w, const float *x, float *y, long rows, long columns)
{
    long row, column;

    for (row = 0; row < rows; row++) {
        float sum = 0.0f;
        for (column = 0; column < columns; column++)
            sum += w[row * columns + column] * x[column];
        y[row] = sum;
    }
}

int main(int argc, char **argv)
{
    const long rows = argc == 4 ? atol(argv[1]) : 0, columns = argc == 4 ? atol(argv[2]) : 0;
    const long rounds = argc == 4 ? atol(argv[3]) : 0;
    float *w, *x, *y;
    double best;
    long i;

    if (rows < 1 || columns < 1 || rounds < 1)
        return 2;
    w = malloc((size_t)(rows * columns) * sizeof *w);
    x = malloc((size_t)columns * sizeof *x);
    y = malloc((size_t)rows * sizeof *y);
    if (w == NULL || x == NULL || y == NULL)
        return 2;
    for (i = 0; i < columns; i++)
        x[i] = drawn();
    for (i = 0; i < rows * columns; i++)
        w[i] = drawn();
    BEST_OF(best, rounds, product(w, x, y, rows, columns));
    printf("%.0f %g\n", best, (double)y[rows - 1]);
    return 0;
}
