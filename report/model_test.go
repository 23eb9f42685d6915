package report

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

var classes = []string{"public", "internal", "personal", "parts"}

// leaves under an Observation's Value, whose class says "parts" though the value has none.
var leafValues = []string{"Report.Facts.IMAP.Capabilities.Value", "Snapshot.IMAP.Capabilities.Value", "Report.Facts.Stalwart.Missing.Value", "Snapshot.Stalwart.Missing.Value"}

// classFaults walks a type and says which fields have no privacy class, one that does not fit, or a type that could hold a secret.
func classFaults(path string, t reflect.Type, seen map[reflect.Type]bool) (faults []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[secret.Value]():
		return []string{path + " can hold a secret"}
	case t.Kind() == reflect.Interface, t.Kind() == reflect.Map, t.Kind() == reflect.Func, t.Kind() == reflect.Chan, t.Kind() == reflect.UnsafePointer:
		return []string{fmt.Sprintf("%s is a %s: it could hold anything", path, t.Kind())}
	case isLeaf(t) || seen[t]:
		return nil
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		at, class := path+"."+f.Name, f.Tag.Get("class")
		switch inner := isLeaf(f.Type); {
		case !f.IsExported():
			faults = append(faults, at+" is not exported: no document shows it")
		case !slices.Contains(classes, class):
			faults = append(faults, fmt.Sprintf("%s has the class %q", at, class))
		case inner && class == "parts" && !slices.Contains(leafValues, at):
			faults = append(faults, at+" has no parts")
		case !inner && class != "parts":
			faults = append(faults, at+" has parts of its own")
		}
		if f.Tag.Get("json") == "" && !f.Anonymous {
			faults = append(faults, at+" has no name in JSON")
		}
		faults = append(faults, classFaults(at, f.Type, seen)...)
	}
	return faults
}

// isLeaf says that a type has no fields that a document shows one by one.
func isLeaf(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	return t.Kind() != reflect.Struct || t == timeType || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func TestEveryFieldHasAClass(t *testing.T) {
	for _, fault := range classFaults("Report", reflect.TypeFor[Report](), map[reflect.Type]bool{}) {
		t.Error(fault)
	}
	for _, fault := range classFaults("Snapshot", reflect.TypeFor[probes.Snapshot](), map[reflect.Type]bool{}) {
		t.Error(fault)
	}
}

func TestClassFaultsAreSeen(t *testing.T) {
	type inside struct {
		A string `json:"a" class:"public"`
	}
	type broken struct {
		NoClass   string            `json:"no_class"`
		Secret    string            `json:"secret" class:"secret"`
		Value     *secret.Value     `json:"value" class:"personal"`
		Any       any               `json:"any" class:"personal"`
		Map       map[string]string `json:"map" class:"personal"`
		Leaf      string            `json:"leaf" class:"parts"`
		Whole     []inside          `json:"whole" class:"personal"`
		Unnamed   string            `class:"public"`
		unwritten string
	}
	_ = broken{}.unwritten
	got := strings.Join(classFaults("x", reflect.TypeFor[broken](), map[reflect.Type]bool{}), "\n")
	for _, want := range []string{`x.NoClass has the class ""`, `x.Secret has the class "secret"`, "x.Value can hold a secret", "x.Any is a interface", "x.Map is a map",
		"x.Leaf has no parts", "x.Whole has parts of its own", "x.Unnamed has no name", "x.unwritten is not exported"} {
		if !strings.Contains(got, want) {
			t.Errorf("not seen: %s\n%s", want, got)
		}
	}
}
