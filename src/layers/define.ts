/** What layer definitions share: how one is sealed, and the two kinds of values their plans read. */
import { type Arguments, readArguments } from '../arguments/read.js';
import { named, percent, type Schema, withDefault } from '../arguments/schema.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Buffer } from '../kernels/planner.js';
import { invariant } from '../support/assert.js';
import type { Call } from '../syntax/ast.js';
import type { IdInput, LayerDefinition, LayerPart, LayerShape, PlanValue, Signal } from './layer.js';

interface Definition<S extends Schema> {
  readonly word: string;
  readonly summary: string;
  readonly arity: number | 'several';
  readonly schema: S;
}
type Make<S extends Schema, Made> = (
  args: Arguments<S>,
  inputs: readonly Signal[],
  call: Call,
  report: Report,
) => readonly Made[] | undefined;

/** Seals the definition of one layer: its own argument types stay inside. */
export function defineLayer<const S extends Schema>(
  definition: Definition<S> & { readonly shapes: Make<S, LayerShape> },
): LayerDefinition {
  const { shapes, ...rest } = definition;
  return defineParts<S>({
    ...rest,
    parts: (...made) => shapes(...made)?.map((shape) => ({ shape })),
  });
}

/** Seals a definition that may make several layers. */
export function defineParts<const S extends Schema>(
  definition: Definition<S> & { readonly parts: Make<S, LayerPart> },
): LayerDefinition {
  const { word, summary, arity, schema, parts } = definition;
  return {
    word,
    summary,
    arity,
    schema,
    resolve: (call, inputs, constants, report) => {
      const args = readArguments(call, schema, constants, report);
      return args === undefined ? undefined : parts(args, inputs, call, report);
    },
  };
}

/** `dropout=`: the probability of dropping on the layer's output. */
export const dropoutParameter = named(withDefault(percent('probability of dropping, on the output'), 0));

/** A plan's input that holds floats. */
export function bufferOf(value: PlanValue | undefined): Buffer {
  invariant(value !== undefined && !('kind' in value), 'a plan input that holds floats');
  return value;
}

/** A plan's input that holds token ids. */
export function idsOf(value: PlanValue | undefined): IdInput {
  invariant(value !== undefined && 'kind' in value, 'a plan input that holds ids');
  return value;
}
