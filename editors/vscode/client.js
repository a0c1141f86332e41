// The client: starts `rnnc lsp` for .cmp files and does nothing else. What a program means is decided by the server.
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

const windows = process.platform === 'win32';

/** The command of the server: as configured, or the rnnc of the first folder that has one, or that of the PATH. */
function serverCommand(configured, folders) {
  if (configured.length > 0) return configured;
  const named = windows ? 'rnnc.cmd' : 'rnnc';
  const installed = folders.map((folder) => join(folder, 'node_modules', '.bin', named)).find((path) => existsSync(path));
  return [installed ?? named, 'lsp'];
}

let client;

async function start() {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const configured = vscode.workspace.getConfiguration('rnnc').get('command') ?? [];
  const [command, ...args] = serverCommand(configured, folders);
  // Node starts a .cmd file only by a shell.
  const options = { ...(folders[0] === undefined ? {} : { cwd: folders[0] }), ...(windows ? { shell: true } : {}) };
  client = new LanguageClient(
    'rnnc',
    'rnnc',
    { command, args, transport: TransportKind.stdio, options },
    { documentSelector: [{ scheme: 'file', language: 'cmp' }] },
  );
  try {
    await client.start();
  } catch (error) {
    const said = `rnnc: cannot start \`${[command, ...args].join(' ')}\`: ${error.message}. `;
    void vscode.window.showErrorMessage(`${said}Install it with \`npm install rnnc\`, or set rnnc.command.`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop().catch(() => undefined);
}

async function activate(context) {
  const restart = vscode.commands.registerCommand('rnnc.restart', async () => {
    await stop();
    await start();
  });
  context.subscriptions.push(restart);
  await start();
}

module.exports = { activate, deactivate: stop, serverCommand };
