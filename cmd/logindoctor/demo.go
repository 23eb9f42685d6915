package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"logindoctor.example/fixtures/sim"
)

// defaultDemo is the case that shows most at first sight.
const defaultDemo = "ad-account-locked"

func (a *app) demo() *cobra.Command {
	f := &uiFlags{}
	var list bool
	c := &cobra.Command{
		Use:   "demo [SCENARIO]",
		Short: "Diagnose simulated servers with a fault in them; needs no configuration",
		Long:  "demo shows the terminal UI on a terminal, and the text report without one, or with --plain, --quiet or --format.",
		Args:  atMost(1, "demo takes one SCENARIO"),
		RunE: func(c *cobra.Command, args []string) error {
			if list {
				return a.listDemos()
			}
			name := defaultDemo
			if len(args) > 0 {
				name = args[0]
			}
			return a.runDemo(c.Context(), name, f)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&list, "list", false, "name the scenarios")
	c.Flags().BoolVar(&f.plain, "plain", false, "the text report, on a terminal too")
	return c
}

func (a *app) listDemos() error {
	for _, s := range sim.Scenarios {
		if _, err := fmt.Fprintf(a.out, "%-36s %s\n", s.Name, s.Story); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) runDemo(ctx context.Context, name string, f *uiFlags) error {
	s, ok := sim.Find(name)
	if !ok {
		return &failure{code: exitUsage, text: fmt.Sprintf("no scenario is named %q", name), hint: near(name)}
	}
	if a.terminal() && !f.plain && !f.quiet && len(f.formats) == 0 {
		return a.showDemo(ctx, s, f)
	}
	outputs, err := f.prepare()
	if err != nil {
		return err
	}
	flags, err := f.options()
	if err != nil {
		return err
	}
	r, err := s.World(time.Now()).Start(0)
	if err != nil {
		return &failure{code: exitBug, text: "the simulated servers could not be started: " + err.Error()}
	}
	defer r.Close()
	o := s.Options(r)
	o.Timeout, o.Deadline = flags.Timeout, flags.Deadline
	return a.diagnose(ctx, r.Target, o, &f.runFlags, outputs)
}

func near(name string) string {
	for _, s := range sim.Scenarios {
		if strings.Contains(s.Name, name) {
			return "did you mean " + s.Name + "? logindoctor demo --list names them all"
		}
	}
	return "logindoctor demo --list names them"
}
