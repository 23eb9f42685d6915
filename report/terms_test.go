package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"logindoctor.example/checks"
)

// Every id that a term names is known, and every term can be found by each of its words.
func TestTerms(t *testing.T) {
	seen := map[string]bool{}
	for _, term := range known() {
		if seen[term.heading] || term.means == "" || len(term.alone)+len(term.within) == 0 || len(term.sources) == 0 {
			t.Errorf("%q: twice, or without meaning, words or source", term.heading)
		}
		seen[term.heading] = true
		for i, id := range term.causes {
			if checks.Find(id) == nil || slices.Contains(term.causes[:i], id) {
				t.Errorf("%q names %s, which is in no catalogue, or twice", term.heading, id)
			}
		}
		for _, w := range term.alone {
			if !slices.Contains(headings(w), term.heading) {
				t.Errorf("%q is not found by %q but %q", term.heading, w, headings(w))
			}
		}
		for i, w := range term.within {
			asked := wordsOf(strings.NewReplacer("……", " some where ", "…", " some ").Replace(w))
			if len(asked) == 0 || slices.Contains(asked, "") {
				t.Errorf("%q: %q is empty", term.heading, w)
			}
			if !term.phrases[i].in(asked) {
				t.Errorf("%q is not found by %q", term.heading, w)
			}
			if len(asked) == 1 && len(w) < 6 && w != "52e" && !strings.HasPrefix(w, "0x") && w[0] != '[' {
				t.Errorf("%q: %q is too short to be found anywhere", term.heading, w)
			}
			if found := headings(strings.Join(asked, " ")); len(found) == 0 {
				t.Errorf("%q: %q finds nothing", term.heading, w)
			}
		}
	}
}

// An answer says how to tell, what to do and what not to do; where one cause alone is meant, its check says it.
func TestTermsAreWhole(t *testing.T) {
	for _, term := range known() {
		tells, do, doNot := len(term.tells), len(term.do), len(term.doNot)
		if len(term.causes) == 1 {
			if c := checks.Find(term.causes[0]); c != nil {
				tells, do, doNot = tells+1, do+1, doNot+len(c.Remedy.DoNot)
			}
		}
		if tells == 0 || do == 0 || doNot == 0 {
			t.Errorf("%q: %d ways to tell, %d things to do, %d not to do", term.heading, tells, do, doNot)
		}
	}
}

var sentenceEnd = regexp.MustCompile(`[.?!] +`)

// A sentence stands in one place: where two terms say the same, they share it.
func TestTermsSayNothingTwice(t *testing.T) {
	files, err := filepath.Glob("terms_*.go")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	where := map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, _ := strconv.Unquote(lit.Value)
			if !strings.HasSuffix(text, ".") {
				return true
			}
			for _, s := range sentenceEnd.Split(strings.TrimSuffix(text, "."), -1) {
				if len(strings.Fields(s)) < 4 {
					continue
				}
				if at := where[s]; at != "" {
					t.Errorf("%s and %s: %q", at, name, s)
				}
				where[s] = name
			}
			return true
		})
	}
	if len(where) < 200 {
		t.Errorf("only %d sentences: does this test still look?", len(where))
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"User j.doe@example.test doesn’t exist.":                             {"user", "j.doe@example.test", "doesnt", "exist"},
		"doesn't doesn´t doesn`t doesn&rsquo;t doesn\\u2019t":                {"doesnt", "doesnt", "doesnt", "doesnt", "doesnt"},
		"[22/Nov/2026 09:12:00] IMAP: [LIMIT] (49) err=49":                   {"[22/nov/2026", "09:12:00", "imap", "[limit", "49", "err", "49"},
		"* NO **bold** a*b 0x0000052E 192.0.2.49:993":                        {"*", "no", "bold", "a", "b", "0x52e", "192.0.2.49:993"},
		"Pass\u00adword  mis\u200bmatch\r\n> data\n775\x00":                  {"password", "mismatch", "data", "775"},
		"\x1b[31mdata\x1b[0m 775 \x1b]0;title\x07 -32001 (-1) x-2 - 3 $app$": {"data", "775", "-32001", "-1", "x-2", "3", "app"},
		`\n775\x00 SSL\TLS`: {"n775", "x00", "ssl", "tls"},
		" \t ":              nil, "": nil, "\xff\xfe": nil,
	} {
		if got := wordsOf(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := wordsOf(strings.Repeat("a ", 3*maxAsked)); len(got) != maxAsked/2 {
		t.Errorf("%d words", len(got))
	}
}

func TestPhrases(t *testing.T) {
	for _, c := range []struct {
		phrase, text string
		want         bool
	}{
		{"too many", "far too many of them", true}, {"too many", "too few, many", false}, {"result 8", "result 80", false},
		{"user … doesn't exist", "user a b c doesnt exist", true}, {"user … doesn't exist", "user doesnt exist", true}, {"user … doesn't exist", "user a b c d doesnt exist", false},
		{"ok [capability …… logged in", "ok [capability " + strings.Repeat("x ", 60) + "logged in", true}, {"ok [capability …… logged in", "ok [capability " + strings.Repeat("x ", 61) + "logged in", false},
		{"[limit", "no [limit] x", true}, {"[limit", "no limit", false}, {"limit", "[limit]", true},
		{"a … b … c", "a b b x c", true}, {"a … b … c", "a b", false},
	} {
		if got := phraseOf(c.phrase).in(wordsOf(c.text)); got != c.want {
			t.Errorf("%q in %q: %v", c.phrase, c.text, got)
		}
	}
}
