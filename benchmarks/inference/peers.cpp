/*
 * The libraries that emitted C is compared with, each as one product y = W x that is counted between roi_begin and
 * roi_end: Eigen, dense and in compressed rows, and the plain loop in C.
 * Usage: peers dense|csr|plain ROWS COLUMNS VALUES ROUNDS; prints the best time in ns and the largest error.
 */
#include <Eigen/Dense>
#include <Eigen/Sparse>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#define NOINLINE __attribute__((noinline))

extern "C" {
NOINLINE void roi_begin(void) { __asm__ volatile("" : : : "memory"); }
NOINLINE void roi_end(void) { __asm__ volatile("" : : : "memory"); }
}

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using SparseRows = Eigen::SparseMatrix<float, Eigen::RowMajor>;
using Vector = Eigen::VectorXf;

static float drawn()
{
    static uint32_t seed = 12345;
    seed = seed * 1664525u + 1013904223u;
    return (float)(int32_t)seed * (1.0f / 2147483648.0f);
}

NOINLINE static void dense(const Rows &w, const Vector &x, Vector &y) { y.noalias() = w * x; }
NOINLINE static void sparse(const SparseRows &w, const Vector &x, Vector &y) { y.noalias() = w * x; }
NOINLINE static void plain(const Rows &w, const Vector &x, Vector &y)
{
    const float *values = w.data();
    for (long row = 0; row < w.rows(); row++) {
        float sum = 0.0f;
        for (long column = 0; column < w.cols(); column++)
            sum += *values++ * x[column];
        y[row] = sum;
    }
}

template <class Call> static double best_of(long rounds, Call call)
{
    double best = 1e30;
    for (long i = 0; i <= rounds; i++) {
        timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        if (i > 0)
            roi_begin();
        call();
        if (i > 0)
            roi_end();
        clock_gettime(CLOCK_MONOTONIC, &end);
        if (i > 0)
            best = std::min(best, (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec));
    }
    return best;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    const long rows = atol(argv[2]), columns = atol(argv[3]), values = atol(argv[4]), rounds = atol(argv[5]);
    Rows w = Rows::Zero(rows, columns);
    Vector x(columns), y = Vector::Zero(rows);
    for (long i = 0; i < columns; i++)
        x[i] = drawn();
    const bool is_sparse = strcmp(argv[1], "csr") == 0;
    if (is_sparse) {
        /* Equally many in each row, one in each of equal spans. */
        const long each = values / rows;
        for (long row = 0; row < rows; row++)
            for (long k = 0; k < each; k++) {
                const long low = k * columns / each, high = (k + 1) * columns / each;
                w(row, low + (long)((drawn() * 0.5f + 0.5f) * (float)(high - low - 1))) = drawn();
            }
    } else
        for (long i = 0; i < rows * columns; i++)
            w.data()[i] = drawn();
    double best;
    if (is_sparse) {
        SparseRows s = w.sparseView();
        s.makeCompressed();
        best = best_of(rounds, [&] { sparse(s, x, y); });
    } else if (strcmp(argv[1], "dense") == 0)
        best = best_of(rounds, [&] { dense(w, x, y); });
    else
        best = best_of(rounds, [&] { plain(w, x, y); });
    const float error = (w * x - y).cwiseAbs().maxCoeff();
    printf("%.0f %g\n", best, (double)error);
    return error < 1e-2f ? 0 : 1;
}
