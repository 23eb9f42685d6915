// Command logindoctor finds out why somebody cannot log in to their mail: it asks every server that has a say, names the
// root cause, and says what to do, who must do it, and what not to do.
//
// It only turns flags into one call and a report into an exit code; what is asked, judged and said is decided elsewhere.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version and commit are set by the linker.
var (
	version = "0.1.0-dev"
	commit  = "unknown"
)

// The exit codes that no report decides (sysexits.h); report.ExitCode gives the others.
const (
	exitUsage       = 64
	exitData        = 65
	exitNoInput     = 66
	exitBug         = 70
	exitCannotWrite = 73
	exitConfig      = 78
	exitInterrupted = 130
	exitTerminated  = 143
)

// failure ends the command with a code. An empty text says nothing: the code is the message.
type failure struct {
	code int
	text string
	hint string // the next step, on a line of its own; empty for a command line that was wrong: its command's help
}

func (f *failure) Error() string { return f.text }

func usage(format string, args ...any) error {
	return &failure{code: exitUsage, text: fmt.Sprintf(format, args...)}
}

// softMemory has the collector work harder before a server that sends without end makes the process grow.
const softMemory = 48 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// app is what a command may touch.
type app struct {
	in       io.Reader
	out, err io.Writer
	stopped  func() int // the exit code of a signal that came; 0: none
}

// run is main without the process. A panic is a bug: its value may hold what a server said, so it is not shown.
func run(args []string, in io.Reader, out, errw io.Writer) (code int) {
	defer func() {
		if recover() != nil {
			fmt.Fprintln(errw, "logindoctor: a defect of logindoctor ended the run; no report was made")
			code = exitBug
		}
	}()
	ctx, stopped, release := signals()
	defer release()
	a := &app{in: in, out: out, err: errw, stopped: stopped}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{code: exitUsage, text: err.Error()}
	}
	if f.text != "" && f.code == exitUsage && f.hint == "" {
		f.hint = command.CommandPath() + " --help shows what it takes"
	}
	if f.text != "" {
		fmt.Fprintln(errw, "logindoctor: "+f.text)
	}
	if f.hint != "" {
		fmt.Fprintln(errw, "  "+f.hint)
	}
	return f.code
}

// signals cancels the context at the first interrupt, so that a partial report is still written; a second one ends the process.
func signals() (ctx context.Context, stopped func() int, release func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	code := make(chan int, 1)
	go func() {
		sig, ok := <-ch
		if !ok {
			return
		}
		c := exitInterrupted
		if sig == syscall.SIGTERM {
			c = exitTerminated
		}
		code <- c
		signal.Stop(ch)
		cancel()
	}()
	stopped = func() int {
		select {
		case c := <-code:
			return c
		default:
			return 0
		}
	}
	return ctx, stopped, func() { signal.Stop(ch); close(ch); cancel() }
}

func (a *app) root() *cobra.Command {
	f := &uiFlags{}
	root := &cobra.Command{
		Use:   "logindoctor [USER]",
		Short: "Finds out why somebody cannot log in to their mail",
		Long: "logindoctor asks every server that has a say (Kerio Connect, Stalwart, Active Directory,\n" +
			"Open Directory, IMAP), finds the root cause, and says what to do, who must do it, and what not to do.\nIt changes nothing on any server.\n\n" +
			"Without a command it opens the terminal UI, in which a whole case can be worked.",
		Args:          atMost(1, "there is no such command; a USER is one word"),
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(c *cobra.Command, args []string) error { return a.runUI(c.Context(), args, f) },
	}
	f.addUI(root)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return badFlag(err) })
	root.AddCommand(a.check(), a.demo(), a.report(), a.compare(), a.catalogue(), a.schema(), a.explain(), a.profile(), a.attach(), a.version())
	return root
}

// badFlag says what a flag takes: the words of package strconv and time are for programmers.
func badFlag(err error) error {
	var bad *pflag.InvalidValueError
	if !errors.As(err, &bad) {
		return usage("%v", err)
	}
	name, value := bad.GetFlag().Name, bad.GetValue()
	switch bad.GetFlag().Value.Type() {
	case "duration":
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return usage("--%s %q needs a unit, such as %ss", name, value, value)
		}
		return usage("--%s %q is no time, such as 5s or 1m30s", name, value)
	case "int":
		return usage("--%s %q is no whole number", name, value)
	case "bool":
		return usage("--%s %q is neither true nor false", name, value)
	}
	return usage("%v", err)
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		_, err := fmt.Fprintf(a.out, "logindoctor %s (%s)\n", version, commit)
		return err
	}}
}
