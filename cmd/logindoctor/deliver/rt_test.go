package deliver

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"logindoctor.example/probes/secret"
)

const token = "1-14-canaryofatoken"

// fakeRT plays one Request Tracker, as 5.0.3 answers. A case replaces what one of its resources does.
type fakeRT struct {
	ticket, find, comment, kept http.HandlerFunc
	comments                    []rtComment
	looks                       int
}

const noItems = `{"items":[],"count":0,"total":null,"pages":null}`

func says(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func aborts(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// hangs until the client has gone. It must not return: net/http would answer 200, which a client that is just leaving may still read.
func hangs(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

func floods(w http.ResponseWriter, _ *http.Request) {
	for range 3 << 10 {
		if _, err := io.WriteString(w, strings.Repeat("x", 1024)); err != nil {
			return
		}
	}
}

func garbles(w http.ResponseWriter, _ *http.Request) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_, _ = io.WriteString(c, "\x1b[2J\xff 200 "+token+"\r\n\r\n")
		_ = c.Close()
	}
}

func (f *fakeRT) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pick := func(own, usual http.HandlerFunc) {
		if own == nil {
			own = usual
		}
		own(w, r)
	}
	if r.Header.Get("Authorization") != "token "+token {
		says(401, `{"message":"Unauthorized"}`)(w, r)
		return
	}
	switch {
	case r.URL.Path == "/rt/REST/2.0/ticket/7":
		pick(f.ticket, says(200, `{"id":7,"type":"ticket"}`))
	case r.URL.Path == "/rt/REST/2.0/transactions":
		f.looks++
		pick(f.find, f.search)
	case r.URL.Path == "/rt/REST/2.0/ticket/7/comment" && r.Method == http.MethodPost:
		pick(f.comment, f.take)
	case r.URL.Path == "/rt/REST/2.0/transaction/170/attachments":
		pick(f.kept, says(200, `{"items":[{"Filename":"case.json","ContentLength":"3","type":"attachment"},{"Filename":"case.txt","ContentLength":"7"}]}`))
	default:
		says(404, `{"message":"Not Found"}`)(w, r)
	}
}

func (f *fakeRT) search(w http.ResponseWriter, r *http.Request) {
	for _, c := range f.comments {
		if strings.Contains(r.URL.Query().Get("query"), "'"+c.Subject+"'") {
			// The order of keys changes from answer to answer.
			says(200, fmt.Sprintf(`{"items":[{"Type":"Comment","Data":"%s\n","id":"170","type":"transaction"}]}`, c.Subject))(w, r)
			return
		}
	}
	says(200, noItems)(w, r)
}

func (f *fakeRT) take(w http.ResponseWriter, r *http.Request) {
	var c rtComment
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		says(400, `{"message":"no JSON"}`)(w, r)
		return
	}
	f.comments = append(f.comments, c)
	w.Header().Set("Location", "/rt/REST/2.0/transaction/170")
	says(201, `["Comments added"]`)(w, r)
}

// takes, and then does something else than to answer.
func (f *fakeRT) takesThen(then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.take(httptest.NewRecorder(), r)
		then(w, r)
	}
}

func (f *fakeRT) deliver(t *testing.T, timeout time.Duration, secretText string) (Receipt, error) {
	t.Helper()
	s := httptest.NewTLSServer(f)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := RT(ctx, s.URL+"/rt", "7", parcel(t), Access{Roots: roots, Secret: secret.New(secretText), Timeout: timeout})
	if ctx.Err() != nil {
		t.Error("only the deadline of the whole ended it")
	}
	return r, err
}

// failed wants an Error of the outcome, with the words and without the token.
func failed(t *testing.T, err error, want Outcome, words string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want one with %q", err, words)
	}
	if e.Outcome != want || !strings.Contains(e.Text, words) {
		t.Errorf("outcome %d, %q; want %d, %q", e.Outcome, e.Text, want, words)
	}
	if strings.Contains(e.Text+e.Hint, token) || strings.ContainsAny(e.Text, "\x1b\n\xff") {
		t.Errorf("not fit to be shown: %q", e.Text)
	}
}

func TestRTOnce(t *testing.T) {
	f := &fakeRT{}
	for run, already := range []bool{false, true, true} {
		got, err := f.deliver(t, 20*time.Second, token)
		if err != nil || got.Already != already || len(got.Notes) != 0 || len(f.comments) != 1 {
			t.Fatalf("run %d: %+v, %v, %d comments", run, got, err, len(f.comments))
		}
	}
	c, p := f.comments[0], parcel(t)
	if c.Subject != p.Subject() || c.Content != p.Body || c.ContentType != "text/plain" || len(c.Attachments) != 2 {
		t.Errorf("%+v", c)
	}
	if a := c.Attachments[1]; a.FileName != "case.txt" || a.FileType != "text/plain" || string(a.FileContent) != "locked\n" {
		t.Errorf("%+v", a)
	}
}

func TestRTFails(t *testing.T) {
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example.test/?"+token, http.StatusFound)
	}
	for _, c := range []struct {
		name  string
		fake  fakeRT
		want  Outcome
		words string
	}{
		{"no such ticket", fakeRT{ticket: says(404, `{"message":"Not Found"}`)}, NotSent, "there is no such ticket (404 Not Found)"},
		{"not permitted", fakeRT{ticket: says(403, `{"message":"Forbidden"}`)}, NotSent, "may not see the ticket"},
		{"redirect", fakeRT{ticket: redirect}, NotSent, "it redirects to https://elsewhere.example.test, where the token is not sent"},
		{"a page", fakeRT{ticket: says(200, "<html>"+token)}, NotSent, "no Request Tracker"},
		{"another object", fakeRT{ticket: says(200, `{}`)}, NotSent, "no Request Tracker"},
		{"an id that is none", fakeRT{ticket: says(200, `{"id":"7 OR 1=1"}`)}, NotSent, "no Request Tracker"},
		{"garbage", fakeRT{ticket: garbles}, NotSent, "malformed HTTP"},
		{"endless", fakeRT{ticket: floods}, NotSent, "more than"},
		{"closed", fakeRT{ticket: aborts}, NotSent, "it closed the connection"},
		{"older", fakeRT{find: says(404, `{"message":"Not Found"}`)}, NotSent, "404"},
		{"no list", fakeRT{find: says(200, `{}`)}, NotSent, "does not say what stands in the ticket"},
		{"may not comment", fakeRT{comment: says(400, `{"message":"Permission\u001b[31m Denied `+token+`"}`)}, Refused, "400 Bad Request: Permission Denied [redacted]"},
		{"token withdrawn", fakeRT{comment: says(401, `{"message":"Unauthorized"}`)}, Refused, "the token was refused"},
		{"too large", fakeRT{comment: says(413, "<html>nginx")}, Refused, "larger than it takes (413 Request Entity Too Large)"},
		{"broken", fakeRT{comment: says(500, "oops "+token)}, Refused, "500 Internal Server Error"},
		{"redirected comment", fakeRT{comment: redirect}, Refused, "it redirects"},
		{"odd answer", fakeRT{comment: says(200, "[]")}, Unknown, "200, does not say whether it was taken"},
		{"closed after the request", fakeRT{comment: aborts}, Unknown, "not known whether it was taken: it closed the connection"},
		{"garbage after the request", fakeRT{comment: garbles}, Unknown, "not known whether it was taken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.fake.deliver(t, 20*time.Second, token)
			failed(t, err, c.want, c.words)
			if len(c.fake.comments) != 0 {
				t.Error("a comment was taken")
			}
		})
	}
	t.Run("wrong token", func(t *testing.T) {
		_, err := (&fakeRT{}).deliver(t, 20*time.Second, "another")
		failed(t, err, NotSent, "the token was refused (401 Unauthorized)")
	})
	t.Run("hung", func(t *testing.T) {
		_, err := (&fakeRT{ticket: hangs}).deliver(t, 50*time.Millisecond, token)
		failed(t, err, NotSent, "no answer in time")
	})
}

// TestRTAnswerLost: what became of a comment whose answer was not seen stands in the ticket.
func TestRTAnswerLost(t *testing.T) {
	for name, then := range map[string]http.HandlerFunc{"closed": aborts, "garbage": garbles, "500": says(502, "<html>"), "odd": says(200, "")} {
		f := &fakeRT{}
		f.comment = f.takesThen(then)
		got, err := f.deliver(t, 20*time.Second, token)
		if err != nil || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "its answer was lost") || f.looks != 2 {
			t.Errorf("%s: %+v, %v, %d looks", name, got, err, f.looks)
		}
		if again, err := f.deliver(t, 20*time.Second, token); err != nil || !again.Already || len(f.comments) != 1 {
			t.Errorf("%s, again: %+v, %v, %d comments", name, again, err, len(f.comments))
		}
	}
}

func TestRTKeptLess(t *testing.T) {
	f := &fakeRT{kept: says(200, `{"items":[{"Filename":"case.json","ContentLength":3},{"Filename":"case.txt","ContentLength":"5"}]}`)}
	got, err := f.deliver(t, 20*time.Second, token)
	if err != nil || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "case.txt: Request Tracker did not keep") {
		t.Errorf("%+v, %v", got, err)
	}
	f = &fakeRT{kept: says(403, `{"message":"Forbidden"}`)}
	if got, err = f.deliver(t, 20*time.Second, token); err != nil || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "ShowTicketComments") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRTCertificate(t *testing.T) {
	s := httptest.NewTLSServer(&fakeRT{})
	defer s.Close()
	_, err := RT(context.Background(), s.URL+"/rt", "7", parcel(t), Access{Secret: secret.New(token), Timeout: 20 * time.Second})
	failed(t, err, NotSent, "signed by nobody this profile trusts")
	_, err = RT(context.Background(), "http://127.0.0.1:1", "7", parcel(t), Access{Secret: secret.New(token), Timeout: 20 * time.Second})
	failed(t, err, NotSent, "no https address")
}

func FuzzRTAnswer(f *testing.F) {
	f.Add([]byte(`{"items":[{"Type":"Comment","Data":"x"}],"id":7}`), 200)
	f.Add([]byte("\x1b]0;x\a"), 500)
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		r := &rt{courier: courier{Access{Secret: secret.New(token)}, "rt.example.test"}}
		e := r.refused(Refused, answer{status, string(body), body})
		if strings.ContainsFunc(e.Text, func(c rune) bool { return c < ' ' || c == 0x7f || c == 0x9b }) || strings.Contains(e.Text, token) {
			t.Errorf("%q", e.Text)
		}
		var n number
		if n.UnmarshalJSON(body) == nil && strings.Trim(string(n), "0123456789") != "" {
			t.Errorf("number %q", n)
		}
	})
}
