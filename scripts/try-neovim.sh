#!/usr/bin/env bash
# Tries the language server with a real Neovim: diagnostics, hover, definition, references, rename, formatting, and the
# colours of docs/editors.md. Needs a build and nvim 0.7 or later (on Debian it is installed here).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
command -v nvim > /dev/null || apt-get install -y --no-install-recommends neovim > /dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > bad.cmp <<'PROGRAM'
model lm {
  tokens = ids(vocab=40)
  embed  = embedding(tokens, 24)
  rnn = lstn(embed, 48)
  next   = softmax(rnn, 40)
}
PROGRAM
sed 's/lstn/lstm/' bad.cmp > good.cmp
# The colours, as the page gives them.
mkdir syntax
awk '/^```vim/ { on = 1; next } /^```$/ { on = 0 } on' "$root/docs/editors.md" > syntax/cmp.vim
cat > try.lua <<'LUA'
local root = os.getenv('RNNC_ROOT')
local failed = false
local function expect(name, ok, got)
  io.stdout:write((ok and 'ok      ' or 'FAILED  ') .. name .. (ok and '' or ': ' .. vim.inspect(got)) .. '\n')
  failed = failed or not ok
end
vim.opt.runtimepath:append('.')
vim.cmd('syntax on')
vim.cmd('edit bad.cmp')
local id = vim.lsp.start_client({ name = 'rnnc', cmd = { 'node', root .. '/dist/cli/main.js', 'lsp' }, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(0, id)
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end)
local found = vim.diagnostic.get(0)[1] or {}
expect('diagnostics', found.lnum == 3 and found.code == 'model/unknown-layer', found)
vim.cmd('edit good.cmp')
-- By itself since 0.8: vim.filetype.add.
vim.cmd('set filetype=cmp')
vim.lsp.buf_attach_client(0, id)
local function ask(method, more)
  local here = { textDocument = vim.lsp.util.make_text_document_params(), position = { line = 4, character = 20 } }
  local answers = vim.lsp.buf_request_sync(0, method, vim.tbl_extend('force', here, more or {}), 20000) or {}
  for _, answer in pairs(answers) do return answer.result end
end
local hover = ask('textDocument/hover')
expect('hover', hover and hover.contents.value:find('48 values at each step') ~= nil, hover)
local place = ask('textDocument/definition')
expect('definition', place and place.range.start.line == 3, place)
local uses = ask('textDocument/references', { context = { includeDeclaration = true } })
expect('references', uses and #uses == 2, uses)
local edit = ask('textDocument/rename', { newName = 'cell' })
local file = edit and edit.changes[vim.uri_from_bufnr(0)]
expect('rename', file and #file == 2, edit)
local layout = ask('textDocument/formatting', { options = { tabSize = 2, insertSpaces = true } })
expect('formatting', layout and layout[1].newText:find('  rnn    = lstm') ~= nil, layout)
local group = vim.fn.synIDattr(vim.fn.synID(1, 1, 1), 'name')
local size = vim.fn.synIDattr(vim.fn.synID(3, 30, 1), 'name')
expect('colours', group == 'cmpKeyword' and size == 'cmpNumber', { group, size })
vim.cmd(failed and 'cquit 1' or 'qall!')
LUA
RNNC_ROOT=$root nvim --headless -u NONE -c 'luafile try.lua'
