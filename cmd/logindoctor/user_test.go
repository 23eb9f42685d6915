package main

import "testing"

func TestUsersThatMayBeMeant(t *testing.T) {
	for _, u := range []string{"jdoe", "jdoe@example.test", "jdoe@localhost", "j.doe+mail@example.test", `EXAMPLE\jdoe`, "jane doe", "jürgen@exämple.test", `"jane doe"@example.test`, "o'brien@example.test"} {
		if err := validUser(u); err != nil {
			t.Errorf("%s: %v", u, err)
		}
	}
}
