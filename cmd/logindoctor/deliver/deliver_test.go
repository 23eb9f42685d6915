package deliver

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"logindoctor.example/probes/secret"
)

func parcel(t *testing.T) Parcel {
	t.Helper()
	p, err := Pack([]File{{"case.json", []byte("{}\n")}, {"case.txt", []byte("locked\n")}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.run = "298a8fc7b37c05c0"
	return p
}

func TestSubjectNamesTheParcel(t *testing.T) {
	p := parcel(t)
	if want := "logindoctor 298a8fc7b37c05c0 " + p.sum[:12]; p.Subject() != want {
		t.Errorf("%q, want %q", p.Subject(), want)
	}
	turned, _ := Pack([]File{p.Files[1], p.Files[0]}, nil)
	if turned.sum != p.sum {
		t.Error("the order of the files makes another parcel")
	}
	for _, other := range [][]File{
		{p.Files[0]},
		{p.Files[0], {"case.txt", []byte("locked\r\n")}},
		{p.Files[0], {"other.txt", p.Files[1].Data}},
	} {
		if o, _ := Pack(other, nil); o.sum == p.sum {
			t.Errorf("%v has the same name", other)
		}
	}
	if turned.Subject() != "logindoctor sha256-"+p.sum[:32] {
		t.Errorf("without a report: %q", turned.Subject())
	}
}

func TestLongBodyIsCutAtALine(t *testing.T) {
	got := shortened(strings.Repeat("äö line\n", maxBody/5))
	if len(got) > maxBody+100 || !strings.HasSuffix(got, "line\n\n(cut here; the attachments hold all of it)\n") {
		t.Errorf("%d bytes, ends in %q", len(got), got[len(got)-60:])
	}
}

func TestMediaType(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"a.txt", "ü", "text/plain"}, {"a.txt", "\xfc", "application/octet-stream"}, {"a.html", "a\x00", "application/octet-stream"},
		{"A.JSON", "{}", "application/json"}, {"a.zip", "\xff", "application/zip"}, {"a", "x", "application/octet-stream"},
	} {
		if got := (File{c.name, []byte(c.data)}).mediaType(); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.name, c.data, got, c.want)
		}
	}
}

// TestWordsHideTheSecret: also the base64 of a PLAIN response, wherever the password begins in it.
func TestWordsHideTheSecret(t *testing.T) {
	const canary = "Hunter2-canary"
	c := &courier{Access{Secret: secret.New(canary)}, "mail.example.test"}
	for _, user := range []string{"", "a", "ab", "abc"} {
		for _, tail := range []string{"", "x", "xy"} {
			coded := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + canary + tail))
			got := c.words("you said " + coded + " and " + canary + ".\x1b[2J")
			if strings.Contains(got, canary) || strings.ContainsRune(got, 0x1b) || strings.Contains(got, coded[len(coded)-16:len(coded)-6]) || strings.Count(got, "[redacted]") != 2 {
				t.Errorf("user %q: %q", user, got)
			}
		}
	}
}

func TestTickets(t *testing.T) {
	for text, want := range map[string]string{"12": "12", "#12": "12", "0": "", "012": "", "1 OR 1": "", "1'": "", "": "", "9999999999999999999": "", "-1": "", "12\n": ""} {
		if got, ok := RTTicket(text); got != want || ok != (want != "") {
			t.Errorf("RTTicket(%q) = %q, %v", text, got, ok)
		}
	}
	for text, want := range map[string]string{"12": "[#12]", "#12": "[#12]", "example.test #12": "[example.test #12]", "Ticket#31": "[Ticket#31]",
		"": "", "abc": "", "1]\r\nBcc: x@example.test": "", "1\n": "", "a 1] [b": "", "1\x00": "", "é1": "", strings.Repeat("1", 90): ""} {
		if got, ok := MailTicket(text); got != want || ok != (want != "") {
			t.Errorf("MailTicket(%q) = %q, %v", text, got, ok)
		}
	}
}

func FuzzMailTicket(f *testing.F) {
	f.Add("12")
	f.Add("x #1]\r\nBcc: a@b")
	f.Fuzz(func(t *testing.T, text string) {
		tag, ok := MailTicket(text)
		if ok && (strings.ContainsAny(tag[1:len(tag)-1], "[]\r\n\x00") || tag[0] != '[' || tag[len(tag)-1] != ']') {
			t.Errorf("%q gives %q", text, tag)
		}
	})
}

// TestMessage: every line is short ASCII with CRLF, and no name of a file makes a header of its own.
func TestMessage(t *testing.T) {
	p := parcel(t)
	p.Files = append(p.Files, File{"x\r\nBcc: y@example.test\r\n\r\n\"ü", []byte(strings.Repeat("z", 1000))})
	s := Submission{From: "logindoctor@example.test", To: "helpdesk@example.test"}
	at := time.Date(2026, 11, 22, 9, 15, 0, 0, time.UTC)
	text := string(s.message("[#7]", p, at))
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if strings.ContainsAny(line, "\r\n") || strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) || len(line) > 998 || strings.HasPrefix(line, "Bcc") {
			t.Errorf("line %q", line)
		}
	}
	for _, want := range []string{"Subject: [#7] " + p.Subject() + "\r\n", "Date: Sun, 22 Nov 2026 09:15:00 +0000\r\n", "Message-ID: <logindoctor."} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text[:400])
		}
	}
	if s.messageID("[#7]", p) == s.messageID("[#8]", p) || s.messageID("[#7]", p) != s.messageID("[#7]", p) {
		t.Error("the Message-ID must be the parcel's and the ticket's")
	}
}
