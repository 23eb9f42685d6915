package report

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "logindoctor.example/"

// What asks the world is not for checks and report: they judge and say. net/netip is data, and so is net/url.
var (
	askingPackages = []string{"net", "net/http", "os", "os/exec", "os/user", "os/signal", "crypto/tls", "syscall", "io/ioutil", "math/rand", "math/rand/v2", "crypto/rand", "unsafe", "plugin"}
	askingModules  = []string{"github.com/go-ldap/", "github.com/emersion/", "github.com/charmbracelet/", "github.com/zalando/", "github.com/gofrs/", "golang.org/x/net", "golang.org/x/sys"}
	askingRooms    = []string{"probes/dial", "probes/kerio", "probes/imap", "probes/directory", "probes/gather", "probes/login", "probes/ledger", "probes/secret", "probes/profile", "fixtures", "tui", "cmd"}
	askingCalls    = []string{"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.NewTimer", "time.NewTicker", "time.Tick", "time.AfterFunc"}
)

func TestPurity(t *testing.T) {
	for _, room := range []string{"report", "checks"} {
		seen := map[string]bool{}
		reachable(t, room, []string{room}, seen)
		if !seen["probes"] {
			t.Errorf("%s does not reach probes: does this test still look?", room)
		}
	}
}

// reachable looks at a package of ours and at every one it imports, directly or through others.
func reachable(t *testing.T, room string, path []string, seen map[string]bool) {
	if seen[room] {
		return
	}
	seen[room] = true
	p, err := build.ImportDir(filepath.Join("..", room), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range asks(room, p.Imports) {
		t.Errorf("%s imports %s", strings.Join(path, " → "), bad)
	}
	for _, name := range p.GoFiles {
		for _, call := range calls(t, filepath.Join(p.Dir, name)) {
			t.Errorf("%s calls %s", filepath.Join(room, name), call)
		}
	}
	for _, i := range p.Imports {
		if inside, ours := strings.CutPrefix(i, module); ours {
			reachable(t, inside, append(slices.Clone(path), inside), seen)
		}
	}
}

func asks(room string, imports []string) (bad []string) {
	for _, i := range imports {
		inside, ours := strings.CutPrefix(i, module)
		under := func(r string) bool { return ours && (inside == r || strings.HasPrefix(inside, r+"/")) }
		switch {
		case slices.Contains(askingPackages, i),
			slices.ContainsFunc(askingModules, func(m string) bool { return strings.HasPrefix(i, m) }),
			slices.ContainsFunc(askingRooms, under),
			room == "checks" && under("report"):
			bad = append(bad, i)
		}
	}
	return bad
}

func calls(t *testing.T, file string) (found []string) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(askingCalls, x.Name+"."+s.Sel.Name) {
				found = append(found, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return found
}

// The rule is broken here, on purpose, each way.
func TestPurityIsSeen(t *testing.T) {
	for _, i := range []string{"net", "os", "net/http", module + "probes/dial", module + "probes/gather", module + "fixtures/sim/imapsim", "github.com/go-ldap/ldap/v3"} {
		if len(asks("report", []string{i})) != 1 {
			t.Errorf("%s is not seen", i)
		}
	}
	for _, i := range []string{"net/netip", "net/url", "fmt", module + "probes", module + "checks"} {
		if len(asks("report", []string{i})) != 0 {
			t.Errorf("%s is no harm", i)
		}
	}
	if len(asks("checks", []string{module + "report"})) != 1 {
		t.Error("checks may import report")
	}
}
