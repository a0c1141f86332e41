/** A program takes the bytes that `check` says, whatever core it is emitted for. */
import { expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { summarize, totals } from '../model/summary.js';
import { lowerInference } from './inference.js';
import { planSummary } from './inference-summary.js';

const cores = ['any', 'cortex-a7', 'cortex-a53', 'cortex-a55', 'cortex-a57', 'cortex-a73', 'cortex-a76'];

// The first takes transforms where they are weighed by the A53, and none on a typical core.
it.for([
  ['rnn.{r}', 32, 4, 2],
  ['rnn.recurrent', 9, 20, 11],
  ['rnn.recurrent', 9, 37, 3],
  ['rnn', 9, 64, 8],
] as const)('circulant blocks of %s, %d inputs and %d units in blocks of %d', ([selector, width, units, block]) => {
  const model = modelOf(`language 1
    model tiny {
      tokens = ids(vocab=5)
      embed = embedding(tokens, ${width})
      rnn = gru(embed, ${units}, reset_after=yes)
      next = softmax(rnn, 5)
    }
    compress { ${selector}: circulant(block=${block}) }`);
  const { bytes, macs } = totals(summarize(model)).after;
  for (const cpu of cores) {
    const { weightBytes, multiplyAdds } = planSummary(lowerInference(model, { cpu }));
    expect([cpu, weightBytes, multiplyAdds]).toEqual([cpu, bytes, macs]);
  }
});
