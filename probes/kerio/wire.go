package kerio

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// What is assumed of the wire, each with its source. All of it is read leniently: no Kerio server was to be had.

const (
	// contentType is the official library's (jpirnat/kerio-api-php); servers seem not to enforce it.
	contentType = "application/json-rpc; charset=UTF-8"
	accept      = "application/json-rpc"
	// maxReply bounds one reply: a thousand log lines of at most 1024 characters (IDL of Logs.get), escaped, and to spare.
	maxReply = 4 << 20
	// logLines is how much of a log's end is read.
	logLines = 1000
	// userPage and userPages bound the search for the user's row: whether a condition matches in part or whole, and with
	// which case, is not settled, so rows are matched on this side.
	userPage, userPages = 500, 20
	// keptBody is how much of a body that is no reply is searched for secrets before it is cut short.
	keptBody = 256 << 10
)

// request is the JSON-RPC 2.0 envelope. Kerio's own library sends the token in the body too; others do not: it is harmless.
type request struct {
	Version string `json:"jsonrpc"`
	ID      int    `json:"id"`
	Method  string `json:"method"`
	Params  any    `json:"params"` // never left out: -32602 was seen where it was (IT-for-Prof/zabbix-kerio-connect)
	Token   string `json:"token,omitempty"`
}

// reply is either half; both may be absent in a garbled one.
type reply struct {
	Result json.RawMessage `json:"result"`
	Error  *rpcError       `json:"error"`
}

// rpcError is an error of a whole call, or an entry of `errors` in a result: there messageParameters is not wrapped in data.
// It is read key by key: a detail of another shape than expected must not turn a refusal into no answer.
type rpcError struct {
	Code    number
	Message string
	params  []string
}

func (e *rpcError) UnmarshalJSON(b []byte) error {
	var code number
	var message words
	var data, params json.RawMessage
	if unpack(b, map[string]any{"code": &code, "message": &message, "data": &data, "messageParameters": &params}) != nil {
		var text words
		_ = json.Unmarshal(b, &text)
		e.Message = string(text) // an error that is no object: its words are all there is
		return nil
	}
	e.Code, e.Message = code, string(message)
	if params == nil && data != nil {
		_ = unpack(data, map[string]any{"messageParameters": &params})
	}
	var list []words
	if params != nil && unpack(params, map[string]any{"positionalParameters": &list}) == nil {
		for _, w := range list {
			e.params = append(e.params, string(w))
		}
	}
	return nil
}

// words is the message with %1, %2 … put in.
func (e *rpcError) words() string {
	return placeholder.ReplaceAllStringFunc(e.Message, func(p string) string {
		if i, err := strconv.Atoi(p[1:]); err == nil && i <= len(e.params) {
			return e.params[i-1]
		}
		return p
	})
}

var placeholder = regexp.MustCompile(`%[1-9][0-9]?`)

// decode reads a reply. ok is false where the body is not a JSON-RPC reply at all. The HTTP status does not count: error
// replies were seen with 200, and the IDL's comments speak of 404 and 500.
func decode(body []byte) (r reply, ok bool) {
	if err := json.Unmarshal(body, &r); err != nil {
		return reply{}, false
	}
	return r, r.Error != nil || len(r.Result) > 0
}

// number is an integer that may come as a string.
type number int

func (n *number) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if text == "" || text == "null" {
		*n = 0
		return nil
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil && v >= -1e15 && v <= 1e15 {
		*n = number(v)
		return nil
	}
	*n = 0 // another type than the IDL names: unknown, not an error
	return nil
}

// maxUnix is the end of the year 9999: what lies beyond has no form in RFC 3339.
const maxUnix int64 = 253402300799

// unix is a time in Unix seconds; zero where none is told.
func unix(n number) time.Time {
	if n <= 0 || int64(n) > maxUnix {
		return time.Time{}
	}
	return time.Unix(int64(n), 0).UTC()
}

// flag is a boolean that may come as a number or a string. given tells an absent one apart.
type flag struct{ value, given bool }

func (f *flag) UnmarshalJSON(b []byte) error {
	switch strings.ToLower(strings.Trim(string(b), `"`)) {
	case "true", "1", "yes", "on":
		f.value, f.given = true, true
	case "false", "0", "no", "off":
		f.value, f.given = false, true
	}
	return nil
}

// words is a string that may come as anything; what is not a string becomes its JSON text.
type words string

func (w *words) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*w = words(s)
	} else if string(b) != "null" {
		*w = words(b)
	}
	return nil
}

// unpack reads a result into v, key by key: a key of another type than expected spoils only itself.
func unpack(result json.RawMessage, v map[string]any) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(result, &keys); err != nil {
		return fmt.Errorf("kerio: the result is no object: %w", err)
	}
	for k, into := range v {
		if raw, ok := keys[k]; ok {
			_ = json.Unmarshal(raw, into)
		}
	}
	return nil
}

// whyOf reads an error of a read-only call. 1000 on a get is "could not read", never a wrong password (Domains.get
// without a query gave "1000 internal database error", live 10.0.8).
func whyOf(e *rpcError) probes.Why {
	switch probes.KerioCode(e.Code) {
	case probes.KerioNotPermitted, probes.KerioAccessDenied, probes.KerioSessionExpired:
		return probes.NotPermitted
	}
	text := strings.ToLower(e.words())
	for _, w := range []string{"administrator rights", "permission denied", "access denied", "not permitted", "insufficient"} {
		if strings.Contains(text, w) {
			return probes.NotPermitted
		}
	}
	return probes.Unclear
}

// whyRefused reads an error of Session.login. JSON-RPC's own errors (a wrong address, a server in trouble) are no refusal
// of the account, but for -32001, which also stands for missing administrator rights.
func whyRefused(e *rpcError) probes.Why {
	if code := probes.KerioCode(e.Code); code > 0 || code == probes.KerioSessionExpired {
		return probes.NotPermitted
	}
	return whyOf(e)
}
