/** What a run tells while it works. Who listens prints it; nothing depends on it. */
import type { Split } from '../data/corpus.js';
import type { Score } from './score.js';

export type TrainEvent =
  | {
      readonly kind: 'start';
      readonly epochs: number;
      readonly stepsPerEpoch: number;
      /** Tokens at the tail that no training window covers, each epoch. */
      readonly droppedTokens: number;
      readonly parameters: number;
      /** Bytes that a step needs at its peak, as the compiler counts them. */
      readonly memory: number;
      /** Updates that were made before, when resumed. */
      readonly resumedAt: number | undefined;
    }
  | {
      readonly kind: 'step';
      /** Updates made. */
      readonly step: number;
      readonly steps: number;
      /** From 1. */
      readonly epoch: number;
      readonly epochs: number;
      /** Updates made in this epoch, of `stepsPerEpoch`. */
      readonly stepInEpoch: number;
      readonly stepsPerEpoch: number;
      /** Mean over the epoch so far, nats per token. */
      readonly loss: number;
      readonly perplexity: number;
      readonly sparsity: number;
      readonly lr: number;
      readonly gradientNorm: number;
      readonly tokensPerSecond: number;
      readonly secondsLeft: number;
    }
  | { readonly kind: 'evaluating'; readonly split: Split; readonly done: number; readonly total: number }
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly trainPerplexity: number;
      readonly valid: Score | undefined;
      readonly sparsity: number;
      readonly lr: number;
      readonly seconds: number;
      /** These weights were kept. */
      readonly kept: boolean;
    }
  | { readonly kind: 'test'; readonly epoch: number; readonly test: Score }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly path: string }
  | { readonly kind: 'notice'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string; readonly hint: string };
