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
	asked := wordsOf(words)
	var names []string
	var about [][]string // the words that a name is about
	for _, c := range catalogue {
		names = append(names, c.ID)
		about = append(about, wordsOf(c.Title+" "+c.Doc.Says))
	}
	for _, t := range known() {
		names = append(names, t.heading)
		about = append(about, t.about)
	}
	asked = asked[:min(len(asked), maxShared)]
	if near := nearest(strings.Join(asked, " "), names); len(near) > 0 {
		return near
	}
	return sharing(asked, names, about)
}

// maxShared bounds how many words of what was asked are looked for.
const maxShared = 40

// sharing gives the names that have words in common with what was asked. A word counts the more, the fewer have it.
func sharing(asked, names []string, about [][]string) []string {
	scores := make([]int, len(names))
	slices.Sort(asked)
	for _, w := range slices.Compact(asked) {
		if utf8.RuneCountInString(w) <= 3 {
			continue
		}
		having := holding(about, func(s string) bool { return s == w })
		if len(having) == 0 {
			having = holding(about, func(s string) bool { return slip(w, s) })
		}
		for _, i := range having {
			scores[i] += 10_000 / len(having)
		}
	}
	var hits []int
	for i, s := range scores {
		if s > 0 {
			hits = append(hits, i)
		}
	}
	slices.SortStableFunc(hits, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var out []string
	for _, i := range hits[:min(len(hits), suggestions)] {
		out = append(out, names[i])
	}
	return out
}

// holding gives the places of the lists that hold a word.
func holding(lists [][]string, is func(string) bool) []int {
	var out []int
	for i, l := range lists {
		if slices.ContainsFunc(l, is) {
			out = append(out, i)
		}
	}
	return out
}

// slip says that a word may be another one misspelt or cut short.
func slip(w, word string) bool {
	if len(w) < 5 || len(word) < 5 {
		return false
	}
	gap := len(word) - len(w)
	return gap > 0 && gap <= len(w)/2 && strings.HasPrefix(word, w) || max(gap, -gap) <= 2 && distance(w, word) <= len(word)/5
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
