package profile

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// home makes a place for profiles, under a name that is a pattern for glob, and puts some there.
func home(t *testing.T, profiles map[string]string) string {
	t.Helper()
	base := filepath.Join(t.TempDir(), "a[b]c")
	t.Setenv("XDG_CONFIG_HOME", base)
	dir := filepath.Join(base, "logindoctor", "profiles")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range profiles {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func serving(domain string) string {
	return "domains: [" + domain + "]\nimap: {address: 'mail." + domain + ":993'}\n"
}

func TestPlaces(t *testing.T) {
	config, state := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("XDG_STATE_HOME", state)
	if dir, err := Dir(); err != nil || dir != filepath.Join(config, "logindoctor", "profiles") {
		t.Errorf("%s %v", dir, err)
	}
	if dir, err := StateDir(); err != nil || dir != filepath.Join(state, "logindoctor") {
		t.Errorf("%s %v", dir, err)
	}
	for _, unset := range []string{"", "relative/dir"} {
		t.Setenv("XDG_CONFIG_HOME", unset)
		t.Setenv("XDG_STATE_HOME", unset)
		at, errAt := Dir()
		book, errBook := StateDir()
		if errAt != nil || errBook != nil || !filepath.IsAbs(at) || !filepath.IsAbs(book) || strings.Contains(at+book, "relative") {
			t.Errorf("%q: %s %v, %s %v", unset, at, errAt, book, errBook)
		}
	}
	if runtime.GOOS != "linux" {
		return
	}
	t.Setenv("HOME", config)
	if dir, _ := Dir(); dir != filepath.Join(config, ".config", "logindoctor", "profiles") {
		t.Error(dir)
	}
	if dir, _ := StateDir(); dir != filepath.Join(config, ".local", "state", "logindoctor") {
		t.Error(dir)
	}
	t.Setenv("HOME", "")
	if dir, err := StateDir(); err == nil || dir != "" {
		t.Errorf("no home must be an error, not a relative place: %q", dir)
	}
	if dir, err := Dir(); err == nil || dir != "" {
		t.Errorf("no home must be an error, not a relative place: %q", dir)
	}
}

func TestList(t *testing.T) {
	dir := home(t, map[string]string{"b.yaml": "", "a.yaml": "", ".b.yaml": "", ".yaml": "", "c.yaml~": "", "d.yml": ""})
	if err := os.Mkdir(filepath.Join(dir, "e.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := List()
	if want := []Entry{{"a", filepath.Join(dir, "a.yaml")}, {"b", filepath.Join(dir, "b.yaml")}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %v", got, err)
	}
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(t.TempDir(), "none"))
	if got, err := List(); err != nil || len(got) != 0 {
		t.Errorf("no directory is no profile: %v %v", got, err)
	}
}

func TestFind(t *testing.T) {
	two := map[string]string{"acme.yaml": serving("example.test"), "other.yaml": serving("other.test")}
	and := func(more map[string]string) map[string]string {
		all := map[string]string{}
		for _, m := range []map[string]string{two, more} {
			for k, v := range m {
				all[k] = v
			}
		}
		return all
	}
	elsewhere := write(t, "far.yaml", serving("far.test"))
	for name, c := range map[string]struct {
		have       map[string]string
		name, user string
		want, says string // the profile's name, or what the error and its hint hold
	}{
		"named":                   {two, "other", "jdoe@example.test", "other", ""},
		"a path":                  {two, elsewhere, "", "far", ""},
		"a path that is not":      {two, "none.yaml", "", "", "no such file"},
		"no such name":            {two, "acne", "", "", "acme, other"},
		"none, named":             {nil, "acme", "", "", "none yet"},
		"none":                    {nil, "", "jdoe@example.test", "", "no profile yet"},
		"the only one":            {map[string]string{"acme.yaml": serving("example.test")}, "", "jdoe@elsewhere.test", "acme", ""},
		"by domain":               {two, "", "jdoe@OTHER.test", "other", ""},
		"by the last at sign":     {two, "", `"other.test@x"@example.test`, "acme", ""},
		"no domain fits":          {two, "", "jdoe@sub.example.test", "", "acme, other"},
		"no domain":               {two, "", "jdoe", "", "acme, other"},
		"no user":                 {two, "", "", "", "acme, other"},
		"several fit":             {and(map[string]string{"twin.yaml": serving("example.test")}), "", "jdoe@example.test", "", "acme, twin"},
		"another one is broken":   {and(map[string]string{"bad.yaml": "imap: 5"}), "", "jdoe@example.test", "acme", ""},
		"only a broken one might": {and(map[string]string{"bad.yaml": "imap: 5"}), "", "jdoe@bad.test", "", "bad.yaml:1: "},
	} {
		home(t, c.have)
		p, err := Find(c.name, c.user)
		switch {
		case c.want != "" && (err != nil || p.Name != c.want):
			t.Errorf("%s: %v %v", name, p, err)
		case c.want == "":
			if e, ok := err.(*Error); !ok || !strings.Contains(e.Error()+" | "+e.Hint, c.says) {
				t.Errorf("%s: %v", name, err)
			} else if name == "several fit" && strings.Contains(e.Hint, "other") {
				t.Errorf("%s: the choices hold one that does not fit: %s", name, e.Hint)
			}
		}
	}
}
