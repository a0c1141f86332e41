/*
 * atis_tagger: tokens (ids below 870) to slots (120).
 * Written by rnnc for any processor. The only header to include.
 * trained: false. The weights were drawn from a seed: for measuring size and speed, not for predicting.
 *
 * Weights are constant and may be shared by threads; each thread or beam has its own state, which is plain data and
 * may be copied with = or memcpy: a copy goes on by itself. Nothing allocates, and nothing changes but what a pointer
 * argument names. Every function returns 0 or one of the negative codes below; after a negative code nothing was
 * changed. A NaN input makes NaN of whatever depends on it, and stays in the state until atis_tagger_reset; activations of
 * infinity are their limits, within their bound. Subnormal numbers may count as zero, as ARMv7 NEON has it.
 */
#ifndef ATIS_TAGGER_H
#define ATIS_TAGGER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ATIS_TAGGER_E_TOKEN (-1)       /* an id outside its vocabulary */
#define ATIS_TAGGER_E_K (-2)           /* k is 0 or more than there are classes */
#define ATIS_TAGGER_E_COUNT (-3)       /* a sequence without steps */
#define ATIS_TAGGER_E_ALIGN (-4)       /* a blob at no multiple of ATIS_TAGGER_ALIGNMENT bytes */
#define ATIS_TAGGER_E_BLOB (-5)        /* no blob of rnnc: it does not begin as one */
#define ATIS_TAGGER_E_NULL (-6)        /* a null pointer */
#define ATIS_TAGGER_E_VERSION (-7)     /* a blob of another version of rnnc */
#define ATIS_TAGGER_E_LENGTH (-8)      /* a blob that was cut short, or goes on behind its end */
#define ATIS_TAGGER_E_MODEL (-9)       /* a blob of another model: other layers, sizes or formats */
#define ATIS_TAGGER_E_VOCABULARY (-10) /* a blob whose words are others */
#define ATIS_TAGGER_E_DAMAGED (-11)    /* weights that were altered: their CRC-32 is another */
#define ATIS_TAGGER_E_BOUNDS (-12)     /* weights with an index that leads outside */

#define ATIS_TAGGER_ALIGNMENT 64
#define ATIS_TAGGER_BLOB_BYTES 442688
#define ATIS_TAGGER_STATE_BYTES 11908 /* state and working memory */
#define ATIS_TAGGER_TOKENS_SIZE 870 /* vocabulary of tokens */
#define ATIS_TAGGER_SLOTS_SIZE 120 /* classes of slots */

/* Where the weights lie. Fill it with atis_tagger_weights_default or atis_tagger_weights_from_blob. */
typedef struct {
    const float *embed_table; /* embed.table (870, 64) as rows: 55,680 values */
    const float *rnn_bias;    /* rnn.bias (1, 512) as rows: 512 values */
    const float *rnn_C;       /* rnn.C (16, 192) as panels: 3,072 values */
    const float *rnn_A;       /* rnn.A (180, 192) as panels: 34,560 values */
    const float *rnn_B_0;     /* rnn.B (83, 4) as panels: 336 values */
    const float *rnn_B_1;     /* rnn.B (83, 4) as panels: 336 values */
    const float *rnn_B_2;     /* rnn.B (83, 4) as panels: 336 values */
    const float *rnn_B_3;     /* rnn.B (83, 4) as panels: 336 values */
    const float *slots_bias;  /* slots.bias (1, 120) as rows: 120 values */
    const float *slots_W;     /* slots.W (120, 128) as panels: 15,360 values */
    uint32_t crc; /* CRC-32 of all weights, as they should be */
} atis_tagger_weights;

/* What lives from step to step, and working memory. atis_tagger_reset makes it ready. */
typedef struct {
    float rnn_h[2][128]; /* rnn h (128): the current one and the one being made */
    float rnn_c[2][128]; /* rnn c (128): the current one and the one being made */
    float work[2464];
    uint32_t now; /* which of each pair is current */
} atis_tagger_state;

typedef char atis_tagger_needs_32_bit_floats[(sizeof(float) == 4) ? 1 : -1];
typedef char atis_tagger_state_has_its_size[(sizeof(atis_tagger_state) == ATIS_TAGGER_STATE_BYTES) ? 1 : -1];

/* The weights that were emitted with this header. */
int atis_tagger_weights_default(atis_tagger_weights *weights);

/* Weights from memory, atis_tagger_weights.bin read or mapped at a multiple of ATIS_TAGGER_ALIGNMENT. Keeps pointers into `blob`, which
   must live as long as they are used. Checks alignment, magic, version, model, vocabulary, length, CRC-32 of every byte
   and that no index leads outside, in this order; each has its own code. */
int atis_tagger_weights_from_blob(atis_tagger_weights *weights, const void *blob, size_t bytes);

/* Reads all weights and compares their CRC-32: 0, or ATIS_TAGGER_E_DAMAGED, or ATIS_TAGGER_E_BOUNDS. */
int atis_tagger_weights_check(const atis_tagger_weights *weights);

/* The state before the first step: zero. */
int atis_tagger_reset(atis_tagger_state *state);

/* One time step. tokens: below ATIS_TAGGER_TOKENS_SIZE; slots: (ATIS_TAGGER_SLOTS_SIZE) logits. */
int atis_tagger_step(const atis_tagger_weights *weights, atis_tagger_state *state, int32_t tokens, float *slots);

/* Steps, outputs of the last one. tokens: (count), each below ATIS_TAGGER_TOKENS_SIZE; slots:
   (ATIS_TAGGER_SLOTS_SIZE) logits. */
int atis_tagger_run(const atis_tagger_weights *weights, atis_tagger_state *state, const int32_t *tokens, size_t
    count, float *slots);

/* Steps, outputs of every step. tokens: (count), each below ATIS_TAGGER_TOKENS_SIZE; slots: (count,
   ATIS_TAGGER_SLOTS_SIZE) logits. */
int atis_tagger_run_all(const atis_tagger_weights *weights, atis_tagger_state *state, const int32_t *tokens, size_t
    count, float *slots);

/* One time step; the k most probable of ATIS_TAGGER_SLOTS_SIZE classes, most probable first, equal ones by id; the
   logits are not kept. tokens: below ATIS_TAGGER_TOKENS_SIZE; ids, scores: (k), scores are softmax
   probabilities. */
int atis_tagger_step_top(const atis_tagger_weights *weights, atis_tagger_state *state, int32_t tokens, size_t k,
    int32_t *ids, float *scores);

#ifdef __cplusplus
}
#endif

#endif
