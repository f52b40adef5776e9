package api

import (
	"reflect"
	"testing"
	"time"

	"anteroom/controller/access"
)

func TestPageTextsAreWholeAndTranslated(t *testing.T) {
	english, spanish := reflect.ValueOf(*englishPages()), reflect.ValueOf(*spanishPages())
	for i := range english.NumField() {
		if english.Field(i).Kind() != reflect.String {
			continue
		}
		name, en, es := english.Type().Field(i).Name, english.Field(i).String(), spanish.Field(i).String()
		if en == "" || es == "" || en == es {
			t.Errorf("%s: %q in English, %q in Spanish", name, en, es)
		}
	}
}

func TestTooManyAttemptsInSpanish(t *testing.T) {
	got := spanishPages().wait(&access.TooManyError{After: 90 * time.Second})
	if want := "Demasiados intentos de iniciar sesión; espere 1m30s e inténtelo de nuevo."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
