/** What an editor tells of the word under the pointer, as Markdown: shapes and counts, laws, arguments, constants. */
import type { Schema } from '../arguments/schema.js';
import { findLayer } from '../layers/layers.js';
import { findMethod } from '../methods/methods.js';
import type { Model } from '../model/model.js';
import { type LayerSummary, summarize } from '../model/summary.js';
import { sweepDoc } from '../model/sweep-axes.js';
import { argumentText } from '../report/explain.js';
import { bytes, count, factor } from '../support/units.js';
import type { Name, Node } from '../syntax/ast.js';
import type { Analysis } from './analysis.js';
import { nodesAt } from './nodes.js';
import { symbolAt } from './symbols.js';

const paragraphs = (...texts: readonly (string | undefined)[]): string =>
  texts.filter((text) => text !== undefined && text !== '').join('\n\n');

/** `lmf(r, layout)`: the arguments in their order, those that may be left out in brackets. */
function signature(word: string, schema: Schema): string {
  const parts = Object.entries(schema).map(([name, { fallback }]) => (fallback === undefined ? name : `[${name}]`));
  return `\`${word}(${parts.join(', ')})\``;
}

const argumentLines = (schema: Schema): string =>
  Object.entries(schema)
    .map(([name, { doc, expects }]) => `- \`${name}\`: ${doc}; ${expects}`)
    .join('\n');

function methodText(word: string): string | undefined {
  const method = findMethod(word);
  if (method === undefined) return undefined;
  const { summary, law, source, schema } = method;
  return paragraphs(`${signature(word, schema)} — ${summary}`, `W = ${law} (${source})`, argumentLines(schema));
}

function layerWordText(word: string): string | undefined {
  const found = findLayer(word);
  return found && paragraphs(`${signature(word, found.schema)} — ${found.summary}`, argumentLines(found.schema));
}

/** How calls and blocks were read. */
type Read = Pick<Analysis, 'schemaAt'>;

/** Any other call: a loader, an optimizer, a schedule. */
function callText({ text, span }: Name, { schemaAt }: Read): string | undefined {
  const schema = schemaAt(span);
  return schema && paragraphs(signature(text, schema), argumentLines(schema));
}

const change = (before: string, after: string): string => (before === after ? before : `${before} -> ${after}`);

function costLine({ before, after, factor: reached, rankBefore, rankAfter }: LayerSummary): string | undefined {
  if (before.parameters === 0) return undefined;
  const rank = rankBefore === 0 ? '' : `, rank at most ${change(count(rankBefore), count(rankAfter))}`;
  return (
    `${change(count(before.parameters), count(after.parameters))} parameters, ${factor(reached)}; ` +
    `${change(bytes(before.bytes), bytes(after.bytes))}; ` +
    `${change(count(before.macs), count(after.macs))} multiply-adds a step${rank}`
  );
}

/** A layer by the name of its definition; several with `layers=n` or two directions. */
function layerText(name: string, model: Model): string | undefined {
  const summaries = new Map(summarize(model).map((summary) => [summary.name, summary]));
  const mine = model.layers.filter((layer) => layer.name === name || layer.name.startsWith(`${name}.`));
  const texts = mine.map((layer) => {
    const { signal } = layer.shape;
    const gives =
      signal.kind === 'ids'
        ? `ids out of ${count(signal.vocabulary)}`
        : `${count(signal.width)} values ${signal.perStep ? 'at each step' : 'per sequence'}`;
    const summary = summaries.get(layer.name);
    const units = summary?.units.map((u) => `- \`${u.path}\`: ${u.method} ${argumentText(u, u)}`.trimEnd()).join('\n');
    return paragraphs(`\`${layer.name} = ${layer.kind}\`: ${gives}`, summary && costLine(summary), units);
  });
  return texts.length === 0 ? undefined : paragraphs(...texts);
}

/** `name=` of an argument or a setting, by the schema of the call or block around it. */
function argumentNameText(name: Name, owner: Node | undefined, { schemaAt }: Read): string | undefined {
  const span = owner?.kind === 'call' ? owner.callee.span : owner?.kind === 'block' ? owner.wordSpan : undefined;
  const parameter = span && schemaAt(span)?.[name.text];
  return parameter && paragraphs(`\`${name.text}\`: ${parameter.doc}`, `expects ${parameter.expects}`);
}

function sweepText(name: string): string | undefined {
  const doc = sweepDoc(name);
  return doc === undefined ? undefined : `\`${name}\`: ${doc}`;
}

function wordText(name: Name, around: readonly Node[], read: Read): string | undefined {
  const [parent, owner] = [around.at(-1), around.at(-2)];
  const inSweep = owner?.kind === 'block' && owner.word === 'sweep';
  if (parent?.kind === 'setting' && parent.name === name && inSweep) return sweepText(name.text);
  if (parent?.kind === 'argument' && parent.name === name) return argumentNameText(name, owner, read);
  if (parent?.kind === 'setting' && parent.name === name) return argumentNameText(name, owner, read);
  const block = around.find((node) => node.kind === 'block');
  if (block?.kind !== 'block') return undefined;
  if (block.word === 'compress' || block.word === 'sweep') return methodText(name.text) ?? callText(name, read);
  return (block.word === 'model' ? layerWordText(name.text) : undefined) ?? callText(name, read);
}

/** Undefined where there is nothing to tell. */
export function hover(analysis: Analysis, offset: number): string | undefined {
  const { program, path, model } = analysis;
  const chain = nodesAt(program, path, offset);
  const name = chain.at(-1);
  if (name?.kind !== 'name') return undefined;
  const symbol = symbolAt(program, path, offset);
  if (symbol?.kind === 'layer') return model === undefined ? undefined : layerText(symbol.name, model);
  if (symbol?.kind === 'constant') {
    const item = program.items.find((i) => i.kind === 'let' && i.name.text === symbol.name);
    return item?.kind === 'let' ? `\`let ${symbol.name} = ${textOf(item.value)}\`` : undefined;
  }
  return wordText(name, chain.slice(0, -1), analysis);
}

const textOf = ({ span }: Node): string => span.source.text.slice(span.start, span.end);
