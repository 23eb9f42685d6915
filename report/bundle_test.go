package report

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func bundled(t *testing.T, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Bundle(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBundle(t *testing.T) {
	r := lockedReport()
	data := bundled(t, r)
	if !bytes.Equal(data, bundled(t, r)) {
		t.Error("the same report gives other bytes")
	}
	back, err := ReadBundle(bytes.NewReader(data), int64(len(data)))
	if err != nil || written(t, "json", back) != written(t, "json", r) {
		t.Errorf("%v: what was read is another report", err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "report.json report.html facts.json schema.json manifest.json" {
		t.Errorf("members: %s", got)
	}
}

// rezip makes the bundle anew with one member changed; nil leaves it out.
func rezip(t *testing.T, data []byte, name string, change func([]byte) []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		member, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == name {
			if member = change(member); member == nil {
				continue
			}
		}
		m, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write(member); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBundleRefuses(t *testing.T) {
	data := bundled(t, lockedReport())
	gone := func([]byte) []byte { return nil }
	for name, spoilt := range map[string][]byte{
		"no zip":          []byte("PK\x03\x04 and nothing more"),
		"cut":             data[:len(data)/2],
		"changed report":  rezip(t, data, bundleReport, func(b []byte) []byte { return bytes.Replace(b, []byte("locked"), []byte("lucked"), 1) }),
		"changed picture": rezip(t, data, bundleHTML, func(b []byte) []byte { return append(b, ' ') }),
		"no manifest":     rezip(t, data, bundleManifest, gone),
		"no report":       rezip(t, data, bundleReport, gone),
		"empty manifest":  rezip(t, data, bundleManifest, func([]byte) []byte { return []byte("{}") }),
	} {
		if _, err := ReadBundle(bytes.NewReader(spoilt), int64(len(spoilt))); !errors.Is(err, ErrBundle) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadBundle(f *testing.F) {
	var b bytes.Buffer
	if err := Bundle(&b, lockedReport(), Options{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := ReadBundle(bytes.NewReader(data), int64(len(data))); err == nil && r == nil {
			t.Error("neither a report nor an error")
		}
	})
}
