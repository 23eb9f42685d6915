package tui

import (
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// entry is a line of the menu.
type entry struct {
	does string
	do   func() error
}

func (l *lines) menu() error {
	entries := l.entries()
	l.print("")
	for i, e := range entries {
		l.print("%d %s", i+1, e.does)
	}
	l.print("0 quit")
	n, err := l.choose("Number", 0, len(entries), 1)
	switch {
	case err != nil:
		return err
	case n == 0:
		return l.goodbye()
	}
	return entries[n-1].do()
}

func (l *lines) entries() []entry {
	all := []entry{
		{"the whole report", func() error { l.print("%s", strings.Join(l.wholeText(leastWidth), "\n")); return nil }},
		{"one check in detail", l.oneCheck},
		{"save the report", l.saveReport},
		{"open a saved report", l.openReport},
		{"a new case", l.newCase},
		{map[bool]string{false: "hide names and addresses", true: "show names and addresses"}[l.private], func() error { l.private = !l.private; return nil }},
	}
	if l.session != nil {
		all = append(all,
			entry{"run again", func() error { l.inquire(true, l.session.Target, nil); return nil }},
			entry{"watch: repeat the looks, submit nothing, say what changes", l.watchLines})
	}
	if l.report.NextQuestion != nil {
		all = append(all, entry{"answer for the caller: " + l.say(l.report.NextQuestion.Ask), l.question})
	}
	if len(l.said()) > 0 {
		all = append(all, entry{"take the last answer back", func() error { l.takeBack(); return l.told() }})
	}
	return all
}

func (l *lines) told() error {
	l.print("%s\n\n%s", l.status, strings.TrimRight(l.note(l.shown()), "\n"))
	return nil
}

func (l *lines) question() error {
	q := l.report.NextQuestion
	for i, o := range q.Options {
		l.print("  %d %s", i+1, l.say(o.Say))
	}
	n, err := l.choose("Number, 0 for none", 0, len(q.Options), 0)
	if err != nil || n == 0 {
		return err
	}
	l.tell(n - 1)
	return l.told()
}

// oneCheck lists the checks by number, and tells all of one; then it may be looked at again.
func (l *lines) oneCheck() error {
	var ids []string
	for _, r := range l.rows() {
		if r.id == "" {
			l.print("%s", r.title)
			continue
		}
		ids = append(ids, r.id)
		symbol, word := report.Mark(r.answer.Verdict, r.answer.Why)
		l.print("  %d %s %s: %s", len(ids), symbol, word, l.say(r.answer.Summary))
	}
	n, err := l.choose("Number, 0 for none", 0, len(ids), 0)
	if err != nil || n == 0 {
		return err
	}
	l.list.cursor = ids[n-1]
	l.print("")
	for _, t := range l.details(leastWidth - 2) {
		l.print("%s", t)
	}
	if l.session == nil {
		return nil
	}
	again, err := l.choose("1 look again at this check, 0 back", 0, 1, 0)
	if err != nil || again == 0 {
		return err
	}
	if t, ok := l.cut(); ok {
		l.inquire(false, t, l.report.Facts)
	} else {
		l.print("%s", hangsOnLogin)
		l.inquire(true, l.session.Target, nil)
	}
	return nil
}

func (l *lines) saveReport() error {
	for i, f := range l.cfg.Formats {
		l.print("  %d %s", i+1, f.Name)
	}
	n, err := l.choose("Format", 1, len(l.cfg.Formats), 1)
	if err != nil {
		return err
	}
	l.save.format = n - 1
	path, err := l.read("File [" + l.suggestion() + "]: ")
	if err != nil {
		return err
	}
	if path == "" {
		path = l.suggestion()
	}
	if err := store(l.cfg.Formats[n-1], l.cfg.Save, l.report, path); err != nil {
		l.print("%s", clean(err.Error()))
		return nil
	}
	l.saved = true
	l.print("Saved to %s", clean(absolute(path)))
	keep, err := l.choose("Save what is not saved before the program ends? 1 yes, 0 no", 0, 1, 0)
	l.keep = keep == 1
	return err
}

func (l *lines) openReport() error {
	path, err := l.read("File: ")
	if err != nil || path == "" {
		return err
	}
	r, err := l.cfg.Load(path)
	if l.opened(openedMsg{r, err}); err != nil {
		l.print("%s", clean(err.Error()))
		return nil
	}
	return l.told()
}

// goodbye asks once before a report is lost.
func (l *lines) goodbye() error {
	if l.saved || l.keep || l.report == nil {
		return errOver
	}
	n, err := l.choose("The report is not saved. 1 save, 2 leave without, 0 stay", 0, 2, 0)
	switch {
	case err != nil || n == 2:
		return errOver
	case n == 1:
		return l.saveReport()
	}
	return nil
}

// watchLines says what changes until a line is typed.
func (l *lines) watchLines() error {
	l.print("Watching. Nothing is submitted for the user. Enter ends it.")
	var before *report.Report
	for {
		s := l.session.Look(l.ctx, l.session.Target, Hooks{Progress: func(gather.Event) {}, Partial: func(*probes.Snapshot) {}})
		s.Said = l.said()
		keepSecret(s, factsOf(l.report))
		now := l.judging()(s)
		if before == nil {
			l.print("%s  %s", l.at(s.FinishedAt), l.hide(l.say(now.Headline)))
		} else {
			for _, c := range changes(before, now) {
				l.print("%s  %s", l.at(c.at), l.hide(l.say(c.text)))
				if c.last != "" {
					l.print("  %s", l.hide(l.say(c.last)))
				}
			}
		}
		before = now
		select {
		case t := <-l.line():
			l.late = nil
			return t.err
		case <-l.ctx.Done():
			return errOver
		case <-time.After(l.cfg.WatchEvery):
		}
	}
}
