/** The target `neon`: C99 with NEON intrinsics, one source for AArch64 and ARMv7. */

import { emitFamily } from '../c-family/emit-family.js';
import type { EmitInput } from '../c-family/emit-input.js';
import type { OutputFile } from '../output-file.js';

/** All files of the folder, named without it. */
export const emitNeon = (input: EmitInput): readonly OutputFile[] => emitFamily(input, 'neon');
