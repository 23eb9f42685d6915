package stalwart

import (
	"testing"

	"logindoctor.example/probes"
)

// TestListsMissing: a list that a reply does not hold is no empty one: who may do what is not known then.
func TestListsMissing(t *testing.T) {
	const roles, user = `{"id":"u","roleIds":{},"enabledPermissions":{"authenticate":true},"disabledPermissions":{}}`, `"roles":{"@type":"User"},"permissions":{"@type":"Inherit"}`
	for name, c := range map[string]struct {
		auth, role, user string
		want             probes.StalwartAnswer
	}{
		"all there":             {`"defaultUserRoleIds":{"u":true}`, roles, user, probes.StalwartYes},
		"no default role":       {`"defaultUserRoleIds":{}`, roles, user, probes.StalwartNo},
		"default roles missing": {`"maxAppPasswords":5`, roles, user, probes.StalwartUnknown},
		"default roles null":    {`"defaultUserRoleIds":null`, roles, user, probes.StalwartUnknown},
		"default roles strange": {`"defaultUserRoleIds":7`, roles, user, probes.StalwartUnknown},
		"role grants nothing":   {`"defaultUserRoleIds":{"u":true}`, `{"id":"u","roleIds":{},"enabledPermissions":{},"disabledPermissions":{}}`, user, probes.StalwartNo},
		"role's own missing":    {`"defaultUserRoleIds":{"u":true}`, `{"id":"u","roleIds":{},"disabledPermissions":{}}`, user, probes.StalwartUnknown},
		"role's roles missing":  {`"defaultUserRoleIds":{"u":true}`, `{"id":"u","enabledPermissions":{},"disabledPermissions":{}}`, user, probes.StalwartUnknown},
		"role's off missing":    {`"defaultUserRoleIds":{"u":true}`, `{"id":"u","roleIds":{},"enabledPermissions":{"authenticate":true}}`, user, probes.StalwartUnknown},
		"custom, none":          {`"defaultUserRoleIds":{}`, roles, `"roles":{"@type":"Custom","roleIds":{}},"permissions":{"@type":"Inherit"}`, probes.StalwartNo},
		"custom, missing":       {`"defaultUserRoleIds":{}`, roles, `"roles":{"@type":"Custom"},"permissions":{"@type":"Inherit"}`, probes.StalwartUnknown},
		"own list missing":      {`"defaultUserRoleIds":{}`, roles, `"roles":{"@type":"User"},"permissions":{"@type":"Replace","disabledPermissions":{}}`, probes.StalwartUnknown},
	} {
		all, _ := results([]byte(`{"methodResponses":[["x:Authentication/get",{"list":[{"id":"singleton",` + c.auth + `}]},"authentication"],["x:Role/get",{"list":[` + c.role +
			`]},"roles"],["x:Account/query",{"ids":["b"]},"account"],["x:Account/get",{"list":[{"id":"b","@type":"User","name":"b","emailAddress":"b@example.test",` + c.user + `}]},"account-rows"]]}`))
		l, s := &looker{c: &Client{now: at}, user: "b@example.test", objects: 500}, &probes.StalwartServer{}
		b := &bundle{results: all}
		l.server(b, s)
		_, u := l.account(b, s)
		if got := s.Right(u.Value, nil, probes.StalwartMayLogin); !u.OK() || got.Answer != c.want || got.Answer == probes.StalwartUnknown && got.Why == "" {
			t.Errorf("%s: %+v, want %v", name, got, c.want)
		}
	}
}
