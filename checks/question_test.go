package checks

import (
	"regexp"
	"testing"

	"logindoctor.example/probes"
)

func TestQuestions(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, q := range Questions {
		if !id.MatchString(q.ID) || seen[q.ID] || q.Ask == "" || len(q.Options) < 2 {
			t.Errorf("%q: no id, there twice, no words, or too few answers", q.ID)
		}
		seen[q.ID] = true
		says := map[string]bool{}
		for _, o := range q.Options {
			if o.Say == "" || says[o.Say] || len(o.For)+len(o.Against) == 0 {
				t.Errorf("%s: the answer %q is empty, there twice, or tells nothing", q.ID, o.Say)
			}
			says[o.Say] = true
			for _, c := range append(append([]*Check(nil), o.For...), o.Against...) {
				if Find(c.ID) != c {
					t.Errorf("%s, %q: %s is not in the catalogue", q.ID, o.Say, c.ID)
				}
				if contains(o.For, c) && contains(o.Against, c) {
					t.Errorf("%s, %q speaks for and against %s", q.ID, o.Say, c.ID)
				}
			}
		}
	}
}

func TestSaid(t *testing.T) {
	q := Questions[0]
	s := &probes.Snapshot{Said: []probes.Said{{Question: q.ID, Say: "perhaps"}, {Question: "other", Say: q.Options[1].Say}}}
	if q.Said(s) != nil {
		t.Error("an answer that is none of the options, or one to another question, counts")
	}
	s.Said = append(s.Said, probes.Said{Question: q.ID, Say: q.Options[1].Say})
	if got := q.Said(s); got != &q.Options[1] {
		t.Errorf("got %+v", got)
	}
}
