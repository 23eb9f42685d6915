package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"logindoctor.example/fixtures/sim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/fixtures/sim/stalwartsim"
)

// mostMemory is the most that the command may ever hold (VmHWM), in KiB, whatever servers send.
const mostMemory = 64 << 10

// TestMemory runs the built command, without the race detector, against servers that send without end at each stage.
func TestMemory(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "logindoctor")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	measure := func(t *testing.T, scenario string, change func(*sim.World)) {
		b := newBed(t, scenario, change)
		cmd := exec.Command(bin, "check", sim.User, "--profile", b.profile, "--timeout", "4s", "--deadline", "10s", "--format", "json")
		var out bytes.Buffer
		cmd.Stdout = &out
		most := highWater(t, cmd)
		if !strings.HasPrefix(out.String(), "{") {
			t.Fatalf("no report: %s", out.String())
		}
		t.Logf("%d KiB", most)
		if most > mostMemory {
			t.Errorf("the command held %d KiB, at most %d are allowed", most, mostMemory)
		}
	}
	var keys strings.Builder
	for i := range 190_000 {
		fmt.Fprintf(&keys, `"k%d":1,`, i)
	}
	const kerio, stalwart = "healthy--active-directory", "healthy--stalwart-active-directory"
	t.Run("healthy", func(t *testing.T) { measure(t, kerio, nil) })
	for name, f := range map[string]struct{ method, raw string }{
		"endless":     {"/jmap/", ""},
		"many rows":   {"x:Domain/get", `{"list":[` + strings.Repeat(`{"id":"a"},`, 180_000) + `{"id":"b"}]}`},
		"many keys":   {"x:Security/get", `{"list":[{` + keys.String() + `"last":1}]}`},
		"more values": {"x:Log/query", `{"ids":[` + strings.Repeat(`"a",`, 900_000) + `"b"]}`},
	} {
		t.Run("stalwart "+name, func(t *testing.T) {
			measure(t, stalwart, func(w *sim.World) {
				w.Stalwart.Faults = map[string]stalwartsim.Fault{f.method: {Raw: f.raw, Endless: f.raw == ""}}
			})
		})
	}
	for flight := range 3 {
		fault := loopback.Fault{Mode: loopback.Endless, Flights: flight}
		for server, change := range map[string]func(*sim.World){
			"kerio":     func(w *sim.World) { w.Kerio.Loopback.Fault = fault },
			"imap":      func(w *sim.World) { w.IMAP.Loopback.Fault = fault },
			"directory": func(w *sim.World) { w.Servers[0].Fault = fault },
		} {
			t.Run(server, func(t *testing.T) { measure(t, kerio, change) })
		}
	}
}

// highWater runs the command and reads its VmHWM as it goes: what wait4 reports afterwards also holds the memory of the
// process that it was forked from, this test with its race detector.
func highWater(t *testing.T, cmd *exec.Cmd) (most int) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the exit code is the report's
		close(done)
	}()
	status := fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)
	for {
		select {
		case <-done:
			if most == 0 {
				t.Fatal("the command ended before it was looked at")
			}
			return most
		default:
		}
		text, err := os.ReadFile(status)
		if err != nil || !strings.HasPrefix(string(text), "Name:\tlogindoctor\n") {
			continue // not yet, or no longer, the command
		}
		_, rest, _ := strings.Cut(string(text), "VmHWM:")
		var kib int
		if _, err := fmt.Sscan(rest, &kib); err == nil {
			most = max(most, kib)
		}
	}
}
