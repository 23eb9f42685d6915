package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"logindoctor.example/report"
)

// rtTicket is a ticket's number. The # that people write before it is not part of it.
var rtTicket = regexp.MustCompile(`^#?([1-9][0-9]{0,17})$`)

// RTTicket gives the number of a ticket in Request Tracker, and whether the text is one.
func RTTicket(text string) (string, bool) {
	m := rtTicket.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// rt speaks REST 2 of Request Tracker 5 (RT::REST2).
type rt struct {
	courier
	base   *url.URL
	client *http.Client
}

// maxAnswer is the most that is read of one answer, in bytes.
const maxAnswer = 1 << 20

// reasonHTTP are the words for what Request Tracker, or what stands before it, answers.
var reasonHTTP = map[int]string{
	http.StatusUnauthorized:          "the token was refused",
	http.StatusForbidden:             "this account may not see the ticket",
	http.StatusNotFound:              "there is no such ticket",
	http.StatusRequestEntityTooLarge: "the files are larger than it takes",
}

// RT comments on a ticket of the Request Tracker at address, with the parcel's files attached: a comment stays among the
// staff, a reply would go to the caller. ticket comes from RTTicket. A ticket that has this parcel already gets nothing. Its
// error is an *Error.
func RT(ctx context.Context, address, ticket string, p Parcel, a Access) (Receipt, error) {
	base, err := url.Parse(address)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return Receipt{}, &Error{Outcome: NotSent, Text: "the address of Request Tracker is no https address"}
	}
	r := &rt{courier: courier{a, base.Host}, base: base}
	transport := &http.Transport{TLSClientConfig: r.tls(""), DialContext: (&net.Dialer{Timeout: a.Timeout}).DialContext,
		TLSHandshakeTimeout: a.Timeout, ResponseHeaderTimeout: a.Timeout, MaxResponseHeaderBytes: 64 << 10}
	defer transport.CloseIdleConnections()
	// A redirect is not followed: the token is for this server alone.
	r.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	id, failed := r.ticket(ctx, ticket)
	if failed != nil {
		return Receipt{}, failed
	}
	found, failed := r.find(ctx, id, p)
	if failed != nil {
		return Receipt{}, failed
	}
	if found {
		return Receipt{Already: true}, nil
	}
	return r.comment(ctx, id, p)
}

// answer is one answer of the server. A nil error says that there is one, of whatever status.
type answer struct {
	status int
	at     string // the path of what was made
	body   []byte
}

func (r *rt) do(ctx context.Context, method, path string, query url.Values, body []byte) (answer, error) {
	u := r.base.JoinPath("REST/2.0", path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "token "+r.Secret.Reveal())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "logindoctor")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := r.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer{}, err
	case len(data) > maxAnswer:
		return answer{}, fmt.Errorf("it answered with more than %d bytes", maxAnswer)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), data}, nil
}

// look asks something that changes nothing, and reads the answer into v.
func (r *rt) look(ctx context.Context, path string, query url.Values, v any) *Error {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	a, err := r.do(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return r.fail(NotSent, trust(err), "%s", reason(err))
	}
	if a.status != http.StatusOK {
		return r.refused(NotSent, a)
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		return r.fail(NotSent, "ticket.rt.url is where its start page is", "what answers there is no Request Tracker with REST 2")
	}
	return nil
}

// refused words a status that is not the one wanted.
func (r *rt) refused(o Outcome, a answer) *Error {
	if a.status >= 300 && a.status < 400 {
		to := "elsewhere"
		if u, err := url.Parse(a.at); err == nil && u.Host != "" {
			to = "to " + u.Scheme + "://" + u.Host
		}
		return r.fail(o, "correct ticket.rt.url in the profile", "it redirects %s, where the token is not sent", to)
	}
	text := fmt.Sprintf("%d", a.status)
	if s := http.StatusText(a.status); s != "" {
		text += " " + s
	}
	if why := reasonHTTP[a.status]; why != "" {
		text = why + " (" + text + ")"
	}
	var said struct {
		Message string `json:"message"`
	}
	// Of another body, a web server's page, nothing is repeated.
	if json.Unmarshal(a.body, &said) == nil && said.Message != "" && !strings.Contains(text, said.Message) {
		text += ": " + said.Message
	}
	return r.fail(o, "", "%s", text)
}

// number is an id that Request Tracker writes as a number here and as a text there.
type number string

func (n *number) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	id, ok := RTTicket(text)
	if !ok {
		return fmt.Errorf("no number: %.40q", text)
	}
	*n = number(id)
	return nil
}

// ticket gives the number of the ticket, which is another one where tickets were merged. The history of a ticket that does
// not exist is an empty one (observed on 5.0.3), so it has to be asked for itself.
func (r *rt) ticket(ctx context.Context, ticket string) (string, *Error) {
	var t struct {
		ID number `json:"id"`
	}
	if e := r.look(ctx, "ticket/"+ticket, nil, &t); e != nil {
		return "", e
	}
	if t.ID == "" {
		return "", r.fail(NotSent, "", "what answers there is no Request Tracker with REST 2")
	}
	return string(t.ID), nil
}

// find says whether the ticket has a comment of the parcel's subject.
func (r *rt) find(ctx context.Context, ticket string, p Parcel) (bool, *Error) {
	var found struct {
		Items []struct {
			Type string `json:"Type"`
			Kind string `json:"type"` // always "transaction"; named, or it would be taken for the Type
			Data string `json:"Data"` // the subject, with a line end
		} `json:"items"`
	}
	// Neither part of the query holds a quote: RTTicket and Subject see to it.
	query := fmt.Sprintf("ObjectType = 'RT::Ticket' AND TicketId = %s AND Type = 'Comment' AND Subject = '%s'", ticket, p.Subject())
	if e := r.look(ctx, "transactions", url.Values{"query": {query}, "fields": {"Type,Data"}, "per_page": {"100"}}, &found); e != nil {
		return false, e
	}
	if found.Items == nil {
		return false, r.fail(NotSent, "it takes Request Tracker 5", "it does not say what stands in the ticket")
	}
	for _, t := range found.Items {
		if t.Type == "Comment" && strings.TrimSpace(t.Data) == p.Subject() {
			return true, nil
		}
	}
	return false, nil
}

type rtAttachment struct {
	FileName, FileType string
	FileContent        []byte // base64 in JSON
}

type rtComment struct {
	Subject, Content, ContentType string
	Attachments                   []rtAttachment
}

// rtName is a file's name as REST 2 takes it. It makes a broken name of one with é, and fails with 500 at one with ✓, but it
// reads encoded words (RFC 2047), as in a mail (observed on 5.0.3).
func rtName(name string) string { return mime.BEncoding.Encode("utf-8", name) }

// rtKept is an attachment that Request Tracker has: its name, and its length in bytes.
type rtKept struct {
	Filename      string
	ContentLength json.Number
}

func (r *rt) comment(ctx context.Context, ticket string, p Parcel) (Receipt, error) {
	c := rtComment{Subject: p.Subject(), Content: p.Body, ContentType: "text/plain"}
	for _, f := range p.Files {
		c.Attachments = append(c.Attachments, rtAttachment{rtName(f.Name), f.mediaType(), f.Data})
	}
	body, err := json.Marshal(c)
	if err != nil {
		return Receipt{}, &Error{Outcome: NotSent, Text: "the comment cannot be made: " + report.Clean(err.Error())}
	}
	a, err := r.do(ctx, http.MethodPost, "ticket/"+ticket+"/comment", nil, body)
	switch {
	case err == nil && a.status == http.StatusCreated:
		return Receipt{Notes: r.stored(ctx, a.at, p)}, nil
	case err == nil && a.status >= 300 && a.status < 500:
		return Receipt{}, r.refused(Refused, a)
	}
	// The answer is lost, or is none. What became of the comment stands in the ticket.
	if ctx.Err() == nil {
		if found, e := r.find(ctx, ticket, p); e == nil && found {
			return Receipt{Notes: []string{"its answer was lost, but the comment is in the ticket"}}, nil
		}
	}
	switch {
	case err != nil:
		return Receipt{}, r.fail(Unknown, "", "the comment was sent, and it is not known whether it was taken: %s", reason(err))
	case a.status >= 500:
		return Receipt{}, r.refused(Refused, a)
	}
	return Receipt{}, r.fail(Unknown, "", "the comment was sent, and the answer, %d, does not say whether it was taken", a.status)
}

// madeAt is how Request Tracker names what it made.
var madeAt = regexp.MustCompile(`/REST/2\.0/(transaction/[1-9][0-9]{0,17})$`)

// stored looks at what was kept of the files: Request Tracker may be told to cut long attachments off or to drop them
// ($TruncateLongAttachments, $DropLongAttachments), and answers the same then.
func (r *rt) stored(ctx context.Context, at string, p Parcel) []string {
	m := madeAt.FindStringSubmatch(at)
	if m == nil {
		return nil
	}
	var kept struct {
		Items []rtKept `json:"items"`
	}
	e := r.look(ctx, m[1]+"/attachments", url.Values{"fields": {"Filename,ContentLength"}, "per_page": {"100"}}, &kept)
	if e != nil || len(kept.Items) == 0 {
		return []string{"the comment was taken, but this account may not read it (right ShowTicketComments): a second delivery would not find it, and would post it again"}
	}
	var notes []string
	for _, f := range p.Files {
		if !slices.Contains(kept.Items, rtKept{f.Name, json.Number(strconv.Itoa(len(f.Data)))}) {
			notes = append(notes, r.words(f.Name+": Request Tracker did not keep the whole file; the file here is kept"))
		}
	}
	return notes
}
