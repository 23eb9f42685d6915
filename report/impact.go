package report

import (
	"fmt"
	"strings"
)

// impact is whom the blunt fixes of the causes would hit. A fix that several causes name stands once.
func impact(found findings) Impact {
	out := Impact{Fixes: []BluntFix{}}
	seen := map[string]bool{}
	for _, c := range found.causes {
		for _, b := range found.results[found.place[c]].Impact {
			if key := b.Do + "\x00" + b.Of; !seen[key] {
				seen[key] = true
				out.Fixes = append(out.Fixes, BluntFix{Do: b.Do, Scope: b.Scope, Counted: b.Counted, Count: b.Count, Of: b.Of, Cause: c.ID,
					Instead: b.Instead, Source: b.Source, At: utc(b.At)})
			}
		}
	}
	return out
}

// ImpactWords say, for each blunt fix of a cause, whom it would hit, and what may do instead.
func (r *Report) ImpactWords(cause string) []string {
	var out []string
	hits, instead := map[string][]string{}, map[string]string{}
	var order []string
	for _, b := range r.Impact.Fixes {
		if b.Cause != cause {
			continue
		}
		if hits[b.Do] == nil {
			order = append(order, b.Do)
		}
		hit := fmt.Sprintf("%d %s", b.Count, b.Of)
		switch {
		case !b.Counted:
			hit = "an unknown number of " + b.Of
		case b.Count == 0:
			hit = "no " + b.Of
		}
		hits[b.Do], instead[b.Do] = append(hits[b.Do], hit), b.Instead
	}
	for _, do := range order {
		s := do + " would hit " + strings.Join(hits[do], ", ") + "."
		if instead[do] != "" {
			s += " " + strings.TrimSuffix(instead[do], ".") + "."
		}
		out = append(out, s)
	}
	return out
}
