package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// maxSecret is the most that a secret may be, in bytes; sourceTime how long a source may take to give one.
const (
	maxSecret  = 64 << 10
	sourceTime = 10 * time.Second
)

// What a source may fail with. Every error of this file wraps one of them, or the context's.
var (
	ErrEmpty      = errors.New("holds no secret: it is empty")
	ErrNotSet     = errors.New("is not to be had")     // a variable, a keyring entry or a program gives none
	ErrUnreadable = errors.New("cannot be read")       // a file, or a stream
	ErrNoSecret   = errors.New("holds no such secret") // it is too long, or UTF-16
)

// Source is where a secret is kept. Exactly one field is set.
type Source struct {
	Env     string   // name of an environment variable
	File    string   // path
	Keyring string   // SERVICE/ACCOUNT; the account is what follows the last slash
	Command []string // program and arguments; no shell
}

// String names the source. Of a command it gives the program alone: an argument is not for other eyes.
func (s Source) String() string {
	switch {
	case s.Env != "":
		return "environment variable " + s.Env
	case s.File != "":
		return "secret file " + s.File
	case s.Keyring != "":
		return "keyring entry " + s.Keyring
	case len(s.Command) > 0:
		return "command " + s.Command[0]
	}
	return "no source"
}

// GoString is String, so that %#v shows no argument either.
func (s Source) GoString() string { return s.String() }

// Resolve reads the secret, within 10 s and the context. Its errors name the source and never what it holds.
func (s Source) Resolve(ctx context.Context) (Value, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, sourceTime, fmt.Errorf("no answer within %s: %w", sourceTime, context.DeadlineExceeded))
	defer cancel()
	switch {
	case s.Env != "":
		text, ok := os.LookupEnv(s.Env)
		if !ok {
			return Value{}, fmt.Errorf("%s %w: it is not set", s, ErrNotSet)
		}
		return given(text, s.String())
	case s.File != "":
		return s.within(ctx, func() (Value, error) { return ReadFile(s.File) })
	case s.Keyring != "":
		return s.within(ctx, s.fromKeyring)
	case len(s.Command) > 0:
		return s.fromProgram(ctx)
	}
	return Value{}, fmt.Errorf("no source of the secret is named: it %w", ErrNotSet)
}

// within bounds a look that knows no context: a named pipe without a writer and a keyring that prompts never answer.
func (s Source) within(ctx context.Context, look func() (Value, error)) (Value, error) {
	type answer struct {
		v   Value
		err error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := look()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
		return Value{}, fmt.Errorf("%s %w: %w", s, ErrNotSet, context.Cause(ctx))
	}
}

func given(text, source string) (Value, error) {
	switch {
	case text == "":
		return Value{}, fmt.Errorf("%s %w", source, ErrEmpty)
	case len(text) > maxSecret:
		return Value{}, fmt.Errorf("%s %w: it is longer than %d bytes", source, ErrNoSecret, maxSecret)
	}
	return New(text), nil
}

// ReadFile reads a secret file. It loses one newline at its end and a byte-order mark at its start, nothing else.
// A named pipe is waited for.
func ReadFile(path string) (Value, error) {
	f, err := os.Open(path)
	if err != nil {
		return Value{}, unreadable("secret file "+path, err)
	}
	defer func() { _ = f.Close() }()
	return read(f, "secret file "+path)
}

// Read reads a secret from standard input, as ReadFile does from a file.
func Read(r io.Reader) (Value, error) { return read(r, "standard input") }

func read(r io.Reader, source string) (Value, error) {
	// Room for the mark and the newline, which do not count.
	data, err := io.ReadAll(io.LimitReader(r, maxSecret+int64(len(mark)+len("\r\n"))+1))
	if err != nil {
		return Value{}, unreadable(source, err)
	}
	return trimmed(data, source)
}

// readError words a file's failure without the path, which the source already names, and keeps the system's error.
type readError struct {
	source string
	err    error
}

func unreadable(source string, err error) error { return &readError{source, err} }

func (e *readError) Error() string {
	err := e.err
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return fmt.Sprintf("%s %v: %v", e.source, ErrUnreadable, err)
}

func (e *readError) Unwrap() []error { return []error{ErrUnreadable, e.err} }

const mark = "\xef\xbb\xbf" // U+FEFF in UTF-8

func trimmed(data []byte, source string) (Value, error) {
	// Windows PowerShell 5 redirects in UTF-16: a password read so would be a wrong one, and cost an attempt.
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return Value{}, fmt.Errorf("%s %w: it is UTF-16, save it as UTF-8", source, ErrNoSecret)
	}
	data = bytes.TrimPrefix(data, []byte(mark))
	if cut, ok := bytes.CutSuffix(data, []byte("\n")); ok {
		data = bytes.TrimSuffix(cut, []byte("\r"))
	}
	return given(string(data), source)
}

func (s Source) fromKeyring() (Value, error) {
	i := strings.LastIndex(s.Keyring, "/")
	if i <= 0 || i == len(s.Keyring)-1 {
		return Value{}, fmt.Errorf("%s %w: it is not of the form SERVICE/ACCOUNT", s, ErrNotSet)
	}
	text, err := keyring.Get(s.Keyring[:i], s.Keyring[i+1:])
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return Value{}, fmt.Errorf("%s %w: the keyring has no such entry", s, ErrNotSet)
	case err != nil:
		// On a Linux without a desktop there is no keyring at all. The bus's own words may be of any kind: they are not shown.
		return Value{}, fmt.Errorf("%s %w: no keyring answers on this machine (a Linux without a desktop has none)", s, ErrNotSet)
	}
	return given(text, s.String())
}

// fromProgram runs the program without a shell. What it writes to its error stream is not shown: it may hold the secret.
func (s Source) fromProgram(ctx context.Context) (Value, error) {
	cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	cmd.WaitDelay = time.Second // a daemon that it left behind may hold its output open
	out := limited{left: maxSecret + len(mark) + len("\r\n")}
	cmd.Stdout = &out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case out.left < 0:
		return Value{}, fmt.Errorf("%s %w: it is longer than %d bytes", s, ErrNoSecret, maxSecret)
	case err == nil:
		return trimmed(out.data, s.String())
	case ctx.Err() != nil:
		return Value{}, fmt.Errorf("%s %w: %w", s, ErrNotSet, context.Cause(ctx))
	case errors.As(err, &exit):
		return Value{}, fmt.Errorf("%s %w: it ended with %s", s, ErrNotSet, exit.ProcessState)
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return Value{}, fmt.Errorf("%s %w: there is no such program", s, ErrNotSet)
	case errors.Is(err, fs.ErrPermission):
		return Value{}, fmt.Errorf("%s %w: it may not be run", s, ErrNotSet)
	case errors.Is(err, exec.ErrWaitDelay):
		return Value{}, fmt.Errorf("%s %w: it ended and left its output open", s, ErrNotSet)
	}
	return Value{}, fmt.Errorf("%s %w: it could not be run", s, ErrNotSet)
}

// limited keeps what a program writes, and fails the write that is too much; left is below zero from then on.
type limited struct {
	data []byte
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		l.data = nil
		return 0, ErrNoSecret
	}
	l.data = append(l.data, p...)
	return len(p), nil
}
