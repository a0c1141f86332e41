/**
 * The text of a recipe file to what it says. The only door to the YAML library. SparseML writes each modifier under a
 * tag, `- !GMPruningModifier`; the tag becomes the one key of a mapping. Markdown recipes hold their YAML between two
 * lines of `---`.
 */
import { isMap, isScalar, parseDocument, visit } from 'yaml';
import { Fault } from '../support/fault.js';
import { isDistiller, readDistiller } from './distiller.js';
import { isMapping } from './fields.js';
import type { Recipe } from './recipe.js';
import { modifiersOf, readSparseMl } from './sparseml.js';

/** Between the fences of a Markdown recipe, or the whole text. */
function yamlOf(text: string): string {
  const fenced = /^---\r?\n([\s\S]*?)\r?\n---(\r?\n|$)/.exec(text);
  return fenced?.[1] ?? text;
}

function parseYaml(text: string, path: string): unknown {
  const document = parseDocument(yamlOf(text), { logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new Fault('recipe/not-yaml', `${path} is not YAML: ${error.message.split('\n')[0]}`);
  }
  try {
    // A tagged mapping becomes { tag: mapping }.
    visit(document, {
      Node: (_, node) => {
        if ((!isMap(node) && !isScalar(node)) || node.tag?.startsWith('!') !== true) return undefined;
        const { tag } = node;
        delete node.tag;
        return document.createNode({ [tag]: node.toJS(document) as unknown });
      },
    });
    // Aliases may unfold without end in a file that means harm; no recipe needs a hundred.
    const root = document.toJS({ maxAliasCount: 100 }) as unknown;
    // Nor does one hold itself, which no text can say.
    JSON.stringify(root);
    return root;
  } catch {
    const hint = 'write out what its aliases stand for';
    throw new Fault('recipe/not-yaml', `${path} has aliases that unfold without end`, hint);
  }
}

/** Refuses what is neither a Distiller schedule nor a SparseML recipe. */
export function readRecipe(text: string, path: string): Recipe {
  const root = parseYaml(text, path);
  if (isMapping(root) && isDistiller(root)) return readDistiller(root);
  const modifiers = modifiersOf(root);
  if (modifiers.length > 0) return readSparseMl(modifiers);
  const message = `${path} holds neither Distiller policies nor SparseML modifiers`;
  throw new Fault('recipe/unknown', message, 'recipes of other tools cannot be imported');
}
