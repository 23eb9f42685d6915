package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The rules of the house that a machine can see. docs/design.md says why they are.

const module = "logindoctor.example/"

// goFile is one file of the module that is not a test.
type goFile struct {
	path, dir string
	lines     int
	ast       *ast.File
}

func sources(t *testing.T) []goFile {
	t.Helper()
	var all []goFile
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
		rel := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
		all = append(all, goFile{rel, filepath.ToSlash(filepath.Dir(rel)), strings.Count(string(text), "\n"), f})
		return err
	})
	if err != nil || len(all) < 50 {
		t.Fatalf("%d files: %v", len(all), err)
	}
	return all
}

// mayImport is the one direction of imports: a room may import what stands behind it, and nothing else of ours.
var mayImport = map[string]string{
	"cmd/logindoctor":          `^(tui|report|checks|probes|probes/(gather|login|ledger|profile|secret)|fixtures/sim|cmd/logindoctor/deliver)$`,
	"cmd/logindoctor/deliver":  `^(report|probes/secret)$`,
	"tui":                      `^(report|checks|probes|probes/gather|tui/quiet)$`,
	"tui/quiet":                `^$`,
	"report":                   `^(checks|probes)$`,
	"checks":                   `^probes$`,
	"probes":                   `^$`,
	"probes/gather":            `^probes(/(login|kerio|stalwart|directory|imap|ledger|dial))?$`,
	"probes/login":             `^probes(/(kerio|stalwart|directory|imap|ledger|secret))?$`,
	"probes/kerio":             `^probes(/(ledger|dial|secret))?$`,
	"probes/stalwart":          `^probes(/(ledger|dial|secret))?$`,
	"probes/directory":         `^probes(/(ledger|dial|secret))?$`,
	"probes/imap":              `^probes(/(ledger|dial|secret))?$`,
	"probes/ledger":            `^probes(/secret)?$`,
	"probes/profile":           `^probes(/secret)?$`,
	"probes/dial":              `^probes$`,
	"probes/secret":            `^$`,
	"fixtures/sim":             `^(probes|probes/(gather|login|ledger|secret)|fixtures/sim/.*)$`,
	"fixtures/sim/keriosim":    `^fixtures/sim/loopback$`,
	"fixtures/sim/stalwartsim": `^fixtures/sim/(loopback|imapsim)$`,
	"fixtures/sim/imapsim":     `^fixtures/sim/loopback$`,
	"fixtures/sim/ldapsim":     `^(probes|fixtures/sim/loopback)$`,
	"fixtures/sim/loopback":    `^$`,
	"fixtures/lab":             `^$`,
	"fixtures/browser":         `^$`,
	"fixtures/rt":              `^$`,
	"fixtures/cases":           `^probes$`,
	"fixtures/bench":           `^(probes|probes/gather|fixtures/sim)$`,
	"fixtures/e2e":             `^$`,
	"fixtures/screen":          `^$`,
}

func TestImportsPointOneWay(t *testing.T) {
	for _, f := range sources(t) {
		allowed, known := mayImport[f.dir]
		if !known {
			t.Errorf("%s: no rule says what the room %s may import", f.path, f.dir)
			continue
		}
		for _, i := range f.ast.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			ours, ok := strings.CutPrefix(path, module)
			if ok && !regexp.MustCompile(allowed).MatchString(ours) {
				t.Errorf("%s imports %s", f.path, ours)
			}
			if pure := f.dir == "checks" || f.dir == "report" || f.dir == "probes"; pure && (path == "net" || path == "net/http" || path == "os" || path == "os/exec") {
				t.Errorf("%s imports %s: it must not ask", f.path, path)
			}
		}
	}
}

func TestRooms(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range sources(t) {
		documented[f.dir] = documented[f.dir] || f.ast.Doc != nil
		if f.lines > 400 {
			t.Errorf("%s has %d lines; 400 is the most", f.path, f.lines)
		}
		for _, part := range strings.Split(strings.TrimSuffix(f.path, ".go"), "/") {
			switch part {
			case "util", "utils", "common", "helpers", "constants", "misc":
				t.Errorf("%s: a room needs a name of its own", f.path)
			}
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", f.path)
			}
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("the package in %s says nowhere what it is for", dir)
		}
	}
}

// TestWhoRevealsSecrets: a secret's text comes out of a Value only in the ledger, and out of a permit only in the clients.
func TestWhoRevealsSecrets(t *testing.T) {
	clients := map[string]bool{"probes/ledger": true, "probes/kerio": true, "probes/stalwart": true, "probes/directory": true, "probes/imap": true, "cmd/logindoctor/deliver": true}
	found := 0
	for _, f := range sources(t) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Reveal" {
				found++
				if !clients[f.dir] {
					t.Errorf("%s reveals a secret", f.path)
				}
			}
			return true
		})
	}
	if found < 4 {
		t.Errorf("only %d calls were found: the test looks in the wrong place", found)
	}
}
