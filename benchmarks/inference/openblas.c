/*
 * OpenBLAS as a peer: one product y = W x by sgemv, counted between the marks. Link with its shared library;
 * OPENBLAS_CORETYPE chooses its kernels. rows: W lies row by row; columns: column by column.
 * Usage: openblas rows|columns ROWS COLUMNS ROUNDS; prints the best time in ns and the largest error.
 */
#include "marks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_MAJOR = 101, COLUMN_MAJOR = 102, AS_IT_IS = 111 };
void cblas_sgemv(int order, int transposed, int m, int n, float alpha, const float *a, int lda, const float *x, int incx,
                 float beta, float *y, int incy);
char *openblas_get_corename(void);

int main(int argc, char **argv)
{
    const int by_rows = argc == 5 && strcmp(argv[1], "rows") == 0;
    const int m = argc == 5 ? atoi(argv[2]) : 0, n = argc == 5 ? atoi(argv[3]) : 0;
    const long rounds = argc == 5 ? atol(argv[4]) : 0;
    float *const w = aligned_alloc(64, ((size_t)m * (size_t)n * 4 + 127) & ~(size_t)63);
    float *const x = malloc((size_t)n * 4 + 4), *const y = calloc((size_t)m + 1, 4);
    double best, error = 0;
    long i, k;

    if (m < 1 || n < 1 || rounds < 1 || w == NULL || x == NULL || y == NULL)
        return 2;
    for (i = 0; i < n; i++)
        x[i] = drawn();
    for (i = 0; i < (long)m * n; i++)
        w[i] = drawn();
    BEST_OF(best, rounds,
            cblas_sgemv(by_rows ? ROW_MAJOR : COLUMN_MAJOR, AS_IT_IS, m, n, 1.0f, w, by_rows ? n : m, x, 1, 0.0f, y, 1));
    for (i = 0; i < m; i += 37) {
        double sum = 0;
        for (k = 0; k < n; k++)
            sum += (double)w[by_rows ? i * n + k : k * m + i] * x[k];
        error = fmax(error, fabs(sum - y[i]));
    }
    printf("%.0f %g %s\n", best, error, openblas_get_corename());
    return error < 1e-2 ? 0 : 1;
}
