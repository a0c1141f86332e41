/*
 * Eigen as the peer of a pair: y = W x, W row by row. With SHARED it reads the very bytes that the own product reads,
 * whose order does not change its time: caches then hold one matrix instead of two, on the same pages for both.
 */
#include <Eigen/Dense>

#include <vector>

#include "marks.h"
#include "pair.h"

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

static std::vector<float> drawn_values;
static const float *values;
static long rows_of_w, columns_of_w;
static Eigen::VectorXf x, y;

int peer_prepare(long rows, long columns)
{
    rows_of_w = rows;
    columns_of_w = columns;
    x.resize(columns);
    y.setZero(rows);
    for (long i = 0; i < columns; i++)
        x[i] = drawn();
    values = own_values();
    if (!SHARED) {
        for (long i = 0; i < rows * columns; i++)
            drawn_values.push_back(drawn());
        values = drawn_values.data();
    }
    return 0;
}

void peer_round(void)
{
    y.noalias() = Eigen::Map<const Rows>(values, rows_of_w, columns_of_w) * x;
}
