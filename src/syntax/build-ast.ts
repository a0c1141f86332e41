/** Concrete tree to abstract tree: items, statements, and the comments around them. Decides nothing about meaning. */
import type { IToken } from 'chevrotain';
import type { Span } from '../diagnostics/source.js';
import { defined } from '../support/assert.js';
import type * as ast from './ast.js';
import {
  type Building,
  buildCall,
  buildPath,
  buildSelector,
  buildValue,
  name,
  nodeSpan,
  one,
  selectorOf,
} from './build-expression.js';
import type * as cst from './cst.js';
import { syntaxError } from './messages.js';
import { tokenSpan } from './places.js';
import { TriviaReader } from './trivia.js';

interface Context extends Building {
  readonly trivia: TriviaReader;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
const ascii = /^[\x00-\x7F]*$/;

/** Names that programs define are plain words; hyphens, patterns and sets are for words of the language. */
function checkPlainName(found: ast.Name, role: string, { report }: Building): void {
  // A name of no letters has been reported as missing.
  if (/^(?:[A-Za-z_]\w*)?$/.test(found.text) || !ascii.test(found.text)) return;
  const better = found.text.replace(/\W+/g, '_').replace(/^(?=\d)/, 'n');
  report(syntaxError('plain-name', found.span, { text: found.text, role, better }));
}

function buildLanguage(context: Context, node: cst.LanguageCstNode): ast.Language {
  const span = nodeSpan(context.source, node);
  const trivia = context.trivia.of(span);
  const token = one(node.children.version);
  if (token.image !== '1')
    context.report(syntaxError('language-version', tokenSpan(context.source, token), { text: token.image }));
  return { kind: 'language', span, trivia, version: Number.parseInt(token.image, 10) };
}

function buildImport(context: Context, node: cst.ImportCstNode): ast.Import {
  const span = nodeSpan(context.source, node);
  const trivia = context.trivia.of(span);
  const path = buildValue(context.source, {
    name: 'value',
    children: { literal: node.children.path },
    ...(node.location === undefined ? {} : { location: node.location }),
  });
  return { kind: 'import', span, trivia, path: path as ast.StringLiteral };
}

function literalOnly(value: ast.Expression): ast.Expression | undefined {
  if (value.kind === 'list') return value.items.map(literalOnly).find((fault) => fault !== undefined);
  return value.kind === 'name' || value.kind === 'call' ? value : undefined;
}

function buildLet(context: Context, node: cst.LetCstNode): ast.Let {
  const span = nodeSpan(context.source, node);
  const trivia = context.trivia.of(span);
  const named = name(context.source, one(node.children.name));
  const value = buildValue(context.source, one(node.children.value));
  checkPlainName(named, 'the name of a constant', context);
  const fault = literalOnly(value);
  if (fault !== undefined && !(fault.kind === 'name' && !ascii.test(fault.text))) {
    const found = fault.kind === 'call' ? 'a call' : 'a name';
    context.report(syntaxError('let-literal', fault.span, { name: named.text, found }));
  }
  return { kind: 'let', span, trivia, name: named, value };
}

/** The name of a setting is the last part of its path. */
function settingName(context: Context, parts: readonly ast.PathPart[], word: ast.BlockWord): ast.Name {
  const last = defined(parts.at(-1), 'last part');
  const [only, ...others] = last.alternatives;
  const source = context.source.text.slice(last.span.start, last.span.end);
  const found =
    others.length > 0 || source.startsWith('{') ? { ...one(last.alternatives), span: last.span, text: source } : only;
  const whole = defined(found, 'name of a setting');
  if (word === 'model' || !/^[\w-]+$/.test(whole.text) || /^\d/.test(whole.text))
    checkPlainName(whole, word === 'model' ? 'the name of a layer' : 'the name of a setting', context);
  return whole;
}

function buildSetting(context: Context, node: cst.SettingCstNode, word: ast.BlockWord): ast.Setting {
  const span = nodeSpan(context.source, node);
  const trivia = context.trivia.of(span);
  const parts = buildPath(context, one(node.children.path));
  const named = settingName(context, parts, word);
  const inside = node.children.selector?.[0];
  const before = parts.slice(0, -1);
  const path = before.length === 0 ? undefined : selectorOf(before);
  const selector = inside === undefined ? path : buildSelector(context, inside);
  const twice = path !== undefined && inside !== undefined;
  if (selector !== undefined && (twice || word === 'model' || word === 'emit')) {
    const text = context.source.text.slice((path ?? selector).span.start, (path ?? selector).span.end);
    context.report(
      syntaxError('selector-not-here', (path ?? selector).span, {
        block: twice ? `${named.text}(...)` : word,
        text,
        name: named.text,
      }),
    );
  }
  const value = buildValue(context.source, one(node.children.value));
  return { kind: 'setting', span, trivia, name: named, ...(selector === undefined ? {} : { selector }), value };
}

function buildGoal(context: Context, node: cst.GoalCstNode): ast.Goal {
  return {
    kind: 'goal',
    span: nodeSpan(context.source, node),
    amount: buildValue(context.source, one(node.children.value)),
    unit: node.children.Macs === undefined ? 'parameters' : 'macs',
    together: node.children.Together !== undefined,
  };
}

function buildRule(context: Context, node: cst.RuleCstNode): ast.Rule {
  const span = nodeSpan(context.source, node);
  const trivia = context.trivia.of(span);
  const goal = node.children.goal?.[0];
  return {
    kind: 'rule',
    span,
    trivia,
    override: node.children.Override !== undefined,
    selectors: node.children.selector.map((selector) => buildSelector(context, selector)),
    method: buildCall(context.source, one(node.children.method)),
    ...(goal === undefined ? {} : { goal: buildGoal(context, goal) }),
    // biome-ignore lint/suspicious/noThenProperty: `then` is the word of the language; a rule is never awaited
    then: (node.children.then ?? []).map((call) => buildCall(context.source, call)),
  };
}

interface BlockParts {
  readonly word: IToken;
  readonly name: IToken | undefined;
  readonly body: cst.SettingsCstNode | cst.RulesCstNode | undefined;
}

function statements(context: Context, body: BlockParts['body'], word: ast.BlockWord): readonly ast.Statement[] {
  if (body?.name === 'rules') return (body.children.rule ?? []).map((rule) => buildRule(context, rule));
  return (body?.children.setting ?? []).map((setting) => buildSetting(context, setting, word));
}

function buildBlock(context: Context, span: Span, parts: BlockParts): ast.Block {
  const { source, trivia } = context;
  const word = parts.word.image as ast.BlockWord;
  const brace = parts.body === undefined ? span.end : one(parts.body.children.LeftBrace).endOffset! + 1;
  const before = [...trivia.before(span.start), ...trivia.before(brace).filter((line) => line !== '')];
  const opening = trivia.opening(brace);
  const named = parts.name === undefined ? undefined : name(source, parts.name);
  if (named !== undefined && word === 'model') checkPlainName(named, 'the name of a model', context);
  const inner = statements(context, parts.body, word);
  const closing = trivia.closing(span.end);
  const after = trivia.behind(span.end);
  return {
    kind: 'block',
    span,
    trivia: { before, ...(after === undefined ? {} : { after }) },
    word,
    wordSpan: tokenSpan(source, parts.word),
    ...(named === undefined ? {} : { name: named }),
    ...(opening === undefined ? {} : { opening }),
    statements: inner,
    closing,
  };
}

function buildModel(context: Context, node: cst.ModelCstNode): ast.Block {
  const { word, name: named, path, settings } = node.children;
  const block = buildBlock(context, nodeSpan(context.source, node), {
    word: one(word),
    name: one(named),
    body: settings?.[0],
  });
  if (path !== undefined)
    context.report(
      syntaxError('not-in-this-version', tokenSpan(context.source, one(path)), {
        what: '`model ... from` a file',
        hint: 'define the layers in the block: `model name { ... }`',
      }),
    );
  return block;
}

function buildItem(context: Context, { children }: cst.ItemCstNode): ast.ProgramItem {
  if (children.language !== undefined) return buildLanguage(context, one(children.language));
  if (children.import !== undefined) return buildImport(context, one(children.import));
  if (children.let !== undefined) return buildLet(context, one(children.let));
  if (children.model !== undefined) return buildModel(context, one(children.model));
  const node = children.compress?.[0] ?? one(children.block);
  const body = node.name === 'compress' ? one(node.children.rules) : one(node.children.settings);
  const target = node.name === 'block' ? node.children.name?.[0] : undefined;
  return buildBlock(context, nodeSpan(context.source, node), { word: one(node.children.word), name: target, body });
}

/** The program of a whole tree. */
export function buildProgram(tree: cst.ProgramCstNode, comments: readonly IToken[], building: Building): ast.Program {
  const { source, report } = building;
  const context: Context = { ...building, trivia: new TriviaReader(source.text, comments) };
  const items = (tree.children.item ?? []).map((item) => buildItem(context, item));
  items.forEach((item, i) => {
    if (item.kind === 'language' && i > 0) report(syntaxError('language-first', item.span, {}));
  });
  const closing = context.trivia.closing(source.text.length);
  return { kind: 'program', span: { source, start: 0, end: source.text.length }, items, gaps: [], closing };
}
