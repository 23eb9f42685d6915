package profile

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// tree is a YAML node as a profile may hold it: a text, a list of texts, or keys. It is read from the syntax tree rather
// than decoded, for the line of every key, and because a decoder's errors quote what stands there.
type tree struct {
	line int
	text *string
	list []tree
	keys map[string]tree
	bare bool // no text, but a number, a truth value or the like: 0123 would be read as 83
}

func (t tree) empty() bool { return t.text == nil && t.list == nil && t.keys == nil && !t.bare }

// quotable is a key that may be repeated in an error. Anything else may be a secret that lost its place.
var quotable = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{0,40}$`)

// reader turns mistakes into Errors of one file.
type reader struct{ file string }

func (r reader) fail(line int, hint, format string, args ...any) error {
	return &Error{File: r.file, Line: line, Text: fmt.Sprintf(format, args...), Hint: hint}
}

func (r reader) parse(data []byte) (t tree, err error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // editors on Windows write a byte-order mark
	if !utf8.Valid(data) {
		return t, r.fail(0, "save it as UTF-8", "this is not UTF-8")
	}
	defer func() {
		// A parser's panic may hold the source, and must not end the run.
		if recover() != nil {
			t, err = tree{}, r.fail(0, "check the indentation and the quotes", "this is not YAML")
		}
	}()
	f, perr := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey()) // mapping speaks of duplicates, by name
	if perr != nil {
		line := 0
		// The parser's text quotes the source: only the position is taken.
		if e, ok := perr.(interface{ GetToken() *token.Token }); ok && e.GetToken() != nil && e.GetToken().Position != nil {
			line = e.GetToken().Position.Line
		}
		return t, r.fail(line, "check the indentation and the quotes", "this is not YAML")
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		return t, r.fail(0, "README shows a profile", "a profile is one YAML document, and not an empty one")
	}
	return r.node(f.Docs[0].Body, 0)
}

func lineOf(n ast.Node) int {
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return tk.Position.Line
	}
	return 0
}

func (r reader) node(n ast.Node, depth int) (tree, error) {
	t := tree{line: lineOf(n)}
	if depth > 8 {
		return t, r.fail(t.line, "", "this is nested too deeply for a profile")
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mapping(t, n.Values, depth)
	case *ast.MappingValueNode:
		return r.mapping(t, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		t.list = []tree{}
		for _, v := range n.Values {
			item, err := r.node(v, depth+1)
			if err != nil {
				return t, err
			}
			t.list = append(t.list, item)
		}
		return t, nil
	case *ast.StringNode:
		t.text = &n.Value
	case *ast.LiteralNode:
		v := strings.TrimSuffix(n.Value.Value, "\n")
		t.text = &v
	case *ast.NullNode:
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		t.bare = true
	default:
		return t, r.fail(t.line, "write the value out", "anchors, aliases and tags have no meaning in a profile")
	}
	return t, nil
}

func (r reader) mapping(t tree, values []*ast.MappingValueNode, depth int) (tree, error) {
	t.keys = map[string]tree{}
	for _, v := range values {
		line := lineOf(v.Key)
		name, ok := v.Key.(*ast.StringNode)
		if !ok {
			return t, r.fail(line, "a key is a word and a colon", "this is no key of a profile")
		}
		key := name.Value
		if first, twice := t.keys[key]; twice {
			return t, r.fail(line, "remove one of the two", "the same key stands here a second time, first in line %d", first.line)
		}
		item, err := r.node(v.Value, depth+1)
		if err != nil {
			return t, err
		}
		item.line = line
		t.keys[key] = item
	}
	return t, nil
}

// section demands keys, all of them known.
func (r reader) section(t tree, path string, known ...string) error {
	if t.keys == nil {
		what := path
		if path == "" {
			what = "a profile"
		}
		return r.fail(t.line, "it has the keys "+strings.Join(known, ", "), "%s must be a section with keys", what)
	}
	var unknown []string
	for k := range t.keys {
		if !slices.Contains(known, k) {
			unknown = append(unknown, k)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	sort.Slice(unknown, func(i, j int) bool {
		a, b := t.keys[unknown[i]].line, t.keys[unknown[j]].line
		return a < b || a == b && unknown[i] < unknown[j]
	})
	return r.unknown(t.keys[unknown[0]], unknown[0], path, known)
}

// unknown repeats the key only where it cannot be a secret that lost its place: "{hunter2}" is a key without a value, and
// where the source of a secret is named every word may be the secret.
func (r reader) unknown(v tree, key, path string, known []string) error {
	said := "an unknown key"
	if quotable.MatchString(key) && !v.empty() && !slices.Equal(known, secretKeys) {
		said = "unknown key " + key
	}
	if path != "" {
		said += " in " + path
	}
	near, hint := nearest(key, known), "known are: "+strings.Join(known, ", ")
	if near != "" {
		said += "; did you mean " + near + "?"
	}
	return r.fail(v.line, hint, "%s", said)
}

// str gives the text of a key; must says that it has to be there.
func (r reader) str(t tree, path, key string, must bool) (string, error) {
	v, ok := t.keys[key]
	switch {
	case !ok && !must:
		return "", nil
	case !ok:
		return "", r.fail(t.line, "", "%s.%s is missing", path, key)
	case v.bare:
		return "", r.fail(v.line, "put it in quotes", "%s.%s must be a text", path, key)
	case v.text == nil || *v.text == "":
		return "", r.fail(v.line, "write a value, or leave the key out", "%s.%s must be a text, and not an empty one", path, key)
	case strings.ContainsFunc(*v.text, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return "", r.fail(v.line, "", "%s.%s must be a text of one line, without control characters", path, key)
	}
	return *v.text, nil
}

// strs gives the texts of a list; nil where the key is left out.
func (r reader) strs(t tree, path, key string) ([]string, error) {
	v, ok := t.keys[key]
	if !ok {
		return nil, nil
	}
	if len(v.list) == 0 {
		return nil, r.fail(v.line, "write it as [one, two]", "%s must be a list, and not an empty one", path)
	}
	var out []string
	for _, item := range v.list {
		if item.text == nil {
			return nil, r.fail(item.line, "put each in quotes", "%s must be a list of texts", path)
		}
		out = append(out, *item.text)
	}
	return out, nil
}

// nearest is the known key that a mistyped one most likely means; empty where none is near.
func nearest(word string, known []string) string {
	best, at := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < at {
			best, at = k, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost = 1 + min(prev, row[j], row[j-1])
			}
			prev, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}
