/*
 * ptb_medium: the kernels, then the model as a sequence of calls of them.
 * Written by rnnc for any processor; activations `std`.
 * trained: false. The weights were drawn from a seed: for measuring size and speed, not for predicting.
 */
#include "ptb_medium.h"

#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- kernels */

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

/* One panel: y += W x for 32 rows.
   w: (columns, 32), column after column; x: (columns); y: (32). Returns the next panel. */
static const float *add_panel_32(const float *restrict w, const float *restrict x, size_t columns,
                                 float *restrict y)
{
    float sum[32];
    size_t row, column;

    for (row = 0; row < 32; row++)
        sum[row] = y[row];
    for (column = 0; column < columns; column++) {
        const float factor = x[column];
        for (row = 0; row < 32; row++)
            sum[row] += w[row] * factor;
        w += 32;
    }
    for (row = 0; row < 32; row++)
        y[row] = sum[row];
    return w;
}

/* One panel: y += W x for 16 rows.
   w: (columns, 16), column after column; x: (columns); y: (16). Returns the next panel. */
static const float *add_panel_16(const float *restrict w, const float *restrict x, size_t columns,
                                 float *restrict y)
{
    float sum[16];
    size_t row, column;

    for (row = 0; row < 16; row++)
        sum[row] = y[row];
    for (column = 0; column < columns; column++) {
        const float factor = x[column];
        for (row = 0; row < 16; row++)
            sum[row] += w[row] * factor;
        w += 16;
    }
    for (row = 0; row < 16; row++)
        y[row] = sum[row];
    return w;
}

/* One panel: y += W x for 8 rows.
   w: (columns, 8), column after column; x: (columns); y: (8). Returns the next panel. */
static const float *add_panel_8(const float *restrict w, const float *restrict x, size_t columns,
                                 float *restrict y)
{
    float sum[8];
    size_t row, column;

    for (row = 0; row < 8; row++)
        sum[row] = y[row];
    for (column = 0; column < columns; column++) {
        const float factor = x[column];
        for (row = 0; row < 8; row++)
            sum[row] += w[row] * factor;
        w += 8;
    }
    for (row = 0; row < 8; row++)
        y[row] = sum[row];
    return w;
}

/* One panel: y += W x for 4 rows.
   w: (columns, 4), column after column; x: (columns); y: (4). Returns the next panel. */
static const float *add_panel_4(const float *restrict w, const float *restrict x, size_t columns,
                                 float *restrict y)
{
    float sum[4];
    size_t row, column;

    for (row = 0; row < 4; row++)
        sum[row] = y[row];
    for (column = 0; column < columns; column++) {
        const float factor = x[column];
        for (row = 0; row < 4; row++)
            sum[row] += w[row] * factor;
        w += 4;
    }
    for (row = 0; row < 4; row++)
        y[row] = sum[row];
    return w;
}

/* y += W x.
   w: panels of 32, 16, 8 or 4 rows, the last one padded with rows of zeros; x: (columns); y: (rows). */
static void gemv_add(const float *restrict w, size_t rows, size_t columns, const float *restrict x,
                     float *restrict y)
{
    const size_t padded_rows = (rows + 3) / 4 * 4;
    size_t row = 0;

    for (; row + 32 <= rows; row += 32)
        w = add_panel_32(w, x, columns, y + row);
    /* The panel that ends in padding works on a copy, so that nothing behind y is touched. */
    if (row < rows) {
        float rest[32] = {0};
        float *r = rest;
        memcpy(rest, y + row, (rows - row) * sizeof *y);
        if (padded_rows - row == 32) {
            w = add_panel_32(w, x, columns, r);
            r += 32;
        }
        if ((padded_rows - row) % 32 >= 16) {
            w = add_panel_16(w, x, columns, r);
            r += 16;
        }
        if ((padded_rows - row) % 16 >= 8) {
            w = add_panel_8(w, x, columns, r);
            r += 8;
        }
        if ((padded_rows - row) % 8 >= 4)
            (void)add_panel_4(w, x, columns, r);
        memcpy(y + row, rest, (rows - row) * sizeof *y);
    }
}

/* Y += A B, for the small products that structured matrices fall into.
   a: (rows, inner), `a_stride` floats from row to row; b: (inner, columns), `b_stride`;
   y: (rows, columns), `y_stride`. */
static void gemm_add(size_t rows, size_t columns, size_t inner,
                     const float *restrict a, size_t a_stride,
                     const float *restrict b, size_t b_stride,
                     float *restrict y, size_t y_stride)
{
    /* Counted by remainders: with constant sizes compilers then see that a loop has no turns. */
    const size_t whole = rows - rows % 4;
    size_t row, column, k;

    /* Four rows at a time share the loads of b. */
    for (row = 0; row < whole; row += 4) {
        const float *a0 = a + row * a_stride, *a1 = a0 + a_stride, *a2 = a1 + a_stride, *a3 = a2 + a_stride;
        float *restrict y0 = y + row * y_stride;
        float *restrict y1 = y0 + y_stride;
        float *restrict y2 = y1 + y_stride;
        float *restrict y3 = y2 + y_stride;
        for (k = 0; k < inner; k++) {
            const float f0 = a0[k], f1 = a1[k], f2 = a2[k], f3 = a3[k];
            const float *restrict bk = b + k * b_stride;
            for (column = 0; column < columns; column++) {
                const float value = bk[column];
                y0[column] += f0 * value;
                y1[column] += f1 * value;
                y2[column] += f2 * value;
                y3[column] += f3 * value;
            }
        }
    }
    for (row = whole; row < rows; row++) {
        float *restrict y0 = y + row * y_stride;
        for (k = 0; k < inner; k++) {
            const float f0 = a[row * a_stride + k];
            const float *restrict bk = b + k * b_stride;
            for (column = 0; column < columns; column++)
                y0[column] += f0 * bk[column];
        }
    }
}

/* y += (B (x) C) x as (B X) C^T, X being x read as (b_columns, c_columns).
   b: (b_rows, b_columns); ct: C transposed, (c_columns, c_rows padded to 4); t: (b_rows, c_columns padded to 4);
   y: (b_rows * c_rows). */
static void kron_add_b_first(size_t b_rows, size_t b_columns, const float *b,
                             size_t c_rows, size_t c_columns, const float *ct,
                             const float *x, float *t, float *y)
{
    const size_t c_stride = (c_rows + 3) / 4 * 4, t_stride = (c_columns + 3) / 4 * 4;

    fill_zero(t, b_rows * t_stride);
    gemm_add(b_rows, c_columns, b_columns, b, b_columns, x, c_columns, t, t_stride);
    gemm_add(b_rows, c_rows, c_columns, t, t_stride, ct, c_stride, y, c_rows);
}

/* y += S x, S in compressed sparse rows with 16-bit column numbers. Four sums per row, so that no addition waits
   for the one before it.
   starts: (rows + 1), where each row's entries begin; columns, values: (starts[rows]); y: (rows). */
static void sparse_add_16(size_t rows, const uint32_t *restrict starts, const uint16_t *restrict columns,
                          const float *restrict values, const float *restrict x, float *restrict y)
{
    size_t row;

    for (row = 0; row < rows; row++) {
        const float *const end = values + (starts[row + 1] - starts[row]);
        float sum0 = y[row], sum1 = 0.0f, sum2 = 0.0f, sum3 = 0.0f;
        for (; end - values >= 4; values += 4, columns += 4) {
            sum0 += values[0] * x[columns[0]];
            sum1 += values[1] * x[columns[1]];
            sum2 += values[2] * x[columns[2]];
            sum3 += values[3] * x[columns[3]];
        }
        for (; values < end; values++, columns++)
            sum0 += values[0] * x[columns[0]];
        y[row] = (sum0 + sum1) + (sum2 + sum3);
    }
}

/* tanh within 4e-7 absolute: x P(x^2) / Q(x^2) with P and Q of degree 4, a minimax fit on [-8.3f, 8.3f]; beyond it
   tanh is 1 to float accuracy. The comparisons keep NaN. */
static inline float tanh_of(float x)
{
    const float u = x > 8.3f ? 8.3f : x < -8.3f ? -8.3f : x;
    const float z = u * u;
    const float p = 0.99999994f + z * (0.13419126f + z * (0.003541268f + z * (0.000021382153f + z * 1.44786325e-8f)));
    const float q = 1.0f + z * (0.4675244f + z * (0.026049618f + z * (0.00033611964f + z * 8.224619e-7f)));
    return u * p / q;
}

/* Within 4e-7 absolute: half of tanh's error and one rounding. */
static inline float sigmoid_of(float x)
{
    return 0.5f + 0.5f * tanh_of(0.5f * x);
}

/* The LSTM cell: c' = f c + i g, h = o tanh(c').
   z: (4, units), pre-activations of the gates i, f, g, o; c, c_next, h: (units). */
static void lstm_cell(const float *restrict z, size_t units, const float *restrict c,
                      float *restrict c_next, float *restrict h)
{
    const float *restrict zi = z;
    const float *restrict zf = z + units;
    const float *restrict zg = z + 2 * units;
    const float *restrict zo = z + 3 * units;
    size_t unit;

    for (unit = 0; unit < units; unit++) {
        const float kept = sigmoid_of(zf[unit]) * c[unit];
        const float cell = kept + sigmoid_of(zi[unit]) * tanh_of(zg[unit]);
        c_next[unit] = cell;
        h[unit] = sigmoid_of(zo[unit]) * tanh_of(cell);
    }
}

/* The k largest logits, largest first, equal ones by id; NaN ranks last. Scores become probabilities.
   logits: (classes); ids, scores: (k). */
static void softmax_top(const float *restrict logits, size_t classes, size_t k, int32_t *restrict ids,
                        float *restrict scores)
{
    size_t found = 0, id, place;
    double sum = 0.0;
    float largest;

    for (id = 0; id < classes; id++) {
        const float value = logits[id] == logits[id] ? logits[id] : -INFINITY;
        if (found == k && value <= scores[k - 1])
            continue;
        place = found < k ? found++ : k - 1;
        for (; place > 0 && scores[place - 1] < value; place--) {
            scores[place] = scores[place - 1];
            ids[place] = ids[place - 1];
        }
        scores[place] = value;
        ids[place] = (int32_t)id;
    }
    /* Taking the largest away first keeps exp from overflowing. */
    largest = scores[0];
    for (id = 0; id < classes; id++)
        sum += (double)expf(logits[id] - largest);
    for (place = 0; place < k; place++)
        scores[place] = (float)((double)expf(scores[place] - largest) / sum);
}

/* ------------------------------------------------------------ one time step */

/* From one state to the next. Nothing is written to the current copy of the state. */
static void advance(const ptb_medium_weights *weights, ptb_medium_state *state, int32_t tokens)
{
    const uint32_t now = state->now & 1u;
    float *const embed_work_1 = state->work + 3920;     /* (650) embed work 1 */
    float *const rnn1_work_1 = state->work;             /* (2600) rnn1 work 1 */
    float *const rnn1_work_2 = state->work + 2608;      /* (1300) rnn1 work 2 */
    const float *const rnn1_h_now = state->rnn1_h[now]; /* (650) rnn1 h now */
    float *const rnn1_work_3 = state->work + 3920;      /* (260) rnn1 work 3 */
    float *const rnn1_work_4 = state->work + 3920;      /* (260) rnn1 work 4 */
    float *const rnn1_work_5 = state->work + 3920;      /* (260) rnn1 work 5 */
    float *const rnn1_work_6 = state->work + 3920;      /* (260) rnn1 work 6 */
    const float *const rnn1_c_now = state->rnn1_c[now]; /* (650) rnn1 c now */
    float *const rnn1_c_next = state->rnn1_c[now ^ 1u]; /* (650) rnn1 c next */
    float *const rnn1_h_next = state->rnn1_h[now ^ 1u]; /* (650) rnn1 h next */
    float *const rnn2_work_1 = state->work;             /* (2600) rnn2 work 1 */
    float *const rnn2_work_2 = state->work + 2608;      /* (1300) rnn2 work 2 */
    const float *const rnn2_h_now = state->rnn2_h[now]; /* (650) rnn2 h now */
    float *const rnn2_work_3 = state->work + 3920;      /* (260) rnn2 work 3 */
    float *const rnn2_work_4 = state->work + 3920;      /* (260) rnn2 work 4 */
    float *const rnn2_work_5 = state->work + 3920;      /* (260) rnn2 work 5 */
    float *const rnn2_work_6 = state->work + 3920;      /* (260) rnn2 work 6 */
    const float *const rnn2_c_now = state->rnn2_c[now]; /* (650) rnn2 c now */
    float *const rnn2_c_next = state->rnn2_c[now ^ 1u]; /* (650) rnn2 c next */
    float *const rnn2_h_next = state->rnn2_h[now ^ 1u]; /* (650) rnn2 h next */
    float *const next_work_1 = state->work;             /* (10000) next work 1 */

    /* ---- embed */
    copy(weights->embed_table + (size_t)tokens * 650, embed_work_1, 650);

    /* ---- rnn1 */
    copy(weights->rnn1_bias, rnn1_work_1, 2600);
    copy(embed_work_1, rnn1_work_2, 650);
    copy(rnn1_h_now, rnn1_work_2 + 650, 650);
    /* (650) += ((13, 65) (x) (50, 20)) (1300) */
    kron_add_b_first(13, 65, weights->rnn1_B_0, 50, 20, weights->rnn1_C_0, rnn1_work_2, rnn1_work_3, rnn1_work_1);
    /* (650) += ((13, 65) (x) (50, 20)) (1300) */
    kron_add_b_first(13, 65, weights->rnn1_B_1, 50, 20, weights->rnn1_C_1, rnn1_work_2, rnn1_work_4, rnn1_work_1 + 650);
    /* (650) += ((13, 65) (x) (50, 20)) (1300) */
    kron_add_b_first(13, 65, weights->rnn1_B_2, 50, 20, weights->rnn1_C_2, rnn1_work_2, rnn1_work_5, rnn1_work_1 + 1300);
    /* (650) += ((13, 65) (x) (50, 20)) (1300) */
    kron_add_b_first(13, 65, weights->rnn1_B_3, 50, 20, weights->rnn1_C_3, rnn1_work_2, rnn1_work_6, rnn1_work_1 + 1950);
    /* (2600) += (2600, 1300) (1300), 125324 entries */
    sparse_add_16(2600, weights->rnn1_S_starts, weights->rnn1_S_indices, weights->rnn1_S_values, rnn1_work_2, rnn1_work_1);
    lstm_cell(rnn1_work_1, 650, rnn1_c_now, rnn1_c_next, rnn1_h_next);

    /* ---- rnn2 */
    copy(weights->rnn2_bias, rnn2_work_1, 2600);
    copy(rnn1_h_next, rnn2_work_2, 650);
    copy(rnn2_h_now, rnn2_work_2 + 650, 650);
    /* (650) += ((13, 65) (x) (50, 20)) (1300) */
    kron_add_b_first(13, 65, weights->rnn2_B_0, 50, 20, weights->rnn2_C_0, rnn2_work_2, rnn2_work_3, rnn2_work_1);
    /* (650) += ((13, 65) (x) (50, 20)) (1300) */
    kron_add_b_first(13, 65, weights->rnn2_B_1, 50, 20, weights->rnn2_C_1, rnn2_work_2, rnn2_work_4, rnn2_work_1 + 650);
    /* (650) += ((13, 65) (x) (50, 20)) (1300) */
    kron_add_b_first(13, 65, weights->rnn2_B_2, 50, 20, weights->rnn2_C_2, rnn2_work_2, rnn2_work_5, rnn2_work_1 + 1300);
    /* (650) += ((13, 65) (x) (50, 20)) (1300) */
    kron_add_b_first(13, 65, weights->rnn2_B_3, 50, 20, weights->rnn2_C_3, rnn2_work_2, rnn2_work_6, rnn2_work_1 + 1950);
    /* (2600) += (2600, 1300) (1300), 125324 entries */
    sparse_add_16(2600, weights->rnn2_S_starts, weights->rnn2_S_indices, weights->rnn2_S_values, rnn2_work_2, rnn2_work_1);
    lstm_cell(rnn2_work_1, 650, rnn2_c_now, rnn2_c_next, rnn2_h_next);

    /* ---- next */
    copy(weights->next_bias, next_work_1, 10000);
    /* (10000) += (10000, 650) (650) */
    gemv_add(weights->next_W, 10000, 650, rnn2_h_next, next_work_1);

    state->now = now ^ 1u;
}

/* ------------------------------------------------------------- what is called */

/* Where `next` lies after a step: (10000). */
static const float *next_of(const ptb_medium_state *state)
{
    return state->work;
}

int ptb_medium_reset(ptb_medium_state *state)
{
    if (state == NULL)
        return PTB_MEDIUM_E_NULL;
    memset(state, 0, sizeof *state);
    return 0;
}

int ptb_medium_step(const ptb_medium_weights *weights, ptb_medium_state *state, int32_t tokens, float *next)
{
    if (weights == NULL || state == NULL || next == NULL)
        return PTB_MEDIUM_E_NULL;
    if (tokens < 0 || tokens >= PTB_MEDIUM_TOKENS_SIZE)
        return PTB_MEDIUM_E_TOKEN;
    advance(weights, state, tokens);
    copy(next_of(state), next, PTB_MEDIUM_NEXT_SIZE);
    return 0;
}

int ptb_medium_run(const ptb_medium_weights *weights, ptb_medium_state *state, const int32_t *tokens, size_t count,
    float *next)
{
    size_t i;

    if (weights == NULL || state == NULL || tokens == NULL || next == NULL)
        return PTB_MEDIUM_E_NULL;
    if (count == 0)
        return PTB_MEDIUM_E_COUNT;
    for (i = 0; i < count; i++)
        if (tokens[i] < 0 || tokens[i] >= PTB_MEDIUM_TOKENS_SIZE)
            return PTB_MEDIUM_E_TOKEN;
    for (i = 0; i < count; i++)
        advance(weights, state, tokens[i]);
    copy(next_of(state), next, PTB_MEDIUM_NEXT_SIZE);
    return 0;
}

int ptb_medium_run_all(const ptb_medium_weights *weights, ptb_medium_state *state, const int32_t *tokens, size_t
    count, float *next)
{
    size_t i;

    if (weights == NULL || state == NULL || tokens == NULL || next == NULL)
        return PTB_MEDIUM_E_NULL;
    if (count == 0)
        return PTB_MEDIUM_E_COUNT;
    for (i = 0; i < count; i++)
        if (tokens[i] < 0 || tokens[i] >= PTB_MEDIUM_TOKENS_SIZE)
            return PTB_MEDIUM_E_TOKEN;
    for (i = 0; i < count; i++) {
        advance(weights, state, tokens[i]);
        copy(next_of(state), next + i * PTB_MEDIUM_NEXT_SIZE, PTB_MEDIUM_NEXT_SIZE);
    }
    return 0;
}

int ptb_medium_step_top(const ptb_medium_weights *weights, ptb_medium_state *state, int32_t tokens, size_t k,
    int32_t *ids, float *scores)
{
    if (weights == NULL || state == NULL || ids == NULL || scores == NULL)
        return PTB_MEDIUM_E_NULL;
    if (tokens < 0 || tokens >= PTB_MEDIUM_TOKENS_SIZE)
        return PTB_MEDIUM_E_TOKEN;
    if (k == 0 || k > PTB_MEDIUM_NEXT_SIZE)
        return PTB_MEDIUM_E_K;
    advance(weights, state, tokens);
    softmax_top(next_of(state), PTB_MEDIUM_NEXT_SIZE, k, ids, scores);
    return 0;
}

/* ---------------------------------------------------------------- weights */

/* FNV-1a over 32-bit words; the last word is filled up with zeros. Any damage to one word changes it. */
static uint64_t hash_of(uint64_t hash, const void *data, size_t bytes)
{
    const unsigned char *next = (const unsigned char *)data;

    while (bytes > 0) {
        const size_t length = bytes < 4 ? bytes : 4;
        uint32_t word = 0;
        memcpy(&word, next, length);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        next += length;
        bytes -= length;
    }
    return hash;
}

int ptb_medium_weights_check(const ptb_medium_weights *weights)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    if (weights == NULL)
        return PTB_MEDIUM_E_NULL;
    hash = hash_of(hash, weights->embed_table, sizeof *weights->embed_table * 6500000);
    hash = hash_of(hash, weights->rnn1_bias, sizeof *weights->rnn1_bias * 2600);
    hash = hash_of(hash, weights->rnn1_B_0, sizeof *weights->rnn1_B_0 * 845);
    hash = hash_of(hash, weights->rnn1_C_0, sizeof *weights->rnn1_C_0 * 1040);
    hash = hash_of(hash, weights->rnn1_B_1, sizeof *weights->rnn1_B_1 * 845);
    hash = hash_of(hash, weights->rnn1_C_1, sizeof *weights->rnn1_C_1 * 1040);
    hash = hash_of(hash, weights->rnn1_B_2, sizeof *weights->rnn1_B_2 * 845);
    hash = hash_of(hash, weights->rnn1_C_2, sizeof *weights->rnn1_C_2 * 1040);
    hash = hash_of(hash, weights->rnn1_B_3, sizeof *weights->rnn1_B_3 * 845);
    hash = hash_of(hash, weights->rnn1_C_3, sizeof *weights->rnn1_C_3 * 1040);
    hash = hash_of(hash, weights->rnn2_bias, sizeof *weights->rnn2_bias * 2600);
    hash = hash_of(hash, weights->rnn2_B_0, sizeof *weights->rnn2_B_0 * 845);
    hash = hash_of(hash, weights->rnn2_C_0, sizeof *weights->rnn2_C_0 * 1040);
    hash = hash_of(hash, weights->rnn2_B_1, sizeof *weights->rnn2_B_1 * 845);
    hash = hash_of(hash, weights->rnn2_C_1, sizeof *weights->rnn2_C_1 * 1040);
    hash = hash_of(hash, weights->rnn2_B_2, sizeof *weights->rnn2_B_2 * 845);
    hash = hash_of(hash, weights->rnn2_C_2, sizeof *weights->rnn2_C_2 * 1040);
    hash = hash_of(hash, weights->rnn2_B_3, sizeof *weights->rnn2_B_3 * 845);
    hash = hash_of(hash, weights->rnn2_C_3, sizeof *weights->rnn2_C_3 * 1040);
    hash = hash_of(hash, weights->next_bias, sizeof *weights->next_bias * 10000);
    hash = hash_of(hash, weights->next_W, sizeof *weights->next_W * 6500000);
    hash = hash_of(hash, weights->rnn1_S_starts, sizeof *weights->rnn1_S_starts * 2601);
    hash = hash_of(hash, weights->rnn1_S_values, sizeof *weights->rnn1_S_values * 125324);
    hash = hash_of(hash, weights->rnn2_S_starts, sizeof *weights->rnn2_S_starts * 2601);
    hash = hash_of(hash, weights->rnn2_S_values, sizeof *weights->rnn2_S_values * 125324);
    hash = hash_of(hash, weights->rnn1_S_indices, sizeof *weights->rnn1_S_indices * 125324);
    hash = hash_of(hash, weights->rnn2_S_indices, sizeof *weights->rnn2_S_indices * 125324);
    return hash == weights->hash ? 0 : PTB_MEDIUM_E_BLOB;
}

int ptb_medium_weights_from_blob(ptb_medium_weights *weights, const void *blob, size_t bytes)
{
    /* Magic and version, bytes behind the header, their hash, hashes of layout and vocabulary; little-endian. */
    static const unsigned char magic[8] = {'R', 'N', 'N', 'C', 1, 0, 0, 0};
    const unsigned char *values = (const unsigned char *)blob + 64;
    uint64_t header[4];
    ptb_medium_weights found;
    int damaged;

    if (weights == NULL || blob == NULL)
        return PTB_MEDIUM_E_NULL;
    if ((uintptr_t)blob % PTB_MEDIUM_ALIGNMENT != 0)
        return PTB_MEDIUM_E_ALIGN;
    if (bytes != PTB_MEDIUM_BLOB_BYTES || memcmp(blob, magic, sizeof magic) != 0)
        return PTB_MEDIUM_E_BLOB;
    memcpy(header, (const unsigned char *)blob + sizeof magic, sizeof header);
    if (header[0] != PTB_MEDIUM_BLOB_BYTES - 64 || header[2] != UINT64_C(0xc5659006117371e4)
        || header[3] != UINT64_C(0x0000000000000000))
        return PTB_MEDIUM_E_BLOB;
    found.embed_table = (const float *)(const void *)(values + 0);
    found.rnn1_bias = (const float *)(const void *)(values + 26000000);
    found.rnn1_B_0 = (const float *)(const void *)(values + 26010432);
    found.rnn1_C_0 = (const float *)(const void *)(values + 26013824);
    found.rnn1_B_1 = (const float *)(const void *)(values + 26017984);
    found.rnn1_C_1 = (const float *)(const void *)(values + 26021376);
    found.rnn1_B_2 = (const float *)(const void *)(values + 26025536);
    found.rnn1_C_2 = (const float *)(const void *)(values + 26028928);
    found.rnn1_B_3 = (const float *)(const void *)(values + 26033088);
    found.rnn1_C_3 = (const float *)(const void *)(values + 26036480);
    found.rnn2_bias = (const float *)(const void *)(values + 26040640);
    found.rnn2_B_0 = (const float *)(const void *)(values + 26051072);
    found.rnn2_C_0 = (const float *)(const void *)(values + 26054464);
    found.rnn2_B_1 = (const float *)(const void *)(values + 26058624);
    found.rnn2_C_1 = (const float *)(const void *)(values + 26062016);
    found.rnn2_B_2 = (const float *)(const void *)(values + 26066176);
    found.rnn2_C_2 = (const float *)(const void *)(values + 26069568);
    found.rnn2_B_3 = (const float *)(const void *)(values + 26073728);
    found.rnn2_C_3 = (const float *)(const void *)(values + 26077120);
    found.next_bias = (const float *)(const void *)(values + 26081280);
    found.next_W = (const float *)(const void *)(values + 26121280);
    found.rnn1_S_starts = (const uint32_t *)(const void *)(values + 52121280);
    found.rnn1_S_values = (const float *)(const void *)(values + 52131684);
    found.rnn2_S_starts = (const uint32_t *)(const void *)(values + 52632980);
    found.rnn2_S_values = (const float *)(const void *)(values + 52643384);
    found.rnn1_S_indices = (const uint16_t *)(const void *)(values + 53144680);
    found.rnn2_S_indices = (const uint16_t *)(const void *)(values + 53395328);
    found.hash = header[1];
    damaged = ptb_medium_weights_check(&found);
    if (damaged == 0)
        *weights = found;
    return damaged;
}
