// Package tui is the terminal UI: one model, in which a whole case can be worked while the caller is on the phone.
//
// It owns no facts. What it says of a case comes from a report.Report and report's own words; it only draws them. What it
// needs of the world (profiles, runs, files, the clock) is handed in as a Config, so that a test drives the same model with
// made-up reports and no network.
package tui

import (
	"context"
	"io"
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// Config is all that the UI may touch. Every func may be called from another goroutine than the one that draws.
type Config struct {
	Catalogue []*checks.Check
	Meta      func() report.Meta // of the next run

	Profiles  []string // names to choose from; the demo is one of them
	NoProfile string   // where there is none: what to say of it, with the next step
	Start     Case     // what the command line said already
	Ready     *Session // a case to begin with, without the form; nil: ask

	ValidUser func(string) error
	Hint      func(profile string) string // what to say of a chosen profile
	// Begin prepares a case. The secret is the caller's, as typed; the UI forgets it once Begin has it. An error's further
	// lines are the next step.
	Begin func(ctx context.Context, c Case, secret string) (*Session, error)

	Formats []Format
	Save    func(path string, data []byte) error // never over a file that is there
	Load    func(path string) (*report.Report, error)
	Crash   func(text string) (path string, err error)

	Deadline   time.Duration // of one run
	Timeout    time.Duration // of one probe: no attempt begins with less than that left
	WatchEvery time.Duration // between two looks
	Now        func() time.Time
	Location   *time.Location // of the reader
	Colour     bool
	Tmux       bool // copying has to pass through a multiplexer

	In       io.Reader
	Out, Err io.Writer
	Hidden   func() (string, error) // reads a line without showing it, for the line mode; nil: there is no terminal
}

// Case is what the form asks for, but for the secret.
type Case struct {
	Profile       string
	User          string
	UsedOn        probes.Service // where the caller types the secret; zero: not said
	ClientAddress string
}

// Session is one case at hand: how to ask about it, again and again. Its ledger is the same for every run, so that what one
// run spent the next one knows.
type Session struct {
	Target probes.Target
	Secret bool // the caller's secret was given
	// Run asks everything, and tries what the plan and the Announce of the hooks allow.
	Run func(context.Context, Hooks) *probes.Snapshot
	// Look only looks, at the servers that the target names. It submits nothing of the user's or the canary's.
	Look  func(context.Context, probes.Target, Hooks) *probes.Snapshot
	Close func()
}

// Hooks are told how a run goes on; see gather.Options.
type Hooks struct {
	Progress func(gather.Event)
	Partial  func(*probes.Snapshot)
	Announce func(*probes.Login) bool
}

// Format is one that a report can be saved in.
type Format struct {
	Name      string
	Extension string // with its dot
	Write     func(io.Writer, *report.Report) error
}

// The exit codes that no report decides (sysexits.h).
const (
	exitHealthy = 0
	exitBug     = 70
)

// The smallest screen for which everything has its place.
const (
	leastWidth  = 80
	leastHeight = 24
	paneWidth   = 110 // from here on the detail stands beside the list
)
