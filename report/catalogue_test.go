package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/checks"
)

// pages is where the documentation of the catalogue stands.
const pages = "../docs/catalogue"

// TestPages compares the documentation with the catalogue; with -update it rewrites it.
func TestPages(t *testing.T) {
	want := map[string]string{"README.md": Index(checks.All)}
	for _, c := range checks.All {
		want[c.ID+".md"] = Page(c)
	}
	if *update {
		writePages(t, want)
	}
	if stale := stalePages(t, pages, want); len(stale) > 0 {
		t.Errorf("out of date in docs/catalogue:\n  %s\nto update: go test ./report -run TestPages -update", strings.Join(stale, "\n  "))
	}
}

func stalePages(t *testing.T, dir string, want map[string]string) (stale []string) {
	t.Helper()
	for name, page := range want {
		switch got, err := os.ReadFile(filepath.Join(dir, name)); {
		case os.IsNotExist(err):
			stale = append(stale, name+" is missing")
		case err != nil:
			t.Fatal(err)
		case string(got) != page:
			stale = append(stale, name+" differs")
		}
	}
	for _, name := range pagesIn(t, dir) {
		if _, ok := want[name]; !ok {
			stale = append(stale, name+" belongs to no check")
		}
	}
	slices.Sort(stale)
	return stale
}

func pagesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	return names
}

func writePages(t *testing.T, want map[string]string) {
	t.Helper()
	if err := os.MkdirAll(pages, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, page := range want {
		if err := os.WriteFile(filepath.Join(pages, name), []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range pagesIn(t, pages) {
		if _, ok := want[name]; !ok {
			if err := os.Remove(filepath.Join(pages, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestStalePagesAreSeen(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.md": "a", "b.md": "old", "orphan.md": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := stalePages(t, dir, map[string]string{"a.md": "a", "b.md": "b", "c.md": "c"})
	if want := []string{"b.md differs", "c.md is missing", "orphan.md belongs to no check"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// madeCheck has something of everything that a page shows.
func madeCheck() *checks.Check {
	c := lockedCatalogue()[0]
	c.Doc = checks.Doc{Says: "I typed <it> right, {user} says.", Tells: "The lock bit of {login} at {server}.", Mistaken: []string{"A * that has run out."}}
	c.Needs, c.Uses = []*checks.Need{checks.ADEntry}, []*checks.Need{checks.Attempts}
	c.Outlasts = []*checks.Check{fine("later")}
	return c
}

func TestPageGolden(t *testing.T) {
	golden(t, "page.md", Page(madeCheck()))
	bare := &checks.Check{ID: "bare", Group: checks.GroupIMAP, Title: "Bare", Owner: checks.OwnerUser, Scope: checks.ScopeUser}
	for _, line := range []string{"{", "Often mistaken", "What not to do", "How it goes"} {
		if got := Page(bare); strings.Contains(got, line) {
			t.Errorf("an empty part %q is shown:\n%s", line, got)
		}
	}
}

func TestCatalogue(t *testing.T) {
	catalogue := append([]*checks.Check{madeCheck()}, lockedCatalogue()[1:]...)
	var text, doc, markdown bytes.Buffer
	for _, err := range []error{CatalogueText(&text, catalogue, Options{}), CatalogueJSON(&doc, catalogue), CatalogueMarkdown(&markdown, catalogue)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "catalogue.txt", text.String())
	golden(t, "catalogue.md", markdown.String())
	golden(t, "catalogue-index.md", Index(catalogue))
	var rows []map[string]any
	if err := json.Unmarshal(doc.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(catalogue) || rows[0]["id"] != "lock" || rows[0]["group"] != "account-locked" || len(rows[0]["needs"].([]any)) != 1 || len(rows[0]["sources"].([]any)) != 2 || rows[1]["explains"] == nil {
		t.Errorf("%v", rows[0])
	}
	// Every check of the real catalogue stands in each form.
	for _, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return CatalogueText(b, checks.All, Options{}) },
		func(b *bytes.Buffer) error { return CatalogueJSON(b, checks.All) },
		func(b *bytes.Buffer) error { return CatalogueMarkdown(b, checks.All) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, c := range checks.All {
			if !strings.Contains(b.String(), c.ID) {
				t.Errorf("%s is missing", c.ID)
			}
		}
	}
}

// No placeholder is left in what is read apart from a case.
func TestNoPlaceholders(t *testing.T) {
	for _, c := range checks.All {
		for name, text := range map[string]string{"page": Page(c), "entry": strings.Join(append(checkEntry(c).Do, checkEntry(c).Tells...), "\n")} {
			if strings.Contains(text, "{user}") || strings.Contains(text, "{login}") || strings.Contains(text, "{server}") {
				t.Errorf("%s: a placeholder in its %s", c.ID, name)
			}
		}
	}
}
