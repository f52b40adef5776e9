package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestPagesAreInTheLanguageOfTheBrowser(t *testing.T) {
	p := start(t).stranger()
	for _, row := range []struct{ accept, language, title string }{
		{"", "en", "Sign in"},
		{"en-US,en;q=0.9,es;q=0.8", "en", "Sign in"},
		{"es-MX,es;q=0.9,en;q=0.8", "es", "Iniciar sesión"},
		{"es-419", "es", "Iniciar sesión"},
		{"vi,es;q=0.5,en;q=0.4", "es", "Iniciar sesión"},
		{"vi", "en", "Sign in"},
		{"no language;;;", "en", "Sign in"},
	} {
		a := p.get("/sign-in", "Accept-Language", row.accept).want(http.StatusOK)
		if !strings.Contains(a.body, `<html lang="`+row.language+`">`) || !strings.Contains(a.body, "<h1>"+row.title+"</h1>") {
			t.Errorf("%q gets %s", row.accept, a.body)
		}
		if a.header.Get("Content-Language") != row.language || a.header.Get("Vary") != "Accept-Language" {
			t.Errorf("%q: the headers say %q, %q", row.accept, a.header.Get("Content-Language"), a.header.Get("Vary"))
		}
	}
}

// TestRefusalsOnPagesAreSpanish holds the Spanish sentences to what the layers below say.
func TestRefusalsOnPagesAreSpanish(t *testing.T) {
	h := start(t)
	p := h.stranger()
	first := func(name, full, with string) url.Values {
		return url.Values{"token": {p.tokenOf(h.link)}, "name": {name}, "full_name": {full}, "password": {with}}
	}
	for _, row := range []struct {
		name, path string
		form       url.Values
		want       string
	}{
		{"a link that is not the newest", "/first", url.Values{"token": {"old"}, "name": {"ada"}, "password": {password}}, "Este enlace ya se usó"},
		{"a name with a space", "/first", first("ada park", "", password), "letras minúsculas"},
		{"a full name too long", "/first", first("ada", strings.Repeat("a", 201), password), "es demasiado largo"},
		{"a short password", "/first", first("ada", "", "short"), "menos de 12 caracteres"},
		{"a long password", "/first", first("ada", "", strings.Repeat("long ", 300)), "demasiado larga"},
		{"one character repeated", "/first", first("ada", "", strings.Repeat("a", 20)), "un solo carácter"},
		{"the name in the password", "/first", first("adalovelace", "", "my adalovelace 12"), "contiene el nombre"},
		{"a link for a password that is not the newest", "/welcome", url.Values{"token": {"ada.old"}, "password": {password}}, "pida otro a un administrador"},
		{"a wrong password", "/sign-in", url.Values{"name": {"ada"}, "password": {"not the right one"}}, "no son correctos"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := p.do(http.MethodPost, row.path, row.form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept-Language", "es")
			if a.status < 400 || !strings.Contains(a.body, row.want) {
				t.Errorf("%d: %s", a.status, a.body)
			}
		})
	}
	for _, want := range []string{"Este enlace ya no funciona", "Ir a Anteroom"} {
		if a := p.get("/first?token=old", "Accept-Language", "es").want(http.StatusForbidden); !strings.Contains(a.body, want) {
			t.Errorf("%q is missing in %s", want, a.body)
		}
	}
}
