/** The target `c`: portable C99 in the column-panel form that compilers vectorize without -ffast-math. */

import { emitFamily } from '../c-family/emit-family.js';
import type { EmitInput } from '../c-family/emit-input.js';
import type { OutputFile } from '../output-file.js';

/** All files of the folder, named without it. */
export const emitC = (input: EmitInput): readonly OutputFile[] => emitFamily(input, 'c');
