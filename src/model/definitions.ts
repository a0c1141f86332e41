/** Checks the `model` block: definitions, each used only after it is defined, become resolved layers. */

import { refuseLater } from '../arguments/later.js';
import { describe } from '../arguments/read.js';
import type { Span } from '../diagnostics/source.js';
import type { LayerDefinition, LayerShape } from '../layers/layer.js';
import { findLayer, layers as knownLayers, laterLayers } from '../layers/layers.js';
import { listedWords } from '../support/listed.js';
import { suggestion } from '../support/suggest.js';
import type { Argument, Block, Call, Name, Setting } from '../syntax/ast.js';
import { type Checking, settingsOf } from './checking.js';
import { modelError } from './messages.js';

/** A resolved layer without its weights. */
export interface DefinedLayer {
  /** `rnn1`; `rnn1.2` for the second of `layers=2`; `rnn1.2.backward` for one of its directions. */
  readonly name: string;
  /** The name as written: `rnn1`. */
  readonly definition: string;
  /** From 1 with `layers=n`, else undefined. */
  readonly index: number | undefined;
  readonly kind: string;
  readonly span: Span;
  readonly inputs: readonly string[];
  readonly shape: LayerShape;
  /** As the program writes it: other than `shape` where `small` makes a layer smaller. */
  readonly written: LayerShape;
}

/** What a name stands for: its last layer, or nothing when its definition was wrong. */
interface Known {
  readonly name: Name;
  readonly layer: DefinedLayer | undefined;
}

class DefinitionCheck {
  readonly layers: DefinedLayer[] = [];
  readonly #known = new Map<string, Known>();
  readonly #read = new Set<string>();
  /** Names that are read and not defined, while a definition has lost its name. */
  readonly #wanted = new Set<string>();
  #duplicates = false;
  readonly #settings: readonly Setting[];
  readonly #checking: Checking;

  constructor(settings: readonly Setting[], checking: Checking) {
    this.#settings = settings;
    this.#checking = checking;
  }

  run(): void {
    for (const setting of this.#settings) this.#define(setting);
    for (const { name } of this.#nameless) {
      const fill = { name: name.text, suggestion: suggestion(name.text, [...this.#wanted]) };
      this.#checking.report(modelError('unknown-input', name.span, fill));
    }
  }

  /** Definitions whose names are missing. */
  get #nameless(): readonly Setting[] {
    return this.#settings.filter(({ name }) => name.text === '');
  }

  /** Every definition could be read and resolved. */
  get whole(): boolean {
    const complete = this.#nameless.length === 0 && this.#checking.broken?.has('model') !== true;
    return complete && !this.#duplicates && [...this.#known.values()].every((k) => k.layer !== undefined);
  }

  /** Names that no definition reads. */
  unread(): readonly string[] {
    return [...this.#known.keys()].filter((name) => !this.#read.has(name));
  }

  lastLayer(name: string): DefinedLayer | undefined {
    return this.#known.get(name)?.layer;
  }

  #define(setting: Setting): void {
    const { report } = this.#checking;
    const { name } = setting;
    const earlier = this.#known.get(name.text);
    if (earlier !== undefined) {
      this.#duplicates = true;
      const note = { message: 'first defined here', span: earlier.name.span };
      report(modelError('duplicate-name', name.span, { name: name.text }, [note]));
      return;
    }
    const made = this.#resolve(setting);
    this.#known.set(name.text, { name, layer: made?.at(-1) });
    if (made !== undefined) this.layers.push(...made);
  }

  #resolve({ name, value, span }: Setting): readonly DefinedLayer[] | undefined {
    const { report, constants } = this.#checking;
    if (value.kind !== 'call') {
      const words = knownLayers.map((l) => l.word);
      const hint =
        value.kind === 'name' && words.includes(value.text)
          ? `write \`${name.text} = ${value.text}(...)\``
          : `write a layer: ${listedWords(words)}`;
      report(modelError('not-a-layer', value.span, { name: name.text, found: describe(value), hint }));
      return undefined;
    }
    const definition = this.#findLayer(value);
    if (definition === undefined || this.#refusesSchedule(value)) return undefined;
    const inputs = this.#inputs(value, definition);
    if (inputs === undefined) return undefined;
    const rest = { ...value, args: value.args.slice(inputs.length) };
    const signals = inputs.map((i) => i.shape.signal);
    const parts = definition.resolve(rest, signals, constants, report);
    const from = inputs.map((i) => i.name);
    return parts?.map(({ shape, index, kind = definition.word, reads }) => ({
      name: partName(name.text, { shape, index }),
      definition: name.text,
      index,
      kind,
      span,
      inputs: reads?.map((place) => partName(name.text, parts[place]!)) ?? from,
      shape,
      written: shape,
    }));
  }

  #findLayer({ callee }: Call): LayerDefinition | undefined {
    const { report } = this.#checking;
    const found = findLayer(callee.text);
    if (found !== undefined) return found;
    const words = knownLayers.map((l) => l.word);
    if (laterLayers.includes(callee.text)) {
      const instead = `use one of ${listedWords(words)}`;
      return refuseLater(`the layer \`${callee.text}\``, instead, callee.span, report);
    }
    const fill = { word: callee.text, suggestion: suggestion(callee.text, words) };
    report(modelError('unknown-layer', callee.span, fill));
    return undefined;
  }

  /** A schedule as an argument, `dropout=linear(...)`, is a word of the language for later. */
  #refusesSchedule({ args }: Call): boolean {
    const scheduled = args.filter((a) => a.value.kind === 'call');
    for (const { name, value } of scheduled) {
      refuseLater(`a schedule of \`${name?.text ?? 'a layer'}\``, 'give a constant', value.span, this.#checking.report);
    }
    return scheduled.length > 0;
  }

  /** The layers a call reads, or undefined when one is wrong or stands on a wrong definition. */
  #inputs(call: Call, { arity }: LayerDefinition): readonly DefinedLayer[] | undefined {
    const given = call.args.filter((argument) => argument.name === undefined).length;
    const inputs = Array.from({ length: arity === 'several' ? Math.max(2, given) : arity }, (_, i) =>
      this.#input(call, call.args[i]),
    );
    return inputs.every((i) => i !== undefined) ? inputs : undefined;
  }

  #input(call: Call, argument: Argument | undefined): DefinedLayer | undefined {
    const { report } = this.#checking;
    const value = argument?.value;
    if (value === undefined || argument?.name !== undefined || value.kind !== 'name') {
      const found = value === undefined ? 'nothing' : argument?.name ? `\`${argument.name.text}=\`` : describe(value);
      report(modelError('missing-input', value?.span ?? call.span, { word: call.callee.text, found }));
      return undefined;
    }
    const known = this.#known.get(value.text);
    if (known === undefined) {
      this.#reportUnknown(value);
      return undefined;
    }
    this.#read.add(value.text);
    return known.layer;
  }

  #reportUnknown(name: Name): void {
    const { report } = this.#checking;
    const later = this.#settings.find((s) => s.name.text === name.text);
    if (later !== undefined && name.span.start >= later.span.start && name.span.end <= later.span.end) {
      report(modelError('reads-itself', name.span, { name: name.text }));
      return;
    }
    if (later !== undefined) {
      const note = { message: 'defined here', span: later.name.span };
      report(modelError('used-before-defined', name.span, { name: name.text }, [note]));
      return;
    }
    if (name.text !== '' && this.#nameless.length > 0) {
      this.#wanted.add(name.text);
      return;
    }
    // The name may be what the second of two equal ones was meant to be.
    if (this.#duplicates) return;
    const fill = { name: name.text, suggestion: suggestion(name.text, [...this.#known.keys()]) };
    report(modelError('unknown-input', name.span, fill));
  }
}

/** `rnn1`, `rnn1.2`, `rnn1.2.backward`. */
const partName = (definition: string, { shape, index }: { shape: LayerShape; index?: number | undefined }): string =>
  [definition, index, shape.direction].filter((part) => part !== undefined).join('.');

export interface Definitions {
  readonly layers: readonly DefinedLayer[];
  /** Names of the layers nothing reads. */
  readonly outputs: readonly string[];
}

/** Undefined when a definition is wrong; all of them have been reported. */
export function checkDefinitions(block: Block, checking: Checking): Definitions | undefined {
  const { report } = checking;
  const settings = settingsOf(block);
  const check = new DefinitionCheck(settings, checking);
  check.run();
  if (!check.whole) return undefined;
  const unread = check.unread().flatMap((name) => check.lastLayer(name) ?? []);
  const outputs = unread.filter((layer) => layer.shape.feeds === undefined);
  if (outputs.length === 0) {
    report(modelError('no-output', block.name?.span ?? block.wordSpan, {}));
    return undefined;
  }
  const classifies = outputs.some((layer) => layer.shape.classifies === true);
  for (const layer of unread) {
    const used = classifies ? layer.shape.classifies === true : layer.shape.feeds === undefined;
    if (!used) report(modelError('unused-layer', layer.span, { name: layer.definition }));
  }
  return { layers: check.layers, outputs: outputs.map((layer) => layer.name) };
}
