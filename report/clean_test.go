package report

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

func TestClean(t *testing.T) {
	for name, c := range map[string][2]string{
		"plain":               {"Zoë Müller, 你好 👍", "Zoë Müller, 你好 👍"},
		"line ends":           {"a\r\nb\nc\td\u2028e\u0085f", "a  b c d e f"},
		"colour":              {"a\x1b[31mred\x1b[0mb", "aredb"},
		"C1 colour":           {"a\u009b31mred", "ared"},
		"window title":        {"a\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c", "abc"},
		"unfinished sequence": {"a\x1b]0;the rest is kept", "a0;the rest is kept"},
		"lone escape":         {"a\x1b", "a\uFFFD"},
		"control":             {"a\x00\x08\x7fb", "a\uFFFD\uFFFD\uFFFDb"},
		"turned around":       {"a\u202egnp.exe\u2066\u200fb", "a\uFFFDgnp.exe\uFFFD\uFFFDb"},
		"invisible":           {"a\u200b\ufeff\u00ad\U000E0041b", "a\uFFFD\uFFFD\uFFFD\uFFFDb"},
		"invalid":             {"a\xffb", "a\uFFFDb"},
		"wide space":          {"a\u3000b\u00a0c", "a b c"},
		"empty":               {"", ""},
	} {
		if got := Clean(c[0]); got != c[1] {
			t.Errorf("%s: got %q, want %q", name, got, c[1])
		}
	}
	if got := Clean(strings.Repeat("é", 301)); utf8.RuneCountInString(got) != 300 || !strings.HasSuffix(got, "é…") {
		t.Errorf("long: %d runes", utf8.RuneCountInString(got))
	}
	if got := Clean(strings.Repeat("word ", 70)); !strings.HasSuffix(got, "word…") {
		t.Errorf("cut within a word: %q", got[len(got)-20:])
	}
	if got := Clean(strings.Repeat("é", 300)); strings.HasSuffix(got, "…") {
		t.Error("300 runes are cut")
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a\x1b[31mb", "\x1b]0;x\x07", "\u202e", "\r\n", "\xff\xfe", strings.Repeat("\x1b[", 400), "\x1b\x1b[0mm"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxWords {
			t.Fatalf("%q: invalid or too long", got)
		}
		for _, r := range got {
			if r != ' ' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Zs)) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		if again := Clean(got); again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}

func TestCommand(t *testing.T) {
	if run, ok := command("Unlock-ADAccount -Identity 'müller'"); !ok || run == "" {
		t.Error("a plain command is refused")
	}
	for _, bad := range []string{"a\nb", "a\x1b[8mb", "a\u202eb", "a\u00a0b", strings.Repeat("a", 1001)} {
		if _, ok := command(bad); ok {
			t.Errorf("%.20q may be pasted", bad)
		}
	}
}

func TestWrap(t *testing.T) {
	for name, c := range map[string]struct {
		s     string
		width int
		want  []string
	}{
		"fits":      {"one two", 7, []string{"one two"}},
		"breaks":    {"one two three", 7, []string{"one two", "three"}},
		"long word": {"a abcdefghij b", 4, []string{"a", "abcd", "efgh", "ij b"}},
		"wide":      {"你好你好", 5, []string{"你好", "你好"}},
		"narrow":    {"你好", 1, []string{"你", "好"}},
		"empty":     {"", 10, []string{""}},
		"spaces":    {"  a   b ", 10, []string{"a b"}},
	} {
		if got := wrap(c.s, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("one two three", 5)
	f.Add("👨‍👩‍👧 e\u0301 你好", 2)
	f.Fuzz(func(t *testing.T, s string, width int) {
		if width < 2 || width > 200 {
			return
		}
		s = Clean(s)
		lines := wrap(s, width)
		for _, l := range lines {
			if uniseg.StringWidth(l) > width {
				t.Fatalf("%q is wider than %d", l, width)
			}
		}
		if strings.Join(strings.Fields(strings.Join(lines, "")), "") != strings.Join(strings.Fields(s), "") {
			t.Fatalf("%q lost something of %q", lines, s)
		}
	})
}
