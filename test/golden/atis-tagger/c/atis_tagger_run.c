/*
 * atis_tagger: the model as a tool. Reads an id of tokens from standard input, one
 * time step after the other, and prints what the model makes of them.
 *
 *   atis_tagger_run logits    the outputs, one line per step
 *   atis_tagger_run top K     the K most probable ids of every step
 *
 * --binary: standard input holds 32-bit values instead of text. --blob FILE: weights from a file.
 * --sequences, with logits: an id of -1 ends a sequence, and the next one begins at a zero state.
 */
#include "atis_tagger.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atis_tagger_weights weights;
static atis_tagger_state state;
static int32_t in_tokens[1];
static float out_slots[120];
static int binary;
static int sequences;

static int fail(const char *message)
{
    fprintf(stderr, "atis_tagger_run: %s\n", message);
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
            (void)atis_tagger_reset(&state);
            continue;
        }
        status = atis_tagger_step(&weights, &state, in_tokens[0], out_slots);
        if (status != 0)
            return fail("a value is out of range");
        print_row(out_slots, ATIS_TAGGER_SLOTS_SIZE);
    }
    if (found < 0)
        return fail("the input is not understood");
    return 0;
}

/* Per time step one line of `id:probability`, most probable first. */
static int print_top(size_t k)
{
    static int32_t ids[ATIS_TAGGER_SLOTS_SIZE];
    static float scores[ATIS_TAGGER_SLOTS_SIZE];
    int found;
    size_t i;

    while ((found = read_step()) == 1) {
        if (atis_tagger_step_top(&weights, &state, in_tokens[0], k, ids, scores) != 0)
            return fail("a value is out of range, or K is");
        for (i = 0; i < k; i++)
            printf(i == 0 ? "%ld:%.9g" : " %ld:%.9g", (long)ids[i], (double)scores[i]);
        printf("\n");
    }
    return found < 0 ? fail("the input is not understood") : 0;
}

/* The whole file at an aligned address that lives until the program ends, or NULL. */
static const void *read_blob(const char *path, size_t *bytes)
{
    /* One byte more than a blob has, so that a longer file is seen to be longer. */
    static unsigned char memory[ATIS_TAGGER_BLOB_BYTES + 1 + ATIS_TAGGER_ALIGNMENT];
    unsigned char *aligned = memory + (ATIS_TAGGER_ALIGNMENT - (uintptr_t)memory % ATIS_TAGGER_ALIGNMENT) % ATIS_TAGGER_ALIGNMENT;
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return NULL;
    *bytes = fread(aligned, 1, ATIS_TAGGER_BLOB_BYTES + 1, file);
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
        status = atis_tagger_weights_from_blob(&weights, blob, bytes);
    } else {
        status = atis_tagger_weights_default(&weights);
    }
    if (status != 0) {
        fprintf(stderr, "atis_tagger_run: the weights are refused, code %d\n", status);
        return 1;
    }
    (void)atis_tagger_reset(&state);
    if (strcmp(mode, "logits") == 0)
        return print_logits();
    if (strcmp(mode, "top") == 0) {
        const unsigned long k = strtoul(number, NULL, 10);
        if (k < 1 || k > ATIS_TAGGER_SLOTS_SIZE)
            return fail("K must be from 1 to ATIS_TAGGER_SLOTS_SIZE");
        return print_top((size_t)k);
    }
    fprintf(stderr, "usage: atis_tagger_run (logits | top K) [--binary] [--blob FILE]\n");
    return 2;
}
