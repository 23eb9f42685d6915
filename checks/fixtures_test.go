package checks

import (
	"path/filepath"
	"strings"
	"testing"

	"logindoctor.example/fixtures/cases"
	"logindoctor.example/probes"
)

// fixtures holds one file a check, named after its id; each document in it is one case.
const fixtures = "../fixtures/checks"

// checkCase is one document of a fixture file.
type checkCase struct {
	Case  string         `yaml:"case"`
	Base  string         `yaml:"base"`
	Facts map[string]any `yaml:"facts"`
	Want  struct {
		Verdict    string `yaml:"verdict"`
		Why        string `yaml:"why"`
		Confidence string `yaml:"confidence"`
		Scope      string `yaml:"scope"`
		Owner      string `yaml:"owner"`
		Summary    string `yaml:"summary"`  // the whole sentence
		Mentions   string `yaml:"mentions"` // a part of the summary or of the evidence
	} `yaml:"want"`
}

func TestCases(t *testing.T) {
	for _, c := range All {
		t.Run(c.ID, func(t *testing.T) {
			seen := map[string]bool{}
			for _, k := range readCases(t, filepath.Join(fixtures, c.ID+".yaml")) {
				seen[k.Want.Verdict] = true
				t.Run(k.Case, func(t *testing.T) { runCase(t, c, k) })
			}
			for _, v := range []Verdict{OK, Undetermined} {
				if !seen[v.String()] {
					t.Errorf("no case with verdict %s", v)
				}
			}
			if !seen[Problem.String()] && !seen[Notice.String()] {
				t.Error("no case with a problem or a notice")
			}
		})
	}
}

func runCase(t *testing.T, c *Check, k checkCase) {
	s := snapshotOf(t, k)
	var got Finding
	for _, r := range Evaluate(All, s) {
		if r.Check == c {
			got = r.Finding
		}
	}
	words := got.Summary
	for _, e := range got.Evidence {
		words += "\n" + e.Fact + ": " + e.Observed
	}
	pairs := []struct{ name, want, got string }{
		{"verdict", k.Want.Verdict, got.Verdict.String()}, {"why", k.Want.Why, got.Why.String()},
		{"confidence", k.Want.Confidence, got.Confidence.String()}, {"scope", k.Want.Scope, got.Scope.String()},
		{"owner", k.Want.Owner, got.Owner.String()}, {"summary", k.Want.Summary, got.Summary},
	}
	for _, p := range pairs {
		if p.name == "why" || p.name == "verdict" || p.want != "" {
			if p.want != p.got {
				t.Errorf("%s: got %q, want %q\n%s", p.name, p.got, p.want, words)
			}
		}
	}
	if !strings.Contains(words, k.Want.Mentions) {
		t.Errorf("nothing mentions %q in\n%s", k.Want.Mentions, words)
	}
}

func readCases(t *testing.T, path string) []checkCase {
	t.Helper()
	all, err := cases.Read[checkCase](path)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func snapshotOf(t *testing.T, k checkCase) *probes.Snapshot {
	t.Helper()
	s, err := cases.Snapshot(filepath.Join(fixtures, "base"), k.Base, k.Facts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
