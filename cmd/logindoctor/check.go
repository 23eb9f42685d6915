package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/login"
	"logindoctor.example/probes/profile"
	"logindoctor.example/probes/secret"
	"logindoctor.example/report"
)

// runFlags are those of a run.
type runFlags struct {
	outputFlags
	profile       string
	only, skip    []string
	timeout       time.Duration
	deadline      time.Duration
	secretFile    string
	secretStdin   bool
	secretPrompt  bool
	usedOn        string
	maxFailures   int
	clientAddress string
}

func (f *runFlags) add(c *cobra.Command) {
	f.outputFlags.add(c)
	p := c.Flags()
	p.StringSliceVar(&f.only, "only", nil, "ask only these `IDS` of checks or groups")
	p.StringSliceVar(&f.skip, "skip", nil, "leave out these `IDS` of checks or groups")
	p.DurationVar(&f.timeout, "timeout", gather.DefaultTimeout, "longest wait for one probe")
	p.DurationVar(&f.deadline, "deadline", gather.DefaultDeadline, "longest time for the whole run")
}

func (a *app) check() *cobra.Command {
	f := &runFlags{}
	c := &cobra.Command{
		Use:   "check USER",
		Short: "Diagnose one account; the report goes to stdout",
		Args:  exactly(1, "check takes one USER, the caller's mail address"),
		RunE:  func(c *cobra.Command, args []string) error { return a.runCheck(c.Context(), args[0], f) },
	}
	f.add(c)
	p := c.Flags()
	p.StringVar(&f.profile, "profile", "", "profile `NAME|FILE`; default: the only one, or the one that serves USER's domain")
	p.StringVar(&f.secretFile, "secret-file", "", "`FILE` with the caller's failing secret; without one nothing is submitted for the user")
	p.BoolVar(&f.secretStdin, "secret-stdin", false, "read the caller's failing secret from standard input")
	p.BoolVar(&f.secretPrompt, "secret-prompt", false, "ask for the caller's failing secret, without showing it")
	p.StringVar(&f.usedOn, "secret-used-on", "", "where the caller types it: imap, api or webmail")
	p.IntVar(&f.maxFailures, "max-failures", 1, "the most failed logins this run may cost the user")
	p.StringVar(&f.clientAddress, "client-address", "", "the `ADDRESS` that the caller's client comes from")
	return c
}

// atMost is cobra.MaximumNArgs with a line of our own.
func atMost(n int, text string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return usage("%s", text)
		}
		return nil
	}
}

// exactly is cobra.ExactArgs with a line of our own.
func exactly(n int, text string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("%s", text)
		}
		return nil
	}
}

func (a *app) runCheck(ctx context.Context, user string, f *runFlags) error {
	if err := validUser(user); err != nil {
		return err
	}
	outputs, err := f.prepare()
	if err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	p, err := profile.Find(f.profile, user)
	if err != nil {
		return configFailure(err)
	}
	if o.Secrets, o.Roots, err = a.material(ctx, p, f); err != nil {
		return err
	}
	dir, err := profile.StateDir()
	if err != nil {
		return configFailure(err)
	}
	o.Ledger = ledger.Open(filepath.Join(dir, "ledger.json"), time.Now)
	target := p.Target(user)
	target.ClientAddress, target.ProfileGiven = f.clientAddress, f.profile
	return a.diagnose(ctx, target, o, f, outputs)
}

// diagnose makes the run and writes its report. The report is written whatever happened, an interrupt included.
func (a *app) diagnose(ctx context.Context, t probes.Target, o gather.Options, f *runFlags, outputs []output) error {
	if !f.quiet {
		o.Progress = a.progress()
		if o.Secrets.User.Given() {
			o.Announce = func(l *probes.Login) bool {
				_ = report.PlanText(a.err, l, report.Options{Location: time.Local})
				return true
			}
		}
	}
	s := gather.Run(ctx, t, o)
	r := report.New(checks.All, s, report.Meta{ToolVersion: version, Commit: commit, RunID: runID(), Only: f.only, Skip: f.skip})
	if err := a.write(r, outputs, f.outputFlags); err != nil {
		return err
	}
	if code := a.stopped(); code != 0 {
		return &failure{code: code}
	}
	return f.exit(r)
}

// options checks what can be checked before any file or server is touched.
func (f *runFlags) options() (o gather.Options, err error) {
	if _, err := report.Select(checks.All, f.only, f.skip); err != nil {
		return o, &failure{code: exitUsage, text: err.Error(), hint: "logindoctor catalogue lists the ids"}
	}
	if f.timeout <= 0 || f.deadline <= 0 {
		return o, usage("--timeout and --deadline must be longer than nothing")
	}
	if f.maxFailures < 0 {
		return o, usage("--max-failures must not be negative")
	}
	o = gather.Options{Timeout: f.timeout, Deadline: f.deadline, MaxFailures: f.maxFailures}
	switch f.usedOn {
	case "":
	case "imap", "api", "webmail":
		_ = o.UsedOn.UnmarshalText([]byte(f.usedOn))
	default:
		return o, usage("--secret-used-on is imap, api or webmail, not %q", f.usedOn)
	}
	if f.clientAddress != "" {
		if _, err := netip.ParseAddr(f.clientAddress); err != nil {
			return o, usage("--client-address %q is no IP address", f.clientAddress)
		}
	}
	given := 0
	for _, g := range []bool{f.secretFile != "", f.secretStdin, f.secretPrompt} {
		if g {
			given++
		}
	}
	if given > 1 {
		return o, usage("--secret-file, --secret-stdin and --secret-prompt each name a secret; give one")
	}
	return o, nil
}

// material reads the secrets and the certificates that the profile and the flags name.
func (a *app) material(ctx context.Context, p *profile.Profile, f *runFlags) (s login.Secrets, roots rootPool, err error) {
	switch {
	case f.secretFile != "":
		s.User, err = secret.ReadFile(f.secretFile)
	case f.secretStdin:
		s.User, err = secret.Read(a.in)
	case f.secretPrompt:
		s.User, err = a.prompt()
	}
	if err != nil {
		return s, nil, secretFailure(err, f)
	}
	c, err := p.Credentials(ctx)
	if err != nil {
		f := &failure{code: exitConfig, text: err.Error(), hint: "a profile names where each secret is kept; see README, Secrets"}
		switch {
		case errors.Is(err, secret.ErrEmpty), errors.Is(err, secret.ErrNoSecret):
			f.code = exitData
		case errors.Is(err, secret.ErrUnreadable):
			f.code = exitNoInput
		}
		return s, nil, f
	}
	s.KerioAdmin, s.Stalwart, s.Reader, s.MailServerBind, s.Canary = c.KerioAdmin, c.Stalwart, c.Reader, c.MailServerBind, c.Canary
	if roots, err = p.Roots(); err != nil {
		return s, nil, configFailure(err)
	}
	return s, roots, nil
}

// prompt asks on the terminal. An empty line is no secret, and not an error: then nothing is submitted.
func (a *app) prompt() (secret.Value, error) {
	file, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return secret.Value{}, usage("--secret-prompt needs a terminal; use --secret-stdin or --secret-file")
	}
	fmt.Fprint(a.err, "The secret that fails (not shown; empty for none): ")
	text, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(a.err)
	if err != nil {
		return secret.Value{}, &failure{code: exitNoInput, text: "the secret could not be read: " + err.Error()}
	}
	return secret.New(string(text)), nil
}

// secretFailure tells a broken secret from a missing file, each with the next step for the flag that was given.
func secretFailure(err error, from *runFlags) error {
	var own *failure
	if errors.As(err, &own) {
		return own
	}
	f := &failure{code: exitData, text: err.Error(), hint: "the file holds the secret and nothing else; one newline at its end is ignored"}
	var path *fs.PathError
	if from.secretStdin {
		f.hint = "send the secret and nothing else, as in `pass show jdoe | logindoctor check … --secret-stdin`; without a secret leave the flag out"
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.As(err, &path) {
		f.code, f.hint = exitNoInput, "name a file that you can read, or let --secret-prompt ask for the secret"
	}
	return f
}

func configFailure(err error) error {
	f := &failure{code: exitConfig, text: err.Error()}
	var p *profile.Error
	if errors.As(err, &p) {
		f.hint = p.Hint
	}
	return f
}

// validUser refuses what no server could mean; the rest is the servers' to judge.
func validUser(user string) error {
	switch {
	case strings.TrimSpace(user) == "":
		return usage("USER is empty")
	case len(user) > 320: // RFC 5321 §4.5.3.1: 64 + @ + 255
		return usage("USER is longer than any mail address (320 bytes)")
	case !utf8.ValidString(user) || strings.IndexFunc(user, unicode.IsControl) >= 0:
		return usage("USER holds control characters")
	case !nameOrAddress(user):
		return usage("USER %q is no mail address: it looks like jdoe@example.test", user)
	}
	return nil
}

// nameOrAddress takes a bare login name as it is. With an @ it has to be one address and nothing beside it: judged as a name,
// a slip of the pen would be an unknown user, or nothing at all.
func nameOrAddress(user string) bool {
	at := strings.LastIndexByte(user, '@')
	if at < 0 {
		return !strings.ContainsAny(user, "<>")
	}
	local, domain := user[:at], user[at+1:]
	quoted := len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"' // RFC 5321 §4.1.2: only there may anything stand
	if !quoted && (local == "" || strings.ContainsAny(local, `@<>(),;:"`) || strings.ContainsFunc(local, unicode.IsSpace)) {
		return false
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || strings.ContainsAny(label, `<>(),;"`) || strings.ContainsFunc(label, unicode.IsSpace) {
			return false
		}
	}
	return true
}

func runID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// progress prints a line as each probe begins; several may at once.
func (a *app) progress() func(gather.Event) {
	lines := make(chan struct{}, 1)
	return func(e gather.Event) {
		if e.Done {
			return
		}
		lines <- struct{}{}
		verb := "asking " + report.ProbeWords(e.Probe)
		if e.Probe == probes.ProbeLogin {
			verb = "trying"
		}
		fmt.Fprintf(a.err, "%s: %s\n", verb, report.Clean(e.What))
		<-lines
	}
}
