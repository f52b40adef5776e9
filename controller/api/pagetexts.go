package api

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/language"

	"anteroom/controller/access"
)

// pageTexts are what the pages without JavaScript say, in one language. The console has its own.
type pageTexts struct {
	// Language is the tag of all this, "es".
	Language string
	Foot     string

	SignIn, SignInLead, Name, Password                      string
	Welcome, WelcomeLead, FullName, OwnName, OwnNameHelp    string
	PasswordHelp, MakeAccount                               string
	OrPassword, ProviderAway                                string
	ChooseLead, ChooseAct                                   string
	NotSignedOut, NoLink, NoLinkHelp, Home, Wrong, DiskFull string

	// by is the button of the provider of that name.
	by string
	// tooMany says how long to wait after too many attempts.
	tooMany string
	// refusals are sentences of the layers below, by words that stand in them; none where they need no other.
	refusals []refusal
}

// refusal is a sentence for one that says the words.
type refusal struct{ words, sentence string }

func englishPages() *pageTexts {
	return &pageTexts{
		Language: "en", Foot: "Screens play on while nobody is signed in.",
		SignIn: "Sign in", SignInLead: "Screens, schedules and takeovers of your waiting rooms.", Name: "Name", Password: "Password",
		Welcome:      "Welcome to Anteroom",
		WelcomeLead:  "You are the first here. Make the account of the first administrator, who may do everything on this controller.",
		FullName:     "Your full name",
		OwnName:      "Name to sign in with",
		OwnNameHelp:  "Lower-case letters, digits and hyphens, like maria-lopez.",
		PasswordHelp: "At least 12 characters. A few words that only you would put together are good.",
		MakeAccount:  "Make the account",
		OrPassword:   "Or with a password of Anteroom's own:",
		ProviderAway: "The hospital's sign-in does not answer. Try again soon, or sign in with a password of Anteroom's own if you have one. If it stays so, tell your IT department.",
		by:           "Sign in with %s",
		ChooseLead:   "Choose the password with which you sign in from now on.",
		ChooseAct:    "Set the password and sign in",
		NotSignedOut: "Not signed out",
		NoLink:       "This link no longer works",
		NoLinkHelp:   "It has been used, or the controller has been restarted since. If there is an administrator already, sign in; otherwise restart the controller and use the link that it prints.",
		Home:         "Go to Anteroom",
		Wrong:        "Something went wrong on the controller; its log says what. Try again.",
		DiskFull:     diskFullWords,
		tooMany:      "Too many attempts to sign in; wait %s and try again.",
	}
}

func spanishPages() *pageTexts {
	return &pageTexts{
		Language: "es", Foot: "Las pantallas siguen funcionando aunque nadie haya iniciado sesión.",
		SignIn: "Iniciar sesión", SignInLead: "Pantallas, horarios y avisos urgentes de sus salas de espera.", Name: "Nombre", Password: "Contraseña",
		Welcome:      "Bienvenido a Anteroom",
		WelcomeLead:  "Usted es la primera persona aquí. Cree la cuenta del primer administrador, que puede hacer todo en este controlador.",
		FullName:     "Su nombre completo",
		OwnName:      "Nombre para iniciar sesión",
		OwnNameHelp:  "Letras minúsculas, cifras y guiones, por ejemplo maria-lopez.",
		PasswordHelp: "Al menos 12 caracteres. Unas palabras que solo usted juntaría sirven bien.",
		MakeAccount:  "Crear la cuenta",
		OrPassword:   "O con una contraseña propia de Anteroom:",
		ProviderAway: "El inicio de sesión del hospital no responde. Inténtelo de nuevo en un momento, o use una contraseña propia de Anteroom si la tiene. Si sigue así, avise a su departamento de informática.",
		by:           "Iniciar sesión con %s",
		ChooseLead:   "Elija la contraseña con la que iniciará sesión desde ahora.",
		ChooseAct:    "Poner la contraseña e iniciar sesión",
		NotSignedOut: "No se cerró la sesión",
		NoLink:       "Este enlace ya no funciona",
		NoLinkHelp:   "Ya se usó, o el controlador se reinició después. Si ya hay un administrador, inicie sesión; si no, reinicie el controlador y use el enlace que muestra.",
		Home:         "Ir a Anteroom",
		Wrong:        "Algo falló en el controlador; su registro dice qué. Inténtelo de nuevo.",
		DiskFull:     "El disco del controlador está lleno y no se guardó nada. Pida a su administrador que libere espacio donde están sus datos e inténtelo de nuevo.",
		tooMany:      "Demasiados intentos de iniciar sesión; espere %s e inténtelo de nuevo.",
		refusals: []refusal{
			{"name or the password is wrong", "El nombre o la contraseña no son correctos."},
			{"has no access to Anteroom", "Esa cuenta no tiene acceso a Anteroom; pida a un administrador de Anteroom que lo agregue en Personas con esa cuenta."},
			{"access to Anteroom has ended", "Su acceso a Anteroom terminó; si debe tenerlo, hable con un administrador de Anteroom."},
			{"another person has had the account", "Otra persona tuvo antes esa cuenta; pida a un administrador de Anteroom que se la quite y que lo agregue a usted."},
			{"not begun in this browser", "Este inicio de sesión no comenzó en este navegador, o hace demasiado; empiece de nuevo."},
			{"cannot be trusted", "No se puede confiar en lo que el inicio de sesión del hospital dijo de usted; empiece de nuevo y, si no sirve, avise a su departamento de informática."},
			{"by its name and secret", "El inicio de sesión del hospital no conoce a Anteroom por su nombre y su secreto, así que nadie puede entrar por ahí; avise a su departamento de informática para que compare ambos con --oidc-client-id y --oidc-client-secret-file."},
			{"clocks of the hospital's sign-in", "Los relojes del inicio de sesión del hospital y de Anteroom no coinciden, así que nadie puede entrar por ahí; avise a su departamento de informática."},
			{"did not let you in", "El inicio de sesión del hospital no lo dejó entrar; pregunte a su departamento de informática si su cuenta puede usar Anteroom."},
			{"was used, is too old or not the newest", "Este enlace ya se usó, es demasiado antiguo o no es el más reciente; pida otro a un administrador."},
			{"has been used or is not the newest", "Este enlace ya se usó o no es el más reciente; reinicie el controlador para obtener otro, o inicie sesión."},
			{"lower-case letters, digits and hyphens", "Nombre: use de 1 a 64 letras minúsculas, cifras y guiones, por ejemplo maria-lopez."},
			{"longer than 200 bytes", "Nombre completo: es demasiado largo; acórtelo."},
			{"shorter than 12 characters", "Contraseña: tiene menos de 12 caracteres; tres o cuatro palabras sirven bien."},
			{"or not text", "Contraseña: es demasiado larga o no es texto; elija una más corta."},
			{"one character repeated", "Contraseña: es un solo carácter repetido; tres o cuatro palabras sirven bien."},
			{"choose one that does not", "Contraseña: contiene el nombre; elija una que no lo contenga."},
		},
	}
}

// say is a sentence of the layers below in this language; itself where there is no other.
func (t *pageTexts) say(sentence string) string {
	for _, r := range t.refusals {
		if strings.Contains(sentence, r.words) {
			return r.sentence
		}
	}
	return sentence
}

func (t *pageTexts) signInBy(name string) string { return fmt.Sprintf(t.by, name) }

func (t *pageTexts) wait(e *access.TooManyError) string {
	return fmt.Sprintf(t.tooMany, e.After.Round(time.Second))
}

// languages are those of the pages; what nobody asks for is English.
type languages struct {
	matcher language.Matcher
	texts   []*pageTexts
}

func newLanguages() languages {
	texts := []*pageTexts{englishPages(), spanishPages()}
	var tags []language.Tag
	for _, t := range texts {
		tags = append(tags, language.Make(t.Language))
	}
	return languages{matcher: language.NewMatcher(tags), texts: texts}
}

// wanted are the texts for a browser's Accept-Language.
func (l languages) wanted(accept string) *pageTexts {
	_, n := language.MatchStrings(l.matcher, accept)
	return l.texts[n]
}
