import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { sarifLog } from './sarif.js';

const source = { path: 'my model.cmp', text: 'let a = 1\nlet a = 2\n' };
const twice: Diagnostic = {
  code: 'syntax/twice',
  severity: 'error',
  message: '`a` is defined twice',
  span: { source, start: 14, end: 15 },
  notes: [{ message: 'first defined here', span: { source, start: 4, end: 5 } }, { message: 'names are constants' }],
  hint: 'take one out',
};

describe('a SARIF log', () => {
  it('holds code, level, text with hint, place, and related places', () => {
    const [run] = sarifLog([twice], '1.2.3').runs;
    expect(run!.tool.driver).toEqual({ name: 'rnnc', version: '1.2.3', rules: [{ id: 'syntax/twice' }] });
    expect(run!.results).toEqual([
      {
        ruleId: 'syntax/twice',
        level: 'error',
        message: { text: '`a` is defined twice\nnames are constants\nhint: take one out' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'my%20model.cmp' },
              region: { startLine: 2, startColumn: 5, endLine: 2, endColumn: 6 },
            },
          },
        ],
        relatedLocations: [
          {
            message: { text: 'first defined here' },
            physicalLocation: {
              artifactLocation: { uri: 'my%20model.cmp' },
              region: { startLine: 1, startColumn: 5, endLine: 1, endColumn: 6 },
            },
          },
        ],
      },
    ]);
  });

  it('is a whole log without results when nothing is wrong', () => {
    expect(sarifLog([], '1.2.3').runs[0]!.results).toEqual([]);
  });
});
