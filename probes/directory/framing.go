package directory

import (
	"errors"
	"fmt"

	"logindoctor.example/probes/dial"
)

// The most that one message of an honest server holds, several times over: a user with hundreds of addresses, 64 KiB.
const (
	maxMessage  = 256 << 10
	maxElements = 16 << 10
	maxDepth    = 12 // LDAP nests six deep
)

var errGarbage = errors.New("directory: the server does not speak LDAP")

// element is one BER element: its identifier octet and its content.
type element struct {
	id   byte
	body []byte
}

// header reads the identifier and the length of one element. size is the header's own; 0: b is too short to tell.
// LDAP uses neither identifiers of several octets nor indefinite lengths (RFC 4511 §5.1). Active Directory writes every
// length in four octets.
func header(b []byte) (id byte, size, length int, err error) {
	if len(b) > 0 && b[0]&0x1f == 0x1f {
		return 0, 0, 0, errGarbage
	}
	if len(b) < 2 {
		return 0, 0, 0, nil
	}
	octets := int(b[1] & 0x7f)
	switch {
	case b[1] < 0x80:
		return b[0], 2, int(b[1]), nil
	case octets == 0 || octets > 4:
		return 0, 0, 0, errGarbage
	case len(b) < 2+octets:
		return 0, 0, 0, nil
	}
	n := int64(0)
	for _, o := range b[2 : 2+octets] {
		n = n<<8 | int64(o)
	}
	if n > maxMessage {
		return 0, 0, 0, fmt.Errorf("directory: an element of %d bytes: %w", n, dial.ErrTooLong)
	}
	return b[0], 2 + octets, int(n), nil
}

// message gives the size of the LDAP message that b begins with, once it is complete; 0 before.
func message(b []byte) (int, error) {
	if len(b) > 0 && b[0] != idSequence {
		return 0, errGarbage
	}
	_, size, length, err := header(b)
	if err != nil || size == 0 || len(b) < size+length {
		return 0, err
	}
	left := maxElements
	return size + length, nested(b[size:size+length], maxDepth, &left)
}

// nested refuses what would cost asn1-ber (1.5.8) more than it costs the server to send: it makes a packet of some 250
// bytes for every empty element, copies the content once for each level, and believes an inner length that reaches
// past the outer one. Its own MaxPacketLengthBytes bounds none of these, and is one variable for the whole process.
func nested(b []byte, depth int, left *int) error {
	for len(b) > 0 {
		id, size, length, err := header(b)
		switch {
		case err != nil:
			return err
		case size == 0 || size+length > len(b):
			return errGarbage
		}
		if *left--; *left < 0 || depth == 0 {
			return fmt.Errorf("directory: a message of too many elements: %w", dial.ErrTooLong)
		}
		if id&0x20 != 0 {
			if err := nested(b[size:size+length], depth-1, left); err != nil {
				return err
			}
		}
		b = b[size+length:]
	}
	return nil
}

// elements splits content into its elements, as far as they can be read.
func elements(b []byte) []element {
	var out []element
	for len(b) > 0 && len(out) < maxElements {
		id, size, length, err := header(b)
		if err != nil || size == 0 || size+length > len(b) {
			break
		}
		out = append(out, element{id, b[size : size+length]})
		b = b[size+length:]
	}
	return out
}

// integer reads the content of an INTEGER or ENUMERATED; ok is false where it is none, or larger than anything here.
func integer(b []byte) (n int, ok bool) {
	if len(b) == 0 || len(b) > 4 {
		return 0, false
	}
	v := int32(int8(b[0]))
	for _, o := range b[1:] {
		v = v<<8 | int32(o)
	}
	return int(v), true
}

// reply is what every answer but a search entry holds (RFC 4511 §4.1.9).
type reply struct {
	id       int
	op       byte
	code     int
	words    string // diagnosticMessage
	controls map[string][]byte
}

// parseReply reads one whole message; ok is false where it has no result code.
func parseReply(b []byte) (r reply, ok bool) {
	outer := elements(b)
	if len(outer) != 1 {
		return r, false
	}
	parts := elements(outer[0].body)
	if len(parts) < 2 || parts[0].id != idInteger {
		return r, false
	}
	if r.id, ok = integer(parts[0].body); !ok {
		return r, false
	}
	r.op = parts[1].id
	result := elements(parts[1].body)
	if len(result) < 3 || result[0].id != idEnumerated || result[2].id != idOctetString {
		return r, false
	}
	if r.code, ok = integer(result[0].body); !ok || r.code < 0 || r.code > 0xffff {
		return r, false
	}
	r.words = string(result[2].body)
	if len(parts) > 2 && parts[2].id == idControls {
		r.controls = responseControls(parts[2].body)
	}
	return r, true
}

// responseControls maps the controls' types to their values; one without a value maps to an empty one.
func responseControls(b []byte) map[string][]byte {
	out := map[string][]byte{}
	for _, c := range elements(b) {
		fields := elements(c.body)
		if len(fields) == 0 || fields[0].id != idOctetString {
			continue
		}
		value := []byte{}
		if last := fields[len(fields)-1]; len(fields) > 1 && last.id == idOctetString {
			value = last.body
		}
		out[string(fields[0].body)] = value
	}
	return out
}
