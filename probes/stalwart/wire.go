package stalwart

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"logindoctor.example/probes"
)

// What is assumed of the wire, each with its source; "S:" and "W:" as in package probes. All of it is read leniently: no
// Stalwart was to be had.

const (
	// sessionPath is W: development/api.md. /.well-known/jmap only redirects to it.
	sessionPath = "/jmap/session"
	// callPath: the documentation's examples post to /api, which the code does not know (S: http/src/api/mod.rs).
	callPath = "/jmap/"
	// rightsPath tells a caller its own permissions (S: http/src/api/mod.rs).
	rightsPath = "/api/account"

	contentType = "application/json" // anything else is refused (S: jmap/src/api/mod.rs)
	// usualCalls and usualObjects are x:Jmap's defaults, maxMethodCalls and getMaxResults (W: ref/object/jmap.md).
	usualCalls, usualObjects = 16, 500
	// maxReply bounds one reply: 500 bans, 500 domains, a few hundred log lines, and to spare.
	maxReply = 4 << 20
	// keptBody is how much of a body that is no reply is searched for secrets before it is cut short.
	keptBody = 256 << 10
	// logLines is how many lines each search of the log asks for.
	logLines = 100
	// textMatches bounds the search for aliases, which is one for words and finds others too.
	textMatches = 50
	// logAccount is how a line names an account where it does not name it by its address; security.* events know no other way. The
	// comma behind the number keeps longer ones out. Of the events of a login only auth.success of an own password ends with the
	// number, and that one has the address (S: common/src/auth/authentication.rs, access_token.rs; trc/src/serializers/text.rs).
	logAccount = "accountId = "
	// logAddress is how a line names where a connection came from.
	logAddress = "remoteIp = "
	// logDirectory is how a line names an event of a store. A directory that refuses is store.ldap-error, and one that does not answer
	// store.pool-error (S: directory/src/lib.rs); one search has to find both, since a request holds no more. The others are rare: what
	// a store does in good health is trace (S: trc/src/event/enums_impl.rs).
	logDirectory = "(store."
	// logBanned is the event of a failure that banned its address. It names the login (S: common/src/auth/authentication.rs).
	logBanned = "security.authentication-ban"
	// singleton is the id of the objects that there is one of (W: configuration/object-encoding.md).
	singleton = "singleton"
)

// using names the capabilities; the code does not insist on the second one (S: jmap/src/api/request.rs).
var using = []string{"urn:ietf:params:jmap:core", "urn:stalwart:jmap"}

// mailCapability stands in the session of an account that may use mail (RFC 8621 §1.3).
const mailCapability = "urn:ietf:params:jmap:mail"

// scanned are parts of paths that ban whoever asks for one, with the first request (W: ref/object/security.md, scanBanPaths).
var scanned = []string{".php", ".cgi", ".asp", "/wp-", "/php", "/cgi-bin", "xmlrpc", "../", "/..", "joomla", "wordpress", "drupal"}

// bans says whether Stalwart takes a request for this path for a scan.
func bans(path string) bool {
	path = strings.ToLower(path)
	return slices.ContainsFunc(scanned, func(part string) bool { return strings.Contains(path, part) })
}

// ask is one method call: id is what its answer is found by.
type ask struct {
	id, method string
	args       map[string]any
}

func (a ask) MarshalJSON() ([]byte, error) { return json.Marshal([]any{a.method, a.args, a.id}) }

// request is RFC 8620 §3.3.
type request struct {
	Using []string `json:"using"`
	Calls []ask    `json:"methodCalls"`
}

// result is one method's answer, or its error.
type result struct {
	name string
	args object
	bad  bool // not in the form of an answer
}

// results reads a reply (RFC 8620 §3.4). ok is false where the body is none. An entry of another form spoils only itself.
func results(body []byte) (map[string]result, bool) {
	var reply struct {
		Responses []json.RawMessage `json:"methodResponses"`
	}
	if json.Unmarshal(body, &reply) != nil || reply.Responses == nil {
		return nil, false
	}
	all := map[string]result{}
	for _, raw := range reply.Responses {
		var parts []json.RawMessage
		var r result
		var id string
		if json.Unmarshal(raw, &parts) != nil || len(parts) != 3 || json.Unmarshal(parts[2], &id) != nil || json.Unmarshal(parts[0], &r.name) != nil {
			continue
		}
		if json.Unmarshal(parts[1], &r.args) != nil || r.args == nil {
			r.bad = true
		}
		if _, twice := all[id]; !twice {
			all[id] = r
		}
	}
	return all, true
}

// refused reads the error of a method (RFC 8620 §3.6.2); kind is its type.
func refused(kind string) probes.Why {
	switch kind {
	case "forbidden", "accountNotFound", "accountNotSupportedByMethod", "accountReadOnly":
		return probes.NotPermitted
	case "serverUnavailable":
		return probes.Unreachable
	}
	return probes.Unclear // unknownMethod, invalidArguments, requestTooLarge, serverFail, …
}

// problem is the body of an HTTP error (RFC 9457); type and limit are of a request error (RFC 8620 §3.6.1).
type problem struct {
	Type, Title, Detail, Limit string
}

func problemOf(body []byte) problem {
	var o object
	if json.Unmarshal(body, &o) != nil {
		return problem{}
	}
	return problem{o.text("type"), o.text("title"), o.text("detail"), o.text("limit")}
}

// refusal reads an HTTP answer to a request that bore a secret. S: http/src/api/mod.rs, jmap/src/api/mod.rs.
func refusal(status int, header http.Header, p problem) probes.StalwartRefusal {
	limit := strings.HasSuffix(p.Type, "error:limit")
	switch {
	case status == http.StatusUnauthorized && len(header.Values("WWW-Authenticate")) > 0:
		return probes.StalwartUnauthorized
	case status == http.StatusUnauthorized:
		return probes.StalwartExpired
	case status == http.StatusPaymentRequired:
		return probes.StalwartMFA
	case status == http.StatusForbidden && p.Detail == "Forbidden":
		return probes.StalwartBlocked
	case status == http.StatusForbidden:
		return probes.StalwartForbidden
	case status == http.StatusTooManyRequests && strings.Contains(strings.ToLower(p.Title), "authentication"):
		return probes.StalwartBanned
	case status == http.StatusTooManyRequests, status == http.StatusBadRequest && limit:
		return probes.StalwartLimited
	case status >= 500 && status < 600:
		return probes.StalwartTrouble
	}
	return probes.StalwartStrange
}

// whyOf words a refusal of our own key as the reason for which nothing was seen.
func whyOf(r probes.StalwartRefusal) probes.Why {
	switch r {
	case probes.StalwartNoRefusal:
		return probes.Seen
	case probes.StalwartUnauthorized, probes.StalwartExpired, probes.StalwartMFA, probes.StalwartForbidden, probes.StalwartBanned, probes.StalwartNobody:
		return probes.NotPermitted
	case probes.StalwartTrouble, probes.StalwartBlocked: // a banned address is turned away before the key is looked at
		return probes.Unreachable
	}
	return probes.Unclear
}
