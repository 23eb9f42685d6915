package probes

import (
	"encoding/hex"
	"fmt"
)

// HexBytes are bytes that people may have to read: their text form is hexadecimal.
type HexBytes []byte

// MarshalText gives lower-case hexadecimal.
func (b HexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(b)), nil }

// UnmarshalText reads what MarshalText gives.
func (b *HexBytes) UnmarshalText(text []byte) error {
	v, err := hex.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("probes: hexadecimal bytes: %w", err)
	}
	*b = v
	return nil
}
