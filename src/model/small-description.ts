/** What `small` says of itself: it is a rewrite of the program and no method of one weight, but chosen like one. */
import type { Method } from '../methods/method.js';

export const smallDescription: Pick<Method, 'name' | 'summary' | 'law' | 'source' | 'schema' | 'guide'> = {
  name: 'small',
  summary: 'the dense layer with fewer hidden units',
  law: 'W, with the most hidden units whose layer fits the goal; what reads the layer has fewer inputs',
  source: '"small baseline" of [D] and [H]',
  schema: {},
  guide: {
    parameters: 'those of the smaller layer, its inputs already smaller where `small` made them so',
    multiplyAdds: 'as many as matrix values',
    use:
      'Use it as the baseline at the same number of parameters: a method that is no better than a smaller dense ' +
      'layer is not worth its trouble. It needs a goal, and whole recurrent or dense ' +
      'layers that are no output of the model.',
    example: 'rnn1, rnn2: small to 5x',
  },
};
