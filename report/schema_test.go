package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaAccepts(t *testing.T) {
	s := compiled(t)
	cases := everyCase()
	full := lockedReport()
	full.Impact.Fixes = []BluntFix{{Do: "Restart", Scope: checks.ScopeEveryone, Of: "sessions"}}
	full.Remaining = []Remaining{{Cause: "lock", Tells: []string{"the log"}}}
	full.NextQuestion = &Question{ID: "since", Ask: "Since when?", Options: []Option{{Say: "today", Causes: []string{"lock"}}}}
	full.Answers = []Said{{Question: "since", Said: "today", At: noon}}
	cases["full"] = full
	cases["stalwart"], cases["crowded stalwart"] = stalwartFacts(t, nil), crowdedStalwart(t)
	for name, r := range cases {
		if err := s.Validate(document(t, r)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compiled(t)
	inside := func(doc map[string]any, list string, i int) map[string]any {
		return doc[list].([]any)[i].(map[string]any)
	}
	for name, spoil := range map[string]func(map[string]any){
		"unknown verdict":          func(d map[string]any) { d["verdict"] = "sick" },
		"missing count":            func(d map[string]any) { delete(d["summary"].(map[string]any), "notice") },
		"negative count":           func(d map[string]any) { d["summary"].(map[string]any)["ok"] = -1.0 },
		"missing spent":            func(d map[string]any) { delete(d["attempts"].(map[string]any), "spent") },
		"null list":                func(d map[string]any) { d["answers"] = nil },
		"missing coverage":         func(d map[string]any) { delete(d, "coverage") },
		"missing next_question":    func(d map[string]any) { delete(d, "next_question") },
		"local time":               func(d map[string]any) { d["started_at"] = "2026-11-22T10:14:00+01:00" },
		"major 2":                  func(d map[string]any) { d["schema_version"] = "2.0" },
		"empty headline":           func(d map[string]any) { d["headline"] = "" },
		"possible cause":           func(d map[string]any) { inside(d, "diagnosis", 0)["confidence"] = "possible" },
		"cause without evidence":   func(d map[string]any) { inside(d, "diagnosis", 0)["evidence"] = []any{} },
		"unknown check verdict":    func(d map[string]any) { inside(d, "checks", 1)["verdict"] = "good" },
		"undetermined, no why":     func(d map[string]any) { delete(inside(d, "checks", 4), "why") },
		"ok with a why":            func(d map[string]any) { inside(d, "checks", 1)["why"] = "timeout" },
		"problem without remedy":   func(d map[string]any) { delete(inside(d, "checks", 0), "remedy") },
		"unknown group":            func(d map[string]any) { inside(d, "checks", 0)["group"] = "other" },
		"facts that are no object": func(d map[string]any) { d["facts"] = "x" },
	} {
		doc := document(t, lockedReport())
		if err := s.Validate(doc); err != nil {
			t.Fatal(err)
		}
		if spoil(doc); s.Validate(doc) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	grown := document(t, lockedReport())
	grown["new"], grown["facts"].(map[string]any)["new"] = 1.0, 2.0
	if err := s.Validate(grown); err != nil {
		t.Errorf("a document that grew: %v", err)
	}
}

// The schema has every field of the model, and the model every field of the schema; what is always written is required.
func TestSchemaHasTheModel(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	for _, fault := range schemaFaults(root, root, reflect.TypeFor[Report](), "Report") {
		t.Error(fault)
	}
	delete(root["properties"].(map[string]any), "headline")
	root["properties"].(map[string]any)["surplus"] = map[string]any{}
	root["required"] = slices.DeleteFunc(root["required"].([]any), func(v any) bool { return v == "verdict" })
	got := strings.Join(schemaFaults(root, root, reflect.TypeFor[Report](), "Report"), "\n")
	for _, want := range []string{"Report.headline is not in the schema", "Report.surplus is not in the model", "Report.verdict is always written and not required"} {
		if !strings.Contains(got, want) {
			t.Errorf("not seen: %s\n%s", want, got)
		}
	}
}

func schemaFaults(root, s map[string]any, t reflect.Type, path string) (faults []string) {
	s = resolved(root, s)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if t.Kind() == reflect.Slice {
			items, _ := s["items"].(map[string]any)
			s = resolved(root, items)
		}
		t = t.Elem()
	}
	if isLeaf(t) || t == reflect.TypeFor[probes.Snapshot]() {
		return nil
	}
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	known := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		known[name] = true
		p, ok := properties[name].(map[string]any)
		if !ok {
			faults = append(faults, path+"."+name+" is not in the schema")
			continue
		}
		if always := !strings.Contains(options, "omit"); always != slices.Contains(required, any(name)) {
			if always {
				faults = append(faults, path+"."+name+" is always written and not required")
			} else {
				faults = append(faults, path+"."+name+" is required and may be left out")
			}
		}
		faults = append(faults, schemaFaults(root, p, f.Type, path+"."+name)...)
	}
	for name := range properties {
		if !known[name] {
			faults = append(faults, path+"."+name+" is not in the model")
		}
	}
	return faults
}

// resolved follows references, and takes of alternatives the one that is no null.
func resolved(root, s map[string]any) map[string]any {
	if of, ok := s["anyOf"].([]any); ok {
		return resolved(root, of[len(of)-1].(map[string]any))
	}
	if ref, ok := s["$ref"].(string); ok {
		return resolved(root, root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any))
	}
	return s
}

// The closed words of the schema are those of the model.
func TestSchemaHasTheWords(t *testing.T) {
	var root struct {
		Properties struct{ Verdict struct{ Enum []string } }
		Defs       map[string]struct{ Enum []string } `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ got, want []string }{
		"verdict":          {root.Properties.Verdict.Enum, words[Verdict]()},
		"check_verdict":    {root.Defs["check_verdict"].Enum, words[checks.Verdict]()},
		"undetermined_why": {root.Defs["undetermined_why"].Enum, words[probes.Why]()},
		"confidence":       {root.Defs["confidence"].Enum, words[checks.Confidence]()},
		"scope":            {root.Defs["scope"].Enum, words[checks.Scope]()},
		"owner":            {root.Defs["owner"].Enum, words[checks.Owner]()},
		"group":            {root.Defs["group"].Enum, words[checks.Group]()},
		"outcome":          {root.Defs["outcome"].Enum, words[probes.Outcome]()},
	} {
		slices.Sort(c.got)
		slices.Sort(c.want)
		if len(c.want) < 3 || !slices.Equal(c.got, c.want) {
			t.Errorf("%s: schema %v, model %v", name, c.got, c.want)
		}
	}
}

// words lists a vocabulary: every value up to the first without a word.
func words[T interface {
	~uint8
	MarshalText() ([]byte, error)
}]() (out []string) {
	for v := 1; ; v++ {
		b, err := T(v).MarshalText()
		if err != nil {
			return out
		}
		out = append(out, string(b))
	}
}
