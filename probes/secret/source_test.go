package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

const canary = "Hunter2-canary"

// TestMain plays the program of a command source, so that no test needs a shell.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "play" {
		play(os.Args[2:])
	}
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector delays each program's end by a second
	os.Exit(m.Run())
}

func play(args []string) {
	switch args[0] {
	case "print":
		text, _ := strconv.Unquote(args[1])
		fmt.Print(text)
	case "fail":
		fmt.Print(canary)
		fmt.Fprint(os.Stderr, canary)
		os.Exit(3)
	case "flood":
		for _, err := fmt.Print(strings.Repeat("x", 4096)); err == nil; {
			_, err = fmt.Print(strings.Repeat("x", 4096))
		}
	case "hang":
		time.Sleep(time.Minute)
	}
	os.Exit(0)
}

func program(args ...string) Source {
	return Source{Command: append([]string{os.Args[0], "play"}, args...)}
}

// quiet fails the test if an error holds a secret.
func quiet(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(strings.ToLower(err.Error()), "hunter2") {
		t.Errorf("the error holds the secret: %v", err)
	}
}

func TestOneNewlineAndMarkGo(t *testing.T) {
	for in, want := range map[string]string{
		canary: canary, canary + "\n": canary, canary + "\r\n": canary, canary + "\n\n": canary + "\n",
		canary + "\r\n\r\n": canary + "\r\n", canary + "\r": canary + "\r", canary + " \n": canary + " ", " " + canary: " " + canary,
		"\xef\xbb\xbf" + canary + "\n": canary, "\xef\xbb\xbf\xef\xbb\xbfx": "\xef\xbb\xbfx", "caf\xe9\n": "caf\xe9",
		"a\nb\n": "a\nb", "\t\n": "\t",
	} {
		path := filepath.Join(t.TempDir(), "s")
		if err := os.WriteFile(path, []byte(in), 0o600); err != nil {
			t.Fatal(err)
		}
		fromFile, errFile := Source{File: path}.Resolve(t.Context())
		fromStream, errStream := Read(strings.NewReader(in))
		fromProgram, errProgram := program("print", strconv.Quote(in)).Resolve(t.Context())
		if err := errors.Join(errFile, errStream, errProgram); err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		for how, v := range map[string]Value{"file": fromFile, "stream": fromStream, "program": fromProgram} {
			if v.Reveal() != want {
				t.Errorf("%s of %q gave %q, want %q", how, in, v.Reveal(), want)
			}
		}
	}
}

func TestEnvironmentIsVerbatim(t *testing.T) {
	t.Setenv("LOGINDOCTOR_TEST", canary+"\n")
	v, err := Source{Env: "LOGINDOCTOR_TEST"}.Resolve(t.Context())
	if err != nil || v.Reveal() != canary+"\n" {
		t.Errorf("a variable must be taken as it is: %v", err)
	}
}

func TestFailuresAreTypedAndNameTheSource(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) Source {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return Source{File: path}
	}
	t.Setenv("LOGINDOCTOR_EMPTY", "")
	for name, c := range map[string]struct {
		from Source
		want error
		says string
	}{
		"no variable":     {Source{Env: "LOGINDOCTOR_NONE"}, ErrNotSet, "LOGINDOCTOR_NONE"},
		"empty variable":  {Source{Env: "LOGINDOCTOR_EMPTY"}, ErrEmpty, "LOGINDOCTOR_EMPTY"},
		"no file":         {Source{File: filepath.Join(dir, "none")}, ErrUnreadable, filepath.Join(dir, "none")},
		"no file, system": {Source{File: filepath.Join(dir, "none")}, fs.ErrNotExist, "secret file"},
		"a directory":     {Source{File: dir}, ErrUnreadable, dir},
		"empty file":      {file("empty", ""), ErrEmpty, filepath.Join(dir, "empty")},
		"only newline":    {file("nl", "\r\n"), ErrEmpty, filepath.Join(dir, "nl")},
		"only mark":       {file("bom", "\xef\xbb\xbf\n"), ErrEmpty, filepath.Join(dir, "bom")},
		"UTF-16":          {file("utf16", "\xff\xfeh\x00"), ErrNoSecret, "UTF-16"},
		"long file":       {file("long", strings.Repeat("x", maxSecret+1)), ErrNoSecret, "longer"},
		"program fails":   {program("fail", canary), ErrNotSet, "exit status 3"},
		"program silent":  {program("print", `""`), ErrEmpty, os.Args[0]},
		"program floods":  {program("flood"), ErrNoSecret, "longer"},
		"no program":      {Source{Command: []string{"logindoctor-no-such", canary}}, ErrNotSet, "logindoctor-no-such"},
		"no such path":    {Source{Command: []string{filepath.Join(dir, "none"), canary}}, ErrNotSet, "no such program"},
		"keyring form":    {Source{Keyring: "word"}, ErrNotSet, "SERVICE/ACCOUNT"},
		"nothing":         {Source{}, ErrNotSet, "no source"},
	} {
		v, err := c.from.Resolve(t.Context())
		quiet(t, err)
		if v.Given() || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var path *fs.PathError
	if _, err := (Source{File: dir}).Resolve(t.Context()); !errors.As(err, &path) || strings.Count(err.Error(), dir) != 1 {
		t.Errorf("the system's error must be kept, and the path be named once: %v", err)
	}
	if v, err := (file("fits", "\xef\xbb\xbf"+strings.Repeat("x", maxSecret)+"\r\n")).Resolve(t.Context()); err != nil || len(v.Reveal()) != maxSecret {
		t.Errorf("the mark and the newline must not count: %v", err)
	}
	if _, err := Read(io.MultiReader()); !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "standard input") {
		t.Errorf("empty input: %v", err)
	}
}

func TestEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := program("hang").Resolve(ctx)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrNotSet) {
		t.Errorf("program: %v", err)
	}
	hang := make(chan struct{})
	defer close(hang)
	_, err = Source{Keyring: "a/b"}.within(ctx, func() (Value, error) { <-hang; return Value{}, nil })
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "keyring entry a/b") {
		t.Errorf("keyring: %v", err)
	}
}

func TestKeyring(t *testing.T) {
	keyring.MockInit()
	if err := keyring.Set("logindoctor/lab", "reader", canary); err != nil {
		t.Fatal(err)
	}
	if v, err := (Source{Keyring: "logindoctor/lab/reader"}).Resolve(t.Context()); err != nil || v.Reveal() != canary {
		t.Errorf("entry: %v", err)
	}
	if _, err := (Source{Keyring: "logindoctor/other"}).Resolve(t.Context()); !errors.Is(err, ErrNotSet) || !strings.Contains(err.Error(), "logindoctor/other") {
		t.Errorf("no entry: %v", err)
	}
	keyring.MockInitWithError(errors.New("bus said " + canary))
	_, err := Source{Keyring: "logindoctor/lab"}.Resolve(t.Context())
	quiet(t, err)
	if !errors.Is(err, ErrNotSet) || !strings.Contains(err.Error(), "no keyring answers") {
		t.Errorf("no keyring: %v", err)
	}
}

func TestArgumentsAreNotPrinted(t *testing.T) {
	var out bytes.Buffer
	s := Source{Command: []string{"get", canary}}
	fmt.Fprintf(&out, "%v %+v %#v %s %v", s, s, s, &s, struct{ S Source }{s})
	if strings.Contains(out.String(), canary) || !strings.Contains(out.String(), "command get") {
		t.Error(out.String())
	}
}
