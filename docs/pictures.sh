#!/usr/bin/env bash
# Makes the pictures in docs/pictures: the real binary, in a real terminal (tmux) of 80x24, against the demo's servers.
# usage: docs/pictures.sh     (needs tmux and Go; no network)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
t() { tmux -S "$work/socket" "$@"; }
trap 't kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
CGO_ENABLED=0 go build -o "$work/logindoctor" ./cmd/logindoctor
CGO_ENABLED=0 go build -o "$work/screen" ./fixtures/screen
mkdir -p docs/pictures

# begin ARGS…: the binary in a fresh terminal
begin() {
	t kill-session -t shot 2>/dev/null || true
	t new-session -d -s shot -x "${width:-80}" -y "${height:-24}" -c "$work" \
		env TERM=screen-256color COLORFGBG='15;0' TZ=Europe/Berlin XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" "$work/logindoctor" "$@"
}

# until WORDS: waits for words on the screen
until_shown() {
	for _ in $(seq 600); do
		if t capture-pane -p -t shot | grep -qF -- "$1"; then return; fi
		sleep 0.05
	done
	echo "pictures: waited in vain for: $1" >&2
	t capture-pane -p -t shot >&2
	exit 1
}

keys() { t send-keys -t shot "$@"; }

# shot NAME: the screen as a picture
shot() { t capture-pane -e -p -t shot | "$work/screen" "${width:-80}" "${height:-24}" >"docs/pictures/$1.svg"; }

t -f /dev/null new-session -d -s hold "sleep 600"
t set-option -g escape-time 0

begin
until_shown 'Which servers?'
keys Enter
until_shown '│ The caller'
t send-keys -t shot -l 'jdoe@example.test'
keys Enter
until_shown '│ The secret that fails'
t send-keys -t shot -l 'not shown'
until_shown '*********'
shot form

begin demo wrong-password
until_shown '[ Look only ]'
shot plan

begin demo stalwart-app-password-expired
until_shown 'r run again'
shot stalwart

begin demo
until_shown 'r run again'
shot cause
keys Enter
until_shown 'Evidence'
shot detail

begin demo wrong-password
until_shown '[ Look only ]'
keys l
until_shown 'r run again'
shot question
keys s
until_shown 'Save the report'
shot save

begin demo healthy--no-secret
until_shown 'r run again'
shot healthy
keys w
until_shown 'Looked 2 times'
shot watch

width=120 height=36
begin demo
until_shown 'r run again'
shot wide
