/*
 * Eigen as a peer: one product y = W x, dense or in compressed rows, counted between the marks.
 * Usage: eigen dense|csr ROWS COLUMNS VALUES ROUNDS; prints the best time in ns and the largest error.
 */
#include <Eigen/Dense>
#include <Eigen/Sparse>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "marks.h"

#define NOINLINE __attribute__((noinline))

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using SparseRows = Eigen::SparseMatrix<float, Eigen::RowMajor>;
using Vector = Eigen::VectorXf;

NOINLINE static void dense(const Rows &w, const Vector &x, Vector &y) { y.noalias() = w * x; }
NOINLINE static void sparse(const SparseRows &w, const Vector &x, Vector &y) { y.noalias() = w * x; }

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
        BEST_OF(best, rounds, sparse(s, x, y));
    } else
        BEST_OF(best, rounds, dense(w, x, y));
    const float error = (w * x - y).cwiseAbs().maxCoeff();
    printf("%.0f %g\n", best, (double)error);
    return error < 1e-2f ? 0 : 1;
}
