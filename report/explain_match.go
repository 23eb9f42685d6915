package report

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"logindoctor.example/checks"
)

// weight says how much a term tells beside others that the same words hold.
type weight int

const (
	telling weight = iota // says what happened
	coded                 // a code that stands for several things
	vague                 // says little beside anything else
)

// term is one thing that servers say. In a phrase of within, "…" stands for up to three words and "……" for up to sixty: a name,
// an address, a list of capabilities.
type term struct {
	heading string
	alone   []string // what it is asked by if nothing else is: numbers, and words that are common ones too
	within  []string // phrases anywhere in what was asked
	weight  weight
	means   string
	causes  []string // ids
	tells   []string
	do      []string
	doNot   []string
	sources []SourceLine

	whole   [][]string // alone, in words
	phrases []phrase   // within, in words
	about   []string   // the words of heading and within
}

// known is all that Explain knows beside the catalogue. Where a number stands for several things, the likeliest stands first.
// Taking the phrases apart takes longer than the rest of a short command, so it is done when first asked for.
var known = sync.OnceValue(func() []*term {
	return readied(imapCodeTerms, subcodeTerms, ldapTerms, policyTerms, kerberosTerms, eventTerms, kerioTerms, kerioLogTerms, imapTextTerms,
		dovecotTerms, stalwartTerms, stalwartEventTerms, stalwartReasonTerms, smtpTerms, stalwartHTTPTerms, networkTerms)
})

func readied(tables ...[]*term) []*term {
	all := slices.Concat(tables...)
	for _, t := range all {
		for _, s := range t.alone {
			t.whole = append(t.whole, wordsOf(s))
		}
		for _, s := range t.within {
			t.phrases = append(t.phrases, phraseOf(s))
		}
		t.about = wordsOf(t.heading + " " + strings.Join(t.within, " "))
	}
	return all
}

// entry renders a term. What a cause's check says for itself is not said again here.
func (t *term) entry(catalogue []*checks.Check) Entry {
	e := Entry{Heading: t.heading, Means: t.means, Causes: []CauseRef{}, Tells: list(t.tells), Do: list(t.do), DoNot: list(t.doNot), Sources: list(t.sources)}
	for _, c := range catalogue {
		if slices.Contains(t.causes, c.ID) {
			e.Causes = append(e.Causes, CauseRef{c.ID, c.Title, forAnyone(c).Doc.Tells})
		}
	}
	return e
}

// matching gives the terms that words stand for: those of the numbers or words asked alone, else those found within.
func matching(asked []string) []*term {
	if out := byName(asked); len(out) > 0 {
		return out
	}
	present := map[string]bool{} // most phrases are out of the question by their first word
	for _, w := range asked {
		present[w], present[strings.TrimPrefix(w, "[")] = true, true
	}
	var out []*term
	for _, t := range known() {
		if !slices.ContainsFunc(t.phrases, func(p phrase) bool { return present[p[0].words[0]] && p.in(asked) }) {
			continue
		}
		if len(out) > 0 && t.weight < out[0].weight {
			out = nil
		}
		if len(out) == 0 || t.weight == out[0].weight {
			out = append(out, t)
		}
	}
	if len(out) == 0 || out[0].weight > telling {
		if code := strangeCode(asked); code != "" {
			return []*term{strangeSubcode(code)}
		}
	}
	return out
}

// maxNamed bounds how many codes are explained at once.
const maxNamed = 12

// byName gives the terms that are asked by name: by all words together, or by each of them ("533 775").
func byName(asked []string) []*term {
	if len(asked) == 0 || len(asked) > maxNamed {
		return nil
	}
	if out := alone(asked); len(out) > 0 || len(asked) == 1 {
		return out
	}
	var out []*term
	for i := range asked {
		found := alone(asked[i : i+1])
		if len(found) == 0 {
			return nil
		}
		for _, t := range found {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

func alone(asked []string) []*term {
	var out []*term
	for _, t := range known() {
		if slices.ContainsFunc(t.whole, func(w []string) bool { return len(w) == len(asked) && starts(asked, w) }) {
			out = append(out, t)
		}
	}
	return out
}

// phrase is words in a row, with gaps.
type phrase []segment

type segment struct {
	gap   int // words that may stand before it
	words []string
}

func phraseOf(s string) phrase {
	var out phrase
	for i, half := range strings.Split(s, "……") {
		for j, part := range strings.Split(half, "…") {
			gap := 3
			if i > 0 && j == 0 {
				gap = 60
			}
			out = append(out, segment{gap, wordsOf(part)})
		}
	}
	return out
}

func (p phrase) in(words []string) bool {
	for i := range words {
		if p.at(words[i:]) {
			return true
		}
	}
	return false
}

func (p phrase) at(words []string) bool {
	if !starts(words, p[0].words) {
		return false
	}
	if len(p) == 1 {
		return true
	}
	words = words[len(p[0].words):]
	for skip := 0; skip <= p[1].gap && skip < len(words); skip++ {
		if p[1:].at(words[skip:]) {
			return true
		}
	}
	return false
}

// starts compares words; a bracket that the phrase does not ask for does not count.
func starts(words, first []string) bool {
	if len(words) < len(first) {
		return false
	}
	for i, w := range first {
		if words[i] != w && words[i] != "["+w {
			return false
		}
	}
	return true
}

// maxAsked bounds what is looked through: more than any log line has.
const maxAsked = 8192

// straight takes apostrophes out, in whatever form a program, a page or a log shows them: "doesn’t" and "doesn't" are one word.
var straight = strings.NewReplacer("'", "", "\u2018", "", "\u2019", "", "\u02bc", "", "\u00b4", "", "`", "", `\u2019`, "", "&#39;", "", "&#8217;", "", "&rsquo;", "",
	"\u2010", "-", "\u2011", "-", "\u2012", "-")

var leadingZeros = regexp.MustCompile(`^0x0+([0-9a-f])`)

// wordsOf takes text apart into lower-case words. Dots, hyphens, slashes and the like within a word belong to it, so that
// addresses, dates and versions are one word each; a time of day is one too. A word behind an opening bracket keeps the bracket:
// "[LIMIT]" is a code, "limit" need not be. An asterisk by itself is the tag of an IMAP server's untagged line.
func wordsOf(s string) []string {
	if len(s) > maxAsked {
		s = s[:maxAsked]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // soft hyphens, marks of direction: pages put them into words
			return -1
		}
		return r
	}, s)
	text := []rune(straight.Replace(strings.ToLower(visible(s))))
	var out []string
	for i := 0; i < len(text); {
		if !inWord(text, i) {
			if text[i] == '*' && blank(text, i-1) && blank(text, i+1) {
				out = append(out, "*")
			}
			i++
			continue
		}
		from := i
		for i < len(text) && inWord(text, i) {
			i++
		}
		word := leadingZeros.ReplaceAllString(string(text[from:i]), "0x$1")
		if from > 0 && text[from-1] == '[' {
			word = "[" + word
		}
		out = append(out, word)
	}
	return out
}

func inWord(text []rune, i int) bool {
	if letter(text, i) {
		return true
	}
	switch text[i] {
	case '-':
		return letter(text, i+1) && letter(text, i-1) || digit(text, i+1) && blank(text, i-1) // a hyphen, or a sign
	case '.', '/', '@':
		return letter(text, i-1) && letter(text, i+1)
	case ':':
		return digit(text, i-1) && digit(text, i+1)
	}
	return false
}

func letter(text []rune, i int) bool {
	return i >= 0 && i < len(text) && (unicode.IsLetter(text[i]) || unicode.IsDigit(text[i]) || unicode.IsMark(text[i]) || text[i] == '_')
}

func digit(text []rune, i int) bool { return i >= 0 && i < len(text) && unicode.IsDigit(text[i]) }

// blank says that nothing but a space, or what encloses or ends a word, stands there.
func blank(text []rune, i int) bool {
	return i < 0 || i >= len(text) || strings.ContainsRune(" ([{<\"=:,", text[i])
}

// hexCode is the form of a sub-code; buildWord is what ends Active Directory's text.
var (
	hexCode   = regexp.MustCompile(`^(?:0x)?([0-9a-f]{1,8})$`)
	buildWord = regexp.MustCompile(`^v[0-9a-f]{3,5}$`)
)

// strangeCode gives the sub-code of Active Directory's text, where the words are that, or are no more than "data 57".
func strangeCode(asked []string) string {
	for i := 0; i+1 < len(asked); i++ {
		m := hexCode.FindStringSubmatch(asked[i+1])
		if asked[i] != "data" || m == nil || strings.Trim(m[1], "0") == "" { // data 0: no sub-code at all
			continue
		}
		ended := i+2 < len(asked) && buildWord.MatchString(asked[i+2])
		if ended || len(asked) == 2 || slices.Contains(asked, "acceptsecuritycontext") {
			return m[1]
		}
	}
	return ""
}

// strangeSubcode says what can be said of a sub-code that is in no list.
func strangeSubcode(code string) *term {
	t := &term{heading: "Active Directory: data " + code,
		means:   "A refused bind, with a sub-code that is not one of those known here. It is a Win32 error code in hexadecimal.",
		tells:   []string{"Read the account's attributes in the directory: they say what the code may hide."},
		do:      []string{"Have the directory admin look the code up before anything is changed."},
		doNot:   []string{"Do not reset the password on the strength of this code."},
		sources: []SourceLine{win32Source}}
	if n, err := strconv.ParseUint(code, 16, 32); err == nil {
		t.tells = append(t.tells, "In decimal it is "+strconv.FormatUint(n, 10)+": look that up among the system error codes.")
	}
	return t
}
