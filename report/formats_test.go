package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	renderer "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"logindoctor.example/checks"
)

// written gives the report in a format.
func written(t *testing.T, name string, r *Report) string {
	t.Helper()
	f := FindFormat(name)
	if f == nil {
		t.Fatalf("no format %s", name)
	}
	var b bytes.Buffer
	if err := f.Write(&b, r, Options{}); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b.String()
}

// rendered is Markdown as a ticket system shows it.
func rendered(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	g := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(renderer.WithUnsafe()))
	if err := g.Convert([]byte(s), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// readable is what a person reads of a format, its links included: markup and line breaks taken away.
func readable(t *testing.T, format, s string) string {
	if format == "markdown" {
		s = rendered(t, s)
	}
	if format != "text" {
		var words []string
		walkHTML(t, s, func(n *html.Node) {
			switch {
			case n.Type == html.TextNode && n.Parent.Data != "style":
				words = append(words, n.Data)
			case n.Data == "a":
				words = append(words, " "+attribute(n, "href")+" ")
			}
		})
		s = strings.Join(words, "")
	}
	return strings.Join(strings.Fields(s), " ")
}

func walkHTML(t *testing.T, s string, visit func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		visit(n)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// TestWholeFormatsCarryEverything: every check, cause, step, command and link of the document stands in each whole format.
func TestWholeFormatsCarryEverything(t *testing.T) {
	for name, r := range map[string]*Report{
		"locked":   lockedReport(),
		"pair":     judged(t, "kerio-ad+kerio-stale+ad-locked+kerio-folders+canary-only", nil),
		"stalwart": crowdedStalwart(t),
		"open":     judged(t, "kerio+kerio-unread+tried-refused-no-canary", nil),
	} {
		for _, f := range Formats {
			if !f.Whole || f.Name == "json" {
				continue
			}
			t.Run(name+" "+f.Name, func(t *testing.T) {
				text := readable(t, f.Name, written(t, f.Name, r))
				has := func(what, s string) {
					if s = strings.Join(strings.Fields(s), " "); s != "" && !strings.Contains(text, s) {
						t.Errorf("%s is missing: %q", what, s)
					}
				}
				remedy := func(m *checks.Remedy) {
					has("do", m.Do)
					for _, s := range append(append([]string{}, m.Steps...), m.DoNot...) {
						has("step", s)
					}
					for _, c := range m.Commands {
						has("command", c.Run)
					}
				}
				has("headline", (&page{}).localFor(r.Headline))
				for _, c := range r.Diagnosis {
					has("cause", c.Cause)
					has("title", c.Title)
					remedy(&c.Remedy)
					for _, l := range c.Links {
						has("link", l)
					}
					for _, e := range c.Evidence {
						has("evidence", e.Fact)
						has("evidence", Clean(e.Observed))
					}
				}
				for _, a := range r.Checks {
					has("check", a.ID)
					has("summary of "+a.ID, (&page{}).localFor(a.Summary))
				}
				for _, m := range r.Remaining {
					has("remaining", m.Title)
				}
			})
		}
	}
}

// localFor shows the times of a sentence as a reader in UTC sees them on the day of the made-up runs.
func (p *page) localFor(s string) string {
	p.Location, p.day = time.UTC, noon.UTC().Format(time.DateOnly)
	return p.local(s)
}

func TestNDJSON(t *testing.T) {
	r := lockedReport()
	lines := bufio.NewScanner(strings.NewReader(written(t, "ndjson", r)))
	lines.Buffer(nil, 1<<24)
	var types []string
	for lines.Scan() {
		var l struct {
			Type   string  `json:"type"`
			ID     string  `json:"id"`
			Report *Report `json:"report"`
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		types = append(types, l.Type)
		if l.Type == "report" && l.Report.Headline != r.Headline {
			t.Error("the report is another")
		}
	}
	if n := len(types); n != len(r.Checks)+2 || types[0] != "run" || types[1] != "check" || types[n-1] != "report" {
		t.Errorf("lines: %v", types)
	}
}

func TestJUnit(t *testing.T) {
	r := lockedReport()
	var all junitSuites
	dec := xml.NewDecoder(strings.NewReader(written(t, "junit", r)))
	if err := dec.Decode(&all); err != nil {
		t.Fatal(err)
	}
	s := r.Summary
	if all.Tests != len(r.Checks) || all.Failures != s.Problem || all.Errors != s.Undetermined || all.Skipped != s.NotApplicable {
		t.Errorf("%+v of %+v", all, s)
	}
}

func TestNagios(t *testing.T) {
	form := regexp.MustCompile(`^LOGIN (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+ \| ([a-z_]+=[0-9.]+s?(;[0-9.:]*){3} ?)+\n$`)
	want := map[string]int{}
	for name, r := range everyCase() {
		line := written(t, "nagios", r)
		if !form.MatchString(line) {
			t.Errorf("%s: %q", name, line)
		}
		if !strings.Contains(line, nagiosWords[r.NagiosCode()]) {
			t.Errorf("%s: the word is not that of code %d: %s", name, r.NagiosCode(), line)
		}
		want[nagiosWords[r.NagiosCode()]]++
	}
	if len(want) < 3 {
		t.Errorf("only these states were seen: %v", want)
	}
}

func TestPrometheus(t *testing.T) {
	form := regexp.MustCompile(`^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\} [-+0-9.e]+)$`)
	r := lockedReport()
	r.Subject.Profile = "a\"b\\c\nd"
	text := written(t, "prometheus", r)
	for _, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if !form.MatchString(l) {
			t.Errorf("%q", l)
		}
	}
	if !strings.Contains(text, `cause="lock"`) || strings.Contains(text, "jdoe") {
		t.Errorf("the cause is missing, or a person is named:\n%s", text)
	}
}

// hostile is what a server may say to make a format do something.
var hostile = []string{"\x1b[31mred\x1b[0m", "<script>alert(1)</script>", "</code></pre><img src=x onerror=alert(1)>", "```\n# heading\n[x](javascript:alert(1))",
	"=cmd|'/c calc'!A1", "\u202egnp.exe", "| cell | @everyone https://evil.example/", "]]><x/>", "\x00\x07", strings.Repeat("x", 1<<20)}

// inert checks that none of it is alive in a format, and that nothing is endless.
func inert(t *testing.T, format, s string) {
	t.Helper()
	if strings.ContainsAny(s, "\x1b\x00\x07\u202e") {
		t.Errorf("%s: a control character is left", format)
	}
	for _, l := range strings.Split(s, "\n") {
		if len(l) > 100_000 && format != "ndjson" {
			t.Errorf("%s: a line of %d bytes", format, len(l))
		}
	}
	switch format {
	case "html":
		aliveIn(t, format, s)
	case "markdown":
		aliveIn(t, format, rendered(t, s))
	case "junit":
		dec := xml.NewDecoder(strings.NewReader(s))
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("junit: %v", err)
			}
		}
	}
}

// ours are the elements that the writers make.
var ours = strings.Fields(`html head meta title style body header main section footer div span h1 h2 h3 p ul ol li dl dt dd pre code a br strong em
	details summary table thead tbody tr th td svg line circle text`)

func aliveIn(t *testing.T, format, s string) {
	t.Helper()
	walkHTML(t, s, func(n *html.Node) {
		if n.Type != html.ElementNode {
			return
		}
		if !slices.Contains(ours, n.Data) {
			t.Errorf("%s: an element %s of a server's", format, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" {
				t.Errorf("%s: an attribute %s of a server's", format, a.Key)
			}
		}
		if n.Data == "a" && !strings.HasPrefix(attribute(n, "href"), "https://vendor.example/") {
			t.Errorf("%s: a link of a server's: %s", format, attribute(n, "href"))
		}
	})
}

func hostileReport(words string) *Report {
	r := lockedReport()
	r.Headline, r.Subject.User = words, words
	r.Diagnosis[0].Summary, r.Diagnosis[0].Title = words, words
	r.Diagnosis[0].Evidence[0].Observed, r.Diagnosis[0].Evidence[0].Fact = words, words
	r.Diagnosis[0].Remedy.Commands[0].Run = words
	for i := range r.Checks {
		r.Checks[i].Summary = words
	}
	if len(r.Coverage.CouldNotLook) > 0 {
		r.Coverage.CouldNotLook[0].Words = words
	}
	if len(r.Timeline) > 0 {
		r.Timeline[0].What, r.Timeline[0].Source = words, words
	}
	return r
}

func TestHostileWordsInFormats(t *testing.T) {
	for _, words := range hostile {
		r := hostileReport(words)
		for _, f := range Formats {
			if f.Name != "json" { // escapes, and keeps every byte
				inert(t, f.Name, written(t, f.Name, r))
			}
		}
	}
}

func FuzzFormats(f *testing.F) {
	for _, h := range hostile[:len(hostile)-1] {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, words string) {
		r := hostileReport(words)
		for _, format := range Formats {
			if format.Name != "json" {
				inert(t, format.Name, written(t, format.Name, r))
			}
		}
	})
}
