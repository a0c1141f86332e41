/** C programs that use an emitted model named `tiny` the way its readers would, and as they should not. */

/** Prints the code of each way in which a blob can be wrong; usage: blob-codes tiny_weights.bin OTHER.bin */
export const blobCodes = `
#include "tiny.h"

#include <stdio.h>
#include <string.h>

static union { unsigned char bytes[TINY_BLOB_BYTES + 64]; double aligned; } memory;
static tiny_weights weights;

static unsigned char *read_file(const char *path, size_t *bytes)
{
    unsigned char *start = memory.bytes + (64 - (uintptr_t)memory.bytes % 64) % 64;
    FILE *file = fopen(path, "rb");

    *bytes = file == NULL ? 0 : fread(start, 1, TINY_BLOB_BYTES, file);
    if (file != NULL)
        (void)fclose(file);
    return start;
}

static void altered(unsigned char *blob, const char *what, size_t at)
{
    blob[at] ^= 4u;
    printf("%s %d\\n", what, tiny_weights_from_blob(&weights, blob, TINY_BLOB_BYTES));
    blob[at] ^= 4u;
}

int main(int argc, char **argv)
{
    const float *before;
    size_t bytes;
    unsigned char *blob = read_file(argv[1], &bytes);

    printf("whole %d\\n", tiny_weights_from_blob(&weights, blob, bytes));
    printf("checked %d\\n", tiny_weights_check(&weights));
    before = weights.next_bias;
    printf("empty %d\\n", tiny_weights_from_blob(&weights, blob, 0));
    printf("cut in the header %d\\n", tiny_weights_from_blob(&weights, blob, 63));
    printf("cut %d\\n", tiny_weights_from_blob(&weights, blob, bytes - 1));
    printf("longer %d\\n", tiny_weights_from_blob(&weights, blob, bytes + 1));
    memmove(blob + 1, blob, bytes);
    printf("misaligned %d\\n", tiny_weights_from_blob(&weights, blob + 1, bytes));
    memmove(blob, blob + 1, bytes);
    altered(blob, "other magic", 0);
    altered(blob, "other version", 4);
    altered(blob, "other length", 8);
    altered(blob, "other layout", 16);
    altered(blob, "other words", 24);
    altered(blob, "other crc of weights", 32);
    altered(blob, "other crc", 36);
    altered(blob, "header not zero", 63);
    altered(blob, "first weight", 64);
    altered(blob, "last byte", TINY_BLOB_BYTES - 1);
    printf("no weights %d\\n", tiny_weights_from_blob(NULL, blob, bytes));
    printf("no blob %d\\n", tiny_weights_from_blob(&weights, NULL, bytes));
    printf("nothing was changed %d\\n", weights.next_bias == before);
    if (argc > 2) {
        blob = read_file(argv[2], &bytes);
        printf("other model %d\\n", tiny_weights_from_blob(&weights, blob, bytes));
    }
    return 0;
}
`;

/**
 * Blobs altered at random, half of them with a CRC that fits: none may lead outside, and those that are taken run.
 * Prints how often each code came.
 */
export const blobFuzz = `
#include "tiny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 88172645463325252u;

static uint32_t draw(uint32_t end)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % end;
}

static uint32_t crc_of_bytes(uint32_t crc, const unsigned char *next, size_t bytes)
{
    int bit;

    for (; bytes > 0; bytes--) {
        crc ^= *next++;
        for (bit = 0; bit < 8; bit++)
            crc = (crc & 1u) != 0 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
    }
    return crc;
}

int main(int argc, char **argv)
{
    static unsigned char whole[TINY_BLOB_BYTES];
    static tiny_state state;
    static float next[TINY_NEXT_SIZE];
    long seen[16] = {0};
    const long rounds = strtol(argv[2], NULL, 10);
    FILE *file = argc > 2 ? fopen(argv[1], "rb") : NULL;
    long round;
    size_t i;

    if (file == NULL || fread(whole, 1, sizeof whole, file) != sizeof whole)
        return 2;
    (void)fclose(file);
    for (round = 0; round < rounds; round++) {
        /* Memory that ends where the blob ends, so that the sanitizer sees every byte too far. */
        const size_t bytes = draw(4) == 0 ? draw(TINY_BLOB_BYTES) : TINY_BLOB_BYTES;
        unsigned char *blob = (unsigned char *)aligned_alloc(64, bytes == 0 ? 64 : (bytes + 63) / 64 * 64);
        const uint32_t changes = draw(4);
        const uint32_t end = draw(2) == 0 ? 64 : TINY_BLOB_BYTES;
        tiny_weights weights;
        int code;

        if (blob == NULL)
            return 2;
        memcpy(blob, whole, bytes);
        for (i = 0; i < changes; i++) {
            const size_t at = draw(end);
            if (at < bytes)
                blob[at] = (unsigned char)draw(256);
        }
        if (bytes >= 64 && draw(2) == 0) {
            uint32_t crc = crc_of_bytes(0xffffffffu, blob, 36);
            crc = crc_of_bytes(crc, blob + 40, bytes - 40) ^ 0xffffffffu;
            memcpy(blob + 36, &crc, sizeof crc);
        }
        code = tiny_weights_from_blob(&weights, blob, bytes);
        seen[-code]++;
        if (code == 0) {
            (void)tiny_reset(&state);
            for (i = 0; i < 3; i++)
                if (tiny_step(&weights, &state, (int32_t)i, next) != 0)
                    return 1;
        }
        free(blob);
    }
    for (i = 0; i < 16; i++)
        if (seen[i] > 0)
            printf("%d %ld\\n", -(int)i, seen[i]);
    return 0;
}
`;

/** A copy of a state goes on by itself, and as the state would have. Prints "forked". */
export const forkState = `
#include "tiny.h"

#include <stdio.h>
#include <string.h>

static tiny_weights weights;
static tiny_state one, two;

static int step(tiny_state *state, int32_t id, float *next)
{
    return tiny_step(&weights, state, id, next);
}

int main(void)
{
    static float a[TINY_NEXT_SIZE], b[TINY_NEXT_SIZE], alone[TINY_NEXT_SIZE];
    const int32_t prefix[3] = {3, 1, 4};
    size_t i;

    if (tiny_weights_default(&weights) != 0 || tiny_reset(&one) != 0)
        return 1;
    for (i = 0; i < 3; i++)
        if (step(&one, prefix[i], a) != 0)
            return 1;
    two = one;
    /* Both beams go on in turns, each with its own token. */
    if (step(&one, 5, a) != 0 || step(&two, 6, b) != 0 || step(&one, 2, a) != 0 || step(&two, 0, b) != 0)
        return 1;
    (void)tiny_reset(&one);
    if (tiny_run(&weights, &one, prefix, 3, alone) != 0 || step(&one, 6, alone) != 0 || step(&one, 0, alone) != 0)
        return 1;
    if (memcmp(alone, b, sizeof b) != 0 || memcmp(alone, a, sizeof a) == 0)
        return 1;
    printf("forked\\n");
    return 0;
}
`;

/** Two threads on the same weights, each with its own state. Prints "agreed". */
export const twoThreads = `
#define _POSIX_C_SOURCE 200809L
#include "tiny.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static tiny_weights weights;
static float results[2][TINY_NEXT_SIZE];

static void *work(void *which)
{
    static const tiny_weights *const shared = &weights;
    tiny_state state;
    int32_t ids[3];
    float scores[3];
    int32_t i;

    (void)tiny_reset(&state);
    for (i = 0; i < 200; i++)
        if (tiny_step(shared, &state, i % 29, (float *)which) != 0
            || tiny_step_top(shared, &state, i % 7, 3, ids, scores) != 0)
            return which;
    return tiny_weights_check(shared) == 0 ? NULL : which;
}

int main(void)
{
    pthread_t threads[2];
    void *failed[2];
    size_t i;

    if (tiny_weights_default(&weights) != 0)
        return 1;
    for (i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, work, results[i]) != 0)
            return 1;
    for (i = 0; i < 2; i++)
        if (pthread_join(threads[i], &failed[i]) != 0 || failed[i] != NULL)
            return 1;
    if (memcmp(results[0], results[1], sizeof results[0]) != 0)
        return 1;
    printf("agreed\\n");
    return 0;
}
`;

/** A NaN that is fed makes NaN of all that depends on it until the state is reset. Prints "contained". */
export const fedNaN = `
#include "tiny.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static tiny_weights weights;
static tiny_state state;

int main(void)
{
    static float signal[TINY_SIGNAL_SIZE], bent[TINY_BENT_SIZE], gate[1], first[TINY_BENT_SIZE];
    size_t i;

    if (tiny_weights_default(&weights) != 0 || tiny_reset(&state) != 0)
        return 1;
    if (tiny_step(&weights, &state, signal, first, gate) != 0 || first[0] != first[0])
        return 1;
    signal[TINY_SIGNAL_SIZE - 1] = NAN;
    if (tiny_step(&weights, &state, signal, bent, gate) != 0)
        return 1;
    for (i = 0; i < TINY_BENT_SIZE; i++)
        if (bent[i] == bent[i])
            return 2;
    signal[TINY_SIGNAL_SIZE - 1] = 0.0f;
    if (tiny_step(&weights, &state, signal, bent, gate) != 0 || gate[0] == gate[0])
        return 3;
    (void)tiny_reset(&state);
    if (tiny_step(&weights, &state, signal, bent, gate) != 0 || memcmp(bent, first, sizeof bent) != 0)
        return 4;
    /* Numbers so large that every product overflows end in the activations' limits, or in NaN: never elsewhere. */
    for (i = 0; i < TINY_SIGNAL_SIZE; i++)
        signal[i] = 3e38f;
    if (tiny_step(&weights, &state, signal, bent, gate) != 0)
        return 5;
    if (gate[0] == gate[0] && !(gate[0] >= -1e-3f && gate[0] <= 1.001f))
        return 6;
    printf("contained\\n");
    return 0;
}
`;

/** The header and every function from C++17. Prints "C++ agrees". */
export const fromCpp = `
#include "tiny.h"

#include <cstdio>
#include <vector>

int main()
{
    tiny_weights weights;
    static tiny_state state;
    std::vector<float> next(TINY_NEXT_SIZE), all(3 * TINY_NEXT_SIZE);
    const std::vector<int32_t> tokens = {3, 1, 4};
    int32_t ids[2];
    float scores[2];

    if (tiny_weights_default(&weights) != 0 || tiny_weights_check(&weights) != 0 || tiny_reset(&state) != 0)
        return 1;
    if (tiny_run_all(&weights, &state, tokens.data(), tokens.size(), all.data()) != 0)
        return 1;
    if (tiny_reset(&state) != 0 || tiny_run(&weights, &state, tokens.data(), tokens.size(), next.data()) != 0)
        return 1;
    if (tiny_step_top(&weights, &state, 2, 2, ids, scores) != 0 || scores[0] < scores[1])
        return 1;
    if (tiny_step(&weights, &state, -1, next.data()) != TINY_E_TOKEN)
        return 1;
    std::puts("C++ agrees");
    return 0;
}
`;

/** Feeds one odd value among others, and prints how many of the sums are numbers. */
export const fedOddNumbers = `
#include "tiny.h"

#include <math.h>
#include <stdio.h>

static tiny_weights weights;
static tiny_state state;

int main(void)
{
    static const float fed[6] = { 1.0f, NAN, INFINITY, -INFINITY, 3e38f, 2.0f };
    static float signal[TINY_SIGNAL_SIZE], sums[TINY_SUMS_SIZE];
    size_t i, k;

    if (tiny_weights_default(&weights) != 0 || tiny_reset(&state) != 0)
        return 1;
    for (i = 0; i < TINY_SIGNAL_SIZE; i++)
        signal[i] = 0.25f * (float)i;
    for (k = 0; k < 6; k++) {
        int numbers = 0;
        signal[TINY_SIGNAL_SIZE - 2] = fed[k];
        if (tiny_step(&weights, &state, signal, sums) != 0)
            return 2;
        for (i = 0; i < TINY_SUMS_SIZE; i++)
            numbers += sums[i] == sums[i];
        printf("%g %d\\n", (double)fed[k], numbers);
    }
    return 0;
}
`;
