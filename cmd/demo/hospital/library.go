package hospital

import (
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// words is a slide's text in one language.
type words struct {
	title, text string
	points      []string
}

// card is an item made of slides.
type card struct {
	id       playlists.ItemID
	phase    playlists.Phase
	topics   []playlists.Topic
	template slide.Template
	seconds  int64
	english  words
	spanish  words
}

// renditions gives the card's slides by language.
func (c *card) renditions() map[playlists.Language]slide.Slide {
	form := func(language playlists.Language, w words) slide.Slide {
		return slide.Slide{
			Template: c.template, Language: language, Title: w.title, Text: w.text, Points: w.points,
			Note: brand().Name, Brand: brand(),
		}
	}
	all := map[playlists.Language]slide.Slide{"en": form("en", c.english), "es": form("es", c.spanish)}
	for language, w := range further()[c.id] {
		all[language] = form(language, w)
	}
	return all
}

// onTheWebsite are the cards that the hospital's own website takes over, too.
func onTheWebsite() []playlists.ItemID {
	return []playlists.ItemID{"child-fever", "vaccine-questions", "after-vaccination", "know-your-numbers", "sleep-well"}
}

// further are languages that no screen shows by its department's mix: people find them on their phones.
func further() map[playlists.ItemID]map[playlists.Language]words {
	return map[playlists.ItemID]map[playlists.Language]words{
		"vaccine-questions": {
			"ar":      {"أسئلة عن اللقاحات", "", []string{"ما اللقاحات المستحقة الآن؟", "ماذا قد يحدث بعد التطعيم؟", "ماذا لو كان طفلي مصابًا بالزكام اليوم؟", "متى تكون الزيارة التالية؟"}},
			"zh-Hans": {"关于疫苗的问题", "", []string{"现在该接种哪些疫苗？", "接种后可能会怎样？", "孩子今天感冒了怎么办？", "下次什么时候来？"}},
		},
	}
}

func cards() []card {
	return append(append(heart(), children()...), family()...)
}

func heart() []card {
	return []card{
		{
			"chest-pain", playlists.Symptoms,
			[]playlists.Topic{"chest-pain"},
			slide.Notice, 12,
			words{"Chest pain? Tell us now.", "Pressure in the chest, short breath or pain in an arm or the jaw: do not wait for your turn. Tell the desk at once.", nil},
			words{"¿Dolor en el pecho? Avísenos ya.", "Presión en el pecho, falta de aire o dolor en un brazo o la mandíbula: no espere su turno. Avise de inmediato en la recepción.", nil},
		},
		{
			"heart-tracing", playlists.Diagnosis,
			[]playlists.Topic{"heart-tests"},
			slide.Steps, 15,
			words{"What to expect: a heart tracing", "", []string{"You lie down and rest for a moment.", "We put small stickers on your chest.", "The machine draws your heartbeat. It does not hurt.", "A doctor reads the tracing and talks with you."}},
			words{"Qué esperar: un electrocardiograma", "", []string{"Se acuesta y descansa un momento.", "Le ponemos pequeños adhesivos en el pecho.", "La máquina dibuja su latido. No duele.", "Un médico lee el resultado y habla con usted."}},
		},
		{
			"heart-questions", playlists.Diagnosis,
			[]playlists.Topic{"heart-tests", "talking-with-your-doctor"},
			slide.Questions, 15,
			words{"Questions for your heart doctor", "", []string{"What did my test show?", "What can I do at home?", "Which signs mean that I should call you?", "When do I come back?"}},
			words{"Preguntas para su cardiólogo", "", []string{"¿Qué mostró mi prueba?", "¿Qué puedo hacer en casa?", "¿Con qué señales debo llamarle?", "¿Cuándo vuelvo?"}},
		},
		{
			"heart-medicines", playlists.Treatment,
			[]playlists.Topic{"heart-medicines"},
			slide.Notice, 12,
			words{"Bring all your medicines", "Show us every box, also vitamins and herbs. Some of them do not go together. We sort it out with you.", nil},
			words{"Traiga todas sus medicinas", "Muéstrenos todas las cajas, también vitaminas y hierbas. Algunas no van bien juntas. Lo aclaramos con usted.", nil},
		},
		{
			"after-heart-procedure", playlists.Recovery,
			[]playlists.Topic{"heart-procedures"},
			slide.Steps, 15,
			words{"The first days after a heart procedure", "", []string{"Rest, and get up a little every hour.", "Lift nothing heavy for one week.", "Keep the small wound clean and dry.", "Bleeding or fever? Call us, day or night."}},
			words{"Los primeros días tras un procedimiento del corazón", "", []string{"Descanse y levántese un poco cada hora.", "No levante peso durante una semana.", "Mantenga la herida limpia y seca.", "¿Sangrado o fiebre? Llámenos, día o noche."}},
		},
		{
			"know-your-numbers", playlists.Prevention,
			[]playlists.Topic{"blood-pressure", "cholesterol"},
			slide.Notice, 12,
			words{"Know your numbers", "Blood pressure, cholesterol, blood sugar: ask for yours today and write them down. Small changes move them.", nil},
			words{"Conozca sus números", "Presión, colesterol, azúcar en la sangre: pida los suyos hoy y anótelos. Pequeños cambios los mejoran.", nil},
		},
	}
}

func children() []card {
	return []card{
		{
			"child-fever", playlists.Symptoms,
			[]playlists.Topic{"fever-in-children"},
			slide.Notice, 12,
			words{"Fever: when to come to us", "A baby under three months with fever, or a child who is hard to wake or does not drink: tell the desk now.", nil},
			words{"Fiebre: cuándo acudir", "Un bebé de menos de tres meses con fiebre, o un niño que cuesta despertar o no bebe: avise ahora en la recepción.", nil},
		},
		{
			"child-blood-test", playlists.Diagnosis,
			[]playlists.Topic{"blood-tests"},
			slide.Steps, 15,
			words{"What to expect: a blood test", "", []string{"You may sit on a lap.", "A cream makes the skin sleepy.", "Look at us, blow, and count to three.", "Done! Choose your sticker."}},
			words{"Qué esperar: un análisis de sangre", "", []string{"Puedes sentarte en un regazo.", "Una crema duerme la piel.", "Míranos, sopla y cuenta hasta tres.", "¡Listo! Elige tu pegatina."}},
		},
		{
			"inhaler-steps", playlists.Treatment,
			[]playlists.Topic{"asthma"},
			slide.Steps, 15,
			words{"Using an inhaler with a spacer", "", []string{"Shake it and fit it to the spacer.", "Lips around the mouthpiece. Press once.", "Breathe in and out slowly, five times.", "Rinse the mouth with water."}},
			words{"Cómo usar un inhalador con cámara", "", []string{"Agítelo y colóquelo en la cámara.", "Labios alrededor de la boquilla. Pulse una vez.", "Respire despacio cinco veces.", "Enjuague la boca con agua."}},
		},
		{
			"after-vaccination", playlists.Recovery,
			[]playlists.Topic{"vaccines"},
			slide.Notice, 12,
			words{"After a vaccination", "A sore arm or a warm forehead for a day or two is normal. Rest, drink, cuddle. Stay fifteen minutes with us before you go.", nil},
			words{"Después de una vacuna", "Un brazo dolorido o algo de fiebre uno o dos días es normal. Descanso, líquidos, mimos. Quédese quince minutos con nosotros antes de irse.", nil},
		},
		{
			"vaccine-questions", playlists.Prevention,
			[]playlists.Topic{"vaccines", "talking-with-your-doctor"},
			slide.Questions, 15,
			words{"Questions about vaccines", "", []string{"Which vaccines are due now?", "What may happen afterwards?", "What if my child has a cold today?", "When is the next visit?"}},
			words{"Preguntas sobre las vacunas", "", []string{"¿Qué vacunas tocan ahora?", "¿Qué puede pasar después?", "¿Y si hoy está resfriado?", "¿Cuándo es la próxima visita?"}},
		},
	}
}

func family() []card {
	return []card{
		{
			"welcome", "", nil, slide.Notice, 10,
			words{"Welcome", "Please check in at the desk. If you feel worse while you wait, tell us straight away.", nil},
			words{"Bienvenidos", "Regístrese en la recepción. Si se siente peor mientras espera, avísenos enseguida.", nil},
		},
		{
			"closed-notice", "", nil, slide.Notice, 15,
			words{"We are closed today", "In an emergency call 911. Our emergency department at the Lakeside campus is always open.", nil},
			words{"Hoy estamos cerrados", "En una emergencia llame al 911. Urgencias, en el campus Lakeside, está siempre abierta.", nil},
		},
		{
			"diabetes-signs", playlists.Symptoms,
			[]playlists.Topic{"diabetes"},
			slide.Notice, 12,
			words{"Thirsty and tired all the time?", "Much thirst, many trips to the bathroom and being tired can be signs of diabetes. Ask us for a test today.", nil},
			words{"¿Siempre con sed y cansancio?", "Mucha sed, orinar a menudo y cansancio pueden ser señales de diabetes. Pídanos una prueba hoy.", nil},
		},
		{
			"blood-sugar-test", playlists.Diagnosis,
			[]playlists.Topic{"diabetes", "blood-tests"},
			slide.Steps, 15,
			words{"What to expect: a blood sugar test", "", []string{"A small prick in a finger.", "One drop on a strip.", "The number is there in seconds.", "We tell you what it means."}},
			words{"Qué esperar: una prueba de azúcar", "", []string{"Un pequeño pinchazo en un dedo.", "Una gota en una tira.", "El número sale en segundos.", "Le explicamos qué significa."}},
		},
		{
			"taking-medicines", playlists.Treatment,
			[]playlists.Topic{"medicines"},
			slide.Notice, 12,
			words{"One list, always with you", "Write down each medicine, how much and when. Show the list at every visit. Do not stop one without asking us.", nil},
			words{"Una lista, siempre con usted", "Anote cada medicina, cuánto y cuándo. Muestre la lista en cada visita. No deje ninguna sin preguntarnos.", nil},
		},
		{
			"back-on-your-feet", playlists.Recovery,
			[]playlists.Topic{"after-surgery"},
			slide.Steps, 15,
			words{"Back on your feet after surgery", "", []string{"Walk a little, several times a day.", "Take pain medicine before the pain is strong.", "Look at the wound once a day.", "Red, hot or open? Call us."}},
			words{"De nuevo en pie tras una operación", "", []string{"Camine un poco, varias veces al día.", "Tome el calmante antes de que duela mucho.", "Mire la herida una vez al día.", "¿Roja, caliente o abierta? Llámenos."}},
		},
		{
			"doctor-questions", playlists.Diagnosis,
			[]playlists.Topic{"talking-with-your-doctor"},
			slide.Questions, 15,
			words{"Three questions worth asking", "", []string{"What is my main problem?", "What do I need to do?", "Why is it important for me?"}},
			words{"Tres preguntas que vale la pena hacer", "", []string{"¿Cuál es mi problema principal?", "¿Qué tengo que hacer?", "¿Por qué es importante para mí?"}},
		},
		{
			"sleep-well", playlists.Prevention,
			[]playlists.Topic{"sleep"},
			slide.Notice, 12,
			words{"Sleep is medicine too", "Go to bed at the same time, keep the room dark and cool, and leave the phone outside. Most adults need seven hours.", nil},
			words{"Dormir también es medicina", "Acuéstese a la misma hora, cuarto oscuro y fresco, y el teléfono fuera. La mayoría de los adultos necesita siete horas.", nil},
		},
	}
}
