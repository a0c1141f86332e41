/**
 * The grammar of `.cmp`, as chevrotain rules without actions: text in, concrete tree out. `grammar/rnnc.ebnf` and
 * `cst.ts` are printed from it. What a program means is not decided here.
 */
import { CstParser, type IParserErrorMessageProvider, type TokenType, tokenLabel } from 'chevrotain';
import * as t from './tokens.js';

/** Joins labels as "a, b or c". */
function either(types: readonly TokenType[]): string {
  const labels = [...new Set(types.map((type) => tokenLabel(type)))];
  const last = labels.pop() ?? 'nothing';
  return labels.length === 0 ? last : `${labels.join(', ')} or ${last}`;
}

/** What a rule expects where one token type says too little. */
const wanted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  settings: { RightBrace: '`name = value` or `}`' },
  rules: { RightBrace: '`selector: method(...)` or `}`' },
  program: { EOF: '`language`, `model`, `compress`, `train`, `emit`, `sweep`, `let` or `import`' },
};
/** What a choice of a rule expects, in one word. */
const anyOf: Readonly<Record<string, string>> = {
  value: 'a value',
  rule: 'a selector such as `rnn1` or `rnn*`',
  choice: 'a selector such as `rnn1` or `rnn*`',
  part: 'a selector such as `rnn1` or `rnn*`',
  step: 'a part of a path, such as `input` or `2`',
};
const expectation = (rule: string, type: TokenType): string => wanted[rule]?.[type.name] ?? tokenLabel(type);

/** The parser's messages are only what was expected; `recover.ts` writes the sentence. */
const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) => expectation(ruleName, expected),
  buildNotAllInputParsedMessage: () => wanted['program']!['EOF']!,
  buildNoViableAltMessage: ({ expectedPathsPerAlt, ruleName }) =>
    anyOf[ruleName] ?? either(expectedPathsPerAlt.flatMap((paths) => paths.flatMap((p) => p[0] ?? []))),
  buildEarlyExitMessage: ({ expectedIterationPaths, ruleName }) =>
    anyOf[ruleName] ?? either(expectedIterationPaths.flatMap((p) => p[0] ?? [])),
};

/** Alternatives are made once: the rules of values and paths are entered for nearly every token. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

class Grammar extends CstParser {
  constructor() {
    super([...t.tokens], {
      recoveryEnabled: true,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: expectations,
    });
    this.performSelfAnalysis();
  }

  readonly program = this.RULE('program', () => {
    this.MANY(() => this.SUBRULE(this.item));
  });

  private readonly item = this.RULE('item', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.language) },
      { ALT: () => this.SUBRULE(this.import) },
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.model) },
      { ALT: () => this.SUBRULE(this.compress) },
      { ALT: () => this.SUBRULE(this.block) },
    ]);
  });

  private readonly language = this.RULE('language', () => {
    this.CONSUME(t.Language);
    this.CONSUME(t.NumberToken, { LABEL: 'version' });
  });

  private readonly import = this.RULE('import', () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.StringToken, { LABEL: 'path' });
  });

  private readonly let = this.RULE('let', () => {
    this.CONSUME(t.Let);
    this.CONSUME(t.Word, { LABEL: 'name' });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.value);
  });

  private readonly model = this.RULE('model', () => {
    this.CONSUME(t.Model, { LABEL: 'word' });
    this.CONSUME(t.AnyWord, { LABEL: 'name' });
    this.OR([
      { ALT: () => this.SUBRULE(this.settings) },
      {
        ALT: () => {
          this.CONSUME(t.From);
          this.CONSUME(t.StringToken, { LABEL: 'path' });
        },
      },
    ]);
  });

  private readonly compress = this.RULE('compress', () => {
    this.CONSUME(t.Compress, { LABEL: 'word' });
    this.SUBRULE(this.rules);
  });

  private readonly block = this.RULE('block', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Train, { LABEL: 'word' }) },
      { ALT: () => this.CONSUME(t.Sweep, { LABEL: 'word' }) },
      {
        ALT: () => {
          this.CONSUME(t.Emit, { LABEL: 'word' });
          this.CONSUME(t.Word, { LABEL: 'name' });
        },
      },
    ]);
    this.SUBRULE(this.settings);
  });

  private readonly settings = this.RULE('settings', () => {
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.setting));
    this.CONSUME(t.RightBrace);
  });

  private readonly rules = this.RULE('rules', () => {
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.rule));
    this.CONSUME(t.RightBrace);
  });

  private readonly setting = this.RULE('setting', () => {
    this.SUBRULE(this.path);
    this.OPTION(() => {
      this.CONSUME(t.LeftParenthesis);
      this.SUBRULE(this.selector);
      this.CONSUME(t.RightParenthesis);
    });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.value);
  });

  private readonly rule = this.RULE('rule', () => {
    this.OPTION(() => this.CONSUME(t.Override));
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.selector) });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.call, { LABEL: 'method' });
    this.OPTION1(() => this.SUBRULE(this.goal));
    this.MANY(() => {
      this.CONSUME(t.Then);
      this.SUBRULE1(this.call, { LABEL: 'then' });
    });
  });

  private readonly goal = this.RULE('goal', () => {
    this.CONSUME(t.To);
    this.SUBRULE(this.value);
    this.OPTION(() => {
      this.OPTION1(() => this.CONSUME(t.Fewer));
      this.CONSUME(t.Macs);
    });
    this.OPTION2(() => this.CONSUME(t.Together));
  });

  private readonly selector = this.RULE('selector', () => {
    this.SUBRULE(this.choice);
    this.MANY(() => {
      this.CONSUME(t.Except);
      this.SUBRULE1(this.choice);
    });
  });

  private readonly choices = once(() => [
    {
      ALT: () => {
        this.CONSUME(t.Word, { LABEL: 'layerKind' });
        this.SUBRULE(this.path);
      },
    },
    { ALT: () => this.SUBRULE1(this.path) },
  ]);
  private readonly choice = this.RULE('choice', () => {
    this.OR(this.choices());
  });

  private readonly path = this.RULE('path', () => {
    this.SUBRULE(this.part);
    this.MANY(() => {
      this.CONSUME(t.Dot);
      this.SUBRULE(this.step);
    });
  });

  private readonly step = this.RULE('step', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.part) }, { ALT: () => this.CONSUME(t.NumberToken, { LABEL: 'index' }) }]);
  });

  private readonly parts = once(() => [
    { ALT: () => this.CONSUME(t.Word, { LABEL: 'word' }) },
    { ALT: () => this.CONSUME(t.Glob, { LABEL: 'word' }) },
    { ALT: () => this.SUBRULE(this.set) },
  ]);
  private readonly part = this.RULE('part', () => {
    this.OR(this.parts());
  });

  private readonly set = this.RULE('set', () => {
    this.CONSUME(t.LeftBrace);
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () =>
        this.OR([
          { ALT: () => this.CONSUME(t.Word, { LABEL: 'word' }) },
          { ALT: () => this.CONSUME(t.Glob, { LABEL: 'word' }) },
          { ALT: () => this.CONSUME(t.NumberToken, { LABEL: 'word' }) },
        ]),
    });
    this.CONSUME(t.RightBrace);
  });

  private readonly values = once(() => [
    { ALT: () => this.CONSUME(t.NumberToken, { LABEL: 'literal' }) },
    { ALT: () => this.CONSUME(t.Ratio, { LABEL: 'literal' }) },
    { ALT: () => this.CONSUME(t.Percent, { LABEL: 'literal' }) },
    { ALT: () => this.CONSUME(t.ShapeToken, { LABEL: 'literal' }) },
    { ALT: () => this.CONSUME(t.Factor, { LABEL: 'literal' }) },
    { ALT: () => this.CONSUME(t.Quantity, { LABEL: 'literal' }) },
    { ALT: () => this.CONSUME(t.StringToken, { LABEL: 'literal' }) },
    { ALT: () => this.CONSUME(t.Yes, { LABEL: 'literal' }) },
    { ALT: () => this.CONSUME(t.No, { LABEL: 'literal' }) },
    { ALT: () => this.SUBRULE(this.list) },
    { ALT: () => this.SUBRULE(this.call) },
  ]);
  private readonly value = this.RULE('value', () => {
    this.OR(this.values());
  });

  private readonly list = this.RULE('list', () => {
    this.CONSUME(t.LeftBracket);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.value) });
    this.CONSUME(t.RightBracket);
  });

  private readonly call = this.RULE('call', () => {
    this.CONSUME(t.Word, { LABEL: 'callee' });
    this.OPTION(() => {
      this.CONSUME(t.LeftParenthesis);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.argument) });
      this.CONSUME(t.RightParenthesis);
    });
  });

  private readonly argument = this.RULE('argument', () => {
    this.OPTION(() => {
      this.CONSUME(t.AnyWord, { LABEL: 'name' });
      this.CONSUME(t.Equals);
    });
    this.SUBRULE(this.value);
  });
}

/** The one parser; it holds no state between programs once `input` is set. */
export const parser = new Grammar();
