/*
 * ptb_medium: the model as a tool. Reads an id of tokens from standard input, one
 * time step after the other, and prints what the model makes of them.
 *
 *   ptb_medium_run logits    the outputs, one line per step
 *   ptb_medium_run nll       summed -log probability of every id given those before it
 *   ptb_medium_run top K     the K most probable ids of every step
 *
 * --binary: standard input holds 32-bit values instead of text. --blob FILE: weights from a file.
 * --sequences, with logits: an id of -1 ends a sequence, and the next one begins at a zero state.
 */
#include "ptb_medium.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ptb_medium_weights weights;
static ptb_medium_state state;
static int32_t in_tokens[1];
static float out_next[10000];
static int binary;
static int sequences;

static int fail(const char *message)
{
    fprintf(stderr, "ptb_medium_run: %s\n", message);
    return 1;
}

/* 1 and an id, 0 at the end of the input, or -1 for what is no id. */
static int read_id(int32_t *id)
{
    long value;
    int found;

    if (binary)
        return fread(id, sizeof *id, 1, stdin) == 1 ? 1 : 0;
    found = scanf("%ld", &value);
    if (found == 1 && (value < INT32_MIN || value > INT32_MAX))
        return -1;
    if (found == 1)
        *id = (int32_t)value;
    return found == 1 ? 1 : found == EOF ? 0 : -1;
}

/* Everything that one time step reads: 1, 0 at the end of the input, or -1. */
static int read_step(void)
{
    int found;

    found = read_id(in_tokens);
    if (found != 1)
        return found;
    return 1;
}

static void print_row(const float *row, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        printf(i == 0 ? "%.9g" : " %.9g", (double)row[i]);
    printf("\n");
}

/* One line per output and step. */
static int print_logits(void)
{
    int found, status;

    while ((found = read_step()) == 1) {
        if (sequences && in_tokens[0] == -1) {
            (void)ptb_medium_reset(&state);
            continue;
        }
        status = ptb_medium_step(&weights, &state, in_tokens[0], out_next);
        if (status != 0)
            return fail("a value is out of range");
        print_row(out_next, PTB_MEDIUM_NEXT_SIZE);
    }
    if (found < 0)
        return fail("the input is not understood");
    return 0;
}

/* Per time step one line of `id:probability`, most probable first. */
static int print_top(size_t k)
{
    static int32_t ids[PTB_MEDIUM_NEXT_SIZE];
    static float scores[PTB_MEDIUM_NEXT_SIZE];
    int found;
    size_t i;

    while ((found = read_step()) == 1) {
        if (ptb_medium_step_top(&weights, &state, in_tokens[0], k, ids, scores) != 0)
            return fail("a value is out of range, or K is");
        for (i = 0; i < k; i++)
            printf(i == 0 ? "%ld:%.9g" : " %ld:%.9g", (long)ids[i], (double)scores[i]);
        printf("\n");
    }
    return found < 0 ? fail("the input is not understood") : 0;
}

/* -log of the probability of `id`. logits: (PTB_MEDIUM_NEXT_SIZE). */
static double negative_log_likelihood(const float *logits, int32_t id)
{
    double largest = (double)logits[0], sum = 0.0;
    size_t i;

    for (i = 1; i < PTB_MEDIUM_NEXT_SIZE; i++)
        largest = (double)logits[i] > largest ? (double)logits[i] : largest;
    for (i = 0; i < PTB_MEDIUM_NEXT_SIZE; i++)
        sum += exp((double)logits[i] - largest);
    return largest + log(sum) - (double)logits[id];
}

/* The first id is context; every later one is predicted from all before it. */
static int print_nll(void)
{
    double sum = 0.0;
    long tokens = 0;
    int found;

    if (read_step() != 1)
        return fail("the input is empty or not understood");
    for (;;) {
        if (ptb_medium_step(&weights, &state, in_tokens[0], out_next) != 0)
            return fail("an id is out of range");
        found = read_step();
        if (found != 1)
            break;
        if (in_tokens[0] < 0 || in_tokens[0] >= PTB_MEDIUM_NEXT_SIZE)
            return fail("an id is out of range");
        sum += negative_log_likelihood(out_next, in_tokens[0]);
        tokens++;
    }
    if (found < 0)
        return fail("the input is not understood");
    printf("tokens %ld nll %.17g perplexity %.17g\n", tokens, sum, tokens > 0 ? exp(sum / (double)tokens) : 1.0);
    return 0;
}

/* The whole file at an aligned address that lives until the program ends, or NULL. */
static const void *read_blob(const char *path, size_t *bytes)
{
    /* One byte more than a blob has, so that a longer file is seen to be longer. */
    static unsigned char memory[PTB_MEDIUM_BLOB_BYTES + 1 + PTB_MEDIUM_ALIGNMENT];
    unsigned char *aligned = memory + (PTB_MEDIUM_ALIGNMENT - (uintptr_t)memory % PTB_MEDIUM_ALIGNMENT) % PTB_MEDIUM_ALIGNMENT;
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return NULL;
    *bytes = fread(aligned, 1, PTB_MEDIUM_BLOB_BYTES + 1, file);
    (void)fclose(file);
    return aligned;
}

int main(int argc, char **argv)
{
    const char *mode = "", *number = "", *path = NULL;
    int i, status;

    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--binary") == 0)
            binary = 1;
        else if (strcmp(argv[i], "--sequences") == 0)
            sequences = 1;
        else if (strcmp(argv[i], "--blob") == 0 && i + 1 < argc)
            path = argv[++i];
        else if (mode[0] == '\0')
            mode = argv[i];
        else
            number = argv[i];
    }
    if (path != NULL) {
        size_t bytes = 0;
        const void *blob = read_blob(path, &bytes);
        status = ptb_medium_weights_from_blob(&weights, blob, bytes);
    } else {
        status = ptb_medium_weights_default(&weights);
    }
    if (status != 0) {
        fprintf(stderr, "ptb_medium_run: the weights are refused, code %d\n", status);
        return 1;
    }
    (void)ptb_medium_reset(&state);
    if (strcmp(mode, "logits") == 0)
        return print_logits();
    if (strcmp(mode, "nll") == 0)
        return print_nll();
    if (strcmp(mode, "top") == 0) {
        const unsigned long k = strtoul(number, NULL, 10);
        if (k < 1 || k > PTB_MEDIUM_NEXT_SIZE)
            return fail("K must be from 1 to PTB_MEDIUM_NEXT_SIZE");
        return print_top((size_t)k);
    }
    fprintf(stderr, "usage: ptb_medium_run (logits | nll | top K) [--binary] [--blob FILE]\n");
    return 2;
}
