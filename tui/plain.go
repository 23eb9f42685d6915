package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// lines is the line mode: the same case, asked and told line by line, with nothing that is drawn over or drawn as a box. It
// uses the model's state, and none of its screen.
type lines struct {
	*Model
	ctx  context.Context
	in   *bufio.Reader
	late chan typed // a line that is still being waited for
}

type typed struct {
	text string
	err  error
}

// errOver ends the line mode: the input is at its end, or somebody has stopped it.
var errOver = errors.New("over")

// Lines is the UI as lines: for screen readers, for terminals that cannot move their cursor, and through a pipe. It gives the
// exit code of the last report.
func Lines(ctx context.Context, cfg Config) (code int) {
	cfg.Colour = false
	l := &lines{Model: New(cfg), ctx: ctx, in: bufio.NewReader(cfg.In)}
	l.width, l.height, l.Model.lines = leastWidth, leastHeight, true
	defer func() {
		if p := recover(); p != nil {
			c := crashOf(p)
			l.crash = &c
		}
		l.Model.cancel()
		if l.session != nil {
			l.session.Close()
		}
		code = l.farewell(nil)
	}()
	l.work()
	if l.keep && l.report != nil && !l.saved {
		l.Model.late = append(l.Model.late, l.saveNow())
	}
	return code
}

func (l *lines) work() {
	if s := l.cfg.Ready; s != nil {
		l.session = s
		l.inquire(true, l.session.Target, nil)
	} else if l.newCase() != nil {
		return
	}
	for l.ctx.Err() == nil && l.menu() == nil {
	}
}

func (l *lines) print(format string, args ...any) { fmt.Fprintf(l.cfg.Out, format+"\n", args...) }

// read gives the next line that is typed.
func (l *lines) read(prompt string) (string, error) {
	fmt.Fprint(l.cfg.Out, prompt)
	select {
	case t := <-l.line():
		l.late = nil
		return strings.TrimSpace(t.text), t.err
	case <-l.ctx.Done():
		return "", errOver
	}
}

// line waits for a line in the background; the same one, until it was taken.
func (l *lines) line() chan typed {
	if l.late == nil {
		l.late = make(chan typed, 1)
		go func(to chan<- typed) {
			text, err := l.in.ReadString('\n')
			if err != nil && text == "" {
				to <- typed{err: errOver}
				return
			}
			to <- typed{text: text}
		}(l.late)
	}
	return l.late
}

// choose asks for a number from 0 or 1 to most; an empty line is what stands in brackets.
func (l *lines) choose(prompt string, least, most, usual int) (int, error) {
	for {
		text, err := l.read(fmt.Sprintf("%s [%d]: ", prompt, usual))
		if err != nil {
			return 0, err
		}
		if text == "" {
			return usual, nil
		}
		if n, err := strconv.Atoi(text); err == nil && n >= least && n <= most {
			return n, nil
		}
		l.print("Type a number from %d to %d.", least, most)
	}
}

func (l *lines) newCase() error {
	for {
		c, secret, err := l.askCase()
		if err != nil {
			return err
		}
		s, err := l.cfg.Begin(l.ctx, c, secret)
		if err == nil {
			if l.session != nil {
				l.session.Close()
			}
			l.asked, l.session, l.report = c, s, nil
			l.inquire(true, s.Target, nil)
			return nil
		}
		for _, t := range strings.Split(err.Error(), "\n") {
			l.print("%s", clean(t))
		}
	}
}

func (l *lines) askCase() (c Case, secret string, err error) {
	usual := 1
	l.print("%s", askProfile)
	for i, p := range l.cfg.Profiles {
		l.print("  %d %s", i+1, clean(p))
		if p == l.asked.Profile {
			usual = i + 1
		}
	}
	if l.cfg.NoProfile != "" {
		l.print("%s", clean(l.cfg.NoProfile))
	}
	n, err := l.choose("Number", 1, len(l.cfg.Profiles), usual)
	if err != nil {
		return c, "", err
	}
	c.Profile = l.cfg.Profiles[n-1]
	if l.cfg.Hint != nil && l.cfg.Hint(c.Profile) != "" {
		l.print("%s", l.cfg.Hint(c.Profile))
	}
	if c.User, err = l.valid(askUser, l.asked.User, l.cfg.ValidUser); err != nil {
		return c, "", err
	}
	l.print("%s", saySecret)
	if secret, err = l.hidden(askSecret + ", not shown: "); err != nil {
		return c, "", err
	}
	if secret != "" {
		services := []probes.Service{0, probes.ServiceIMAP, probes.ServiceWebmail, probes.ServiceAPI}
		l.print("%s\n  1 not said\n  2 in a mail program (IMAP)\n  3 in webmail\n  4 in a script or another program (API)", askUsedOn)
		if n, err = l.choose("Number", 1, len(services), 1); err != nil {
			return c, "", err
		}
		c.UsedOn = services[n-1]
	}
	c.ClientAddress, err = l.valid(askAddress, l.asked.ClientAddress, validAddress)
	return c, secret, err
}

func (l *lines) valid(prompt, usual string, valid func(string) error) (string, error) {
	if usual != "" {
		prompt += " [" + clean(usual) + "]"
	}
	for {
		text, err := l.read(prompt + ": ")
		if err != nil {
			return "", err
		}
		if text == "" {
			text = usual
		}
		if err := valid(text); err == nil {
			return text, nil
		} else {
			l.print("%s", clean(err.Error()))
		}
	}
}

func (l *lines) hidden(prompt string) (string, error) {
	if l.cfg.Hidden == nil {
		return l.read(prompt)
	}
	fmt.Fprint(l.cfg.Out, prompt)
	text, err := l.cfg.Hidden()
	if err != nil {
		return "", errOver
	}
	return text, nil
}

// inquire makes a run and tells what it found.
func (l *lines) inquire(login bool, t probes.Target, before *probes.Snapshot) {
	l.meta = l.cfg.Meta()
	s, judge := seen{t: l.session.Target, before: before, said: l.said()}, l.judging()
	h := Hooks{Progress: l.begins(), Announce: l.announce, Partial: func(*probes.Snapshot) {}}
	var found *probes.Snapshot
	if login {
		found = l.session.Run(l.ctx, h)
	} else {
		found = l.session.Look(l.ctx, t, h)
	}
	l.report, l.saved, l.now = judge(s.merge(found)), false, l.cfg.Now()
	l.focus()
	l.print("")
	l.print("%s", strings.TrimRight(l.note(l.shown()), "\n"))
}

// begins says what begins, one line at a time.
func (l *lines) begins() func(gather.Event) {
	busy := make(chan struct{}, 1)
	hide := func(s string) string {
		if l.private {
			return hidden
		}
		return clean(s)
	}
	return func(e gather.Event) {
		if e.Done {
			return
		}
		busy <- struct{}{}
		if e.Probe == probes.ProbeLogin {
			l.print("trying: %s", hide(e.What))
		} else {
			l.print("asking %s: %s", report.ProbeWords(e.Probe), hide(e.What))
		}
		<-busy
	}
}

func (l *lines) announce(plan *probes.Login) bool {
	if !tries(plan) {
		return true
	}
	var b strings.Builder
	_ = report.PlanText(&b, plan, report.Options{Location: l.cfg.Location})
	l.print("%s", strings.TrimRight(l.hide(b.String()), "\n"))
	n, err := l.choose("1 try once, 2 look only", 1, 2, 2)
	return err == nil && n == 1
}
