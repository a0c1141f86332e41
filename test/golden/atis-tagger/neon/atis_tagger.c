/*
 * atis_tagger: the kernels, then the model as a sequence of calls of them.
 * Written by rnnc for cortex-a53; activations `std`.
 * trained: false. The weights were drawn from a seed: for measuring size and speed, not for predicting.
 */
#include "atis_tagger.h"

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

/* y += x. x, y: (count). */
static void add_vector(const float *restrict x, float *restrict y, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        y[i] += x[i];
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
static void hidden(const atis_tagger_weights *weights, atis_tagger_state *state, int32_t tokens)
{
    const uint32_t now = state->now & 1u;
    float *const embed_work_1 = state->work + 704;    /* (64) embed work 1 */
    float *const rnn_work_1 = state->work;            /* (512) rnn work 1 */
    float *const rnn_work_3 = state->work + 768;      /* (16) rnn work 3 */
    const float *const rnn_h_now = state->rnn_h[now]; /* (128) rnn h now */
    float *const rnn_work_4 = state->work + 512;      /* (180) rnn work 4 */
    const float *const rnn_c_now = state->rnn_c[now]; /* (128) rnn c now */
    float *const rnn_c_next = state->rnn_c[now ^ 1u]; /* (128) rnn c next */
    float *const rnn_h_next = state->rnn_h[now ^ 1u]; /* (128) rnn h next */

    /* ---- embed */
    copy(weights->embed_table + (size_t)tokens * 64, embed_work_1, 64);

    /* ---- rnn */
    copy(weights->rnn_bias, rnn_work_1, 512);
    /* (16) = (16, 64 of 192) (64) */
    fill_zero(rnn_work_3, 16);
    gemv_add(weights->rnn_C, 192, 0, 16, 64, embed_work_1, rnn_work_3);
    /* (16) += (16, 128 of 192) (128) */
    gemv_add(weights->rnn_C, 192, 64, 16, 128, rnn_h_now, rnn_work_3);
    /* (180) = (180, 64 of 192) (64) */
    fill_zero(rnn_work_4, 180);
    gemv_add(weights->rnn_A, 192, 0, 180, 64, embed_work_1, rnn_work_4);
    /* (180) += (180, 128 of 192) (128) */
    gemv_add(weights->rnn_A, 192, 64, 180, 128, rnn_h_now, rnn_work_4);
    add_vector(rnn_work_4, rnn_work_1, 45);
    add_vector(rnn_work_4 + 45, rnn_work_1 + 128, 45);
    add_vector(rnn_work_4 + 90, rnn_work_1 + 256, 45);
    add_vector(rnn_work_4 + 135, rnn_work_1 + 384, 45);
    /* (83) += (83, 4) (4) */
    gemv_add(weights->rnn_B_0, 4, 0, 83, 4, rnn_work_3, rnn_work_1 + 45);
    /* (83) += (83, 4) (4) */
    gemv_add(weights->rnn_B_1, 4, 0, 83, 4, rnn_work_3 + 4, rnn_work_1 + 173);
    /* (83) += (83, 4) (4) */
    gemv_add(weights->rnn_B_2, 4, 0, 83, 4, rnn_work_3 + 8, rnn_work_1 + 301);
    /* (83) += (83, 4) (4) */
    gemv_add(weights->rnn_B_3, 4, 0, 83, 4, rnn_work_3 + 12, rnn_work_1 + 429);
    lstm_cell(rnn_work_1, 128, rnn_c_now, rnn_c_next, rnn_h_next);
}

/* From one state to the next. Nothing is written to the current copy of the state. */
static void advance(const atis_tagger_weights *weights, atis_tagger_state *state, int32_t tokens)
{
    const uint32_t now = state->now & 1u;
    float *const slots_work_1 = state->work;          /* (120) slots work 1 */
    float *const rnn_h_next = state->rnn_h[now ^ 1u]; /* (128) rnn h next */

    hidden(weights, state, tokens);

    /* ---- slots */
    copy(weights->slots_bias, slots_work_1, 120);
    /* (120) += (120, 128) (128) */
    gemv_add(weights->slots_W, 128, 0, 120, 128, rnn_h_next, slots_work_1);

    state->now = now ^ 1u;
}

/* The same with the most probable classes in place of all logits, 32 of which are there at a time. */
static void advance_top(const atis_tagger_weights *weights, atis_tagger_state *state, int32_t tokens, size_t k,
                        int32_t *ids, float *scores)
{
    const uint32_t now = state->now & 1u;
    float *const rnn_h_next = state->rnn_h[now ^ 1u]; /* (128) rnn h next */
    top_state top = {0, 0.0f, 0.0};
    float logits[32];
    size_t row;

    hidden(weights, state, tokens);

    for (row = 0; row < 120; row += 32) {
        const size_t rows = 120 - row < 32 ? 120 - row : 32;
        copy(weights->slots_bias + row, logits, rows);
        gemv_add(weights->slots_W + row / 32 * 4096, 128, 0, rows, 128, rnn_h_next, logits);
        top_add(&top, logits, row, rows, k, ids, scores);
    }
    top_end(&top, k, scores);

    state->now = now ^ 1u;
}

/* ---------------------------------------------------------- a block of steps */

/* What waits for no earlier step, for n steps at once: embed, rnn. */
static void ahead_1(const atis_tagger_weights *weights, atis_tagger_state *state, const int32_t *tokens, size_t
                        n)
{
    float *const embed_work_1 = state->work + 1088; /* (n, 64) embed work 1 */
    float *const rnn_work_3 = state->work + 2368;   /* (n, 16) rnn work 3 */
    float *const rnn_work_4 = state->work;          /* (n, 180) rnn work 4 */
    size_t t;

    /* ---- embed */
    for (t = 0; t < n; t++)
        copy(weights->embed_table + (size_t)tokens[t] * 64, embed_work_1 + t * 64, 64);

    /* ---- rnn */
    /* (n, 16) = (16, 64 of 192) (n, 64) */
    for (t = 0; t < n; t++)
        fill_zero(rnn_work_3 + t * 16, 16);
    gemv_add_steps(weights->rnn_C, 192, 0, 16, 64, n, embed_work_1, 64, rnn_work_3, 16);
    /* (n, 180) = (180, 64 of 192) (n, 64) */
    for (t = 0; t < n; t++)
        fill_zero(rnn_work_4 + t * 180, 180);
    gemv_add_steps(weights->rnn_A, 192, 0, 180, 64, n, embed_work_1, 64, rnn_work_4, 180);
}

/* Step t of the block, from one state to the next: rnn. */
static void walk_2(const atis_tagger_weights *weights, atis_tagger_state *state, size_t t)
{
    const uint32_t now = state->now & 1u;
    float *const rnn_work_1 = state->work + 1856;          /* (512) rnn work 1 */
    const float *const rnn_h_now = state->rnn_h[now];      /* (128) rnn h now */
    float *const rnn_work_3 = state->work + 2368 + t * 16; /* (16) rnn work 3 */
    float *const rnn_work_4 = state->work + t * 180;       /* (180) rnn work 4 */
    const float *const rnn_c_now = state->rnn_c[now];      /* (128) rnn c now */
    float *const rnn_c_next = state->rnn_c[now ^ 1u];      /* (128) rnn c next */
    float *const rnn_h_next = state->rnn_h[now ^ 1u];      /* (128) rnn h next */
    float *const rnn_h = state->work + 1088 + t * 128;     /* (128) rnn h */

    /* ---- rnn */
    copy(weights->rnn_bias, rnn_work_1, 512);
    /* (16) += (16, 128 of 192) (128) */
    gemv_add(weights->rnn_C, 192, 64, 16, 128, rnn_h_now, rnn_work_3);
    /* (180) += (180, 128 of 192) (128) */
    gemv_add(weights->rnn_A, 192, 64, 180, 128, rnn_h_now, rnn_work_4);
    add_vector(rnn_work_4, rnn_work_1, 45);
    add_vector(rnn_work_4 + 45, rnn_work_1 + 128, 45);
    add_vector(rnn_work_4 + 90, rnn_work_1 + 256, 45);
    add_vector(rnn_work_4 + 135, rnn_work_1 + 384, 45);
    /* (83) += (83, 4) (4) */
    gemv_add(weights->rnn_B_0, 4, 0, 83, 4, rnn_work_3, rnn_work_1 + 45);
    /* (83) += (83, 4) (4) */
    gemv_add(weights->rnn_B_1, 4, 0, 83, 4, rnn_work_3 + 4, rnn_work_1 + 173);
    /* (83) += (83, 4) (4) */
    gemv_add(weights->rnn_B_2, 4, 0, 83, 4, rnn_work_3 + 8, rnn_work_1 + 301);
    /* (83) += (83, 4) (4) */
    gemv_add(weights->rnn_B_3, 4, 0, 83, 4, rnn_work_3 + 12, rnn_work_1 + 429);
    lstm_cell(rnn_work_1, 128, rnn_c_now, rnn_c_next, rnn_h_next);
    copy(rnn_h_next, rnn_h, 128);

    state->now = now ^ 1u;
}

/* A block of n steps, at most 6. */
static void block(const atis_tagger_weights *weights, atis_tagger_state *state, const int32_t *tokens, size_t
                        n)
{
    size_t t;

    ahead_1(weights, state, tokens, n);
    for (t = 0; t < n; t++)
        walk_2(weights, state, t);
}

/* What only outputs wait for, for the n steps of the block from the first on: slots. */
static void outputs(const atis_tagger_weights *weights, atis_tagger_state *state, size_t first, size_t n, float
                        *slots)
{
    float *const rnn_h = state->work + 1088 + first * 128; /* (n, 128) rnn h */
    size_t t;

    /* ---- slots */
    for (t = 0; t < n; t++)
        copy(weights->slots_bias, slots + t * 120, 120);
    /* (n, 120) += (120, 128) (n, 128) */
    gemv_add_steps(weights->slots_W, 128, 0, 120, 128, n, rnn_h, 128, slots, 120);
}

/* ------------------------------------------------------------- what is called */

/* Where `slots` lies after a step: (120). */
static const float *slots_of(const atis_tagger_state *state)
{
    return state->work;
}

int atis_tagger_reset(atis_tagger_state *state)
{
    if (state == NULL)
        return ATIS_TAGGER_E_NULL;
    memset(state, 0, sizeof *state);
    return 0;
}

int atis_tagger_step(const atis_tagger_weights *weights, atis_tagger_state *state, int32_t tokens, float *slots)
{
    if (weights == NULL || state == NULL || slots == NULL)
        return ATIS_TAGGER_E_NULL;
    if (tokens < 0 || tokens >= ATIS_TAGGER_TOKENS_SIZE)
        return ATIS_TAGGER_E_TOKEN;
    advance(weights, state, tokens);
    copy(slots_of(state), slots, ATIS_TAGGER_SLOTS_SIZE);
    return 0;
}

int atis_tagger_run(const atis_tagger_weights *weights, atis_tagger_state *state, const int32_t *tokens, size_t
    count, float *slots)
{
    size_t i, n;

    if (weights == NULL || state == NULL || tokens == NULL || slots == NULL)
        return ATIS_TAGGER_E_NULL;
    if (count == 0)
        return ATIS_TAGGER_E_COUNT;
    for (i = 0; i < count; i++)
        if (tokens[i] < 0 || tokens[i] >= ATIS_TAGGER_TOKENS_SIZE)
            return ATIS_TAGGER_E_TOKEN;
    for (i = 0; i < count; i += n) {
        n = count - i < 6 ? count - i : 6;
        block(weights, state, tokens + i, n);
    }
    outputs(weights, state, n - 1, 1, slots);
    return 0;
}

int atis_tagger_run_all(const atis_tagger_weights *weights, atis_tagger_state *state, const int32_t *tokens, size_t
    count, float *slots)
{
    size_t i, n;

    if (weights == NULL || state == NULL || tokens == NULL || slots == NULL)
        return ATIS_TAGGER_E_NULL;
    if (count == 0)
        return ATIS_TAGGER_E_COUNT;
    for (i = 0; i < count; i++)
        if (tokens[i] < 0 || tokens[i] >= ATIS_TAGGER_TOKENS_SIZE)
            return ATIS_TAGGER_E_TOKEN;
    for (i = 0; i < count; i += n) {
        n = count - i < 6 ? count - i : 6;
        block(weights, state, tokens + i, n);
        outputs(weights, state, 0, n, slots + i * ATIS_TAGGER_SLOTS_SIZE);
    }
    return 0;
}

int atis_tagger_step_top(const atis_tagger_weights *weights, atis_tagger_state *state, int32_t tokens, size_t k,
    int32_t *ids, float *scores)
{
    if (weights == NULL || state == NULL || ids == NULL || scores == NULL)
        return ATIS_TAGGER_E_NULL;
    if (tokens < 0 || tokens >= ATIS_TAGGER_TOKENS_SIZE)
        return ATIS_TAGGER_E_TOKEN;
    if (k == 0 || k > ATIS_TAGGER_SLOTS_SIZE)
        return ATIS_TAGGER_E_K;
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

int atis_tagger_weights_check(const atis_tagger_weights *weights)
{
    uint32_t crc = 0xffffffffu;

    if (weights == NULL)
        return ATIS_TAGGER_E_NULL;
    crc = crc_of(crc, weights->embed_table, sizeof *weights->embed_table * 55680);
    crc = crc_of(crc, weights->rnn_bias, sizeof *weights->rnn_bias * 512);
    crc = crc_of(crc, weights->rnn_C, sizeof *weights->rnn_C * 3072);
    crc = crc_of(crc, weights->rnn_A, sizeof *weights->rnn_A * 34560);
    crc = crc_of(crc, weights->rnn_B_0, sizeof *weights->rnn_B_0 * 336);
    crc = crc_of(crc, weights->rnn_B_1, sizeof *weights->rnn_B_1 * 336);
    crc = crc_of(crc, weights->rnn_B_2, sizeof *weights->rnn_B_2 * 336);
    crc = crc_of(crc, weights->rnn_B_3, sizeof *weights->rnn_B_3 * 336);
    crc = crc_of(crc, weights->slots_bias, sizeof *weights->slots_bias * 120);
    crc = crc_of(crc, weights->slots_W, sizeof *weights->slots_W * 15360);
    if ((crc ^ 0xffffffffu) != weights->crc)
        return ATIS_TAGGER_E_DAMAGED;
    return 0;
}

int atis_tagger_weights_from_blob(atis_tagger_weights *weights, const void *blob, size_t bytes)
{
    static const unsigned char magic[4] = {'R', 'N', 'N', 'C'};
    const unsigned char *const start = (const unsigned char *)blob;
    uint32_t version, values_crc, blob_crc, crc;
    uint64_t length, layout, vocabulary;
    atis_tagger_weights found;

    if (weights == NULL || blob == NULL)
        return ATIS_TAGGER_E_NULL;
    if ((uintptr_t)blob % ATIS_TAGGER_ALIGNMENT != 0)
        return ATIS_TAGGER_E_ALIGN;
    if (bytes < 64)
        return ATIS_TAGGER_E_LENGTH;
    if (memcmp(start, magic, sizeof magic) != 0)
        return ATIS_TAGGER_E_BLOB;
    memcpy(&version, start + 4, sizeof version);
    memcpy(&length, start + 8, sizeof length);
    memcpy(&layout, start + 16, sizeof layout);
    memcpy(&vocabulary, start + 24, sizeof vocabulary);
    memcpy(&values_crc, start + 32, sizeof values_crc);
    memcpy(&blob_crc, start + 36, sizeof blob_crc);
    if (version != 2u)
        return ATIS_TAGGER_E_VERSION;
    if (layout != UINT64_C(0xe81a84ef48bbc186))
        return ATIS_TAGGER_E_MODEL;
    if (vocabulary != UINT64_C(0x0000000000000000))
        return ATIS_TAGGER_E_VOCABULARY;
    if (bytes != ATIS_TAGGER_BLOB_BYTES || length != ATIS_TAGGER_BLOB_BYTES)
        return ATIS_TAGGER_E_LENGTH;
    crc = crc_of(0xffffffffu, start, 36);
    crc = crc_of(crc, start + 40, ATIS_TAGGER_BLOB_BYTES - 40);
    if ((crc ^ 0xffffffffu) != blob_crc)
        return ATIS_TAGGER_E_DAMAGED;
    found.embed_table = (const float *)(const void *)(start + 64 + 0);
    found.rnn_bias = (const float *)(const void *)(start + 64 + 222720);
    found.rnn_C = (const float *)(const void *)(start + 64 + 224768);
    found.rnn_A = (const float *)(const void *)(start + 64 + 237056);
    found.rnn_B_0 = (const float *)(const void *)(start + 64 + 375296);
    found.rnn_B_1 = (const float *)(const void *)(start + 64 + 376640);
    found.rnn_B_2 = (const float *)(const void *)(start + 64 + 377984);
    found.rnn_B_3 = (const float *)(const void *)(start + 64 + 379328);
    found.slots_bias = (const float *)(const void *)(start + 64 + 380672);
    found.slots_W = (const float *)(const void *)(start + 64 + 381184);
    found.crc = values_crc;
    *weights = found;
    return 0;
}
