package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"logindoctor.example/report"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"logindoctor": main})
}

func TestCommand(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"code":  wantCode,
		"valid": wantValid,
		"mode":  wantMode,
	}})
}

// wantCode runs logindoctor and wants its exit code: `code 64 check`.
func wantCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: code CODE ARGS…")
	}
	err := ts.Exec("logindoctor", args[1:]...)
	got := "0"
	if err != nil {
		got = exitOf(err)
	}
	if got != args[0] {
		ts.Fatalf("exit %s, want %s (%v)", got, args[0], err)
	}
}

func exitOf(err error) string {
	type coder interface{ ExitCode() int }
	if c, ok := err.(coder); ok {
		b, _ := json.Marshal(c.ExitCode())
		return string(b)
	}
	return err.Error()
}

// wantValid wants files to be reports by the embedded schema.
func wantValid(ts *testscript.TestScript, neg bool, args []string) {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	ts.Check(err)
	c := jsonschema.NewCompiler()
	ts.Check(c.AddResource(report.SchemaID, schema))
	compiled, err := c.Compile(report.SchemaID)
	ts.Check(err)
	for _, a := range args {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(ts.ReadFile(a))))
		ts.Check(err)
		if err := compiled.Validate(doc); (err != nil) != neg {
			ts.Fatalf("%s: %v", a, err)
		}
	}
}

// wantMode wants a file to be for its owner's eyes.
func wantMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if info.Mode().Perm() != 0o600 {
		ts.Fatalf("mode %v, want 0600", info.Mode())
	}
}
