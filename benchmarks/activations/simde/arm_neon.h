/*
 * Stands for the compiler's arm_neon.h where the NEON source is built for x86-64: SIMDe's intrinsics, and those
 * whose results SIMDe leaves open, as the Arm architecture defines them. AS_AARCH64 makes the source take its AArch64
 * side; without it, it takes that of ARMv7, whose NEON has neither fused multiply-adds nor denormal numbers.
 * Build with -mfma -ffp-contract=off.
 */
#ifndef RNNC_SIMDE_ARM_NEON_H
#define RNNC_SIMDE_ARM_NEON_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <immintrin.h>
#include <simde/arm/neon.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint32_t reciprocal_estimates[256];

__attribute__((constructor)) static void prepare_estimates(void)
{
    uint32_t i;

    for (i = 0; i < 256; i++)
        reciprocal_estimates[i] = (((1u << 19) / (2 * (256 + i) + 1) + 1) / 2 & 255u) << 15;
#ifndef AS_AARCH64
    _mm_setcsr(_mm_getcsr() | 0x8040); /* denormal operands and results are zeros */
#endif
}

/* Eight bits of 1 / a. Only for NaN and for what has a reciprocal that is no denormal. */
static inline float32x4_t estimate_reciprocal(float32x4_t a)
{
    uint32_t word[4];
    int lane;

    memcpy(word, &a, sizeof word);
    for (lane = 0; lane < 4; lane++) {
        const uint32_t exponent = word[lane] >> 23 & 255u;
        if (exponent == 255 && (word[lane] & 0x7fffffu) != 0)
            continue;
        if (exponent == 0 || exponent > 252)
            abort();
        word[lane] = (word[lane] & 0x80000000u) | (253 - exponent) << 23 | reciprocal_estimates[word[lane] >> 15 & 255u];
    }
    memcpy(&a, word, sizeof word);
    return a;
}
#undef vrecpeq_f32
#define vrecpeq_f32(a) estimate_reciprocal(a)

#ifdef AS_AARCH64
#define __aarch64__ 1
#undef vrecpsq_f32
#define vrecpsq_f32(a, b) _mm_fnmadd_ps(a, b, _mm_set1_ps(2.0f)) /* rounds once */
#undef vfmaq_f32
#define vfmaq_f32(sum, a, b) _mm_fmadd_ps(a, b, sum)
#else
#undef vrecpsq_f32
#define vrecpsq_f32(a, b) _mm_sub_ps(_mm_set1_ps(2.0f), _mm_mul_ps(a, b)) /* rounds twice, as these do: */
#undef vmlaq_f32
#define vmlaq_f32(sum, a, b) _mm_add_ps(sum, _mm_mul_ps(a, b))
#undef vmlsq_f32
#define vmlsq_f32(sum, a, b) _mm_sub_ps(sum, _mm_mul_ps(a, b))
#endif

#endif
