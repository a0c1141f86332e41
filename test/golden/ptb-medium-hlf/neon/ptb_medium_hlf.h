/*
 * ptb_medium_hlf: tokens (ids below 10,000) to next (10,000).
 * Written by rnnc for cortex-a73. The only header to include.
 * trained: false. The weights were drawn from a seed: for measuring size and speed, not for predicting.
 *
 * Weights are constant and may be shared by threads; each thread or beam has its own state, which is plain data and
 * may be copied with = or memcpy: a copy goes on by itself. Nothing allocates, and nothing changes but what a pointer
 * argument names. Every function returns 0 or one of the negative codes below; after a negative code nothing was
 * changed. A NaN input makes NaN of whatever depends on it, and stays in the state until ptb_medium_hlf_reset; activations of
 * infinity are their limits, within their bound. Subnormal numbers may count as zero, as ARMv7 NEON has it.
 */
#ifndef PTB_MEDIUM_HLF_H
#define PTB_MEDIUM_HLF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PTB_MEDIUM_HLF_E_TOKEN (-1)       /* an id outside its vocabulary */
#define PTB_MEDIUM_HLF_E_K (-2)           /* k is 0 or more than there are classes */
#define PTB_MEDIUM_HLF_E_COUNT (-3)       /* a sequence without steps */
#define PTB_MEDIUM_HLF_E_ALIGN (-4)       /* a blob at no multiple of PTB_MEDIUM_HLF_ALIGNMENT bytes */
#define PTB_MEDIUM_HLF_E_BLOB (-5)        /* no blob of rnnc: it does not begin as one */
#define PTB_MEDIUM_HLF_E_NULL (-6)        /* a null pointer */
#define PTB_MEDIUM_HLF_E_VERSION (-7)     /* a blob of another version of rnnc */
#define PTB_MEDIUM_HLF_E_LENGTH (-8)      /* a blob that was cut short, or goes on behind its end */
#define PTB_MEDIUM_HLF_E_MODEL (-9)       /* a blob of another model: other layers, sizes or formats */
#define PTB_MEDIUM_HLF_E_VOCABULARY (-10) /* a blob whose words are others */
#define PTB_MEDIUM_HLF_E_DAMAGED (-11)    /* weights that were altered: their CRC-32 is another */
#define PTB_MEDIUM_HLF_E_BOUNDS (-12)     /* weights with an index that leads outside */

#define PTB_MEDIUM_HLF_ALIGNMENT 64
#define PTB_MEDIUM_HLF_BLOB_BYTES 62854656
#define PTB_MEDIUM_HLF_STATE_BYTES 127300 /* state and working memory */
#define PTB_MEDIUM_HLF_TOKENS_SIZE 10000 /* vocabulary of tokens */
#define PTB_MEDIUM_HLF_NEXT_SIZE 10000 /* classes of next */

/* Where the weights lie. Fill it with ptb_medium_hlf_weights_default or ptb_medium_hlf_weights_from_blob. */
typedef struct {
    const float *embed_table;        /* embed.table (10000, 650) as rows: 6,500,000 values */
    const float *rnn1_bias;          /* rnn1.bias (1, 2600) as rows: 2,600 values */
    const float *rnn1_input_C;       /* rnn1.input.C (16, 650) as panels: 10,400 values */
    const float *rnn1_input_A;       /* rnn1.input.A (1012, 650) as panels: 657,800 values */
    const float *rnn1_input_B_0;     /* rnn1.input.B (397, 4) as panels: 1,600 values */
    const float *rnn1_input_B_1;     /* rnn1.input.B (397, 4) as panels: 1,600 values */
    const float *rnn1_input_B_2;     /* rnn1.input.B (397, 4) as panels: 1,600 values */
    const float *rnn1_input_B_3;     /* rnn1.input.B (397, 4) as panels: 1,600 values */
    const float *rnn1_recurrent_C;   /* rnn1.recurrent.C (16, 650) as panels: 10,400 values */
    const float *rnn1_recurrent_A;   /* rnn1.recurrent.A (1012, 650) as panels: 657,800 values */
    const float *rnn1_recurrent_B_0; /* rnn1.recurrent.B (397, 4) as panels: 1,600 values */
    const float *rnn1_recurrent_B_1; /* rnn1.recurrent.B (397, 4) as panels: 1,600 values */
    const float *rnn1_recurrent_B_2; /* rnn1.recurrent.B (397, 4) as panels: 1,600 values */
    const float *rnn1_recurrent_B_3; /* rnn1.recurrent.B (397, 4) as panels: 1,600 values */
    const float *rnn2_bias;          /* rnn2.bias (1, 2600) as rows: 2,600 values */
    const float *rnn2_input_C;       /* rnn2.input.C (16, 650) as panels: 10,400 values */
    const float *rnn2_input_A;       /* rnn2.input.A (1012, 650) as panels: 657,800 values */
    const float *rnn2_input_B_0;     /* rnn2.input.B (397, 4) as panels: 1,600 values */
    const float *rnn2_input_B_1;     /* rnn2.input.B (397, 4) as panels: 1,600 values */
    const float *rnn2_input_B_2;     /* rnn2.input.B (397, 4) as panels: 1,600 values */
    const float *rnn2_input_B_3;     /* rnn2.input.B (397, 4) as panels: 1,600 values */
    const float *rnn2_recurrent_C;   /* rnn2.recurrent.C (16, 650) as panels: 10,400 values */
    const float *rnn2_recurrent_A;   /* rnn2.recurrent.A (1012, 650) as panels: 657,800 values */
    const float *rnn2_recurrent_B_0; /* rnn2.recurrent.B (397, 4) as panels: 1,600 values */
    const float *rnn2_recurrent_B_1; /* rnn2.recurrent.B (397, 4) as panels: 1,600 values */
    const float *rnn2_recurrent_B_2; /* rnn2.recurrent.B (397, 4) as panels: 1,600 values */
    const float *rnn2_recurrent_B_3; /* rnn2.recurrent.B (397, 4) as panels: 1,600 values */
    const float *next_bias;          /* next.bias (1, 10000) as rows: 10,000 values */
    const float *next_W;             /* next.W (10000, 650) as panels: 6,500,000 values */
    uint32_t crc; /* CRC-32 of all weights, as they should be */
} ptb_medium_hlf_weights;

/* What lives from step to step, and working memory. ptb_medium_hlf_reset makes it ready. */
typedef struct {
    float rnn1_h[2][650]; /* rnn1 h (650): the current one and the one being made */
    float rnn1_c[2][650]; /* rnn1 c (650): the current one and the one being made */
    float rnn2_h[2][650]; /* rnn2 h (650): the current one and the one being made */
    float rnn2_c[2][650]; /* rnn2 c (650): the current one and the one being made */
    float work[26624];
    uint32_t now; /* which of each pair is current */
} ptb_medium_hlf_state;

typedef char ptb_medium_hlf_needs_32_bit_floats[(sizeof(float) == 4) ? 1 : -1];
typedef char ptb_medium_hlf_state_has_its_size[(sizeof(ptb_medium_hlf_state) == PTB_MEDIUM_HLF_STATE_BYTES) ? 1 : -1];

/* The weights that were emitted with this header. */
int ptb_medium_hlf_weights_default(ptb_medium_hlf_weights *weights);

/* Weights from memory, ptb_medium_hlf_weights.bin read or mapped at a multiple of PTB_MEDIUM_HLF_ALIGNMENT. Keeps pointers into `blob`, which
   must live as long as they are used. Checks alignment, magic, version, model, vocabulary, length, CRC-32 of every byte
   and that no index leads outside, in this order; each has its own code. */
int ptb_medium_hlf_weights_from_blob(ptb_medium_hlf_weights *weights, const void *blob, size_t bytes);

/* Reads all weights and compares their CRC-32: 0, or PTB_MEDIUM_HLF_E_DAMAGED, or PTB_MEDIUM_HLF_E_BOUNDS. */
int ptb_medium_hlf_weights_check(const ptb_medium_hlf_weights *weights);

/* The state before the first step: zero. */
int ptb_medium_hlf_reset(ptb_medium_hlf_state *state);

/* One time step. tokens: below PTB_MEDIUM_HLF_TOKENS_SIZE; next: (PTB_MEDIUM_HLF_NEXT_SIZE) logits. */
int ptb_medium_hlf_step(const ptb_medium_hlf_weights *weights, ptb_medium_hlf_state *state, int32_t tokens, float
    *next);

/* Steps, outputs of the last one. tokens: (count), each below PTB_MEDIUM_HLF_TOKENS_SIZE; next:
   (PTB_MEDIUM_HLF_NEXT_SIZE) logits. */
int ptb_medium_hlf_run(const ptb_medium_hlf_weights *weights, ptb_medium_hlf_state *state, const int32_t *tokens,
    size_t count, float *next);

/* Steps, outputs of every step. tokens: (count), each below PTB_MEDIUM_HLF_TOKENS_SIZE; next: (count,
   PTB_MEDIUM_HLF_NEXT_SIZE) logits. */
int ptb_medium_hlf_run_all(const ptb_medium_hlf_weights *weights, ptb_medium_hlf_state *state, const int32_t
    *tokens, size_t count, float *next);

/* One time step; the k most probable of PTB_MEDIUM_HLF_NEXT_SIZE classes, most probable first, equal ones by id;
   the logits are not kept. tokens: below PTB_MEDIUM_HLF_TOKENS_SIZE; ids, scores: (k), scores are softmax
   probabilities. */
int ptb_medium_hlf_step_top(const ptb_medium_hlf_weights *weights, ptb_medium_hlf_state *state, int32_t tokens,
    size_t k, int32_t *ids, float *scores);

#ifdef __cplusplus
}
#endif

#endif
