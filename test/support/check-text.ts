/** Checks program text in tests: the model and all that was reported. */
import { type Diagnostic, Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { check } from '../../src/model/check.js';
import type { Model } from '../../src/model/model.js';
import { parse } from '../../src/syntax/parse.js';

export interface Attempt {
  readonly model: Model | undefined;
  readonly all: readonly Diagnostic[];
}

export function checkText(text: string): Attempt {
  const diagnostics = new Diagnostics();
  const model = check(parse({ path: 'test.cmp', text }, diagnostics.report), diagnostics.report);
  return { model, all: diagnostics.all };
}

/** "room/code: message (hint)", with the text it points at behind `@`. */
export const written = ({ code, message, hint, span }: Diagnostic): string =>
  `${code}: ${message}${hint === undefined ? '' : ` (${hint})`} @ ${span.source.text.slice(span.start, span.end)}`;

/** The model of a text that must be right. */
export function modelOf(text: string): Model {
  const { model, all } = checkText(text);
  if (model === undefined) throw new Error(`not a right program:\n${all.map(written).join('\n')}`);
  return model;
}

/** The medium PTB model of Zaremba et al. 2014 with rules, and other blocks behind them. */
export const medium = (rules: string, rest = ''): string => `language 1
model ptb {
  tokens = ids(vocab=10000)
  embed  = embedding(tokens, 650, dropout=50%)
  rnn1   = lstm(embed, 650, dropout=50%)
  rnn2   = lstm(rnn1, 650, dropout=50%)
  next   = softmax(rnn2, 10000)
}
compress {
  ${rules}
}
${rest}
`;
