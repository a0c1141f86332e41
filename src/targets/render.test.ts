import { describe, expect, it } from 'vitest';
import { render, renderText } from './render.js';

describe('render', () => {
  it('does not escape', () => {
    expect(renderText('if ({{a}})', { a: 'x < y && *p > "q"' })).toBe('if (x < y && *p > "q")');
  });

  it.each([
    ['a name', '{{missing}}'],
    ['a name in a list', '{{#each list}}{{missing}}{{/each}}'],
    ['a condition', '{{#if missing}}x{{/if}}'],
    ['a list', '{{#each missing}}x{{/each}}'],
  ])('refuses %s that the view lacks', (_, text) => {
    expect(() => renderText(text, { list: [{}] })).toThrow();
  });

  it('reads templates of the package', () => {
    expect(render('c/kernels/fill.c', {})).toContain('static void fill_zero(float *y, size_t count)');
  });
});
