/*
 * ptb_small: the kernels, then the model as a sequence of calls of them.
 * Written by rnnc for cortex-a73; activations `std`.
 * trained: false. The weights were drawn from a seed: for measuring size and speed, not for predicting.
 */
#include "ptb_small.h"

#include <arm_neon.h>
#include <math.h>
#include <string.h>
#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

#if defined(__cplusplus)
#define restrict __restrict /* C++ compilers take this file too */
#endif

/* ---------------------------------------------------------------- kernels */

/* One source for AArch64 and ARMv7: what differs is the multiply-add by one lane (ARMv7 has no fused form of it). */
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#if defined(__aarch64__)
#define FMA_LANE(sum, a, b, lane) vfmaq_laneq_f32(sum, a, b, lane)
#define FMA_SCALAR(sum, a, b) vfmaq_n_f32(sum, a, b)
#define FMA(sum, a, b) vfmaq_f32(sum, a, b)
#else
#define FMA_LANE(sum, a, b, lane) \
    vmlaq_lane_f32(sum, a, (lane) < 2 ? vget_low_f32(b) : vget_high_f32(b), (lane) & 1)
#define FMA_SCALAR(sum, a, b) vmlaq_n_f32(sum, a, b)
#if defined(__ARM_FEATURE_FMA)
#define FMA(sum, a, b) vfmaq_f32(sum, a, b)
#else
#define FMA(sum, a, b) vmlaq_f32(sum, a, b)
#endif
#endif

/* The first `lanes` (1 to 4) floats of p, the rest zeros; nothing behind them is read. */
ALWAYS_INLINE float32x4_t load_lanes(const float *p, size_t lanes)
{
    const float32x2_t zero = vdup_n_f32(0.0f);

    switch (lanes) {
    case 1:
        return vcombine_f32(vld1_lane_f32(p, zero, 0), zero);
    case 2:
        return vcombine_f32(vld1_f32(p), zero);
    case 3:
        return vcombine_f32(vld1_f32(p), vld1_lane_f32(p + 2, zero, 0));
    default:
        return vld1q_f32(p);
    }
}

/* p[0] to p[lanes - 1] = the first lanes of v. */
ALWAYS_INLINE void store_lanes(float *p, float32x4_t v, size_t lanes)
{
    switch (lanes) {
    case 1:
        vst1q_lane_f32(p, v, 0);
        break;
    case 2:
        vst1_f32(p, vget_low_f32(v));
        break;
    case 3:
        vst1_f32(p, vget_low_f32(v));
        vst1q_lane_f32(p + 2, v, 2);
        break;
    default:
        vst1q_f32(p, v);
        break;
    }
}

/* y = 0. y: (count). */
static void fill_zero(float *y, size_t count)
{
    memset(y, 0, count * sizeof *y);
}

/* y = x. x, y: (count). */
static void copy(const float *restrict x, float *restrict y, size_t count)
{
    memcpy(y, x, count * sizeof *y);
}

#if defined(__aarch64__)
#define STEPS_AT_ONCE 3
#define STEP_VECTORS 8
#else
#define STEPS_AT_ONCE 2 /* 16 registers hold the sums of half a panel */
#define STEP_VECTORS 4
#endif

/* One panel: y += W x for 4 * vectors rows. Sums stay in registers, 4 or 8 of them, so that no addition waits for the
   one before it: panels of few rows have several sums for each, over every second or fourth column.
   w: (columns, 4 * vectors), column after column; x: (columns); y: (4 * vectors). */
ALWAYS_INLINE void add_panel(size_t vectors, const float *restrict w, const float *restrict x, size_t columns,
                             float *restrict y)
{
    const size_t whole = columns / 4 * 4, chains = vectors == 8 ? 1 : vectors == 4 ? 2 : 4;
    float32x4_t sum[4][8];
    size_t v, chain, column;

    for (v = 0; v < vectors; v++)
        sum[0][v] = vld1q_f32(y + 4 * v);
    for (chain = 1; chain < chains; chain++)
        for (v = 0; v < vectors; v++)
            sum[chain][v] = vdupq_n_f32(0.0f);
#define ADD_COLUMN(lane)                                                                              \
    for (v = 0; v < vectors; v++)                                                                     \
        sum[lane % chains][v] =                                                                       \
            FMA_LANE(sum[lane % chains][v], vld1q_f32(w + 4 * (lane * vectors + v)), factors, lane);
    for (column = 0; column < whole; column += 4) {
        const float32x4_t factors = vld1q_f32(x + column);
        ADD_COLUMN(0)
        ADD_COLUMN(1)
        ADD_COLUMN(2)
        ADD_COLUMN(3)
        w += 16 * vectors;
    }
#undef ADD_COLUMN
#define ADD_LAST(i)                                                                                   \
    if (columns - whole > i) {                                                                        \
        for (v = 0; v < vectors; v++)                                                                 \
            sum[i % chains][v] = FMA_SCALAR(sum[i % chains][v], vld1q_f32(w + 4 * v), x[whole + i]);  \
        w += 4 * vectors;                                                                             \
    }
    ADD_LAST(0)
    ADD_LAST(1)
    ADD_LAST(2)
#undef ADD_LAST
    for (chain = 1; chain < chains; chain++)
        for (v = 0; v < vectors; v++)
            sum[0][v] = vaddq_f32(sum[0][v], sum[chain][v]);
    for (v = 0; v < vectors; v++)
        vst1q_f32(y + 4 * v, sum[0][v]);
}

/* The same with a loop of its own for a whole number of fours: gcc keeps the sums of few rows in memory where columns
   may be left behind the loop. */
ALWAYS_INLINE void add_low_panel(size_t vectors, const float *restrict w, const float *restrict x, size_t columns,
                                 float *restrict y)
{
    if (columns % 4 == 0)
        add_panel(vectors, w, x, columns / 4 * 4, y);
    else
        add_panel(vectors, w, x, columns, y);
}

/* y += W x for the last panels, fewer than 32 rows of y: they work on a copy, so that nothing behind y is touched.
   w: panels of 32, 16, 8 or 4 rows of `of` columns, of which `columns` from `first` on meet x. */
static void add_last_panels(const float *restrict w, size_t of, size_t first, size_t rows, size_t columns,
                            const float *restrict x, float *restrict y)
{
    const size_t padded_rows = (rows + 3) / 4 * 4;
    float rest[32] = {0};
    float *r = rest;

    memcpy(rest, y, rows * sizeof *y);
    if (padded_rows == 32)
        add_panel(8, w + 32 * first, x, columns, r);
    if (padded_rows % 32 >= 16) {
        add_low_panel(4, w + 16 * first, x, columns, r);
        w += 16 * of;
        r += 16;
    }
    if (padded_rows % 16 >= 8) {
        add_low_panel(2, w + 8 * first, x, columns, r);
        w += 8 * of;
        r += 8;
    }
    if (padded_rows % 8 >= 4)
        add_low_panel(1, w + 4 * first, x, columns, r);
    memcpy(y, rest, rows * sizeof *y);
}

/* y += W x, W being `columns` from `first` on of a matrix of `of` columns.
   w: panels of 32, 16, 8 or 4 rows, the last one padded with rows of zeros; x: (columns); y: (rows). */
static void gemv_add(const float *restrict w, size_t of, size_t first, size_t rows, size_t columns,
                     const float *restrict x, float *restrict y)
{
    size_t row = 0;

    for (; row + 32 <= rows; row += 32, w += 32 * of)
        add_panel(8, w + 32 * first, x, columns, y + row);
    if (row < rows)
        add_last_panels(w, of, first, rows - row, columns, x, y + row);
}

/* A piece of a panel of 32 rows for 2 or 3 steps: every vector of w is loaded once for all of them, and every sum is
   added up in the same order as for one step. On AArch64 all sums fit into registers, 8 for each step; on ARMv7 half
   of them at a time.
   w: (columns, 32), column after column; x: (steps, columns), `x_stride` apart; y: (steps, 32), `y_stride` apart. */
ALWAYS_INLINE void add_panel_steps(size_t steps, const float *restrict w, const float *restrict x, size_t x_stride,
                                   size_t columns, float *restrict y, size_t y_stride)
{
    const size_t whole = columns / 4 * 4;
    float32x4_t sum[3][STEP_VECTORS], factors[3];
    size_t step, v, column;

    for (step = 0; step < steps; step++)
        for (v = 0; v < STEP_VECTORS; v++)
            sum[step][v] = vld1q_f32(y + step * y_stride + 4 * v);
#define ADD_COLUMN(lane)                                                                  \
    for (v = 0; v < STEP_VECTORS; v++) {                                                  \
        const float32x4_t rows = vld1q_f32(w + 32 * lane + 4 * v);                        \
        for (step = 0; step < steps; step++)                                              \
            sum[step][v] = FMA_LANE(sum[step][v], rows, factors[step], lane);             \
    }
    for (column = 0; column < whole; column += 4) {
        for (step = 0; step < steps; step++)
            factors[step] = vld1q_f32(x + step * x_stride + column);
        ADD_COLUMN(0)
        ADD_COLUMN(1)
        ADD_COLUMN(2)
        ADD_COLUMN(3)
        w += 4 * 32;
    }
#undef ADD_COLUMN
    for (; column < columns; column++) {
        for (v = 0; v < STEP_VECTORS; v++) {
            const float32x4_t rows = vld1q_f32(w + 4 * v);
            for (step = 0; step < steps; step++)
                sum[step][v] = FMA_SCALAR(sum[step][v], rows, x[step * x_stride + column]);
        }
        w += 32;
    }
    for (step = 0; step < steps; step++)
        for (v = 0; v < STEP_VECTORS; v++)
            vst1q_f32(y + step * y_stride + 4 * v, sum[step][v]);
}

/* y[step] += W x[step] for every step, x and y having a row for each, `x_stride` and `y_stride` floats apart.
   w: as for one step. A piece of a panel that fits into the cache is loaded once for all steps. */
static void gemv_add_steps(const float *restrict w, size_t of, size_t first, size_t rows, size_t columns,
                           size_t steps, const float *restrict x, size_t x_stride, float *restrict y, size_t y_stride)
{
    size_t row = 0, column, step, part;

    for (; row + 32 <= rows; row += 32, w += 32 * of)
        for (column = 0; column < columns; column += 128) {
            const size_t some = columns - column < 128 ? columns - column : 128;
            const float *piece = w + 32 * (first + column);
            const float *from = x + column;
            float *to = y + row;
            for (step = steps; step >= STEPS_AT_ONCE && step != 4; step -= STEPS_AT_ONCE) {
                for (part = 0; part < 32; part += 4 * STEP_VECTORS)
                    add_panel_steps(STEPS_AT_ONCE, piece + part, from, x_stride, some, to + part, y_stride);
                from += STEPS_AT_ONCE * x_stride;
                to += STEPS_AT_ONCE * y_stride;
            }
            for (; step >= 2; step -= 2) {
                for (part = 0; part < 32; part += 4 * STEP_VECTORS)
                    add_panel_steps(2, piece + part, from, x_stride, some, to + part, y_stride);
                from += 2 * x_stride;
                to += 2 * y_stride;
            }
            if (step > 0)
                add_panel(8, piece, from, some, to);
        }
    for (step = 0; row < rows && step < steps; step++)
        add_last_panels(w, of, first, rows - row, columns, x + step * x_stride, y + step * y_stride + row);
}

/* One tile: Y += A B for `rows` (at most 5) rows and 4 * vectors columns, every sum in its own register.
   a: (rows, inner), `a_stride` floats from row to row; b: (inner, 4 * vectors), `b_stride`; y: (rows, 4 * vectors). */
ALWAYS_INLINE void add_tile(size_t rows, size_t vectors, size_t inner, const float *restrict a, size_t a_stride,
                            const float *restrict b, size_t b_stride, float *restrict y, size_t y_stride)
{
    const size_t whole = inner / 4 * 4;
    float32x4_t sum[5][8], factors[5];
    size_t r, v, k;

    for (r = 0; r < rows; r++)
        for (v = 0; v < vectors; v++)
            sum[r][v] = vld1q_f32(y + r * y_stride + 4 * v);
#define ADD_LANE(lane)                                                            \
    for (v = 0; v < vectors; v++) {                                               \
        const float32x4_t column = vld1q_f32(b + 4 * v);                          \
        for (r = 0; r < rows; r++)                                                \
            sum[r][v] = FMA_LANE(sum[r][v], column, factors[r], lane);            \
    }                                                                             \
    b += b_stride;
    for (k = 0; k < whole; k += 4) {
        for (r = 0; r < rows; r++)
            factors[r] = vld1q_f32(a + r * a_stride + k);
        ADD_LANE(0)
        ADD_LANE(1)
        ADD_LANE(2)
        ADD_LANE(3)
    }
#undef ADD_LANE
    for (; k < inner; k++) {
        for (v = 0; v < vectors; v++) {
            const float32x4_t last = vld1q_f32(b + 4 * v);
            for (r = 0; r < rows; r++)
                sum[r][v] = FMA_SCALAR(sum[r][v], last, a[r * a_stride + k]);
        }
        b += b_stride;
    }
    for (r = 0; r < rows; r++)
        for (v = 0; v < vectors; v++)
            vst1q_f32(y + r * y_stride + 4 * v, sum[r][v]);
}

/* The last 1 to 3 columns of at most 16 rows, for b and y that end with them.
   a: (rows, inner); b: (inner, lanes); y: (rows, lanes). */
ALWAYS_INLINE void add_edge(size_t rows, size_t lanes, size_t inner, const float *restrict a, size_t a_stride,
                            const float *restrict b, size_t b_stride, float *restrict y, size_t y_stride)
{
    const size_t whole = inner / 4 * 4;
    float32x4_t sum[16], column[4];
    size_t r, i, k;

    for (r = 0; r < rows; r++)
        sum[r] = load_lanes(y + r * y_stride, lanes);
    for (k = 0; k < whole; k += 4) {
        for (i = 0; i < 4; i++)
            column[i] = load_lanes(b + (k + i) * b_stride, lanes);
        for (r = 0; r < rows; r++) {
            const float32x4_t factors = vld1q_f32(a + r * a_stride + k);
            sum[r] = FMA_LANE(sum[r], column[0], factors, 0);
            sum[r] = FMA_LANE(sum[r], column[1], factors, 1);
            sum[r] = FMA_LANE(sum[r], column[2], factors, 2);
            sum[r] = FMA_LANE(sum[r], column[3], factors, 3);
        }
    }
    for (; k < inner; k++) {
        column[0] = load_lanes(b + k * b_stride, lanes);
        for (r = 0; r < rows; r++)
            sum[r] = FMA_SCALAR(sum[r], column[0], a[r * a_stride + k]);
    }
    for (r = 0; r < rows; r++)
        store_lanes(y + r * y_stride, sum[r], lanes);
}

/* y += (B (x) C) x for 4 gates, the y of each `apart` floats behind the one before. With X = x as (25, 16),
   T = B X and y = T C^T.
   b: (40, 25), gate below gate; ct: C transposed, (16, 80), gate beside gate;
   t: (40, 16); y: (4, 10, 20). */
static void kron_10x25_20x16_x4(const float *b, const float *ct, const float *x, float *t, size_t apart, float *y)
{
    size_t gate, row;

    fill_zero(t, 640);
    for (row = 0; row < 40; row += 4)
        add_tile(4, 4, 25, b + row * 25, 25, x, 16, t + row * 16, 16);
    for (gate = 0; gate < 4; gate++, ct += 20, t += 160, y += apart) {
        for (row = 0; row < 8; row += 4)
            add_tile(4, 5, 16, t + row * 16, 16, ct, 80, y + row * 20, 20);
        add_tile(2, 5, 16, t + 128, 16, ct, 80, y + 160, 20);
    }
}

#if defined(__aarch64__)
/* sum += x times one lane, in scalars: gcc makes several instructions of the intrinsic. */
#define FMA_ENTRY(sum, x, lanes, lane) __asm__("fmla %s0, %s1, %2.s[" #lane "]" : "+w"(sum) : "w"(x), "w"(lanes))
#endif

/* One entry of each of 8 rows: sum += value * x[column]. columns, values: (8). */
ALWAYS_INLINE void add_entries_16(const uint16_t *restrict columns, const float *restrict values, const float *restrict x,
                                  float sum[8])
{
#if defined(__aarch64__)
    const float32x4_t low = vld1q_f32(values), high = vld1q_f32(values + 4);
    /* Four columns at a time: loads are what there is least room for. */
    uint64_t four[2];

    memcpy(four, columns, sizeof four);
    FMA_ENTRY(sum[0], x[four[0] & 0xffff], low, 0);
    FMA_ENTRY(sum[1], x[four[0] >> 16 & 0xffff], low, 1);
    FMA_ENTRY(sum[2], x[four[0] >> 32 & 0xffff], low, 2);
    FMA_ENTRY(sum[3], x[four[0] >> 48], low, 3);
    FMA_ENTRY(sum[4], x[four[1] & 0xffff], high, 0);
    FMA_ENTRY(sum[5], x[four[1] >> 16 & 0xffff], high, 1);
    FMA_ENTRY(sum[6], x[four[1] >> 32 & 0xffff], high, 2);
    FMA_ENTRY(sum[7], x[four[1] >> 48], high, 3);
#else
    size_t row;

    for (row = 0; row < 8; row++)
        sum[row] += values[row] * x[columns[row]];
#endif
}

/* y += S x, S entry by entry, its rows in slices of 8 with about as many entries: 8 sums side by side, so that no
   addition waits for the one before it.
   order, counts: (rows), which row each one is and how many entries it has, by rising count; columns, values: the
   entries, of each slice those that all its rows have in turns, then row by row what a row has more. */
static void sparse_add_sliced_16(size_t rows, const uint16_t *restrict order, const uint16_t *restrict counts,
                                 const uint16_t *restrict columns, const float *restrict values,
                                 const float *restrict x, float *restrict y)
{
    size_t first, row, i;

    for (first = 0; first < rows; first += 8, order += 8, counts += 8) {
        const size_t height = rows - first < 8 ? rows - first : 8, common = height == 8 ? counts[0] : 0;
        float sum[8];
        if (common > 0) {
            for (row = 0; row < 8; row++)
                sum[row] = y[order[row]];
            for (i = 0; i < common; i++, columns += 8, values += 8)
                add_entries_16(columns, values, x, sum);
            for (row = 0; row < 8; row++)
                y[order[row]] = sum[row];
        }
        if (counts[height - 1] == common)
            continue;
        for (row = 0; row < height; row++)
            for (i = common; i < counts[row]; i++)
                y[order[row]] += *values++ * x[*columns++];
    }
}

#define CLAMP 8.3f

/* Four vectors of tanh side by side, within 4e-7 absolute: x P(x^2) / Q(x^2) with P and Q of degree 4, a minimax fit
   on [-8.3f, 8.3f]; beyond it tanh is 1 to float accuracy. Min and max keep NaN. Division is a reciprocal estimate
   and two Newton steps. */
ALWAYS_INLINE void tanh_of_4(float32x4_t x[4])
{
    float32x4_t z[4], p[4], q[4], r[4];
    int v;

    for (v = 0; v < 4; v++) {
        x[v] = vminq_f32(vmaxq_f32(x[v], vdupq_n_f32(-CLAMP)), vdupq_n_f32(CLAMP));
        z[v] = vmulq_f32(x[v], x[v]);
    }
    for (v = 0; v < 4; v++) {
        p[v] = FMA(vdupq_n_f32(0.000021382153f), z[v], vdupq_n_f32(1.44786325e-8f));
        q[v] = FMA(vdupq_n_f32(0.00033611964f), z[v], vdupq_n_f32(8.224619e-7f));
    }
    for (v = 0; v < 4; v++) {
        p[v] = FMA(vdupq_n_f32(0.003541268f), p[v], z[v]);
        q[v] = FMA(vdupq_n_f32(0.026049618f), q[v], z[v]);
    }
    for (v = 0; v < 4; v++) {
        p[v] = FMA(vdupq_n_f32(0.13419126f), p[v], z[v]);
        q[v] = FMA(vdupq_n_f32(0.4675244f), q[v], z[v]);
    }
    for (v = 0; v < 4; v++) {
        p[v] = FMA(vdupq_n_f32(0.99999994f), p[v], z[v]);
        q[v] = FMA(vdupq_n_f32(1.0f), q[v], z[v]);
    }
    for (v = 0; v < 4; v++)
        r[v] = vrecpeq_f32(q[v]);
    for (v = 0; v < 4; v++)
        r[v] = vmulq_f32(r[v], vrecpsq_f32(q[v], r[v]));
    for (v = 0; v < 4; v++)
        r[v] = vmulq_f32(r[v], vrecpsq_f32(q[v], r[v]));
    for (v = 0; v < 4; v++) {
        p[v] = vmulq_f32(x[v], p[v]);
        x[v] = vmulq_f32(p[v], r[v]);
#if !defined(__aarch64__)
        /* Newton's steps round twice as often here: the remainder is divided once more. */
        x[v] = FMA(x[v], vmlsq_f32(p[v], q[v], x[v]), r[v]);
#endif
    }
}

/* Gates of `lanes` (1 to 4) units. sigmoid(x) is 1/2 + tanh(x / 2) / 2, so all four gates are one call of tanh.
   z: (4, units) from the first of these units on. Returns the new cell, and the output gate through `out`. */
ALWAYS_INLINE float32x4_t lstm_gates(const float *z, size_t units, float32x4_t c, size_t lanes, float32x4_t *out)
{
    const float32x4_t half = vdupq_n_f32(0.5f);
    float32x4_t gate[4];
    int g;

    for (g = 0; g < 4; g++)
        gate[g] = lanes == 4 ? vld1q_f32(z + (size_t)g * units) : load_lanes(z + (size_t)g * units, lanes);
    gate[0] = vmulq_f32(gate[0], half);
    gate[1] = vmulq_f32(gate[1], half);
    gate[3] = vmulq_f32(gate[3], half);
    tanh_of_4(gate);
    *out = FMA(half, gate[3], half);
    return FMA(vmulq_f32(FMA(half, gate[0], half), gate[2]), FMA(half, gate[1], half), c);
}

/* The LSTM cell: c' = f c + i g, h = o tanh(c'). First c' and o of all units, o being left in h, then tanh: in one
   loop compilers keep vectors of both in memory. The last vectors go through the same formulas as the others.
   z: (4, units), pre-activations of the gates i, f, g, o; c, c_next, h: (units). */
static void lstm_cell(const float *restrict z, size_t units, const float *restrict c,
                      float *restrict c_next, float *restrict h)
{
    float32x4_t cell[4], out;
    size_t unit = 0, v;

    for (; unit + 4 <= units; unit += 4) {
        vst1q_f32(c_next + unit, lstm_gates(z + unit, units, vld1q_f32(c + unit), 4, &out));
        vst1q_f32(h + unit, out);
    }
    if (unit < units) {
        const size_t lanes = units - unit;
        store_lanes(c_next + unit, lstm_gates(z + unit, units, load_lanes(c + unit, lanes), lanes, &out), lanes);
        store_lanes(h + unit, out, lanes);
    }
    for (unit = 0; unit + 16 <= units; unit += 16) {
        for (v = 0; v < 4; v++)
            cell[v] = vld1q_f32(c_next + unit + 4 * v);
        tanh_of_4(cell);
        for (v = 0; v < 4; v++)
            vst1q_f32(h + unit + 4 * v, vmulq_f32(vld1q_f32(h + unit + 4 * v), cell[v]));
    }
    for (; unit < units; unit += 4) {
        const size_t lanes = units - unit < 4 ? units - unit : 4;
        cell[0] = cell[1] = cell[2] = cell[3] = load_lanes(c_next + unit, lanes);
        tanh_of_4(cell);
        store_lanes(h + unit, vmulq_f32(load_lanes(h + unit, lanes), cell[0]), lanes);
    }
}

/* exp(x) for x <= 0, within 2e-7 of itself but for what x is off; 0 below -87. NaN stays NaN. */
static inline float exp_of(float x)
{
    const float u = x < -87.0f ? -87.0f : x;
    const float turns = u * 1.44269504f + 12582912.0f; /* a sum with 1.5 * 2^23 keeps no fraction */
    const float whole = turns - 12582912.0f;
    const float r = u - whole * 0.693359375f - whole * -2.12194440e-4f;
    const float p = 1.0f + r + r * r * (0.5f + r * (0.166666655f + r * (0.0416657959f + r * (0.00833345191f
                  + r * (0.0013981999507f + r * 0.00019875691500f)))));
    uint32_t bits;
    float power;

    memcpy(&bits, &turns, sizeof bits);
    bits = (bits - 0x4b400000u + 127u) << 23;
    memcpy(&power, &bits, sizeof power);
    return x < -87.0f ? 0.0f : p * power;
}

/* What is known after some of the logits: how many of the k largest, and the sum of exp(logit - largest). */
typedef struct {
    size_t found;
    float largest;
    double sum;
} top_state;

/* Takes at most 32 more logits in: ids and scores hold the k largest so far, largest first, equal ones by id; NaN
   ranks last. logits: (count), of ids from `first` on; ids, scores: (k). */
static void top_add(top_state *top, const float *restrict logits, size_t first, size_t count, size_t k,
                    int32_t *restrict ids, float *restrict scores)
{
    float e[32], part[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    size_t i, place;

    for (i = 0; i < count; i++) {
        const float value = logits[i] == logits[i] ? logits[i] : -INFINITY;
        if (top->found == k && value <= scores[k - 1])
            continue;
        place = top->found < k ? top->found++ : k - 1;
        for (; place > 0 && scores[place - 1] < value; place--) {
            scores[place] = scores[place - 1];
            ids[place] = ids[place - 1];
        }
        scores[place] = value;
        ids[place] = (int32_t)(first + i);
    }
    /* Taking the largest away first keeps exp from overflowing; a new one makes what was summed smaller. */
    if (first == 0)
        top->largest = scores[0];
    else if (scores[0] > top->largest) {
        top->sum *= (double)exp_of(top->largest - scores[0]);
        top->largest = scores[0];
    }
    for (i = 0; i < count; i++)
        e[i] = exp_of(logits[i] - top->largest);
    for (i = 0; i < count; i++)
        part[i % 4] += e[i];
    top->sum += (double)(part[0] + part[1]) + (double)(part[2] + part[3]);
}

/* Scores become probabilities. scores: (k). */
static void top_end(const top_state *top, size_t k, float *scores)
{
    size_t place;

    for (place = 0; place < k; place++)
        scores[place] = (float)((double)exp_of(scores[place] - top->largest) / top->sum);
}

/* ------------------------------------------------------------ one time step */

/* All of a step but its logits. */
static void hidden(const ptb_small_weights *weights, ptb_small_state *state, int32_t tokens)
{
    const uint32_t now = state->now & 1u;
    float *const embed_work_1 = state->work + 800;      /* (200) embed work 1 */
    float *const rnn1_work_1 = state->work;             /* (800) rnn1 work 1 */
    float *const rnn1_work_2 = state->work + 1440;      /* (400) rnn1 work 2 */
    const float *const rnn1_h_now = state->rnn1_h[now]; /* (200) rnn1 h now */
    float *const rnn1_work_3 = state->work + 800;       /* (640) rnn1 work 3 */
    const float *const rnn1_c_now = state->rnn1_c[now]; /* (200) rnn1 c now */
    float *const rnn1_c_next = state->rnn1_c[now ^ 1u]; /* (200) rnn1 c next */
    float *const rnn1_h_next = state->rnn1_h[now ^ 1u]; /* (200) rnn1 h next */
    float *const rnn2_work_1 = state->work;             /* (800) rnn2 work 1 */
    float *const rnn2_work_2 = state->work + 1440;      /* (400) rnn2 work 2 */
    const float *const rnn2_h_now = state->rnn2_h[now]; /* (200) rnn2 h now */
    float *const rnn2_work_3 = state->work + 800;       /* (640) rnn2 work 3 */
    const float *const rnn2_c_now = state->rnn2_c[now]; /* (200) rnn2 c now */
    float *const rnn2_c_next = state->rnn2_c[now ^ 1u]; /* (200) rnn2 c next */
    float *const rnn2_h_next = state->rnn2_h[now ^ 1u]; /* (200) rnn2 h next */

    /* ---- embed */
    copy(weights->embed_table + (size_t)tokens * 200, embed_work_1, 200);

    /* ---- rnn1 */
    copy(weights->rnn1_bias, rnn1_work_1, 800);
    copy(embed_work_1, rnn1_work_2, 200);
    copy(rnn1_h_now, rnn1_work_2 + 200, 200);
    /* (4, 200) += ((10, 25) (x) (20, 16)) (400) */
    kron_10x25_20x16_x4(weights->rnn1_B, weights->rnn1_C, rnn1_work_2, rnn1_work_3, 200, rnn1_work_1);
    /* (800) += (800, 400) (400), 29000 entries */
    sparse_add_sliced_16(800, weights->rnn1_S_order, weights->rnn1_S_counts, weights->rnn1_S_indices, weights->rnn1_S_values, rnn1_work_2, rnn1_work_1);
    lstm_cell(rnn1_work_1, 200, rnn1_c_now, rnn1_c_next, rnn1_h_next);

    /* ---- rnn2 */
    copy(weights->rnn2_bias, rnn2_work_1, 800);
    copy(rnn1_h_next, rnn2_work_2, 200);
    copy(rnn2_h_now, rnn2_work_2 + 200, 200);
    /* (4, 200) += ((10, 25) (x) (20, 16)) (400) */
    kron_10x25_20x16_x4(weights->rnn2_B, weights->rnn2_C, rnn2_work_2, rnn2_work_3, 200, rnn2_work_1);
    /* (800) += (800, 400) (400), 29000 entries */
    sparse_add_sliced_16(800, weights->rnn2_S_order, weights->rnn2_S_counts, weights->rnn2_S_indices, weights->rnn2_S_values, rnn2_work_2, rnn2_work_1);
    lstm_cell(rnn2_work_1, 200, rnn2_c_now, rnn2_c_next, rnn2_h_next);
}

/* From one state to the next. Nothing is written to the current copy of the state. */
static void advance(const ptb_small_weights *weights, ptb_small_state *state, int32_t tokens)
{
    const uint32_t now = state->now & 1u;
    float *const next_work_1 = state->work;             /* (10000) next work 1 */
    float *const rnn2_h_next = state->rnn2_h[now ^ 1u]; /* (200) rnn2 h next */

    hidden(weights, state, tokens);

    /* ---- next */
    copy(weights->next_bias, next_work_1, 10000);
    /* (10000) += (10000, 200) (200) */
    gemv_add(weights->next_W, 200, 0, 10000, 200, rnn2_h_next, next_work_1);

    state->now = now ^ 1u;
}

/* The same with the most probable classes in place of all logits, 32 of which are there at a time. */
static void advance_top(const ptb_small_weights *weights, ptb_small_state *state, int32_t tokens, size_t k, int32_t
                        *ids, float *scores)
{
    const uint32_t now = state->now & 1u;
    float *const rnn2_h_next = state->rnn2_h[now ^ 1u]; /* (200) rnn2 h next */
    top_state top = {0, 0.0f, 0.0};
    float logits[32];
    size_t row;

    hidden(weights, state, tokens);

    for (row = 0; row < 10000; row += 32) {
        const size_t rows = 10000 - row < 32 ? 10000 - row : 32;
        copy(weights->next_bias + row, logits, rows);
        gemv_add(weights->next_W + row / 32 * 6400, 200, 0, rows, 200, rnn2_h_next, logits);
        top_add(&top, logits, row, rows, k, ids, scores);
    }
    top_end(&top, k, scores);

    state->now = now ^ 1u;
}

/* ---------------------------------------------------------- a block of steps */

/* Step t of the block, from one state to the next: embed, rnn1, rnn2. */
static void walk_1(const ptb_small_weights *weights, ptb_small_state *state, const int32_t *tokens, size_t t)
{
    const uint32_t now = state->now & 1u;
    float *const embed_work_1 = state->work + 2000;     /* (200) embed work 1 */
    float *const rnn1_work_1 = state->work + 1200;      /* (800) rnn1 work 1 */
    float *const rnn1_work_2 = state->work + 2640;      /* (400) rnn1 work 2 */
    const float *const rnn1_h_now = state->rnn1_h[now]; /* (200) rnn1 h now */
    float *const rnn1_work_3 = state->work + 2000;      /* (640) rnn1 work 3 */
    const float *const rnn1_c_now = state->rnn1_c[now]; /* (200) rnn1 c now */
    float *const rnn1_c_next = state->rnn1_c[now ^ 1u]; /* (200) rnn1 c next */
    float *const rnn1_h_next = state->rnn1_h[now ^ 1u]; /* (200) rnn1 h next */
    float *const rnn2_work_1 = state->work + 1200;      /* (800) rnn2 work 1 */
    float *const rnn2_work_2 = state->work + 2640;      /* (400) rnn2 work 2 */
    const float *const rnn2_h_now = state->rnn2_h[now]; /* (200) rnn2 h now */
    float *const rnn2_work_3 = state->work + 2000;      /* (640) rnn2 work 3 */
    const float *const rnn2_c_now = state->rnn2_c[now]; /* (200) rnn2 c now */
    float *const rnn2_c_next = state->rnn2_c[now ^ 1u]; /* (200) rnn2 c next */
    float *const rnn2_h_next = state->rnn2_h[now ^ 1u]; /* (200) rnn2 h next */
    float *const rnn2_h = state->work + t * 200;        /* (200) rnn2 h */

    /* ---- embed */
    copy(weights->embed_table + (size_t)tokens[t] * 200, embed_work_1, 200);

    /* ---- rnn1 */
    copy(weights->rnn1_bias, rnn1_work_1, 800);
    copy(embed_work_1, rnn1_work_2, 200);
    copy(rnn1_h_now, rnn1_work_2 + 200, 200);
    /* (4, 200) += ((10, 25) (x) (20, 16)) (400) */
    kron_10x25_20x16_x4(weights->rnn1_B, weights->rnn1_C, rnn1_work_2, rnn1_work_3, 200, rnn1_work_1);
    /* (800) += (800, 400) (400), 29000 entries */
    sparse_add_sliced_16(800, weights->rnn1_S_order, weights->rnn1_S_counts, weights->rnn1_S_indices, weights->rnn1_S_values, rnn1_work_2, rnn1_work_1);
    lstm_cell(rnn1_work_1, 200, rnn1_c_now, rnn1_c_next, rnn1_h_next);

    /* ---- rnn2 */
    copy(weights->rnn2_bias, rnn2_work_1, 800);
    copy(rnn1_h_next, rnn2_work_2, 200);
    copy(rnn2_h_now, rnn2_work_2 + 200, 200);
    /* (4, 200) += ((10, 25) (x) (20, 16)) (400) */
    kron_10x25_20x16_x4(weights->rnn2_B, weights->rnn2_C, rnn2_work_2, rnn2_work_3, 200, rnn2_work_1);
    /* (800) += (800, 400) (400), 29000 entries */
    sparse_add_sliced_16(800, weights->rnn2_S_order, weights->rnn2_S_counts, weights->rnn2_S_indices, weights->rnn2_S_values, rnn2_work_2, rnn2_work_1);
    lstm_cell(rnn2_work_1, 200, rnn2_c_now, rnn2_c_next, rnn2_h_next);
    copy(rnn2_h_next, rnn2_h, 200);

    state->now = now ^ 1u;
}

/* A block of n steps, at most 6. */
static void block(const ptb_small_weights *weights, ptb_small_state *state, const int32_t *tokens, size_t n)
{
    size_t t;

    for (t = 0; t < n; t++)
        walk_1(weights, state, tokens, t);
}

/* What only outputs wait for, for the n steps of the block from the first on: next. */
static void outputs(const ptb_small_weights *weights, ptb_small_state *state, size_t first, size_t n, float
                        *next)
{
    float *const rnn2_h = state->work + first * 200; /* (n, 200) rnn2 h */
    size_t t;

    /* ---- next */
    for (t = 0; t < n; t++)
        copy(weights->next_bias, next + t * 10000, 10000);
    /* (n, 10000) += (10000, 200) (n, 200) */
    gemv_add_steps(weights->next_W, 200, 0, 10000, 200, n, rnn2_h, 200, next, 10000);
}

/* ------------------------------------------------------------- what is called */

/* Where `next` lies after a step: (10000). */
static const float *next_of(const ptb_small_state *state)
{
    return state->work;
}

int ptb_small_reset(ptb_small_state *state)
{
    if (state == NULL)
        return PTB_SMALL_E_NULL;
    memset(state, 0, sizeof *state);
    return 0;
}

int ptb_small_step(const ptb_small_weights *weights, ptb_small_state *state, int32_t tokens, float *next)
{
    if (weights == NULL || state == NULL || next == NULL)
        return PTB_SMALL_E_NULL;
    if (tokens < 0 || tokens >= PTB_SMALL_TOKENS_SIZE)
        return PTB_SMALL_E_TOKEN;
    advance(weights, state, tokens);
    copy(next_of(state), next, PTB_SMALL_NEXT_SIZE);
    return 0;
}

int ptb_small_run(const ptb_small_weights *weights, ptb_small_state *state, const int32_t *tokens, size_t count,
    float *next)
{
    size_t i, n;

    if (weights == NULL || state == NULL || tokens == NULL || next == NULL)
        return PTB_SMALL_E_NULL;
    if (count == 0)
        return PTB_SMALL_E_COUNT;
    for (i = 0; i < count; i++)
        if (tokens[i] < 0 || tokens[i] >= PTB_SMALL_TOKENS_SIZE)
            return PTB_SMALL_E_TOKEN;
    for (i = 0; i < count; i += n) {
        n = count - i < 6 ? count - i : 6;
        block(weights, state, tokens + i, n);
    }
    outputs(weights, state, n - 1, 1, next);
    return 0;
}

int ptb_small_run_all(const ptb_small_weights *weights, ptb_small_state *state, const int32_t *tokens, size_t count,
    float *next)
{
    size_t i, n;

    if (weights == NULL || state == NULL || tokens == NULL || next == NULL)
        return PTB_SMALL_E_NULL;
    if (count == 0)
        return PTB_SMALL_E_COUNT;
    for (i = 0; i < count; i++)
        if (tokens[i] < 0 || tokens[i] >= PTB_SMALL_TOKENS_SIZE)
            return PTB_SMALL_E_TOKEN;
    for (i = 0; i < count; i += n) {
        n = count - i < 6 ? count - i : 6;
        block(weights, state, tokens + i, n);
        outputs(weights, state, 0, n, next + i * PTB_SMALL_NEXT_SIZE);
    }
    return 0;
}

int ptb_small_step_top(const ptb_small_weights *weights, ptb_small_state *state, int32_t tokens, size_t k, int32_t
    *ids, float *scores)
{
    if (weights == NULL || state == NULL || ids == NULL || scores == NULL)
        return PTB_SMALL_E_NULL;
    if (tokens < 0 || tokens >= PTB_SMALL_TOKENS_SIZE)
        return PTB_SMALL_E_TOKEN;
    if (k == 0 || k > PTB_SMALL_NEXT_SIZE)
        return PTB_SMALL_E_K;
    advance_top(weights, state, tokens, k, ids, scores);
    return 0;
}

/* ---------------------------------------------------------------- weights */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the blob of weights is little-endian"
#endif

/* CRC-32 as zlib and Ethernet have it, without the turn of all bits before and after. */
static uint32_t crc_of(uint32_t crc, const void *data, size_t bytes)
{
    const unsigned char *next = (const unsigned char *)data;
#if defined(__ARM_FEATURE_CRC32)
    uint32_t word;

    for (; bytes >= sizeof word; bytes -= sizeof word, next += sizeof word) {
        memcpy(&word, next, sizeof word);
        crc = __crc32w(crc, word);
    }
    for (; bytes > 0; bytes--)
        crc = __crc32b(crc, *next++);
#else
    static const uint32_t of_half_byte[16] = {
        0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
        0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
    };

    for (; bytes > 0; bytes--) {
        crc ^= *next++;
        crc = of_half_byte[crc & 15u] ^ (crc >> 4);
        crc = of_half_byte[crc & 15u] ^ (crc >> 4);
    }
#endif
    return crc;
}

/* Whether every index is below `end`. indices: (count). */
static int indices_within_16(const uint16_t *indices, size_t count, size_t end)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (indices[i] >= end)
            return 0;
    return 1;
}

/* Whether counts rise and add up to `entries`. counts: (count). */
static int counts_within_16(const uint16_t *counts, size_t count, size_t entries)
{
    size_t i, total = 0;

    for (i = 0; i < count; i++) {
        if (i > 0 && counts[i] < counts[i - 1])
            return 0;
        total += counts[i];
    }
    return total == entries;
}

/* Whether nothing stored leads outside of what it belongs to. */
static int all_within(const ptb_small_weights *weights)
{
    if (!indices_within_16(weights->rnn1_S_order, 800, 800))
        return 0;
    if (!counts_within_16(weights->rnn1_S_counts, 800, 29000))
        return 0;
    if (!indices_within_16(weights->rnn1_S_indices, 29000, 400))
        return 0;
    if (!indices_within_16(weights->rnn2_S_order, 800, 800))
        return 0;
    if (!counts_within_16(weights->rnn2_S_counts, 800, 29000))
        return 0;
    if (!indices_within_16(weights->rnn2_S_indices, 29000, 400))
        return 0;
    return 1;
}

int ptb_small_weights_check(const ptb_small_weights *weights)
{
    uint32_t crc = 0xffffffffu;

    if (weights == NULL)
        return PTB_SMALL_E_NULL;
    crc = crc_of(crc, weights->embed_table, sizeof *weights->embed_table * 2000000);
    crc = crc_of(crc, weights->rnn1_bias, sizeof *weights->rnn1_bias * 800);
    crc = crc_of(crc, weights->rnn1_B, sizeof *weights->rnn1_B * 1000);
    crc = crc_of(crc, weights->rnn1_C, sizeof *weights->rnn1_C * 1280);
    crc = crc_of(crc, weights->rnn2_bias, sizeof *weights->rnn2_bias * 800);
    crc = crc_of(crc, weights->rnn2_B, sizeof *weights->rnn2_B * 1000);
    crc = crc_of(crc, weights->rnn2_C, sizeof *weights->rnn2_C * 1280);
    crc = crc_of(crc, weights->next_bias, sizeof *weights->next_bias * 10000);
    crc = crc_of(crc, weights->next_W, sizeof *weights->next_W * 2000000);
    crc = crc_of(crc, weights->rnn1_S_values, sizeof *weights->rnn1_S_values * 29000);
    crc = crc_of(crc, weights->rnn2_S_values, sizeof *weights->rnn2_S_values * 29000);
    crc = crc_of(crc, weights->rnn1_S_order, sizeof *weights->rnn1_S_order * 800);
    crc = crc_of(crc, weights->rnn1_S_counts, sizeof *weights->rnn1_S_counts * 800);
    crc = crc_of(crc, weights->rnn1_S_indices, sizeof *weights->rnn1_S_indices * 29000);
    crc = crc_of(crc, weights->rnn2_S_order, sizeof *weights->rnn2_S_order * 800);
    crc = crc_of(crc, weights->rnn2_S_counts, sizeof *weights->rnn2_S_counts * 800);
    crc = crc_of(crc, weights->rnn2_S_indices, sizeof *weights->rnn2_S_indices * 29000);
    if ((crc ^ 0xffffffffu) != weights->crc)
        return PTB_SMALL_E_DAMAGED;
    if (!all_within(weights))
        return PTB_SMALL_E_BOUNDS;
    return 0;
}

int ptb_small_weights_from_blob(ptb_small_weights *weights, const void *blob, size_t bytes)
{
    static const unsigned char magic[4] = {'R', 'N', 'N', 'C'};
    const unsigned char *const start = (const unsigned char *)blob;
    uint32_t version, values_crc, blob_crc, crc;
    uint64_t length, layout, vocabulary;
    ptb_small_weights found;

    if (weights == NULL || blob == NULL)
        return PTB_SMALL_E_NULL;
    if ((uintptr_t)blob % PTB_SMALL_ALIGNMENT != 0)
        return PTB_SMALL_E_ALIGN;
    if (bytes < 64)
        return PTB_SMALL_E_LENGTH;
    if (memcmp(start, magic, sizeof magic) != 0)
        return PTB_SMALL_E_BLOB;
    memcpy(&version, start + 4, sizeof version);
    memcpy(&length, start + 8, sizeof length);
    memcpy(&layout, start + 16, sizeof layout);
    memcpy(&vocabulary, start + 24, sizeof vocabulary);
    memcpy(&values_crc, start + 32, sizeof values_crc);
    memcpy(&blob_crc, start + 36, sizeof blob_crc);
    if (version != 2u)
        return PTB_SMALL_E_VERSION;
    if (layout != UINT64_C(0x131e1e7a87ad1702))
        return PTB_SMALL_E_MODEL;
    if (vocabulary != UINT64_C(0x0000000000000000))
        return PTB_SMALL_E_VOCABULARY;
    if (bytes != PTB_SMALL_BLOB_BYTES || length != PTB_SMALL_BLOB_BYTES)
        return PTB_SMALL_E_LENGTH;
    crc = crc_of(0xffffffffu, start, 36);
    crc = crc_of(crc, start + 40, PTB_SMALL_BLOB_BYTES - 40);
    if ((crc ^ 0xffffffffu) != blob_crc)
        return PTB_SMALL_E_DAMAGED;
    found.embed_table = (const float *)(const void *)(start + 64 + 0);
    found.rnn1_bias = (const float *)(const void *)(start + 64 + 8000000);
    found.rnn1_B = (const float *)(const void *)(start + 64 + 8003200);
    found.rnn1_C = (const float *)(const void *)(start + 64 + 8007232);
    found.rnn2_bias = (const float *)(const void *)(start + 64 + 8012352);
    found.rnn2_B = (const float *)(const void *)(start + 64 + 8015552);
    found.rnn2_C = (const float *)(const void *)(start + 64 + 8019584);
    found.next_bias = (const float *)(const void *)(start + 64 + 8024704);
    found.next_W = (const float *)(const void *)(start + 64 + 8064704);
    found.rnn1_S_values = (const float *)(const void *)(start + 64 + 16064704);
    found.rnn2_S_values = (const float *)(const void *)(start + 64 + 16180704);
    found.rnn1_S_order = (const uint16_t *)(const void *)(start + 64 + 16296704);
    found.rnn1_S_counts = (const uint16_t *)(const void *)(start + 64 + 16298304);
    found.rnn1_S_indices = (const uint16_t *)(const void *)(start + 64 + 16299904);
    found.rnn2_S_order = (const uint16_t *)(const void *)(start + 64 + 16357904);
    found.rnn2_S_counts = (const uint16_t *)(const void *)(start + 64 + 16359504);
    found.rnn2_S_indices = (const uint16_t *)(const void *)(start + 64 + 16361104);
    found.crc = values_crc;
    if (!all_within(&found))
        return PTB_SMALL_E_BOUNDS;
    *weights = found;
    return 0;
}
