package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"logindoctor.example/probes"
)

// maxReport is the most that is read of a saved report, in bytes: a hundred times a large one.
const maxReport = 64 << 20

//go:embed schema/report-v1.json
var schema []byte

// Schema is the JSON Schema (2020-12) of the report.
func Schema() []byte { return bytes.Clone(schema) }

// JSON writes the document, indented by two. Characters that turn text around or cannot be seen are written as escapes, so
// that nobody is fooled who reads the file in a terminal.
func JSON(w io.Writer, r *Report) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := w.Write(escape(b.Bytes()))
	return err
}

// escape writes the hidden characters of a JSON text as \u escapes. Above ASCII they can only stand inside of strings.
func escape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r < 0x7f || !hidden(r):
			out = append(out, text[:n]...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[n:]
	}
	return out
}

// Read reads a saved report. Fields that are not known are passed over within the major version; whatever the writers and
// Rejudge rely on has to be there. The error names what is wrong.
func Read(from io.Reader) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxReport+1))
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if len(data) > maxReport {
		return nil, fmt.Errorf("report: more than %d bytes", maxReport)
	}
	var head struct {
		SchemaVersion *string `json:"schema_version"`
		FactsVersion  *int    `json:"facts_version"`
		FinishedAt    *any    `json:"finished_at"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("report: %w", place(data, err))
	}
	if head.SchemaVersion == nil {
		return nil, errors.New("report: no schema_version: this is no report")
	}
	if major, _, _ := strings.Cut(*head.SchemaVersion, "."); major != "1" {
		return nil, fmt.Errorf("report: schema_version %q: this version reads 1", *head.SchemaVersion)
	}
	if head.FactsVersion == nil || *head.FactsVersion != probes.FactsVersion {
		return nil, fmt.Errorf("report: facts_version is missing or not %d, the one that this version reads", probes.FactsVersion)
	}
	if head.FinishedAt == nil {
		return nil, errors.New("report: no finished_at")
	}
	r := &Report{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("report: %w", place(data, err))
	}
	if err := r.complete(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	fillLists(reflect.ValueOf(r).Elem())
	return r, nil
}

// fillLists makes lists that a document left out empty ones, so that it can be written again. The facts are left as they are.
func fillLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*probes.Snapshot]() {
			fillLists(v.Elem())
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillLists(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != timeType {
				fillLists(v.Field(i))
			}
		}
	}
}

// place adds the line to an error of package json.
func place(data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}

// complete says what a document lacks that no report lacks.
func (r *Report) complete() error {
	switch {
	case r.Facts == nil:
		return errors.New("no facts")
	case r.Verdict == 0:
		return errors.New("no verdict")
	case r.Headline == "":
		return errors.New("no headline")
	case r.Checks == nil:
		return errors.New("no checks")
	case r.Diagnosis == nil:
		return errors.New("no diagnosis")
	case (r.Verdict == CauseFound) != (len(r.Diagnosis) > 0):
		return fmt.Errorf("the verdict is %s, the diagnosis has %s", r.Verdict, number(len(r.Diagnosis), "cause", "causes"))
	}
	for i, c := range r.Checks {
		if c.ID == "" || c.Verdict == 0 || c.Group == 0 || c.Summary == "" {
			return fmt.Errorf("checks[%d]: id, group, verdict or summary is missing", i)
		}
	}
	for i, c := range r.Diagnosis {
		if c.Cause == "" || c.Summary == "" || c.Confidence == 0 || c.Scope == 0 || c.Owner == 0 || c.Remedy.Do == "" {
			return fmt.Errorf("diagnosis[%d]: cause, summary, confidence, scope, owner or remedy is missing", i)
		}
	}
	return nil
}
