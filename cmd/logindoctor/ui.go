package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"logindoctor.example/checks"
	"logindoctor.example/fixtures/sim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/login"
	"logindoctor.example/probes/profile"
	"logindoctor.example/probes/secret"
	"logindoctor.example/report"
	"logindoctor.example/tui"
)

// watchEvery is the pause between two looks of a watch: a caller tries again within seconds, and a server is not to notice.
const watchEvery = 5 * time.Second

// demoChoice stands in the form's list beside the profiles.
const demoChoice = "demo: simulated servers, nothing real is asked"

// uiFlags are those of a run that may be shown in the UI.
type uiFlags struct {
	runFlags
	plain bool                       // lines instead of a screen
	near  func(word string) []string // the commands that may be meant
}

// addUI adds the flags of the terminal UI to the root command.
func (f *uiFlags) addUI(c *cobra.Command) {
	c.SuggestionsMinimumDistance = 1 // two letters make a demo of dean
	f.near = c.SuggestionsFor
	p := c.Flags()
	p.StringVar(&f.profile, "profile", "", "profile `NAME|FILE`; the form asks for it otherwise")
	p.StringVar(&f.usedOn, "secret-used-on", "", "where the caller types the secret: imap, api or webmail")
	p.IntVar(&f.maxFailures, "max-failures", 1, "the most failed logins one run may cost the user")
	p.StringVar(&f.clientAddress, "client-address", "", "the `ADDRESS` that the caller's client comes from")
	p.StringSliceVar(&f.only, "only", nil, "ask only these `IDS` of checks or groups")
	p.StringSliceVar(&f.skip, "skip", nil, "leave out these `IDS` of checks or groups")
	p.DurationVar(&f.timeout, "timeout", gather.DefaultTimeout, "longest wait for one probe")
	p.DurationVar(&f.deadline, "deadline", gather.DefaultDeadline, "longest time for one run")
	p.BoolVar(&f.noColor, "no-color", false, "no colour")
	p.BoolVar(&f.plain, "plain", false, "line by line, for screen readers: no repainting, no box characters")
}

// runUI is the root command: the UI on a terminal, the line mode where that is asked for.
func (a *app) runUI(ctx context.Context, args []string, f *uiFlags) error {
	if err := f.mistyped(args); err != nil {
		return err
	}
	if !f.plain && !a.terminal() {
		return &failure{code: exitUsage, text: "the terminal UI needs a terminal; without one use: logindoctor check USER", hint: "or --plain, which reads and writes lines"}
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	start := tui.Case{Profile: f.profile, UsedOn: o.UsedOn, ClientAddress: f.clientAddress}
	if len(args) > 0 {
		if err := validUser(args[0]); err != nil {
			return err
		}
		start.User = args[0]
	}
	if f.profile != "" { // a mistake in it is said before a secret is typed
		if _, err := profile.Find(f.profile, start.User); err != nil {
			return configFailure(err)
		}
	}
	cfg, err := a.uiConfig(f, o)
	if err != nil {
		return err
	}
	cfg.Start = start
	if start.Profile == "" && start.User != "" {
		if p, err := profile.Find("", start.User); err == nil {
			cfg.Start.Profile = p.Name
		}
	}
	return a.showUI(ctx, cfg, f)
}

// mistyped takes a word that is no address, and nearly a command, for one.
func (f *uiFlags) mistyped(args []string) error {
	if len(args) == 0 || len(args[0]) < 3 || strings.Contains(args[0], "@") { // initials begin many a command
		return nil
	}
	meant := f.near(args[0])
	if len(meant) == 0 {
		return nil
	}
	return &failure{code: exitUsage, text: fmt.Sprintf("no command %s; did you mean %s?", report.Clean(args[0]), strings.Join(meant, " or ")),
		hint: "for a user of that name: logindoctor check " + report.Clean(args[0])}
}

// showDemo is `demo` on a terminal: the UI, with the scenario's case at hand.
func (a *app) showDemo(ctx context.Context, s sim.Scenario, f *uiFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	cfg, err := a.uiConfig(f, o)
	if err != nil {
		return err
	}
	ready, err := a.demoSession(s, tui.Case{User: sim.User}, secret.New(s.Secret), o)
	if err != nil {
		return err
	}
	cfg.Ready = ready
	return a.showUI(ctx, cfg, f)
}

func (a *app) showUI(ctx context.Context, cfg tui.Config, f *uiFlags) error {
	// A terminal that goes away, over SSH say, must not take an unsaved report with it.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	show := tui.Run
	if f.plain || os.Getenv("TERM") == "dumb" {
		show = tui.Lines
	}
	code := show(ctx, cfg)
	if stopped := a.stopped(); stopped != 0 {
		return &failure{code: stopped}
	}
	if code != 0 && !f.exitZero {
		return &failure{code: code}
	}
	return nil
}

// terminal says whether both ends are one.
func (a *app) terminal() bool { return isTerminal(a.in) && isTerminal(a.out) }

func isTerminal(end any) bool {
	file, ok := end.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func (a *app) uiConfig(f *uiFlags, o gather.Options) (tui.Config, error) {
	state, err := profile.StateDir()
	if err != nil {
		return tui.Config{}, configFailure(err)
	}
	cfg := tui.Config{
		Catalogue: checks.All,
		Meta: func() report.Meta {
			return report.Meta{ToolVersion: version, Commit: commit, RunID: runID(), Only: f.only, Skip: f.skip}
		},
		ValidUser: validUser,
		Hint:      hint,
		Begin: func(ctx context.Context, c tui.Case, text string) (*tui.Session, error) {
			s, err := a.beginCase(ctx, c, secret.New(text), o, state)
			return s, withHint(err)
		},
		Formats: uiFormats(),
		Save:    func(path string, data []byte) error { return withHint(writeFile(path, data, false)) },
		Load: func(path string) (*report.Report, error) {
			r, err := load(path)
			return r, withHint(err)
		},
		Crash:    func(text string) (string, error) { return writeCrash(state, text) },
		Deadline: o.Deadline, Timeout: o.Timeout, WatchEvery: watchEvery, Now: time.Now, Location: time.Local,
		Colour: a.colour(f.outputFlags), Tmux: os.Getenv("TMUX") != "",
		In: a.in, Out: a.out, Err: a.err,
	}
	if file, ok := a.in.(*os.File); ok && isTerminal(a.in) {
		cfg.Hidden = func() (string, error) {
			text, err := term.ReadPassword(int(file.Fd()))
			fmt.Fprintln(a.out)
			return string(text), err
		}
	}
	all, err := profile.List()
	if err != nil {
		return cfg, configFailure(err)
	}
	for _, e := range all {
		cfg.Profiles = append(cfg.Profiles, e.Name)
	}
	cfg.Profiles = append(cfg.Profiles, demoChoice)
	if len(all) == 0 && f.profile == "" {
		dir, err := profile.Dir()
		if err != nil {
			return cfg, configFailure(err)
		}
		cfg.NoProfile = "There is no profile yet (README shows how to write one): " + filepath.Join(dir, "NAME.yaml")
	}
	return cfg, nil
}

// hint is what the form says of a choice.
func hint(chosen string) string {
	if chosen == demoChoice {
		return "The demo's caller is " + sim.User + "."
	}
	return ""
}

// uiFormats are those that carry everything. What goes to a file leaves the house sooner or later.
func uiFormats() []tui.Format {
	var all []tui.Format
	for _, f := range append(slices.Clone(report.Formats), bundleFormat) {
		if !f.Whole {
			continue
		}
		all = append(all, tui.Format{Name: f.Name, Extension: "." + f.Ext, Write: func(w io.Writer, r *report.Report) error {
			masked, _ := r.Private(report.PrivacyTicket)
			return f.Write(w, masked, report.Options{Location: time.Local})
		}})
	}
	return all
}

// withHint puts the next step on a line of its own: the UI shows an error as text.
func withHint(err error) error {
	var f *failure
	if errors.As(err, &f) && f.hint != "" {
		return errors.New(f.text + "\n" + f.hint)
	}
	return err
}

// beginCase prepares a case from the form.
func (a *app) beginCase(ctx context.Context, c tui.Case, given secret.Value, o gather.Options, state string) (*tui.Session, error) {
	o.UsedOn = c.UsedOn
	if c.Profile == demoChoice {
		s, _ := sim.Find(defaultDemo)
		return a.demoSession(s, c, given, o)
	}
	p, err := profile.Find(c.Profile, c.User)
	if err != nil {
		return nil, configFailure(err)
	}
	if o.Secrets, o.Roots, err = a.material(ctx, p, &runFlags{}); err != nil {
		return nil, err
	}
	o.Secrets.User = given
	o.Ledger = ledger.Open(filepath.Join(state, "ledger.json"), time.Now)
	target := p.Target(c.User)
	target.ClientAddress, target.ProfileGiven = c.ClientAddress, c.Profile
	return session(target, o, func() {}), nil
}

// demoSession starts a scenario's servers. They run until the case is closed.
func (a *app) demoSession(s sim.Scenario, c tui.Case, given secret.Value, flags gather.Options) (*tui.Session, error) {
	r, err := s.World(time.Now()).Start(0)
	if err != nil {
		return nil, &failure{code: exitBug, text: "the simulated servers could not be started: " + err.Error()}
	}
	o := s.Options(r)
	o.Secrets.User = given
	o.Timeout, o.Deadline = flags.Timeout, flags.Deadline
	if c.UsedOn != 0 {
		o.UsedOn = c.UsedOn
	}
	target := r.Target
	target.User = c.User
	if c.ClientAddress != "" {
		target.ClientAddress = c.ClientAddress
	}
	return session(target, o, r.Close), nil
}

func session(t probes.Target, o gather.Options, done func()) *tui.Session {
	return &tui.Session{
		Target: t, Secret: o.Secrets.User.Given(), Close: done,
		Run: func(ctx context.Context, h tui.Hooks) *probes.Snapshot {
			return gather.Run(ctx, t, hooked(o, h))
		},
		Look: func(ctx context.Context, t probes.Target, h tui.Hooks) *probes.Snapshot {
			o := hooked(o, h)
			o.Secrets = login.Secrets{KerioAdmin: o.Secrets.KerioAdmin, Stalwart: o.Secrets.Stalwart, Reader: o.Secrets.Reader}
			ctx, cancel := context.WithTimeout(ctx, o.Deadline)
			defer cancel()
			s := gather.Open(ctx, t, o)
			s.Look(ctx)
			s.Close(ctx)
			seen := s.Snapshot()
			seen.FinishedAt = time.Now().UTC()
			return seen
		},
	}
}

func hooked(o gather.Options, h tui.Hooks) gather.Options {
	o.Progress, o.Partial, o.Announce = h.Progress, h.Partial, h.Announce
	return o
}

// writeCrash keeps a crash report for its owner's eyes.
func writeCrash(dir, text string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "crash-"+time.Now().UTC().Format("20060102T150405.000Z")+".txt")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return "", err
	}
	_, err = io.WriteString(file, text)
	return path, errors.Join(err, file.Close())
}
