/** Sums behind a mean negative log-likelihood, as the checkpoint holds them. */
import type { Tally } from './checkpoint.js';

export const none: Tally = { nats: 0, tokens: 0 };

export const add = (tally: Tally, nats: number, tokens: number): Tally => ({
  nats: tally.nats + nats,
  tokens: tally.tokens + tokens,
});

/** Nats per token. */
export const meanOf = ({ nats, tokens }: Tally): number => nats / Math.max(1, tokens);
