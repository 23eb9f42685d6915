package checks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"logindoctor.example/probes"
)

// fixtures holds one file a check, named after its id; each document in it is one case.
const fixtures = "../fixtures/checks"

// checkCase is one document of a fixture file. Facts are laid over the base: maps are merged, lists element by element,
// null takes a field away, everything else replaces.
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
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	var all []checkCase
	for {
		var k checkCase
		err := dec.Decode(&k)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, k)
	}
}

// snapshotOf lays the case over its base and reads the result as a snapshot; a key that no type has is an error.
func snapshotOf(t *testing.T, k checkCase) *probes.Snapshot {
	t.Helper()
	var base map[string]any
	data, err := os.ReadFile(filepath.Join(fixtures, "base", k.Base+".yaml"))
	if err == nil {
		err = yaml.Unmarshal(data, &base)
	}
	if err != nil {
		t.Fatalf("base %q: %v", k.Base, err)
	}
	merged, err := json.Marshal(jsonable(merge(base, k.Facts)))
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(merged))
	dec.DisallowUnknownFields()
	s := &probes.Snapshot{}
	if err := dec.Decode(s); err != nil {
		t.Fatalf("facts: %v", err)
	}
	return s
}

func merge(base, over any) any {
	switch over := over.(type) {
	case map[string]any:
		b, ok := base.(map[string]any)
		if !ok {
			return over
		}
		out := map[string]any{}
		for k, v := range b {
			out[k] = v
		}
		for k, v := range over {
			if v == nil {
				delete(out, k)
			} else {
				out[k] = merge(out[k], v)
			}
		}
		return out
	case []any:
		b, ok := base.([]any)
		if !ok {
			return over
		}
		out := append([]any(nil), b...)
		for i, v := range over {
			if i < len(out) {
				out[i] = merge(out[i], v)
			} else {
				out = append(out, v)
			}
		}
		return out
	case nil:
		return base
	}
	return over
}

// jsonable makes what YAML gives into what JSON takes.
func jsonable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = jsonable(v[k])
		}
		return v
	case map[any]any:
		out := map[string]any{}
		for k, x := range v {
			out[fmt.Sprint(k)] = jsonable(x)
		}
		return out
	case []any:
		for i := range v {
			v[i] = jsonable(v[i])
		}
		return v
	}
	return v
}
