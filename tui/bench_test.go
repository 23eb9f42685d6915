package tui

import (
	"fmt"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/checks"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// frameLimit is the most that one key, or one step of a run, may take until the screen is drawn.
const frameLimit = 5 * time.Millisecond

// sixty is a catalogue of as many checks, some of them problems with long words.
func sixty() []*checks.Check {
	var all []*checks.Check
	groups := checks.Groups()
	for i := range 60 {
		f := checks.Finding{Verdict: checks.OK, Summary: fmt.Sprintf("Check %d found nothing out of the ordinary about this user's account at this server.", i)}
		if i%7 == 3 {
			f = checks.Finding{Verdict: checks.Problem, Summary: fmt.Sprintf("Check %d found that jdoe's account is locked until 2026-11-22 09:42 UTC.", i)}
		}
		all = append(all, made(fmt.Sprintf("check-%d", i), groups[i%len(groups)], fmt.Sprintf("The title of check %d states the problem", i), needs{checks.KerioUser}, f))
	}
	return all
}

// frames measures Update and View together, and fails where one takes longer than the limit on average.
func frames(b *testing.B, x *tester, messages ...tea.Msg) {
	b.Helper()
	if x.screen() == "" {
		b.Fatal("nothing is drawn")
	}
	i := 0
	for b.Loop() {
		x.Update(messages[i%len(messages)])
		x.View()
		i++
	}
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(each.Microseconds())/1000, "ms/frame")
	if each > frameLimit {
		b.Errorf("%v a frame, at most %v", each, frameLimit)
	}
}

var down, up = tea.KeyMsg{Type: tea.KeyDown}, tea.KeyMsg{Type: tea.KeyUp}

func BenchmarkFrameBrowsing(b *testing.B) {
	x := finished(&testing.T{}, sixty(), 200, 60)
	frames(b, x, down, down, down, up)
}

func BenchmarkFrameRunning(b *testing.B) {
	x := running(&testing.T{}, sixty(), 200, 60)
	part := report.New(sixty(), facts(), meta)
	frames(b, x, beatMsg{}, partialMsg{x.run.number, part}, progressMsg{x.run.number, gather.Event{}}, down)
}

func BenchmarkFramePrivate(b *testing.B) {
	x := finished(&testing.T{}, sixty(), 200, 60).press("p")
	frames(b, x, down, up)
}

func BenchmarkFrameText(b *testing.B) {
	x := finished(&testing.T{}, sixty(), 200, 60).press("t")
	frames(b, x, down, up)
}
