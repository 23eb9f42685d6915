package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"logindoctor.example/checks"
)

// Nearest suggests what may have been meant by words that Explain does not know: ids, and the headings of what servers say.
func Nearest(words string, catalogue []*checks.Check) []string {
	asked := fold(words)
	var candidates []string
	about := map[string]string{} // what else a candidate is about
	for _, c := range catalogue {
		candidates = append(candidates, c.ID)
		about[c.ID] = fold(c.Title + " " + c.Doc.Says)
	}
	for _, t := range terms() {
		candidates = append(candidates, t.heading)
		about[t.heading] = fold(t.heading + " " + strings.Join(t.within, " "))
	}
	if near := nearest(asked, candidates); len(near) > 0 {
		return near
	}
	type hit struct {
		name  string
		share int
	}
	var hits []hit
	for _, c := range candidates {
		n := 0
		for w := range strings.FieldsSeq(asked) {
			if len(w) > 3 && contains(about[c], w) {
				n++
			}
		}
		if n > 0 {
			hits = append(hits, hit{c, n})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.share, a.share) })
	var out []string
	for _, h := range hits[:min(len(hits), suggestions)] {
		out = append(out, h.name)
	}
	return out
}

const suggestions = 3

// nearest gives the names that a word may be a slip of, or a part of, the likeliest first.
func nearest(word string, names []string) []string {
	type hit struct {
		name string
		d    int
	}
	var hits []hit
	for _, n := range names {
		low := strings.ToLower(n)
		d := distance(word, low)
		switch {
		case d <= max(1, utf8.RuneCountInString(low)/4):
			hits = append(hits, hit{n, d})
		case len(word) > 2 && strings.Contains(low, word):
			hits = append(hits, hit{n, 100 + d})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.d, b.d) })
	var out []string
	for _, h := range hits[:min(len(hits), suggestions)] {
		out = append(out, h.name)
	}
	return out
}

// distance is how many letters have to be put in, taken out or changed (Levenshtein). Words much longer than a name are as
// far as they are long.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 2*len(y)+8 {
		return len(x)
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := diagonal
			if r != s {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
