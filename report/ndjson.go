package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// The lines of the NDJSON form: one for the run, one for each check, and the whole report last.
type (
	runLine struct {
		Type      string  `json:"type"` // run
		RunID     string  `json:"run_id"`
		StartedAt string  `json:"started_at"`
		Tool      Tool    `json:"tool"`
		Subject   Subject `json:"subject"`
	}
	checkLine struct {
		Type string `json:"type"` // check
		Answer
	}
	reportLine struct {
		Type   string  `json:"type"` // report
		Report *Report `json:"report"`
	}
)

// NDJSON writes one JSON document a line.
func NDJSON(w io.Writer, r *Report) error {
	lines := []any{runLine{"run", r.RunID, r.StartedAt.UTC().Format(stampForm), r.Tool, r.Subject}}
	for _, a := range r.Checks {
		lines = append(lines, checkLine{"check", a})
	}
	lines = append(lines, reportLine{"report", r})
	for _, l := range lines {
		var b bytes.Buffer
		if err := json.NewEncoder(&b).Encode(l); err != nil {
			return fmt.Errorf("report: ndjson: %w", err)
		}
		if _, err := w.Write(escape(b.Bytes())); err != nil {
			return err
		}
	}
	return nil
}

// stampForm is RFC 3339, as encoding/json writes a time.
const stampForm = "2006-01-02T15:04:05.999999999Z07:00"
