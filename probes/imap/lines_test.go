package imap

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap"

	"logindoctor.example/probes"
)

// cut reads everything that a server sent, in chunks of at most size bytes.
func cut(data []byte, size int) (all []response, err error) {
	var l lines
	for len(data) > 0 {
		n := min(size, len(data))
		l.push(data[:n])
		data = data[n:]
		for {
			r, ok, err := l.next()
			if err != nil {
				return all, err
			}
			if !ok {
				break
			}
			all = append(all, r)
		}
	}
	return all, nil
}

func TestLines(t *testing.T) {
	const ok, no, bad, bye, preauth = probes.IMAPOK, probes.IMAPNO, probes.IMAPBAD, probes.IMAPBYE, probes.IMAPPREAUTH
	for _, tt := range []struct {
		line string
		want response
	}{
		{"* OK [CAPABILITY IMAP4rev1 ID] ready.", response{"*", ok, "CAPABILITY", "IMAP4rev1 ID", "ready."}},
		{"* bye  two spaces ", response{"*", bye, "", "", " two spaces "}},
		{"* PREAUTH", response{"*", preauth, "", "", ""}},
		{"a1 No [limit]", response{"a1", no, "LIMIT", "", ""}},
		{"a1 BAD [X-FOO.1 a b]c", response{"a1", bad, "X-FOO.1", "a b", "c"}},
		{"a1 NO [REFERRAL imap://[::1]/] x", response{"a1", no, "REFERRAL", "imap://[::1]/", "x"}},
		{"a1 NO [] x", response{"a1", no, "", "", "[] x"}},
		{"a1 NO text {5}", response{"a1", no, "", "", "text {5}"}}, // words are no literal
		{"+ ", response{"+", 0, "", "", ""}},
		{"+", response{"+", 0, "", "", ""}},
		{"+ YGgG", response{"+", 0, "", "", "YGgG"}},
		{"* 3 EXISTS", response{"*", 0, "", "", "3 EXISTS"}},
		{"* LIST () \"/\" {3}\r\na\n]", response{"*", 0, "", "", "LIST () \"/\" {3}"}},
		{"* LIST () {3}\r\nabc {0}\r\n x", response{"*", 0, "", "", "LIST () {3} {0} x"}},
	} {
		for _, end := range []string{"\r\n", "\n"} {
			got, err := cut([]byte(tt.line+end), 1)
			if err != nil || len(got) != 1 || got[0] != tt.want {
				t.Errorf("%q: %+v, %v", tt.line, got, err)
			}
		}
	}
}

func TestLinesRefuse(t *testing.T) {
	for _, tt := range []struct {
		text string
		want error
	}{
		{"\r\n", errNotIMAP},
		{"*\r\n", errNotIMAP},
		{"* \r\n", errNotIMAP},
		{"+OK POP3\r\n", errNotIMAP},
		{"220 smtp\r\n", errNotIMAP},
		{"SSH-2.0-OpenSSH_9.2\r\n", errNotIMAP},
		{"a1\r\n", errNotIMAP},
		{"a1 5 EXISTS\r\n", errNotIMAP},
		{"a1 BYE\r\n", errNotIMAP},
		{"* (\r\n", errNotIMAP},
		{"* OK a\x00b\r\n", errNotIMAP},
		{"* OK " + strings.Repeat("a", maxLine), errLongLine},
		{"* X {5}\r\nabcde" + strings.Repeat("a", maxLine), errLongLine},
		{"* X {65537}\r\n", errLongLiteral},
		{"* X {4000000000+}\r\n", errLongLiteral},
		{"* X {99999999999999999999999}\r\n", errLongLiteral},
	} {
		if got, err := cut([]byte(tt.text), 7); !errors.Is(err, tt.want) || len(got) != 0 {
			t.Errorf("%.40q: %+v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}

// A server cannot make the reader hold much, whatever it sends.
func TestLinesHoldLittle(t *testing.T) {
	var l lines
	chunk := bytes.Repeat([]byte("a"), 4096)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 500 { // 32 MB
		l.push([]byte("* X {65536}\r\n"))
		for range 16 {
			l.push(chunk)
			if _, _, err := l.next(); err != nil {
				t.Fatal(err)
			}
			if cap(l.buf) > 4*maxLine || cap(l.line) > 4*maxLine {
				t.Fatalf("holds %d and %d bytes", cap(l.buf), cap(l.line))
			}
		}
		l.push([]byte("\r\n"))
		if _, ok, err := l.next(); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

// The recorded exchanges are what servers send, as one stream each.
func TestWire(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/wire/imap/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded exchanges: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all, err := cut(data, 5)
		if err != nil || len(all) == 0 {
			t.Errorf("%s: %d responses, %v", f, len(all), err)
		}
		for _, r := range all {
			if r.text == "" && r.tag != "+" {
				t.Errorf("%s: a response without words: %+v", f, r)
			}
		}
	}
}

// FuzzLines: however the bytes are chopped up the responses are the same, nothing is held beyond the limits, and what
// go-imap is given is what it can read.
func FuzzLines(f *testing.F) {
	for _, s := range []string{"* OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN] hi\r\na1 no\r\n", "* LIST () \"/\" {3}\r\na\r\n x\r\n+ \r\n", "* 1 FETCH\r\n",
		"a1 NO [REFERRAL imap://[::1]/] x\r\n* BYE\r\n", "* CAPABILITY A B]\r\n", "* OK [CAPABILITY NIL \"] x\r\n", "* X {4000000000}\r\n", "a1 OK [[]\r\n"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		size = max(1, min(size, 4096))
		all, err := cut(data, size)
		whole, werr := cut(data, len(data)+1)
		if !reflect.DeepEqual(all, whole) || !errors.Is(err, werr) {
			t.Fatalf("in pieces %+v, %v; at once %+v, %v", all, err, whole, werr)
		}
		for _, r := range all {
			if len(r.text) > maxLine || len(r.args) > maxLine || string(r.code) != strings.ToUpper(string(r.code)) {
				t.Fatalf("response %+v", r)
			}
			readable(t, r)
		}
	})
}

func readable(t *testing.T, r response) {
	t.Helper()
	given := r.forGoIMAP()
	if given == nil {
		return
	}
	rest := bufio.NewReader(bytes.NewReader(given))
	resp, err := goimap.ReadResp(goimap.NewReader(rest))
	if err != nil || rest.Buffered() != 0 {
		t.Fatalf("%+v given as %q: %v", r, given, err)
	}
	status, isStatus := resp.(*goimap.StatusResp)
	if isStatus != (r.status != 0) || isStatus && (status.Tag != r.tag || string(status.Type) != r.status.String()) {
		t.Fatalf("%+v given as %q is read as %+v", r, given, resp)
	}
}
