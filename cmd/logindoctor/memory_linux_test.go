package main

import (
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"logindoctor.example/fixtures/sim"
	"logindoctor.example/fixtures/sim/loopback"
)

// mostMemory is the most that the command may ever hold (VmHWM), in KiB, whatever servers send.
const mostMemory = 64 << 10

// TestMemory runs the built command, without the race detector, against servers that send without end at each stage.
func TestMemory(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "logindoctor")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	measure := func(t *testing.T, change func(*sim.World)) {
		b := newBed(t, "healthy--active-directory", change)
		cmd := exec.Command(bin, "check", sim.User, "--profile", b.profile, "--timeout", "4s", "--deadline", "10s", "--format", "json")
		out, _ := cmd.Output() // the exit code is the report's
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok || len(out) == 0 || out[0] != '{' {
			t.Fatalf("no report: %s", out)
		}
		t.Logf("%d KiB", usage.Maxrss)
		if usage.Maxrss > mostMemory {
			t.Errorf("the command held %d KiB, at most %d are allowed", usage.Maxrss, mostMemory)
		}
	}
	t.Run("healthy", func(t *testing.T) { measure(t, nil) })
	for flight := range 3 {
		fault := loopback.Fault{Mode: loopback.Endless, Flights: flight}
		for server, change := range map[string]func(*sim.World){
			"kerio":     func(w *sim.World) { w.Kerio.Loopback.Fault = fault },
			"imap":      func(w *sim.World) { w.IMAP.Loopback.Fault = fault },
			"directory": func(w *sim.World) { w.Servers[0].Fault = fault },
		} {
			t.Run(server, func(t *testing.T) { measure(t, change) })
		}
	}
}
