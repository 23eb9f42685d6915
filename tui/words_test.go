package tui

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

var osc = regexp.MustCompile("\x1b]52;c;([A-Za-z0-9+/=]*)\a")

// pasted is what a terminal would put into its clipboard.
func pasted(t *testing.T, out string) string {
	t.Helper()
	m := osc.FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no OSC 52 in %q", out)
	}
	b, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{{"one two three", 7, "one two|three"}, {"abcdefghij", 4, "abcd|efgh|ij"}, {"日本語 日本", 5, "日本|語|日本"}, {"", 5, ""}, {"a  b", 5, "a b"}, {"x 日", 2, "x|日"}} {
		if got := strings.Join(wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}
