/** What can be wrong with weights that a program is to be fitted to. */
import { catalogue } from '../diagnostics/catalogue.js';

export const fitError = catalogue('fit', {
  missing: {
    severity: 'error',
    message: 'the weight file has nothing for {what}',
    hint: '{hint}',
  },
  extra: {
    severity: 'error',
    message: 'the weight file holds {names}, which no layer takes',
    hint: 'remove {them} from the file, or add the layers to the program',
  },
  shape: {
    severity: 'error',
    message: '{name} is {found}, `{layer}` needs {needed}',
    hint: '{hint}',
  },
  ambiguous: {
    severity: 'error',
    message: '{what} may be any of {found}',
    hint: 'rename them to the paths of the program, such as `{example}`',
  },
  'not-finite': {
    severity: 'error',
    message: '{name} of the weight file holds {value} at {index}',
    hint: 'fit finite weights: train again with `clip=`, or a smaller rate',
  },
  'reset-before': {
    severity: 'error',
    message: '{found} is a GRU that resets after the product, `{layer}` resets before it',
    hint: 'write `reset_after=yes` in `{layer}`',
  },
  refused: { severity: 'error', message: '{path}: {reason}', hint: '{hint}' },
  'cannot-permute': {
    severity: 'error',
    message: 'the hidden units of `{layer}` cannot be reordered: {reason}',
    hint: 'leave `permute=yes` out and train, or use another method',
  },
});
