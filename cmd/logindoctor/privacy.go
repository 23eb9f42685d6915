package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"filippo.io/age"

	"logindoctor.example/report"
)

// preview lists what a report tells of people and machines, and what becomes of it in each output.
func (a *app) preview(r *report.Report, outputs []output) error {
	_, all := r.Private(report.PrivacyVendor)
	var levels []report.Privacy
	for _, o := range outputs {
		if !slices.Contains(levels, o.level) {
			levels = append(levels, o.level)
		}
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(a.out, "The report names nobody and no machine.")
		return err
	}
	fmt.Fprintln(a.out, "What the report names, and what would stand for it. Nothing was written.")
	gone := map[report.Privacy]map[string]bool{}
	for _, l := range levels {
		gone[l] = map[string]bool{}
		_, replaced := r.Private(l)
		for _, d := range replaced {
			gone[l][d.Value] = true
		}
	}
	for _, d := range all {
		line := fmt.Sprintf("  %-8s %s", d.Kind, report.Clean(d.Value))
		for _, l := range levels {
			what := "kept"
			if gone[l][d.Value] {
				what = "replaced"
			}
			line += fmt.Sprintf(" · %s: %s", l, what)
		}
		fmt.Fprintln(a.out, line)
	}
	return nil
}

// writeMap keeps the way back from the pseudonyms beside the first file that has them, encrypted where there is somebody to
// encrypt it for. It is as private as what it replaces, and is not to leave with the report.
func (a *app) writeMap(beside string, replaced []report.Replaced, f outputFlags) error {
	data, err := json.MarshalIndent(replaced, "", "  ")
	if err != nil {
		return &failure{code: exitBug, text: err.Error()}
	}
	path := beside + ".map.json"
	if len(f.recipients) > 0 {
		path = beside + ".map.age"
		if data, err = encrypted(data, f.recipients); err != nil {
			return &failure{code: exitBug, text: "the map could not be encrypted: " + err.Error()}
		}
	}
	if err := writeFile(path, data, f.force); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.err, "the map back from the pseudonyms, to be kept here: "+path)
	return err
}

func encrypted(data []byte, keys []string) ([]byte, error) {
	var to []age.Recipient
	for _, k := range keys {
		r, err := age.ParseX25519Recipient(k)
		if err != nil {
			return nil, err
		}
		to = append(to, r)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
