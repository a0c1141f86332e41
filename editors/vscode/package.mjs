// Builds rnnc-VERSION.vsix, a zip of the extension and of the packages that its client needs, without a network.
// `npm run vsix [-- FOLDER]`; two builds of the same sources are the same bytes.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zip } from './zip.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

const own = ['package.json', 'client.js', 'language-configuration.json', 'cmp.tmLanguage.json', 'README.md'];

/** Of a package only what Node runs, and its licence. */
const isNeeded = (path) =>
  /(\.c?js|(^|\/)package\.json|(^|\/)licen[cs]e[^/]*)$/i.test(path) &&
  !/(^|\/)(esm|browser|test|bin|typings)\//.test(path) &&
  !/eslint\.config/.test(path);

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

/** The folder of a package as the importing folder sees it. */
function findPackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    try {
      return { folder: candidate, ...JSON.parse(readFileSync(join(candidate, 'package.json'), 'utf8')) };
    } catch {
      if (folder === dirname(folder)) throw new Error(`${name} is not installed: run npm install`);
    }
  }
}

/** A package and all that it needs, by their places below node_modules. */
function packagesOf(name, from, found = new Map()) {
  const { folder, dependencies = {} } = findPackage(name, from);
  const place = relative(root, folder).replaceAll('\\', '/');
  if (found.has(place)) return found;
  found.set(place, folder);
  for (const dependency of Object.keys(dependencies)) packagesOf(dependency, folder, found);
  return found;
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const manifestXml = `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${manifest.name}" Version="${manifest.version}" Publisher="${manifest.publisher}"/>
    <DisplayName>${escaped(manifest.displayName)}</DisplayName>
    <Description xml:space="preserve">${escaped(manifest.description)}</Description>
    <Tags>${escaped(['cmp', ...manifest.keywords].join(','))}</Tags>
    <Categories>${escaped(manifest.categories.join(','))}</Categories>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${escaped(manifest.engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
`;

function contentTypes(paths) {
  const types = { json: 'application/json', js: 'application/javascript', cjs: 'application/javascript' };
  const texts = { md: 'text/markdown', txt: 'text/plain', vsixmanifest: 'text/xml' };
  const extensions = [...new Set(paths.map((path) => /\.([^./]+)$/.exec(path)?.[1]).filter(Boolean))].sort();
  const known = { ...types, ...texts };
  const rows = extensions.map(
    (e) => `  <Default Extension=".${e}" ContentType="${known[e] ?? 'application/octet-stream'}"/>`,
  );
  const bare = paths.filter((path) => !/\.[^./]+$/.test(path));
  const overrides = bare.map((path) => `  <Override PartName="/${path}" ContentType="text/plain"/>`);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">',
    ...rows,
    ...overrides,
    '</Types>\n',
  ].join('\n');
}

function build() {
  const files = own.map((name) => [`extension/${name}`, readFileSync(join(here, name))]);
  files.push(['extension/LICENSE.txt', readFileSync(join(root, 'LICENSE'))]);
  const packages = [...packagesOf('vscode-languageclient', here)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [place, folder] of packages) {
    const inner = filesBelow(folder).filter((path) => !path.startsWith('node_modules/') && isNeeded(path));
    for (const path of inner.sort()) files.push([`extension/${place}/${path}`, readFileSync(join(folder, path))]);
  }
  const paths = ['extension.vsixmanifest', ...files.map(([path]) => path)];
  return zip([
    ['[Content_Types].xml', Buffer.from(contentTypes(paths))],
    ['extension.vsixmanifest', Buffer.from(manifestXml)],
    ...files,
  ]);
}

const folder = resolve(process.argv[2] ?? join(root, 'build'));
mkdirSync(folder, { recursive: true });
const path = join(folder, `${manifest.name}-${manifest.version}.vsix`);
writeFileSync(path, build());
console.log(relative(process.cwd(), path));
