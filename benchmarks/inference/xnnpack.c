/*
 * XNNPACK as a peer: one product y = W x by its fully connected operator, its weights packed before, counted between
 * the marks. Link with its shared library.
 * Usage: xnnpack ROWS COLUMNS ROUNDS; prints the best time in ns and the largest error.
 */
#include "marks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <xnnpack.h>

int main(int argc, char **argv)
{
    const long m = argc == 4 ? atol(argv[1]) : 0, n = argc == 4 ? atol(argv[2]) : 0, rounds = argc == 4 ? atol(argv[3]) : 0;
    float *const w = malloc((size_t)(m * n) * sizeof *w), *const bias = calloc((size_t)m + 1, sizeof *bias);
    /* It may read a little behind the end. */
    float *const x = calloc((size_t)n + XNN_EXTRA_BYTES, sizeof *x), *const y = calloc((size_t)m + 1, sizeof *y);
    xnn_operator_t product;
    double best, error = 0;
    long i, k;

    if (m < 1 || n < 1 || rounds < 1 || w == NULL || bias == NULL || x == NULL || y == NULL)
        return 2;
    for (i = 0; i < n; i++)
        x[i] = drawn();
    for (i = 0; i < m * n; i++)
        w[i] = drawn();
    if (xnn_initialize(NULL) != xnn_status_success ||
        xnn_create_fully_connected_nc_f32((size_t)n, (size_t)m, (size_t)n, (size_t)m, w, bias, -INFINITY, INFINITY, 0,
                                          &product) != xnn_status_success ||
        xnn_setup_fully_connected_nc_f32(product, 1, x, y, NULL) != xnn_status_success)
        return 2;
    BEST_OF(best, rounds, xnn_run_operator(product, NULL));
    for (i = 0; i < m; i += 37) {
        double sum = 0;
        for (k = 0; k < n; k++)
            sum += (double)w[i * n + k] * x[k];
        error = fmax(error, fabs(sum - y[i]));
    }
    printf("%.0f %g\n", best, error);
    return error < 1e-2 ? 0 : 1;
}
