package tui

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"

	"logindoctor.example/probes"
)

// form asks for what is missing. What is typed lives in input until the case begins, and nowhere else.
type form struct {
	huh   *huh.Form
	input *filled
	err   string // why the last case could not begin
}

type filled struct {
	profile, user, secret, address string
	usedOn                         probes.Service
}

const (
	askProfile = "Which servers?"
	askUser    = "The caller's mail address"
	askSecret  = "The secret that fails (optional)"
	saySecret  = "Most causes are found without it, so leave it empty at first. With it one login can be tried; if the servers refuse it, that is one more failure on the caller's account. You are asked before."
	askAddress = "The address that the caller's device comes from (optional)"
	sayAddress = "Where blocks and address rules decide, 192.0.2.44 say. Without it they speak of this computer."
	askUsedOn  = "Where does the caller type it?"
)

// mostProfiles are as many as stand there at once; more are scrolled.
const mostProfiles = 8

func (m *Model) newForm() form {
	in := &filled{profile: m.asked.Profile, user: m.asked.User, address: m.asked.ClientAddress, usedOn: m.asked.UsedOn}
	hint := m.cfg.Hint
	if hint == nil {
		hint = func(string) string { return "" }
	}
	var profiles []huh.Option[string]
	for _, p := range m.cfg.Profiles {
		profiles = append(profiles, huh.NewOption(clean(p), p))
	}
	begin := max(slices.Index(m.cfg.Profiles, in.profile), 0)
	in.profile = ""
	servers := huh.NewSelect[string]().Title(askProfile).Options(profiles...).Value(&in.profile)
	if m.cfg.NoProfile != "" {
		servers.Description(clean(m.cfg.NoProfile))
	}
	if len(profiles) > mostProfiles {
		servers.Height(mostProfiles + 1)
	}
	used := []huh.Option[probes.Service]{huh.NewOption("not said", probes.Service(0)), huh.NewOption("in a mail program (IMAP)", probes.ServiceIMAP),
		huh.NewOption("in webmail", probes.ServiceWebmail), huh.NewOption("in a script or another program (API)", probes.ServiceAPI)}
	f := huh.NewForm(
		huh.NewGroup(
			servers,
			huh.NewInput().Title(askUser).DescriptionFunc(func() string { return hint(in.profile) }, &in.profile).Validate(m.cfg.ValidUser).Value(&in.user)),
		huh.NewGroup(
			huh.NewInput().Title(askSecret).Description(saySecret).EchoMode(huh.EchoModePassword).Value(&in.secret),
			huh.NewInput().Title(askAddress).Description(sayAddress).Validate(validAddress).Value(&in.address)),
		huh.NewGroup(
			huh.NewSelect[probes.Service]().Title(askUsedOn).Description("Kerio Connect takes an app password in a mail program and not in webmail; Stalwart takes it in both.").Options(used...).Value(&in.usedOn),
		).WithHideFunc(func() bool { return in.secret == "" }),
	).WithShowHelp(false).WithTheme(m.style.form())
	out := form{huh: f, input: in}
	out.fit(m)
	// huh puts a choice that it is given, or that its height was set for, at the top, and what stands before it out of sight.
	for range begin {
		out.huh.Update(tea.KeyMsg{Type: tea.KeyDown})
	}
	return out
}

func validAddress(s string) error {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	if _, err := netip.ParseAddr(s); err != nil {
		return errors.New("this is no IP address")
	}
	return nil
}

// fit gives the form the body's room, less what stands around it.
func (f *form) fit(m *Model) {
	if m.width > 0 {
		f.huh = f.huh.WithWidth(max(min(m.width-4, 76), 20)).WithHeight(max(m.height-8, 3))
	}
}

func (f *form) resize(m *Model) tea.Cmd {
	f.fit(m)
	return f.update(m, tea.WindowSizeMsg{Width: m.width, Height: m.height})
}

// update gives the form a message; when it is filled in, the case begins.
func (f *form) update(m *Model, msg tea.Msg) tea.Cmd {
	if m.starting || m.place != atForm && f.huh.State != huh.StateNormal {
		return nil
	}
	next, cmd := f.huh.Update(msg)
	if n, ok := next.(*huh.Form); ok {
		f.huh = n
	}
	if f.huh.State != huh.StateCompleted || m.place != atForm {
		return cmd
	}
	in := *f.input
	*f.input = filled{}
	m.asked = Case{Profile: in.profile, User: strings.TrimSpace(in.user), UsedOn: in.usedOn, ClientAddress: strings.TrimSpace(in.address)}
	if in.secret == "" {
		m.asked.UsedOn = 0
	}
	return tea.Batch(m.begin(m.asked, in.secret), m.tick())
}

func (m *Model) pressForm(k tea.KeyMsg) tea.Cmd {
	switch {
	case k.Type == tea.KeyCtrlO:
		return m.ask(toOpen)
	case k.Type == tea.KeyEsc && m.report != nil:
		m.place = atCase
		return nil
	}
	return m.form.update(m, k)
}
