import { describe, expect, it } from 'vitest';
import type { ReadText } from '../syntax/load.js';
import { analyze } from './analysis.js';
import { complete } from './complete.js';
import { hover } from './hover.js';
import { inlays } from './inlay.js';
import { symbolAt } from './symbols.js';

const program = `language 1
let hidden = 650
model lm {
  tokens = ids(vocab=10000)
  embed  = embedding(tokens, hidden, dropout=50%)
  rnn1   = lstm(embed, hidden)
  next   = softmax(rnn1, 10000)
}
compress {
  rnn1: dkp(B=13x65, C=50x20) to 25x
}
train {
  data      = text("ptb", batch=20, unroll=35)
  optimizer = sgd(clip=5)
  lr        = decay(1.0, by=1/1.2, every=1 epoch, after=6 epochs)
  epochs    = 39
}
emit neon { cpu = cortex-a73 }
`;
const none: ReadText = () => undefined;

/** The text with `|` at a place, without it, and the place. */
function marked(text: string): { readonly text: string; readonly offset: number } {
  const offset = text.indexOf('|');
  return { text: text.slice(0, offset) + text.slice(offset + 1), offset };
}
const completions = (text: string): readonly string[] => {
  const at = marked(text);
  return complete('m.cmp', at.text, at.offset, none).map((c) => c.word);
};
const hoverAt = (text: string): string | undefined => {
  const at = marked(text);
  return hover(analyze('m.cmp', at.text, none), at.offset);
};

describe('completion', () => {
  const replaced = (from: string, to: string): readonly string[] => completions(program.replace(from, to));

  it('gives blocks outside of blocks', () => {
    expect(completions('|')).toContain('model');
    expect(completions(`${program}\n|`)).toContain('sweep');
  });

  it('gives layers behind = in model, and their inputs and arguments inside', () => {
    expect(replaced('lstm(embed, hidden)', 'ls|')).toEqual(expect.arrayContaining(['lstm', 'dense']));
    expect(replaced('lstm(embed, hidden)', 'lstm(|, hidden)')).toEqual(['tokens', 'embed']);
    expect(replaced('lstm(embed, hidden)', 'lstm(embed, hidden, |)')).toEqual(
      expect.arrayContaining(['dropout', 'layers']),
    );
  });

  it('gives layers, parts, methods and their arguments in compress', () => {
    expect(replaced('rnn1: dkp(B=13x65, C=50x20) to 25x', '|')).toContain('rnn1');
    expect(replaced('rnn1: dkp(B=13x65, C=50x20) to 25x', 'rnn1.|')).toEqual(
      expect.arrayContaining(['input', 'recurrent', 'i']),
    );
    expect(replaced('dkp(B=13x65, C=50x20) to 25x', '|')).toEqual(expect.arrayContaining(['prune', 'lmf', 'dkp']));
    expect(replaced('dkp(B=13x65, C=50x20) to 25x', 'dkp(B=13x65, |')).toEqual(
      expect.arrayContaining(['C', 'sparsity']),
    );
  });

  it('gives settings, loaders, optimizers, schedules and their arguments in train', () => {
    expect(replaced('epochs    = 39', 'epochs = 39\n  se|')).toContain('seed');
    expect(replaced('text("ptb", batch=20, unroll=35)', '|')).toEqual(expect.arrayContaining(['text', 'generated']));
    expect(replaced('sgd(clip=5)', 'a|')).toEqual(expect.arrayContaining(['adam', 'sgd']));
    expect(replaced('by=1/1.2,', '|,')).toEqual(expect.arrayContaining(['by', 'every', 'after']));
    expect(replaced('unroll=35', 'unit=|')).toEqual(['word', 'char', 'byte']);
  });

  it('gives targets and their settings in emit', () => {
    expect(replaced('emit neon {', 'emit n| {')).toEqual(expect.arrayContaining(['neon', 'c', 'onnx']));
    expect(replaced('cpu = cortex-a73', '|')).toEqual(expect.arrayContaining(['cpu', 'budget', 'prefix']));
  });

  it('is silent in comments and strings', () => {
    expect(completions(`${program}\n// le|`)).toEqual([]);
    expect(replaced('"ptb"', '"p|')).toEqual([]);
  });

  it('says what words are for, and tells names of arguments', () => {
    const at = marked(program.replace('sgd(clip=5)', 'sgd(|)'));
    const clip = complete('m.cmp', at.text, at.offset, none).find((c) => c.word === 'clip');
    expect(clip).toMatchObject({ isName: true });
    expect(clip!.doc).toMatch(/global norm/);
  });

  it('answers at every place of a program, whole or cut there', () => {
    for (let offset = 0; offset <= program.length; offset += 7) {
      for (const text of [program, program.slice(0, offset)]) {
        expect(() => complete('m.cmp', text, offset, none)).not.toThrow();
      }
    }
  });
});

describe('hover', () => {
  it('tells shape and counts of a layer, wherever it is named', () => {
    for (const [from, to] of [
      ['rnn1   =', 'rn|n1   ='],
      ['softmax(rnn1', 'softmax(rn|n1'],
      ['rnn1: dkp', '|rnn1: dkp'],
    ]) {
      const text = hoverAt(program.replace(from!, to!));
      expect(text).toContain('`rnn1 = lstm`: 650 values at each step');
      expect(text).toContain('3,382,600 -> 135,304 parameters, 25x;');
      expect(text).toContain('dkp B=13x65 C=50x20 sparsity=96.2922% (125,324 of 3,380,000 kept)');
    }
  });

  it('tells law and arguments of a method, an argument, an optimizer, a layer word, a constant', () => {
    expect(hoverAt(program.replace('dkp(', 'd|kp('))).toMatch(/W = .*B \(x\) C \+ S/);
    expect(hoverAt(program.replace('C=50x20', '|C=50x20'))).toMatch(/^`C`: /);
    expect(hoverAt(program.replace('sgd(', 's|gd('))).toMatch(/`sgd\(\[clip\]/);
    expect(hoverAt(program.replace('clip=5', 'cl|ip=5'))).toMatch(/global norm/);
    expect(hoverAt(program.replace('lstm(', 'l|stm('))).toMatch(/`lstm\(/);
    expect(hoverAt(program.replace('(tokens, hidden', '(tokens, hid|den'))).toBe('`let hidden = 650`');
    expect(hoverAt(program.replace('epochs    =', 'epo|chs    ='))).toMatch(/how often/);
  });

  it('is silent where there is nothing to tell', () => {
    expect(hoverAt(program.replace('650\n', '6|50\n'))).toBeUndefined();
    expect(hoverAt(program.replace('rnn1   =', 'rn|n1   = zzz'))).toBeUndefined();
  });
});

describe('symbols', () => {
  const { program: tree } = analyze('m.cmp', program, none);

  it('find definition and every use of layers and constants', () => {
    const uses = (text: string): readonly (string | number)[] => {
      const found = symbolAt(tree, 'm.cmp', program.indexOf(text))!;
      return [found.name, found.definition.start, found.uses.length];
    };
    expect(uses('rnn1: dkp')).toEqual(['rnn1', program.indexOf('rnn1   ='), 2]);
    expect(uses('embed  =')).toEqual(['embed', program.indexOf('embed  ='), 1]);
    expect(uses('hidden = 650')).toEqual(['hidden', program.indexOf('hidden = 650'), 2]);
    expect(symbolAt(tree, 'm.cmp', program.indexOf('lstm'))).toBeUndefined();
  });
});

describe('inlay hints', () => {
  it('tell what was solved behind its rule', () => {
    const [hint, ...others] = inlays(analyze('m.cmp', program, none));
    expect(others).toEqual([]);
    expect(hint!.text).toBe('B=13x65 C=50x20 sparsity=96.2922%, 25x');
    expect(program.slice(0, hint!.offset).endsWith('to 25x')).toBe(true);
    expect(inlays(analyze('m.cmp', program.replace('25x', '0x'), none))).toEqual([]);
  });
});

describe('a sweep', () => {
  const swept = (lines: string): string => `${program}sweep {\n  ${lines}\n}\n`;

  it('is completed with what it may vary, methods and their arguments', () => {
    expect(completions(swept('|'))).toEqual(expect.arrayContaining(['method', 'to', 'seed', 'lr', 'rnn1']));
    expect(completions(swept('|'))).not.toContain('data');
    expect(completions(swept('method = [lmf, |]'))).toEqual(expect.arrayContaining(['prune', 'hlf', 'small']));
    expect(completions(swept('method = [hlf(|)]'))).toEqual(expect.arrayContaining(['j', 'k']));
    expect(completions(swept('optimizer = [sg|]'))).toEqual(expect.arrayContaining(['sgd', 'adam']));
  });

  it('is told of: what is varied, laws of methods, layers that it names', () => {
    expect(hoverAt(swept('met|hod = [lmf]'))).toMatch(/^`method`: methods in place of those of the rules/);
    expect(hoverAt(swept('epo|chs = [1, 2]'))).toMatch(/values of `epochs` of `train`: how often/);
    expect(hoverAt(swept('method = [l|mf]'))).toMatch(/W = U V/);
    expect(hoverAt(swept('rn|n1.to = [25x]'))).toContain('`rnn1 = lstm`');
  });

  it('takes part in renaming', () => {
    const text = swept('rnn1.to = [25x]');
    const found = symbolAt(analyze('m.cmp', text, none).program, 'm.cmp', text.indexOf('rnn1.to'));
    expect([found?.name, found?.uses.length]).toEqual(['rnn1', 3]);
  });

  it('gets the fix of a method that is misspelt', () => {
    const [error] = analyze('m.cmp', swept('method = [lfm, prune]'), none).diagnostics;
    expect(error).toMatchObject({ code: 'compress/unknown-method', fix: { text: 'lmf' } });
  });
});
