/** A headless Chromium on a folder that a tiny server of this process serves; the page hands its results back by POST. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The program's name, or undefined where there is none; with CI=true it must be there. */
export function findChromium(): string | undefined {
  const found = names.find((name) => spawnSync(name, ['--version']).status === 0);
  if (found === undefined && process.env['CI'] === 'true') throw new Error('CI needs chromium: setup-toolchain.sh');
  return found;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

export interface Visit {
  /** Path -> what the page posted there. */
  readonly posted: ReadonlyMap<string, Buffer>;
  /** Paths that were asked for and are not there. */
  readonly missing: readonly string[];
}

interface Site {
  readonly server: Server;
  readonly posted: Map<string, Buffer>;
  readonly missing: string[];
  /** Settles when the page posts to /done, or to /failed. */
  readonly over: Promise<void>;
}

/** Serves `folder`, and `page` at /page.html. */
function serve(folder: string, page: string): Site {
  const posted = new Map<string, Buffer>();
  const missing: string[] = [];
  let [resolve, reject]: [() => void, (error: Error) => void] = [() => undefined, () => undefined];
  const over = new Promise<void>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://localhost').pathname);
    if (request.method === 'POST') {
      const body = await bodyOf(request);
      posted.set(path, body);
      response.end();
      if (path === '/done') resolve();
      if (path === '/failed') reject(new Error(`in the page: ${body}`));
      return;
    }
    try {
      const contents = path === '/page.html' ? page : readFileSync(join(folder, path === '/' ? 'index.html' : path));
      response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
      response.end(contents);
    } catch {
      missing.push(path);
      response.statusCode = 404;
      response.end();
    }
  });
  return { server, posted, missing, over };
}

const arguments_ = (profile: string): string[] => [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  `--user-data-dir=${profile}`,
  // Offline: whatever is not served here is not there.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Runs `script`, a module, in a page beside the files of `folder`, until it ends; it has `post(path, body)`. */
export async function visit(chromium: string, folder: string, script: string): Promise<Visit> {
  const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script type="module">
const post = (path, body) => fetch(path, { method: 'POST', body });
try {
${script}
  await post('/done', '');
} catch (error) {
  await post('/failed', String(error?.stack ?? error));
}
</script>`;
  const profile = mkdtempSync(join(tmpdir(), 'rnnc-chromium-'));
  const site = serve(folder, page);
  await new Promise<void>((resolve) => site.server.listen(0, '127.0.0.1', resolve));
  const { port } = site.server.address() as AddressInfo;
  const child = spawn(chromium, [...arguments_(profile), `http://127.0.0.1:${port}/page.html`], {
    stdio: 'ignore',
    // A group of its own: the browser's helpers write into the profile, and end with it.
    detached: true,
  });
  try {
    await Promise.race([site.over, gone(child), late()]);
  } finally {
    await endGroup(child);
    site.server.closeAllConnections();
    site.server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  return site;
}

/** Ends a browser and every process that it started, and waits until none is left. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const group = -child.pid;
  try {
    process.kill(group, 'SIGKILL');
    for (let wait = 0; wait < 200; wait++) {
      process.kill(group, 0);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const gone = (child: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`chromium ended with ${code}`)));
  });

/** Frees the machine of a browser that hangs. */
const late = (): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error('the page has not ended in two minutes')), 120_000).unref();
  });
