#!/usr/bin/env bash
# Captures docs/screens/*.txt: what check, explain, build and sweep look like in a real terminal, 110 columns wide. The
# programs are those of docs/tutorial.md. Needs a build and tmux (on Debian it is installed here).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
command -v tmux > /dev/null || apt-get install -y --no-install-recommends tmux > /dev/null
work=$(mktemp -d)
server=rnnc-screens-$$
terminal() { tmux -u -L "$server" -f /dev/null "$@"; }
trap 'terminal kill-server 2> /dev/null || true; rm -rf "$work"' EXIT

# ```cmp NAME of the tutorial becomes the file NAME.
awk -v folder="$work" '/^```cmp [a-z]/ { file = folder "/" $2; next } /^```/ { file = "" } file { print > file }' \
  "$root/docs/tutorial.md"
mkdir "$work/bin"
printf '#!/bin/sh\nexec node "%s/dist/cli/main.js" "$@"\n' "$root" > "$work/bin/rnnc"
chmod +x "$work/bin/rnnc"

# Whether the last line of the screen is a prompt alone: the command has ended.
ended() { [ "$(terminal capture-pane -p -t shot | sed '/^[[:space:]]*$/d' | tail -1 | tr -d '[:space:]')" = '$' ]; }
wait_until_ended() { for _ in $(seq 600); do sleep 0.2; if ended; then return; fi; done; return 1; }

capture() {
  local name=$1 command=$2
  terminal new-session -d -s shot -x 110 -y 60 -c "$work" \
    env -u COLUMNS LANG=C.UTF-8 PS1='$ ' PATH="$work/bin:$PATH" bash --norc --noprofile
  wait_until_ended
  terminal send-keys -t shot "$command" Enter
  sleep 0.5
  wait_until_ended
  # The history too; without the empty prompt at the end.
  terminal capture-pane -p -J -S - -t shot | sed -e 's/[[:space:]]*$//' | awk '
    { lines[NR] = $0 } END {
      last = NR
      while (last > 0 && (lines[last] == "" || lines[last] == "$")) last--
      for (i = 1; i <= last; i++) print lines[i]
    }' > "$root/docs/screens/$name.txt"
  terminal kill-session -t shot
  echo "docs/screens/$name.txt"
}

mkdir -p "$root/docs/screens"
# Keeps the server while one screen after the other is closed.
terminal new-session -d -s base
capture check 'rnnc check wrong.cmp'
capture explain 'rnnc explain lm.cmp'
capture why 'rnnc explain lm.cmp --why rnn'
capture build 'rnnc build lm.cmp'
capture sweep 'rnnc sweep sweep.cmp --dry-run'
