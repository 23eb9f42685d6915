package report

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestReadBack(t *testing.T) {
	for name, r := range everyCase() {
		var b bytes.Buffer
		if err := JSON(&b, r); err != nil {
			t.Fatal(err)
		}
		first := b.String()
		back, err := Read(&b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var again bytes.Buffer
		if err := JSON(&again, back); err != nil || again.String() != first {
			t.Errorf("%s is written otherwise once it was read: %v", name, err)
		}
		if back.ExitCode() != r.ExitCode() || drawn(t, back, Options{}) != drawn(t, r, Options{}) {
			t.Errorf("%s is said otherwise once it was read", name)
		}
	}
}

func TestEscape(t *testing.T) {
	in := "{\n  \"a\": \"é\u202e\u200f\u007f\u0085\U000E0041👍\"\n}"
	want := "{\n  \"a\": \"é\\u202e\\u200f\\u007f\\u0085\\udb40\\udc41👍\"\n}"
	if got := string(escape([]byte(in))); got != want {
		t.Errorf("got %q", got)
	}
}

func TestRead(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, lockedReport()); err != nil {
		t.Fatal(err)
	}
	whole := b.String()
	swap := func(old, new string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("no %q in the document", old)
		}
		return strings.Replace(whole, old, new, 1)
	}
	for name, c := range map[string][2]string{
		"empty":            {"", "unexpected end"},
		"not JSON":         {"{\n\n  nonsense}", "line 3:"},
		"cut":              {whole[:len(whole)/2], "unexpected end"},
		"another document": {`{"a": 1}`, "no schema_version"},
		"a list":           {`[]`, "cannot unmarshal"},
		"major 2":          {swap(`"schema_version": "1.0"`, `"schema_version": "2.0"`), `schema_version "2.0"`},
		"facts 2":          {swap(`"facts_version": 1`, `"facts_version": 2`), "facts_version"},
		"no facts":         {swap(`"facts":`, `"fact":`), "no facts"},
		"no end":           {swap(`"finished_at"`, `"ended_at"`), "no finished_at"},
		"no verdict":       {swap(`"verdict": "cause-found"`, `"other": 1`), "no verdict"},
		"unknown verdict":  {swap(`"verdict": "cause-found"`, `"verdict": "sick"`), `unknown word "sick"`},
		"verdict differs":  {swap(`"verdict": "cause-found"`, `"verdict": "healthy"`), "the verdict is healthy, the diagnosis has 1 cause"},
		"no diagnosis":     {swap(`"diagnosis":`, `"other":`), "no diagnosis"},
		"no checks":        {swap(`"checks":`, `"other":`), "no checks"},
		"a check's id":     {swap(`"id": "kerio-lock"`, `"id": ""`), "checks[1]"},
		"a cause's scope":  {swap(`"scope": "user"`, `"other": "user"`), "diagnosis[0]"},
		"a wrong type":     {swap(`"duration_ms": 812`, `"duration_ms": "812"`), "duration_ms"},
	} {
		if r, err := Read(strings.NewReader(c[0])); r != nil || err == nil || !strings.HasPrefix(err.Error(), "report: ") || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	grown := swap(`"verdict": "cause-found"`, `"verdict": "cause-found", "new_in_1_7": {"a": [1]}`)
	grown = strings.Replace(grown, `"1.0"`, `"1.7"`, 1)
	grown = strings.Replace(grown, `"impact": {`, `"impact_of_old": {`, 1)
	r, err := Read(strings.NewReader(grown))
	if err != nil || r.Headline != lockedReport().Headline {
		t.Fatalf("a grown document: %v", err)
	}
	if reflect.ValueOf(r.Impact.Fixes).IsNil() {
		t.Error("a list that was left out is null")
	}
}

type refusing struct{}

var errFull = errors.New("full")

func (refusing) Write([]byte) (int, error) { return 0, errFull }
func (refusing) Read([]byte) (int, error)  { return 0, errFull }

func TestWritersSayThatTheyFailed(t *testing.T) {
	r := lockedReport()
	_, read := Read(refusing{})
	for name, err := range map[string]error{"JSON": JSON(refusing{}, r), "Text": Text(refusing{}, r, Options{}), "Read": read,
		"Explain": ExplainText(refusing{}, "", nil, nil, Options{}), "catalogue": CatalogueText(refusing{}, nil, Options{}),
		"catalogue JSON": CatalogueJSON(refusing{}, nil), "catalogue Markdown": CatalogueMarkdown(refusing{}, nil)} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := JSON(&b, lockedReport()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema_version":"1.0","facts_version":1,"finished_at":"2026-11-22T09:14:00Z","verdict":"healthy","headline":"h","checks":[],"diagnosis":[],"facts":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		// Whatever was read can be said, judged and written.
		var out bytes.Buffer
		if err := Text(&out, r, Options{}); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(out.String(), "\x1b\r\u202e") {
			t.Fatalf("hostile: %q", out.String())
		}
		_ = r.ExitCode()
		if again := Rejudge(r, lockedCatalogue()); again.Verdict == 0 {
			t.Fatal("no verdict")
		}
		if err := JSON(&out, r); err != nil {
			t.Fatal(err)
		}
	})
}
