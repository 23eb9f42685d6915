package tui

import (
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/checks"
	"logindoctor.example/fixtures/sim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// worked gives a scenario's case, worked by the real probes and checks, with every message that came on the way.
func worked(t *testing.T, name string, size [2]int, each func(x *tester)) *tester {
	t.Helper()
	s, ok := sim.Find(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	r, err := s.World(time.Now()).Start(0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := start(t, checks.All, size[0], size[1])
	x.now = time.Now()
	var mu sync.Mutex
	x.send = func(msg tea.Msg) {
		mu.Lock()
		defer mu.Unlock()
		if p, ok := msg.(planMsg); ok {
			p.reply <- true
			return
		}
		x.Update(msg)
		each(x)
	}
	session := &Session{Target: r.Target, Secret: s.Secret != "", Close: func() {}, Run: func(ctx context.Context, h Hooks) *probes.Snapshot {
		o := s.Options(r)
		o.Progress, o.Partial, o.Announce = h.Progress, h.Partial, h.Announce
		return gather.Run(ctx, r.Target, o)
	}}
	_, cmd := x.Update(beganMsg{session: session})
	for _, msg := range results(t, cmd) {
		x.send(msg)
	}
	return x
}

// TestAnswersStand: in every scenario, what is drawn as an answer while the run is under way is what the finished report
// says; a problem may yet turn out to be contradicted by the login, and then it is a notice.
func TestAnswersStand(t *testing.T) {
	for _, s := range sim.Scenarios {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			drawn := map[string]checks.Verdict{}
			early := 0
			x := worked(t, s.Name, [2]int{120, 40}, func(x *tester) {
				for i := range x.shown().Checks {
					a := &x.shown().Checks[i]
					if x.run != nil && x.row(a).state == answered {
						if a.Verdict != checks.NotApplicable {
							early++
						}
						drawn[a.ID] = a.Verdict
					}
				}
			})
			for _, a := range x.report.Checks {
				was, ok := drawn[a.ID]
				if !ok || was == a.Verdict || was == checks.Problem && a.Verdict == checks.Notice {
					continue
				}
				t.Errorf("%s was drawn as %v, and is %v (%s)", a.ID, was, a.Verdict, a.Summary)
			}
			if early == 0 {
				t.Error("nothing was answered before the end")
			}
			want := s.Cause()
			if got := ""; len(x.report.Diagnosis) > 0 {
				if got = x.report.Diagnosis[0].Cause; got != want {
					t.Errorf("the cause is %s", got)
				}
			} else if want != "" {
				t.Error("no cause")
			}
		})
	}
}

// own are the words that the screen has of its own, around what the report says.
var own = regexp.MustCompile(`^\d+ causes\. Also: |^(DO|NOT|BLUNT|THEN|ASK)\s+|^\d+ |^\[\d\] |^This explains: |^Also: |^It may be: |^Explained by: |^Still open: |^It would also explain, had it been tried: |\(c copies\)`)

// furniture are whole lines of the screen's own.
var furniture = regexp.MustCompile(`^(Evidence|[─┃│]*)$|^The caller said \(`)

// TestTheScreenSaysWhatTheReportSays: every sentence on the last screen, in every pane, stands in the JSON report.
func TestTheScreenSaysWhatTheReportSays(t *testing.T) {
	made := map[string]*tester{"cause": finished(t, locked(), 80, 24), "open": openCase(t, 80, 24), "healthy": finished(t, fine(), 80, 24)}
	for _, name := range []string{"ad-account-locked", "wrong-password", "imap-login", "healthy--dovecot", "ad-account-disabled--and-locked", "kerio-ip-blocked", "directory-bind-stale"} {
		made[name] = worked(t, name, [2]int{80, 24}, func(*tester) {})
	}
	for name, x := range made {
		t.Run(name, func(t *testing.T) {
			x.t = t
			known := sentences(t, x.report)
			x.status = ""
			// So wide and high that nothing is wrapped or cut: narrower screens show the same, see TestNarrowShowsTheSame.
			x.Update(tea.WindowSizeMsg{Width: 2000, Height: 400})
			seen := 0
			for _, row := range x.rows() {
				if row.id == "" {
					continue
				}
				x.list.cursor = row.id
				for _, l := range strings.Split(x.screen(), "\n")[2 : x.height-2] {
					for _, side := range strings.Split(l, "│") {
						seen += verify(t, known, side)
					}
				}
			}
			if seen < 20 {
				t.Errorf("only %d sentences were compared", seen)
			}
		})
	}
}

// verify looks for each part of a line in what the report says, and counts them.
func verify(t *testing.T, known string, line string) int {
	t.Helper()
	line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "▸"))
	if furniture.MatchString(line) {
		return 0
	}
	n := 0
	for line != "" && own.MatchString(line) {
		line = strings.TrimSpace(own.ReplaceAllString(line, ""))
	}
	for _, part := range regexp.MustCompile(` · |  +| \[\d\] `).Split(line, -1) {
		part = strings.TrimSuffix(strings.TrimSpace(part), ".")
		if part == "" || strings.Contains(known, squeeze(part)) {
			n++
			continue
		}
		t.Errorf("the screen says %q, and the report does not (line %q)", part, line)
	}
	return n
}

var (
	days   = regexp.MustCompile(`\d{4}-\d\d-\d\d `)
	spaces = regexp.MustCompile(`\s+`)
)

// squeeze leaves out what the screen writes in another way: the day of the run, and spaces.
func squeeze(s string) string {
	return spaces.ReplaceAllString(days.ReplaceAllString(s, ""), " ")
}

// sentences is all that the JSON report says, and report's words for its vocabularies.
func sentences(t *testing.T, r *report.Report) string {
	t.Helper()
	var b strings.Builder
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal([]byte(b.String()), &doc); err != nil {
		t.Fatal(err)
	}
	delete(doc.(map[string]any), "facts") // the screen is drawn from what was judged
	var all []string
	collect(doc, &all)
	for _, a := range r.Checks {
		symbol, word := report.Mark(a.Verdict, a.Why)
		all = append(all, symbol+" "+word, a.Group.Question(), "concerns "+report.ScopeWords(a.Scope), "for "+report.OwnerWords(a.Owner), report.VerdictWords(r.Verdict), a.Title+" ("+a.ID+")", a.Title+". ("+a.ID+")")
		var titles []string
		for _, id := range a.ExplainedBy {
			titles = append(titles, titleOf(r, id))
		}
		all = append(all, strings.Join(titles, "; "), strings.Join(r.ImpactWords(a.ID), "\n"))
		if a.Remedy != nil {
			all = append(all, report.DisruptionWords(a.Remedy.Disruption))
			for _, c := range a.Remedy.Commands {
				all = append(all, "For "+report.OwnerWords(c.Who)+", "+report.ShellWords(c.Shell)+" :", "For "+report.OwnerWords(c.Who)+", "+report.ShellWords(c.Shell)+":")
			}
		}
		for _, e := range a.Evidence {
			s := e.Fact + ": " + e.Observed
			if e.Expected != "" {
				s += " (expected: " + e.Expected + ")"
			}
			all = append(all, report.Clean(s), report.Clean(e.Fact)+": "+report.Clean(e.Observed)+strings.TrimPrefix(s, e.Fact+": "+e.Observed), e.At.Format("15:04:05 MST"))
		}
		if same := sameReason(r, a); same > 1 {
			all = append(all, strings.TrimSuffix(a.Summary, ".")+". ("+itoa(same)+" checks)")
		}
	}
	for _, c := range r.Diagnosis {
		for _, ids := range [][]string{c.Explains, c.WouldExplain} {
			var titles []string
			for _, id := range ids {
				titles = append(titles, titleOf(r, id))
			}
			all = append(all, strings.Join(titles, "; "))
		}
	}
	for i := range all {
		all[i] = squeeze(all[i])
	}
	return strings.Join(all, "\n")
}

func titleOf(r *report.Report, id string) string { return answerIn(r, id).Title }

func sameReason(r *report.Report, a report.Answer) (n int) {
	for _, x := range r.Checks {
		if a.Verdict == checks.NotApplicable && x.Verdict == a.Verdict && x.Group == a.Group && x.Summary == a.Summary {
			n++
		}
	}
	return n
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func collect(v any, into *[]string) {
	switch v := v.(type) {
	case string:
		*into = append(*into, v)
	case []any:
		for _, x := range v {
			collect(x, into)
		}
	case map[string]any:
		for _, x := range v {
			collect(x, into)
		}
	}
}

// TestNarrowShowsTheSame: scrolled through, the detail of a small screen says word for word what that of a huge one says.
func TestNarrowShowsTheSame(t *testing.T) {
	x := worked(t, "wrong-password", [2]int{80, 24}, func(*tester) {})
	x.t = t
	for _, row := range x.rows() {
		if row.id == "" {
			continue
		}
		x.list.cursor = row.id
		wide := strings.Fields(strings.Join(x.details(2000), " "))
		x.detail, x.scroll = true, 0
		var got []string
		for range 200 {
			f := x.frame()
			got = append(got, strings.Fields(f.lines[2])...)
			if x.scroll >= f.pageLines-f.pageHeight {
				for _, l := range f.lines[3 : x.height-2] {
					got = append(got, strings.Fields(l)...)
				}
				break
			}
			x.press("down")
		}
		x.detail = false
		// Long words are broken where they have to be.
		if a, b := strings.Join(wide, ""), strings.Join(got, ""); a != b {
			t.Errorf("%s: the huge screen says\n%s\nthe small one\n%s", row.id, a, b)
		}
	}
}

// TestEveryServerIsKnown: whatever a target can name has its line in servers, and every need comes from somewhere.
func TestEveryServerIsKnown(t *testing.T) {
	full := target()
	full.Stalwart = &probes.StalwartTarget{URL: "https://mail.example.test"}
	fields := reflect.ValueOf(&full).Elem()
	named := 0
	for i := range fields.NumField() {
		if f := fields.Field(i); f.Kind() == reflect.Pointer {
			if named++; f.IsNil() {
				t.Fatalf("the target of this test lacks %s", fields.Type().Field(i).Name)
			}
		}
	}
	if named != len(servers) {
		t.Errorf("a target names %d kinds of server, the UI knows %d", named, len(servers))
	}
	for _, s := range servers {
		if s.count(&full) == 0 {
			t.Errorf("%v is not counted", s.probe)
		}
		if s.leave(&full); s.count(&full) != 0 {
			t.Errorf("%v cannot be left out", s.probe)
		}
		for _, sample := range s.samples {
			if s.count(&sample) == 0 {
				t.Errorf("a sample of %v does not name it", s.probe)
			}
		}
	}
	for _, c := range checks.All {
		for _, n := range append(append([]*checks.Need(nil), c.Needs...), c.Uses...) {
			if len(behind(n)) == 0 {
				t.Errorf("%s: the need %q comes from nowhere", c.ID, n.Name)
			}
		}
	}
	for id, p := range map[string]probes.Probe{"ad-account-locked": probes.ProbeDirectory, "kerio-opened-folders": probes.ProbeKerio, "imap-login": probes.ProbeLogin, "wrong-password": probes.ProbeIMAP} {
		if !has(readings(checks.All)[id].probes, p) {
			t.Errorf("%s does not wait for %v", id, p)
		}
	}
}
