/*
 * quickstart: tokens (ids below 50) to next (50).
 * Written by rnnc for any processor. The only header to include.
 * trained: false. The weights were drawn from a seed: for measuring size and speed, not for predicting.
 *
 * Weights are constant and may be shared by threads; each thread or beam has its own state, which is plain data and
 * may be copied with = or memcpy: a copy goes on by itself. Nothing allocates, and nothing changes but what a pointer
 * argument names. Every function returns 0 or one of the negative codes below; after a negative code nothing was
 * changed. A NaN input makes NaN of whatever depends on it, and stays in the state until quickstart_reset; activations of
 * infinity are their limits, within their bound. Subnormal numbers may count as zero, as ARMv7 NEON has it.
 */
#ifndef QUICKSTART_H
#define QUICKSTART_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QUICKSTART_E_TOKEN (-1)       /* an id outside its vocabulary */
#define QUICKSTART_E_K (-2)           /* k is 0 or more than there are classes */
#define QUICKSTART_E_COUNT (-3)       /* a sequence without steps */
#define QUICKSTART_E_ALIGN (-4)       /* a blob at no multiple of QUICKSTART_ALIGNMENT bytes */
#define QUICKSTART_E_BLOB (-5)        /* no blob of rnnc: it does not begin as one */
#define QUICKSTART_E_NULL (-6)        /* a null pointer */
#define QUICKSTART_E_VERSION (-7)     /* a blob of another version of rnnc */
#define QUICKSTART_E_LENGTH (-8)      /* a blob that was cut short, or goes on behind its end */
#define QUICKSTART_E_MODEL (-9)       /* a blob of another model: other layers, sizes or formats */
#define QUICKSTART_E_VOCABULARY (-10) /* a blob whose words are others */
#define QUICKSTART_E_DAMAGED (-11)    /* weights that were altered: their CRC-32 is another */
#define QUICKSTART_E_BOUNDS (-12)     /* weights with an index that leads outside */

#define QUICKSTART_ALIGNMENT 64
#define QUICKSTART_BLOB_BYTES 37888
#define QUICKSTART_STATE_BYTES 4996 /* state and working memory */
#define QUICKSTART_TOKENS_SIZE 50 /* vocabulary of tokens */
#define QUICKSTART_NEXT_SIZE 50 /* classes of next */

/* Where the weights lie. Fill it with quickstart_weights_default or quickstart_weights_from_blob. */
typedef struct {
    const float *embed_table;      /* embed.table (50, 32) as rows: 1,600 values */
    const float *rnn_bias;         /* rnn.bias (1, 256) as rows: 256 values */
    const float *rnn_B;            /* rnn.B (32, 12) as rows: 384 values */
    const float *rnn_C;            /* rnn.C (32, 8) as columns: 256 values */
    const float *next_bias;        /* next.bias (1, 50) as rows: 50 values */
    const float *next_W;           /* next.W (50, 64) as panels: 3,328 values */
    const float *rnn_S_values;     /* rnn.S (256, 96) as sparse, values of slices: 2,208 values */
    const uint16_t *rnn_S_order;   /* rnn.S (256, 96) as sparse, order of slices: 256 values */
    const uint16_t *rnn_S_counts;  /* rnn.S (256, 96) as sparse, counts of slices: 256 values */
    const uint16_t *rnn_S_indices; /* rnn.S (256, 96) as sparse, indices of slices: 2,208 values */
    uint32_t crc; /* CRC-32 of all weights, as they should be */
} quickstart_weights;

/* What lives from step to step, and working memory. quickstart_reset makes it ready. */
typedef struct {
    float rnn_h[2][64]; /* rnn h (64): the current one and the one being made */
    float rnn_c[2][64]; /* rnn c (64): the current one and the one being made */
    float work[992];
    uint32_t now; /* which of each pair is current */
} quickstart_state;

typedef char quickstart_needs_32_bit_floats[(sizeof(float) == 4) ? 1 : -1];
typedef char quickstart_state_has_its_size[(sizeof(quickstart_state) == QUICKSTART_STATE_BYTES) ? 1 : -1];

/* The weights that were emitted with this header. */
int quickstart_weights_default(quickstart_weights *weights);

/* Weights from memory, quickstart_weights.bin read or mapped at a multiple of QUICKSTART_ALIGNMENT. Keeps pointers into `blob`, which
   must live as long as they are used. Checks alignment, magic, version, model, vocabulary, length, CRC-32 of every byte
   and that no index leads outside, in this order; each has its own code. */
int quickstart_weights_from_blob(quickstart_weights *weights, const void *blob, size_t bytes);

/* Reads all weights and compares their CRC-32: 0, or QUICKSTART_E_DAMAGED, or QUICKSTART_E_BOUNDS. */
int quickstart_weights_check(const quickstart_weights *weights);

/* The state before the first step: zero. */
int quickstart_reset(quickstart_state *state);

/* One time step. tokens: below QUICKSTART_TOKENS_SIZE; next: (QUICKSTART_NEXT_SIZE) logits. */
int quickstart_step(const quickstart_weights *weights, quickstart_state *state, int32_t tokens, float *next);

/* Steps, outputs of the last one. tokens: (count), each below QUICKSTART_TOKENS_SIZE; next: (QUICKSTART_NEXT_SIZE)
   logits. */
int quickstart_run(const quickstart_weights *weights, quickstart_state *state, const int32_t *tokens, size_t count,
    float *next);

/* Steps, outputs of every step. tokens: (count), each below QUICKSTART_TOKENS_SIZE; next: (count,
   QUICKSTART_NEXT_SIZE) logits. */
int quickstart_run_all(const quickstart_weights *weights, quickstart_state *state, const int32_t *tokens, size_t
    count, float *next);

/* One time step; the k most probable of QUICKSTART_NEXT_SIZE classes, most probable first, equal ones by id; the
   logits are not kept. tokens: below QUICKSTART_TOKENS_SIZE; ids, scores: (k), scores are softmax
   probabilities. */
int quickstart_step_top(const quickstart_weights *weights, quickstart_state *state, int32_t tokens, size_t k,
    int32_t *ids, float *scores);

#ifdef __cplusplus
}
#endif

#endif
