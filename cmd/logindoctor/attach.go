package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"logindoctor.example/cmd/logindoctor/deliver"
	"logindoctor.example/probes/profile"
	"logindoctor.example/probes/secret"
	"logindoctor.example/report"
)

// exitUnavailable is EX_UNAVAILABLE: the ticket system did not take the report.
const exitUnavailable = 69

type attachFlags struct {
	profile           string
	timeout, deadline time.Duration
}

func (a *app) attach() *cobra.Command {
	f := &attachFlags{}
	c := &cobra.Command{
		Use:   "attach TICKET FILE…",
		Short: "Hand saved reports to the ticket system of the profile",
		Long: "Hands saved reports to the ticket system of the profile: to Request Tracker as a comment with attachments,\n" +
			"to any other as a mail with the ticket in its subject. The files are kept, whatever comes of it.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("attach takes a TICKET and at least one FILE")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runAttach(c.Context(), args[0], args[1:], f) },
	}
	p := c.Flags()
	p.StringVar(&f.profile, "profile", "", "profile `NAME|FILE`; default: the only one, or the one that serves the reported user's domain")
	p.DurationVar(&f.timeout, "timeout", deliver.DefaultTimeout, "longest wait for one answer")
	p.DurationVar(&f.deadline, "deadline", deliver.DefaultDeadline, "longest time for the whole delivery")
	return c
}

func (a *app) runAttach(ctx context.Context, ticket string, paths []string, f *attachFlags) error {
	if f.timeout <= 0 || f.deadline <= 0 {
		return usage("--timeout and --deadline must be longer than nothing")
	}
	if err := ticketWord(ticket); err != nil {
		return err
	}
	files, r, err := readFiles(paths)
	if err != nil {
		return err
	}
	user := ""
	if r != nil {
		user = r.Subject.User
	}
	p, err := profile.Find(f.profile, user)
	if err != nil {
		return configFailure(err)
	}
	parcel, err := deliver.Pack(files, r)
	if err != nil {
		return &failure{code: exitBug, text: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, f.deadline)
	defer cancel()
	where, receipt, err := hand(ctx, p, ticket, parcel, f.timeout)
	var failed *deliver.Error
	if errors.As(err, &failed) {
		return a.undelivered(failed, ticket, paths, f)
	}
	if err != nil {
		return err
	}
	for _, n := range receipt.Notes {
		fmt.Fprintln(a.err, "note: "+n)
	}
	if receipt.Already {
		_, err = fmt.Fprintf(a.out, "%s: it is there already; nothing was sent (%s)\n", where, parcel.Subject())
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s: %s handed over (%s)\n", where, counted(len(files)), parcel.Subject())
	return err
}

func counted(files int) string {
	if files == 1 {
		return "1 file"
	}
	return strconv.Itoa(files) + " files"
}

// ticketWord refuses what is a ticket nowhere, before any file is read.
func ticketWord(ticket string) error {
	_, inRT := deliver.RTTicket(ticket)
	_, inMail := deliver.MailTicket(ticket)
	if !inRT && !inMail {
		return usage("TICKET %q is no ticket: it is a number, or for a ticket system that takes mail what stands between its brackets", report.Clean(ticket))
	}
	return nil
}

// hand goes the one way that the profile names. where says it to the user.
func hand(ctx context.Context, p *profile.Profile, ticket string, parcel deliver.Parcel, timeout time.Duration) (where string, _ deliver.Receipt, err error) {
	if p.Ticket == nil {
		return "", deliver.Receipt{}, &failure{code: exitConfig, text: p.Path + ": the profile names no ticket system", hint: "add ticket: with rt or mail; see docs/delivery.md"}
	}
	access := deliver.Access{Timeout: timeout}
	if access.Roots, err = p.Roots(); err != nil {
		return "", deliver.Receipt{}, configFailure(err)
	}
	if rt := p.Ticket.RT; rt != nil {
		number, ok := deliver.RTTicket(ticket)
		if !ok {
			return "", deliver.Receipt{}, usage("TICKET %q: Request Tracker's tickets are numbers", report.Clean(ticket))
		}
		if access.Secret, err = ticketSecret(ctx, p, "ticket.rt.token", rt.Token); err != nil {
			return "", deliver.Receipt{}, err
		}
		receipt, err := deliver.RT(ctx, rt.URL, number, parcel, access)
		return "ticket " + number, receipt, err
	}
	m := p.Ticket.Mail
	tag, ok := deliver.MailTicket(ticket)
	if !ok {
		return "", deliver.Receipt{}, usage("TICKET %q cannot stand in a mail's subject", report.Clean(ticket))
	}
	if access.Secret, err = ticketSecret(ctx, p, "ticket.mail.password", m.Password); err != nil {
		return "", deliver.Receipt{}, err
	}
	way := deliver.Submission{Server: m.Submission, User: m.User, From: m.From, To: m.Address}
	receipt, err := deliver.Mail(ctx, way, tag, parcel, access)
	return "mail to " + m.Address + " for " + tag, receipt, err
}

func ticketSecret(ctx context.Context, p *profile.Profile, key string, from *secret.Source) (secret.Value, error) {
	if from == nil {
		return secret.Value{}, nil
	}
	v, err := from.Resolve(ctx)
	if err == nil {
		return v, nil
	}
	f := &failure{code: exitConfig, text: p.Path + ": " + key + ": " + err.Error(), hint: "a profile names where each secret is kept; see README, Secrets"}
	switch {
	case errors.Is(err, secret.ErrEmpty), errors.Is(err, secret.ErrNoSecret):
		f.code = exitData
	case errors.Is(err, secret.ErrUnreadable):
		f.code = exitNoInput
	}
	return v, f
}

// undelivered says what became of the parcel, and how to send it again.
func (a *app) undelivered(e *deliver.Error, ticket string, paths []string, f *attachFlags) error {
	again := []string{"logindoctor", "attach"}
	if f.profile != "" {
		again = append(again, "--profile", f.profile)
	}
	if f.timeout != deliver.DefaultTimeout {
		again = append(again, "--timeout", f.timeout.String())
	}
	if f.deadline != deliver.DefaultDeadline {
		again = append(again, "--deadline", f.deadline.String())
	}
	if strings.HasPrefix(paths[0], "-") || strings.HasPrefix(ticket, "-") {
		again = append(again, "--")
	}
	again = append(append(again, ticket), paths...)
	for i, word := range again {
		again[i] = quoted(word)
	}
	hint := "the files are kept; to send them again: " + strings.Join(again, " ")
	if e.Hint != "" {
		hint = e.Hint + "\n  " + hint
	}
	return &failure{code: cmp.Or(a.stopped(), exitUnavailable), text: e.Text, hint: hint}
}

// quoted is a word as a shell takes it: plain, in quotes, or, where it holds what cannot be shown, as bash's $'…'.
func quoted(word string) string {
	plain := word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !(unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:,+=@%", r)) && !(runtime.GOOS == "windows" && r == '\\')
	})
	switch {
	case plain:
		return word
	case report.Clean(word) != word:
		inner := strconv.Quote(word)
		return "$'" + strings.NewReplacer(`\"`, `"`, `'`, `\'`).Replace(inner[1:len(inner)-1]) + "'"
	case runtime.GOOS == "windows":
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// readFiles reads what is to be sent, and finds the report among it. It refuses what would arrive as something else.
func readFiles(paths []string) (files []deliver.File, r *report.Report, err error) {
	seen := map[string]bool{}
	total := 0
	for _, path := range paths {
		name := filepath.Base(path)
		shown := report.Clean(path)
		switch {
		case report.Clean(name) != name || strings.ContainsAny(name, "\"\\/"):
			return nil, nil, usage("%s: a name with characters that cannot be shown, or quotes, would not arrive as it is", shown)
		case strings.HasSuffix(name, ".map.json") || strings.HasSuffix(name, ".map.age"):
			return nil, nil, usage("%s is the way back from a report's pseudonyms: it does not leave with the report", shown)
		case seen[strings.ToLower(name)]:
			return nil, nil, usage("two files are named %s; in the ticket nobody could tell them apart", name)
		}
		seen[strings.ToLower(name)] = true
		data, err := readOne(path, shown)
		if err != nil {
			return nil, nil, err
		}
		if total += len(data); total > deliver.MaxAll {
			return nil, nil, &failure{code: exitData, text: fmt.Sprintf("the files have more than %d bytes together", deliver.MaxAll), hint: "send them in several goes"}
		}
		files = append(files, deliver.File{Name: name, Data: data})
		if r == nil {
			r, _ = load(path) // what is no report is sent as it is
		}
	}
	return files, r, nil
}

func readOne(path, shown string) ([]byte, error) {
	missing := func(err error) error {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return &failure{code: exitNoInput, text: shown + ": " + err.Error()}
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, missing(err)
	case !info.Mode().IsRegular():
		return nil, &failure{code: exitNoInput, text: shown + ": it is no regular file"}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, missing(err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, deliver.MaxFile+1))
	switch {
	case err != nil:
		return nil, missing(err)
	case len(data) == 0:
		return nil, &failure{code: exitData, text: shown + ": it is empty; a ticket system takes no empty attachment"}
	case len(data) > deliver.MaxFile:
		return nil, &failure{code: exitData, text: fmt.Sprintf("%s: it has more than %d bytes", shown, deliver.MaxFile), hint: "a bundle (--bundle) is smaller than its parts"}
	}
	return data, nil
}
