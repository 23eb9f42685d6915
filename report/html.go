package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

//go:embed html/report.html
var htmlSource string

//go:embed html/report.css
var htmlStyle string

// htmlPolicy is the page's Content-Security-Policy: nothing is loaded and nothing runs; the one style sheet is known by its hash.
var htmlPolicy = func() string {
	sum := sha256.Sum256([]byte(htmlStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}()

// HTML writes one file that needs no other: no script, readable on paper and on a phone, light and dark. Times are as in Text.
func HTML(w io.Writer, r *Report, o Options) error {
	p := newPage(o, r.FinishedAt)
	t, err := template.New("report").Funcs(p.htmlFuncs()).Parse(htmlSource)
	if err != nil {
		return fmt.Errorf("report: html: %w", err)
	}
	if err := t.Execute(w, r); err != nil {
		return fmt.Errorf("report: html: %w", err)
	}
	return nil
}

// htmlGroup is one question with its answers.
type htmlGroup struct {
	Question string
	Rows     []Answer
}

// htmlFuncs are the words of the other writers. Whatever comes from a server or a caller passes through say or clean, and
// html/template escapes it for its place.
func (p *page) htmlFuncs() template.FuncMap {
	return template.FuncMap{
		"policy": func() string { return htmlPolicy },
		"css":    func() template.CSS { return template.CSS(htmlStyle) },
		"say":    func(s string) string { return p.local(Clean(s)) }, "clean": Clean,
		"command": func(s string) string {
			run, ok := command(s)
			if !ok {
				return ""
			}
			return run
		},
		"utc": func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.UTC().Format(time.RFC3339)
		},
		"verdict": VerdictWords, "scope": ScopeWords, "owner": OwnerWords, "shell": ShellWords,
		"probe":   func(x probes.Probe) string { return capital(ProbeWords(x)) },
		"mark":    func(a Answer) string { return label(a.Verdict, a.Why) },
		"who":     whoWords,
		"titles":  func(r *Report, ids []string) string { return Clean(titles(r, ids)) },
		"options": func(q *Question) string { return Clean(optionWords(q)) },
		"counts":  func(s Summary) string { return countWords(s) },
		"join":    func(ids []string) string { return strings.Join(ids, ", ") },
		"isCause": isCause,
		"groups":  htmlGroups,
		"links":   htmlLinks,
		"event":   func(e Event) string { return p.eventWords(e) },
		"picture": p.picture,
		"allowed": allowedWords, "budget": budgetWords, "step": stepWords, "allSeen": allSeenWords,
		"foot": func(r *Report) [2]string { return p.footWords(r) },
	}
}

// htmlLink is a link and what stands for it: whole addresses would be most of a page on a phone.
type htmlLink struct{ URL, Words string }

// htmlLinks names links by their host; several to one host are told apart by a number.
func htmlLinks(urls []string) (out []htmlLink) {
	seen := map[string]int{}
	for _, u := range urls {
		_, rest, _ := strings.Cut(u, "://")
		host, _, _ := strings.Cut(rest, "/")
		host = strings.TrimPrefix(host, "www.")
		seen[host]++
		words := host
		if n := seen[host]; n > 1 {
			words = fmt.Sprintf("%s (%d)", host, n)
		}
		out = append(out, htmlLink{u, words})
	}
	return out
}

// isCause says that an answer stands with its cause: it is not told twice.
func isCause(a Answer) bool { return a.Verdict == checks.Problem && len(a.ExplainedBy) == 0 }

func htmlGroups(r *Report) (out []htmlGroup) {
	for _, g := range checks.Groups() {
		h := htmlGroup{Question: g.Question()}
		for _, a := range r.Checks {
			if a.Group == g {
				h.Rows = append(h.Rows, a)
			}
		}
		if len(h.Rows) > 0 {
			out = append(out, h)
		}
	}
	return out
}
