package kerio

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"logindoctor.example/probes"
)

// What is assumed of the wire, each with its source. All of it is read leniently: no Kerio server was to be had.

const (
	// contentType is the official library's (jpirnat/kerio-api-php); servers seem not to enforce it.
	contentType = "application/json-rpc; charset=UTF-8"
	accept      = "application/json-rpc"
	// maxReply bounds one reply: a thousand log lines of at most 1024 characters (IDL of Logs.get), escaped, and to spare.
	maxReply = 4 << 20
	// maxWords bounds what is kept of a server's words.
	maxWords = 1024
	// logLines is how much of a log's end is read.
	logLines = 1000
	// userPage and userPages bound the search for the user's row: whether a condition matches in part or whole, and with
	// which case, is not settled, so rows are matched on this side.
	userPage, userPages = 500, 20
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

type rpcError struct {
	Code    number          `json:"code"`
	Message string          `json:"message"`
	Data    *rpcData        `json:"data"`
	Params  *positionalText `json:"messageParameters"` // of a partial error: there it is not wrapped in data
}

type rpcData struct {
	Params *positionalText `json:"messageParameters"`
}

type positionalText struct {
	Positional []any `json:"positionalParameters"`
}

// words is the message with %1, %2 … put in.
func (e *rpcError) words() string {
	p := e.Params
	if p == nil && e.Data != nil {
		p = e.Data.Params
	}
	text := e.Message
	if p != nil {
		for i, v := range p.Positional {
			text = strings.ReplaceAll(text, "%"+strconv.Itoa(i+1), fmt.Sprint(v))
		}
	}
	return text
}

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

// redactor takes secrets, session tokens and their base64 forms out of a server's words.
type redactor []string

func (r redactor) clean(text string) string {
	for _, s := range r {
		if len(s) == 0 {
			continue
		}
		for _, form := range []string{s, jsonForm(s), base64.StdEncoding.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString([]byte(s))} {
			text = strings.ReplaceAll(text, form, "[redacted]")
		}
	}
	return short(text)
}

// jsonForm is s as it stands inside a JSON string.
func jsonForm(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	return strings.Trim(strings.TrimSpace(b.String()), `"`)
}

func short(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= maxWords {
		return text
	}
	cut := maxWords
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// whyOf reads an error of a read-only call. 1000 on a get is "could not read", never a wrong password (Domains.get
// without a query gave "1000 internal database error", live 10.0.8).
func whyOf(e *rpcError) probes.Why {
	text := strings.ToLower(e.words())
	switch probes.KerioCode(e.Code) {
	case probes.KerioNotPermitted, probes.KerioAccessDenied:
		return probes.NotPermitted
	case probes.KerioSessionExpired:
		return probes.NotPermitted
	}
	for _, w := range []string{"administrator rights", "permission denied", "access denied", "not permitted", "insufficient"} {
		if strings.Contains(text, w) {
			return probes.NotPermitted
		}
	}
	return probes.Unclear
}
