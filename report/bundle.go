package report

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"time"
)

// The members of a bundle. The report holds the facts; they stand alone too, for whoever wants nothing else.
const (
	bundleReport   = "report.json"
	bundleHTML     = "report.html"
	bundleFacts    = "facts.json"
	bundleSchema   = "schema.json"
	bundleManifest = "manifest.json"
)

// maxBundle is the most that is read of one member of a bundle, in bytes, whatever its header says.
const maxBundle = maxReport

// manifest lists the members with their sums.
type manifest struct {
	Made  time.Time    `json:"made"`
	Tool  Tool         `json:"tool"`
	RunID string       `json:"run_id"`
	Files []bundleFile `json:"files"`
}

type bundleFile struct {
	Name   string `json:"name"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Bundle writes the whole case as a zip file: report, HTML, facts, schema, and a manifest with SHA-256 sums. The same report
// gives the same bytes.
func Bundle(w io.Writer, r *Report, o Options) error {
	z := zip.NewWriter(w)
	m := manifest{Made: r.FinishedAt.UTC(), Tool: r.Tool, RunID: r.RunID, Files: []bundleFile{}}
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{bundleReport, func(w io.Writer) error { return JSON(w, r) }},
		{bundleHTML, func(w io.Writer) error { return HTML(w, r, o) }},
		{bundleFacts, func(w io.Writer) error { return indented(w, r.Facts) }},
		{bundleSchema, func(w io.Writer) error { _, err := w.Write(Schema()); return err }},
	} {
		var b bytes.Buffer
		if err := part.write(&b); err != nil {
			return err
		}
		sum := sha256.Sum256(b.Bytes())
		m.Files = append(m.Files, bundleFile{part.name, b.Len(), hex.EncodeToString(sum[:])})
		if err := put(z, part.name, m.Made, b.Bytes()); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := indented(&b, m); err != nil {
		return err
	}
	if err := put(z, bundleManifest, m.Made, b.Bytes()); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("report: bundle: %w", err)
	}
	return nil
}

func put(z *zip.Writer, name string, made time.Time, data []byte) error {
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: made})
	if err == nil {
		_, err = f.Write(data)
	}
	if err != nil {
		return fmt.Errorf("report: bundle: %s: %w", name, err)
	}
	return nil
}

func indented(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("report: bundle: %w", err)
	}
	_, err := w.Write(escape(b.Bytes()))
	return err
}

// ErrBundle is wrapped by every error about a bundle that is damaged or is none.
var ErrBundle = errors.New("not a whole bundle of logindoctor")

// ReadBundle reads the report out of a bundle, once every member has the sum that the manifest gives it.
func ReadBundle(at io.ReaderAt, size int64) (*Report, error) {
	z, err := zip.NewReader(at, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	members := map[string][]byte{}
	for _, f := range z.File {
		if f.Name != path.Base(f.Name) || members[f.Name] != nil || len(z.File) > 16 {
			return nil, fmt.Errorf("%w: it has a member %q", ErrBundle, Clean(f.Name))
		}
		data, err := member(f)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrBundle, Clean(f.Name), err)
		}
		members[f.Name] = data
	}
	var m manifest
	if err := json.Unmarshal(members[bundleManifest], &m); err != nil {
		return nil, fmt.Errorf("%w: its manifest is missing or damaged", ErrBundle)
	}
	listed := false
	for _, f := range m.Files {
		sum := sha256.Sum256(members[f.Name])
		if members[f.Name] == nil || hex.EncodeToString(sum[:]) != f.SHA256 {
			return nil, fmt.Errorf("%w: %s is not what the manifest says", ErrBundle, Clean(f.Name))
		}
		listed = listed || f.Name == bundleReport
	}
	if !listed {
		return nil, fmt.Errorf("%w: it holds no %s", ErrBundle, bundleReport)
	}
	return Read(bytes.NewReader(members[bundleReport]))
}

func member(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(io.LimitReader(r, maxBundle+1))
	if err == nil && len(data) > maxBundle {
		err = errors.New("it is larger than any honest one")
	}
	return data, err
}
