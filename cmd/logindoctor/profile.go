package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"logindoctor.example/probes/gather"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/profile"
	"logindoctor.example/report"
)

func (a *app) profile() *cobra.Command {
	c := &cobra.Command{Use: "profile", Short: "Test a profile", Args: exactly(0, "profile has one command: profile test [NAME|FILE]"),
		RunE: func(*cobra.Command, []string) error {
			return usage("profile has one command: profile test [NAME|FILE]")
		}}
	var name string
	test := &cobra.Command{
		Use:   "test [NAME|FILE]",
		Short: "Reachability, TLS, clocks, and what each of logindoctor's own accounts may see",
		Args:  atMost(1, "profile test takes one NAME or FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 && name != "" {
				return usage("the profile is named twice: %q and %q", name, args[0])
			}
			if len(args) > 0 {
				name = args[0]
			}
			return a.testProfile(c.Context(), name)
		},
	}
	test.Flags().StringVar(&name, "profile", "", "profile `NAME|FILE`, as other commands take it")
	c.AddCommand(test)
	return c
}

// testProfile looks, and tries nothing: neither the canary nor the mail server's bind is submitted.
func (a *app) testProfile(ctx context.Context, name string) error {
	p, err := profile.Find(name, "")
	if err != nil {
		return configFailure(err)
	}
	secrets, roots, err := a.material(ctx, p, &runFlags{})
	if err != nil {
		return err
	}
	dir, err := profile.StateDir()
	if err != nil {
		return configFailure(err)
	}
	ctx, cancel := context.WithTimeout(ctx, gather.DefaultDeadline)
	defer cancel()
	s := gather.Open(ctx, p.Target(testUser(p)), gather.Options{Secrets: secrets, Roots: roots, Ledger: ledger.Open(filepath.Join(dir, "ledger.json"), time.Now)})
	s.Look(ctx)
	s.Rights(ctx)
	s.Close(ctx)
	all, refused, err := report.ProfileText(a.out, s.Snapshot(), report.Options{Location: time.Local, Colour: a.colour(outputFlags{})})
	switch {
	case err != nil:
		return err
	case refused:
		return &failure{code: report.ExitOwnRefused, text: "one of logindoctor's own accounts was refused", hint: "correct it in " + p.Path + "; it is not tried again for half an hour"}
	case !all:
		return &failure{code: report.ExitInconclusive, text: "not everything could be seen; the lines with ? say why"}
	}
	return nil
}

// testUser is whom the looks ask about: the canary, else logindoctor's own account at Kerio. Nobody's login is tried.
func testUser(p *profile.Profile) string {
	switch {
	case p.IMAP != nil && p.IMAP.Canary != "":
		return p.IMAP.Canary
	case p.Kerio != nil && p.Kerio.Admin != "":
		return p.Kerio.Admin
	case len(p.Domains) > 0:
		return "postmaster@" + p.Domains[0]
	}
	return "postmaster"
}
